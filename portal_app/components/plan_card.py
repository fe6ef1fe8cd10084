"""One plan: what it costs, what it gives, and whether it can be had; as a card, and as a line to compare."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, PRIMARY
from portal_app.components.links import post_form
from portal_app.components.status import BADGE, availability_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each

USE_WORDS = {
    "home": "catalog.home",
    "apartment": "catalog.apartment",
    "data": "catalog.data",
    "data_voice": "catalog.data_voice",
    "voice": "catalog.voice",
}
REASON_WORDS = {"dwelling": "catalog.why_dwelling", "speed": "catalog.why_speed", "no_service": "catalog.why_none"}


def plan_card(plan: Any) -> rx.Component:
    """Everything about a plan."""
    return rx.el.li(
        rx.el.div(_names(plan, rx.el.h2), _family(plan), class_name="flex items-start justify-between gap-3"),
        rx.el.p(
            rx.el.span(t("catalog.yen", amount=plan.price), class_name="text-3xl font-bold tracking-tight"),
            rx.el.span(" ", t("catalog.a_month"), class_name="text-sm text-muted"),
            class_name="num mt-4",
        ),
        rx.el.p(t("catalog.tax_in", amount=plan.tax), class_name="num text-sm text-muted"),
        rx.el.dl(
            _fact(t("catalog.setup"), _setup(plan)),
            _fact(t("catalog.term"), t("catalog.monthly")),
            class_name="mt-4 flex flex-col gap-3 border-t border-line pt-4 text-sm",
        ),
        cond(plan.fact_1 != "", rx.el.ul(*_facts(plan), class_name="mt-4 flex flex-col gap-2 text-sm")),
        rx.el.div(_availability(plan), _choose(plan, "mt-4 w-full"), class_name="mt-auto pt-5"),
        key=plan.sku,
        custom_attrs={"data-plan": plan.sku},
        class_name=f"{CARD} flex flex-col p-5 sm:p-6",
    )


def plan_table(plans: Any) -> rx.Component:
    """All of them side by side, where the screen is wide."""
    heads = ("catalog.plan", "catalog.price", "catalog.setup", "catalog.includes", "catalog.availability")
    return rx.el.table(
        rx.el.caption(t("catalog.compare"), class_name="sr-only"),
        rx.el.thead(
            rx.el.tr(*(rx.el.th(t(key), scope="col", class_name="p-4 font-semibold") for key in heads)),
            class_name="border-b border-line text-muted",
        ),
        rx.el.tbody(each(plans, _line)),
        class_name=f"{CARD} w-full border-separate border-spacing-0 text-left text-sm",
    )


def _line(plan: Any) -> rx.Component:
    cell = "border-t border-line p-4 align-top"
    return rx.el.tr(
        rx.el.th(_names(plan, rx.el.span), scope="row", class_name=f"{cell} font-normal"),
        rx.el.td(
            rx.el.p(t("catalog.yen", amount=plan.price), class_name="font-semibold"),
            rx.el.p(t("catalog.tax_in", amount=plan.tax), class_name="text-muted"),
            class_name=f"num {cell} whitespace-nowrap",
        ),
        rx.el.td(_setup(plan), class_name=cell),
        rx.el.td(rx.el.p(plan.fact_1), rx.el.p(plan.fact_2), rx.el.p(plan.fact_3), class_name=f"{cell} text-muted"),
        rx.el.td(_availability(plan), _choose(plan, "mt-3"), class_name=cell),
        key=plan.sku,
    )


def _names(plan: Any, heading: Any) -> rx.Component:
    return rx.el.div(
        heading(plan.name, class_name="block font-semibold break-words"),
        cond(plan.use != "", rx.el.p(by_value(plan.use, USE_WORDS), class_name="text-sm text-muted")),
        class_name="min-w-0",
    )


def _family(plan: Any) -> rx.Component:
    return cond(
        plan.family, rx.el.span(t("catalog.family"), class_name=f"{BADGE} bg-accent-soft text-accent"), rx.fragment()
    )


def _setup(plan: Any) -> rx.Component:
    """What is paid once; for internet also what it comes to in instalments."""
    return cond(
        plan.setup == "",
        rx.el.span(t("catalog.no_setup")),
        rx.el.div(
            rx.el.p(t("catalog.once", amount=plan.setup), class_name="font-medium"),
            rx.el.p(t("catalog.tax_in", amount=plan.setup_tax), class_name="text-muted"),
            cond(
                plan.spread == "",
                rx.fragment(),
                rx.el.p(
                    t("catalog.spread", amount=plan.spread, months=plan.spread_months),
                    class_name="text-muted",
                ),
            ),
            class_name="num",
        ),
    )


def _availability(plan: Any) -> rx.Component:
    """The badge with its reason; nothing while the customer's address is being looked up."""
    return cond(
        plan.availability == "",
        rx.el.span(t("common.loading"), class_name="text-sm text-muted"),
        rx.el.div(
            availability_badge(plan.availability),
            cond(
                plan.reason == "",
                rx.fragment(),
                rx.el.p(by_value(plan.reason, REASON_WORDS), class_name="mt-2 text-sm text-muted"),
            ),
        ),
    )


def _choose(plan: Any, class_name: str) -> rx.Component:
    """Into the cart, signed in or not; what the address does not allow cannot be chosen."""
    closed = (plan.availability == "not_sold") | (plan.availability == "unavailable")
    button = rx.el.button(
        t("catalog.choose"),
        rx.el.span(" ", plan.name, class_name="sr-only"),
        type="submit",
        class_name=f"{PRIMARY} {class_name}",
    )
    sku = rx.el.input(type="hidden", name="sku", value=plan.sku)
    return cond(closed, rx.fragment(), post_form(sku, button, action=routes.API_CART))


def _facts(plan: Any) -> list[rx.Component]:
    return [
        cond(
            fact != "",
            rx.el.li(icon("check", "mt-0.5 size-4 text-good"), rx.el.span(fact), class_name="flex gap-2"),
            rx.fragment(),
        )
        for fact in (plan.fact_1, plan.fact_2, plan.fact_3)
    ]


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(label, class_name="text-muted"), rx.el.dd(value, class_name="mt-0.5"))
