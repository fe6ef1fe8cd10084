"""The public front door."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import INLINE, PRIMARY, SECONDARY, arrow_link
from portal_app.components.links import link
from portal_app.components.shell import public_shell
from portal_app.components.text import t
from portal_app.priming.choices import cond
from portal_app.state.session import SessionState


def landing_page() -> rx.Component:
    """What this is, and the way in."""
    return public_shell(
        rx.el.div(
            _horizon(),
            rx.el.h1(
                t("landing.title"),
                tab_index=-1,
                class_name="max-w-2xl text-4xl/tight font-bold tracking-tight text-balance sm:text-5xl/tight",
            ),
            rx.el.p(t("landing.lead"), class_name="mt-5 max-w-xl text-lg text-muted"),
            rx.el.div(
                cond(
                    SessionState.signed_in,
                    _door(t("landing.open"), routes.DASHBOARD),
                    rx.fragment(
                        _door(t("common.sign_in"), routes.LOGIN),
                        link(t("signup.title"), to=routes.SIGN_UP, class_name=f"{SECONDARY} min-h-12 px-6 text-base"),
                    ),
                ),
                class_name="mt-8 flex flex-wrap gap-3",
            ),
            rx.el.p(arrow_link(t("landing.plans"), routes.CATALOG), class_name="mt-5"),
            cond(
                SessionState.signed_in,
                rx.fragment(),
                rx.el.p(
                    t("signup.have_billing"),
                    " ",
                    link(t("link.title"), to=routes.LINK, class_name=INLINE),
                    class_name="mt-4 text-sm text-muted",
                ),
            ),
            class_name="relative py-8 sm:py-16",
        ),
        rx.el.ul(
            _point("bill", t("landing.bills"), t("landing.bills_body")),
            _point("vpn", t("landing.pay"), t("landing.pay_body")),
            _point("internet", t("landing.services"), t("landing.services_body")),
            class_name="grid gap-8 border-t border-line pt-10 sm:grid-cols-3",
        ),
    )


def _horizon() -> rx.Component:
    """The sign of the portal drawn large: decoration, and only where there is room."""
    arcs = (rx.el.svg.path(d=f"M{200 - r} 200a{r} {r} 0 0 1 {2 * r} 0") for r in (40, 80, 120, 160))
    return rx.el.svg(
        *arcs,
        view_box="20 20 360 190",
        aria_hidden="true",
        class_name="icon pointer-events-none absolute right-0 bottom-0 hidden w-96 stroke-accent opacity-25 "
        "[stroke-width:10] lg:block",
    )


def _door(label: Any, to: str) -> rx.Component:
    return link(label, icon("right", "size-4"), to=to, class_name=f"{PRIMARY} min-h-12 px-6 text-base")


def _point(icon_name: str, title: Any, body: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(icon_name, "size-6"), class_name="text-accent"),
        rx.el.h2(title, class_name="mt-3 font-semibold"),
        rx.el.p(body, class_name="mt-1 text-sm text-muted"),
    )
