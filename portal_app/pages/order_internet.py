"""Configuring an internet plan."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.forms import field
from portal_app.components.text import by_value, t
from portal_app.components.wizard import (
    answer,
    answers,
    at_the_address,
    document_hint,
    happens_next,
    panel,
    plan_summary,
    wizard,
)
from portal_app.components.wizard_fields import option_boxes, radio, radios
from portal_app.priming.choices import cond, each, match
from portal_app.state.order_internet import OrderInternetState as Order

LINE = "internet"
MODES = {
    "IPoE-BYOR": "wizard.access.own_router",
    "IPoE-HGW": "wizard.access.gateway",
    "PPPoE": "wizard.access.pppoe",
}
MODE_BODIES = {
    "IPoE-BYOR": "wizard.access.own_router_body",
    "IPoE-HGW": "wizard.access.gateway_body",
    "PPPoE": "wizard.access.pppoe_body",
}


def order_internet_page() -> rx.Component:
    """Connection, installation, options, review."""
    panels = {"plan": _plan(), "installation": _installation(), "add_ons": _options(), "review": _review()}
    return wizard(Order, LINE, t("wizard.internet.title"), routes.CATALOG_INTERNET, panels)


def _plan() -> rx.Component:
    modes = (radio("access_mode", mode, t(key), t(MODE_BODIES[mode])) for mode, key in MODES.items())
    return panel(
        Order,
        "plan",
        t("wizard.plan.lead"),
        plan_summary(at_the_address(plan=Order.plan), plan=Order.plan, catalog=routes.CATALOG_INTERNET),
        radios(Order, "access_mode", t("wizard.access.legend"), *modes),
        handler="save_plan",
    )


def _installation() -> rx.Component:
    return panel(
        Order,
        "installation",
        t("wizard.installation.lead"),
        radios(
            Order,
            "installation",
            t("wizard.installation.legend"),
            each(Order.payments, _payment),
        ),
        cond(Order.visit, rx.fragment(_day(), _wishes())),
        handler="save_installation",
    )


def _payment(row: Any) -> rx.Component:
    return radio(
        "installation",
        row.sku,
        _kind(row),
        match(
            row.kind,
            ("instalments", _schedule(row)),
            ("no_visit", rx.fragment(t("wizard.installation.no_visit_body"))),
            rx.fragment(t("wizard.installation.single_body")),
        ),
        price=rx.el.span(
            cond(
                row.months != "",
                t("wizard.monthly", amount=row.amount),
                t("wizard.paid_once", amount=row.amount),
            ),
            class_name="font-semibold",
        ),
        on_change=Order.choose_installation,
        key=row.sku,
        custom_attrs={"data-payment": row.sku},
    )


def _kind(row: Any) -> Any:
    return match(
        row.kind,
        ("instalments", t("wizard.installation.spread", months=row.months)),
        ("no_visit", t("wizard.installation.no_visit")),
        t("wizard.installation.single"),
    )


def _schedule(row: Any) -> rx.Component:
    """What each payment is, with tax and before it."""
    return cond(
        row.last != "",
        rx.fragment(
            t("price.schedule", count=row.others, amount=row.amount, last=row.last),
            rx.el.span(
                t(
                    "wizard.installation.net",
                    schedule=t("price.schedule", count=row.others, amount=row.net, last=row.net_last),
                ),
                class_name="block",
            ),
        ),
        t("price.schedule_even", months=row.months, amount=row.amount),
    )


def _day() -> rx.Component:
    weekend = radio(
        "day",
        "weekend",
        t("wizard.day.weekend"),
        price=t("wizard.paid_once", amount=Order.weekend_fee),
        on_change=Order.choose_day,
    )
    weekday = radio("day", "weekday", t("wizard.day.weekday"), t("wizard.day.free"), on_change=Order.choose_day)
    return radios(
        Order,
        "day",
        t("wizard.day.legend"),
        weekday,
        cond(Order.weekend_fee != "", weekend),
        columns=True,
    )


def _wishes() -> rx.Component:
    fields = (
        field(
            Order,
            name,
            t(label),
            None,
            required=False,
            type="date",
            min=Order.wish_from,
            max=Order.wish_until,
        )
        for name, label in (("wish_1", "wizard.wish_1"), ("wish_2", "wizard.wish_2"), ("wish_3", "wizard.wish_3"))
    )
    return rx.el.fieldset(
        rx.el.legend(t("wizard.wishes.legend"), class_name="mb-3 font-semibold"),
        rx.el.p(
            t("wizard.wishes.hint", first=Order.first_wish, last=Order.last_wish),
            class_name="num -mt-2 mb-3 text-sm text-muted",
        ),
        rx.el.div(*fields, class_name="grid gap-4 sm:grid-cols-3"),
        class_name="min-w-0",
    )


def _options() -> rx.Component:
    return panel(Order, "add_ons", t("wizard.options.lead"), option_boxes(Order))


def _review() -> rx.Component:
    day = by_value(Order.values["day"], {"weekend": "wizard.day.weekend"}, "wizard.day.weekday")
    wishes = cond(Order.wishes, Order.wishes.join(" · "), t("wizard.wishes.none"))
    return panel(
        Order,
        "review",
        t("wizard.review.lead"),
        plan_summary(at_the_address(plan=Order.plan), plan=Order.plan, catalog=routes.CATALOG_INTERNET),
        answers(
            answer(LINE, "plan", t("wizard.access.short"), by_value(Order.values["access_mode"], MODES)),
            answer(LINE, "installation", t("wizard.step.installation"), _kind(Order.payment)),
            cond(Order.visit, answer(LINE, "installation", t("wizard.day.legend"), day)),
            cond(Order.visit, answer(LINE, "installation", t("wizard.wishes.legend"), wishes)),
        ),
        document_hint(Order, LINE),
        happens_next(
            t("wizard.next.review"),
            cond(Order.visit, t("wizard.next.visit"), t("wizard.next.no_visit")),
            t("wizard.next.line"),
        ),
        to=routes.checkout(LINE),
    )
