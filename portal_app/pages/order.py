"""One order: how far it has come, what was ordered, what it comes to."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import as_of, notice, notice_box, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, card, card_heading, empty_state
from portal_app.components.links import link, quiet_link
from portal_app.components.named_here import named_here
from portal_app.components.order_list import next_words
from portal_app.components.paying import methods_form
from portal_app.components.price_box import item_list, price_box
from portal_app.components.shell import shell
from portal_app.components.status import order_badge
from portal_app.components.text import t
from portal_app.components.timeline import timeline
from portal_app.priming.choices import cond, match
from portal_app.state.order import OrderState as State

NOTICES = ("orders.stale", "orders.unavailable")
# Moving from one order to another must not show the one before while the other is read.
_READY = named_here(State.here) & (State.found != "loading")


def order_page() -> rx.Component:
    """Back, then whatever the order turned out to be."""
    return shell(
        rx.el.div(
            link(
                icon("left", "size-4"),
                t("order.back"),
                to=routes.ORDERS,
                class_name="inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
            ),
            cond(State.found == "missing", rx.fragment(), as_of(State.as_of, State.refresh, State.refreshing)),
            class_name="mb-4 flex flex-wrap items-center justify-between gap-2 print:hidden",
        ),
        notice(State.trouble, NOTICES),
        rx.el.div(cond(State.refusal != "", notice_box(State.refusal)), role="alert"),
        rx.el.article(
            _heading(),
            cond(
                _READY,
                match(
                    State.found,
                    ("found", _order()),
                    ("missing", _missing()),
                    card(unavailable(State.refresh, State.refreshing)),
                ),
                card(skeleton("h-8 w-56", "h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            id="order",
            custom_attrs={"data-status": cond(_READY, State.head.status, "")},
        ),
        current="orders",
    )


def _heading() -> rx.Component:
    """One h1 through all states, so that focus stays on it while the order arrives."""
    title = match(
        State.found,
        ("found", t("order.title", number=State.head.number)),
        ("missing", t("order.missing")),
        t("order.page"),
    )
    found = _READY & (State.found == "found")
    return rx.el.div(
        rx.el.div(
            rx.el.h1(
                cond(_READY, title, t("order.page")),
                tab_index=-1,
                class_name="num text-2xl font-bold tracking-tight break-words sm:text-3xl",
            ),
            cond(found, order_badge(State.head.status), rx.fragment()),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-3",
        ),
        rx.el.p(cond(found, next_words(State.head), ""), role="status", class_name="mt-2 text-muted empty:hidden"),
        class_name="mb-6",
    )


def _missing() -> rx.Component:
    back = link(t("order.back"), to=routes.ORDERS, class_name=PRIMARY)
    return rx.el.div(card(empty_state("search", None, t("order.missing_body"), back)), id="order-missing")


def _order() -> rx.Component:
    return rx.fragment(
        cond(State.head.just_placed, _thanks(), rx.fragment()),
        _wanted(),
        rx.el.div(
            rx.el.div(_progress(), _items(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
            rx.el.div(_costs(), _facts(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
            class_name="flex flex-col gap-4 sm:gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start",
        ),
    )


def _thanks() -> rx.Component:
    return rx.el.div(
        rx.el.span(icon("check", "size-6"), class_name="text-good"),
        rx.el.div(
            rx.el.p(t("order.thanks"), class_name="font-semibold text-good"),
            rx.el.p(t("order.thanks_body"), class_name="mt-1 text-sm"),
            class_name="min-w-0",
        ),
        role="status",
        id="thanks",
        class_name="mb-4 flex gap-3 rounded-xl bg-good-soft p-4 sm:mb-6 sm:p-5",
    )


def _wanted() -> rx.Component:
    """What it waits for, with the way to give it."""
    pay = methods_form(t("order.add_payment"), State.head.here, PRIMARY)
    send = link(t("order.send_document"), to=State.head.document_href, class_name=PRIMARY)
    return match(
        State.head.wanted,
        ("payment", _turn(t("order.add_payment_body"), pay)),
        ("document", _turn(t("order.send_document_body"), send)),
        rx.fragment(),
    )


def _turn(sentence: Any, action: rx.Component) -> rx.Component:
    return rx.el.div(
        icon("alert", "mt-0.5 size-5 text-warn"),
        rx.el.div(
            rx.el.p(sentence, class_name="font-medium"),
            rx.el.div(action, class_name="mt-3"),
            class_name="min-w-0",
        ),
        id="wanted",
        class_name="mb-4 flex gap-3 rounded-xl bg-warn-soft p-4 sm:mb-6 sm:p-5",
    )


def _progress() -> rx.Component:
    running = link(t("order.services"), to=routes.SERVICES, class_name=f"{PRIMARY} mt-6")
    return card(
        card_heading(t("order.progress")),
        timeline(State.steps),
        cond(State.head.status == "active", running, rx.fragment()),
    )


def _items() -> rx.Component:
    return card(card_heading(t("order.items")), item_list(State.items))


def _costs() -> rx.Component:
    return cond(
        (State.box.first_bill == "") | (State.head.status == "cancelled"),  # what it would have cost only alarms
        rx.fragment(),
        card(card_heading(t("price.title")), price_box(State.box, placed=True)),
    )


def _facts() -> rx.Component:
    head = State.head
    return card(
        card_heading(t("order.facts")),
        rx.el.dl(
            _fact(t("order.number"), head.number),
            _fact(t("order.placed_at"), head.placed),
            _fact_if(head.starts, t("order.starts_on")),
            _fact_if(head.billing_number, t("order.billing_number")),
            class_name="flex flex-col gap-3 text-sm",
        ),
        cond(
            (head.street == "") & (head.city == ""),
            rx.fragment(),
            rx.el.div(
                rx.el.h3(t("order.address"), class_name="text-sm text-muted"),
                rx.el.address(
                    rx.el.span(head.street, class_name="block whitespace-pre-line"),
                    rx.el.span(head.city, class_name="block"),
                    rx.el.span(head.postal_code, class_name="num block"),
                    class_name="mt-1 text-sm font-medium break-words not-italic",
                ),
                cond(
                    head.address_changed,
                    rx.el.p(t("order.address_changed"), class_name="mt-2 text-sm text-muted"),
                    rx.fragment(),
                ),
                class_name="mt-4 border-t border-line pt-4",
            ),
        ),
        quiet_link(icon("question", "size-4"), t("cases.about_order"), to=head.ask_href, id="ask"),
    )


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-muted"),
        rx.el.dd(value, class_name="num font-medium break-words"),
        class_name="flex flex-wrap justify-between gap-x-4",
    )


def _fact_if(value: Any, label: Any) -> rx.Component:
    return cond(value == "", rx.fragment(), _fact(label, value))
