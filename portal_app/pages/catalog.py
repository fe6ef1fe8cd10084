"""What is sold: three lines, and the plans of each. For everybody, signed in or not."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import notice, notice_box, skeleton
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, INLINE, SECONDARY, card, empty_state, page_heading
from portal_app.components.links import link
from portal_app.components.plan_card import plan_card, plan_table
from portal_app.components.shell import open_shell
from portal_app.components.text import t
from portal_app.priming.choices import cond, each
from portal_app.state.catalog import CatalogState as Catalog
from portal_app.state.session import SessionState

REFUSALS = (
    "cart.unknown_item",
    "cart.not_for_sale",
    "cart.placing",
    "cart.changed",
    "problem.too_many_tries",
    "problem.busy",
    "problem.unavailable",
    "problem.session_over",
)
"""Why a plan is not in the cart."""
GRID = "grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-3"


def catalog_page() -> rx.Component:
    """The three lines, each with its lowest price."""
    return _page(
        t("catalog.title"),
        t("catalog.lead"),
        rx.el.ul(
            _line("internet", routes.CATALOG_INTERNET, t("kind.internet"), t("catalog.fibre"), Catalog.internet_from),
            _line("sim", routes.CATALOG_SIM, t("kind.sim"), t("catalog.sim"), Catalog.sim_from),
            _line("vpn", routes.CATALOG_VPN, t("kind.vpn"), t("catalog.vpn"), Catalog.vpn_from),
            class_name=GRID,
        ),
    )


def internet_plans_page() -> rx.Component:
    """Internet plans, with what depends on the address."""
    return _plans(t("kind.internet"), t("catalog.fibre"), Catalog.internet, _address())


def sim_plans_page() -> rx.Component:
    """SIM plans."""
    return _plans(t("kind.sim"), t("catalog.sim"), Catalog.sim)


def vpn_plans_page() -> rx.Component:
    """VPN plans."""
    return _plans(t("kind.vpn"), t("catalog.vpn"), Catalog.vpn)


def _page(title: Any, lead: Any, *children: rx.Component) -> rx.Component:
    time = cond(SessionState.locale == "ja", Catalog.as_of_ja, Catalog.as_of)
    return open_shell(
        page_heading(
            title,
            lead,
            cond(
                Catalog.as_of == "",
                rx.fragment(),
                rx.el.p(t("catalog.as_of", time=time), class_name="num text-sm text-muted"),
            ),
        ),
        notice(Catalog.refused, REFUSALS),
        rx.el.div(cond(Catalog.stale, notice_box(t("catalog.stale", time=time))), role="status"),
        cond(
            Catalog.loaded,
            cond(Catalog.as_of == "", card(_no_copy()), rx.fragment(*children)),
            rx.el.div(*(card(skeleton("h-6 w-2/3", "h-9 w-1/2", "h-24 w-full")) for _ in range(3)), class_name=GRID),
        ),
        current="catalog",
    )


def _no_copy() -> rx.Component:
    again = rx.el.button(t("common.retry"), type="button", on_click=Catalog.load, class_name=SECONDARY)
    return empty_state("alert", t("catalog.unreachable"), t("catalog.unreachable_body"), again)


def _line(name: str, to: str, title: Any, body: Any, lowest: Any) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.span(icon(name, "size-7"), class_name="self-start rounded-lg bg-accent-soft p-2.5 text-accent"),
            rx.el.h2(title, class_name="text-lg font-semibold"),
            rx.el.p(body, class_name="text-sm text-muted"),
            rx.el.p(
                cond(lowest == "", t("catalog.none"), t("catalog.from", amount=lowest)),
                class_name="num mt-auto pt-2 font-semibold",
            ),
            rx.el.p(
                t("catalog.see_plans"),
                icon("right", "size-4"),
                class_name="flex items-center gap-1 text-sm font-semibold text-accent",
            ),
            to=to,
            class_name=f"{CARD} flex h-full flex-col gap-3 p-5 hover:border-accent sm:p-6",
        ),
        custom_attrs={"data-line": name},
    )


def _plans(title: Any, lead: Any, plans: Any, *hints: rx.Component) -> rx.Component:
    return _page(
        title,
        lead,
        *hints,
        cond(
            plans,
            rx.fragment(
                rx.el.ul(each(plans, plan_card), class_name=GRID),
                rx.el.section(
                    rx.el.h2(t("catalog.compare"), class_name="mb-4 text-xl font-bold tracking-tight"),
                    plan_table(plans),
                    class_name="mt-12 hidden lg:block",
                ),
            ),
            card(empty_state("search", t("catalog.none"), t("catalog.none_body"), _all_lines())),
        ),
        rx.el.p(_all_lines(), class_name="mt-8"),
    )


def _all_lines() -> rx.Component:
    return link(t("catalog.all"), to=routes.CATALOG, class_name=INLINE)


def _address() -> rx.Component:
    """Why no plan says yes or no yet; a visitor may sign in to find out."""
    return cond(
        Catalog.to_be_checked,
        rx.el.p(
            cond(SessionState.signed_in, t("catalog.address"), t("catalog.address_visitor")),
            " ",
            cond(
                SessionState.signed_in,
                link(
                    t("wizard.availability_ask"),
                    to=f"{routes.AVAILABILITY}?returnTo={routes.CATALOG_INTERNET}",
                    class_name=INLINE,
                ),
                link(t("common.sign_in"), to=f"{routes.LOGIN}?next={routes.CATALOG_INTERNET}", class_name=INLINE),
            ),
            class_name="mb-6 rounded-xl bg-accent-soft p-4 text-sm",
        ),
    )
