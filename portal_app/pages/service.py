"""One service: what it costs and when, where it comes from, what it was billed by."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, PRIMARY, card, card_heading, empty_state
from portal_app.components.links import link, quiet_link
from portal_app.components.named_here import named_here
from portal_app.components.service_card import CYCLE_WORDS, KIND_WORDS, kind_icon, suspended_note
from portal_app.components.shell import shell
from portal_app.components.status import invoice_badge, service_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.service import BilledRow
from portal_app.state.service import ServiceState as State

NOTICES = ("services.stale", "services.unavailable", "billing.busy")
HISTORY_NOTICES = ("service.history_stale", "service.history_unavailable", "billing.busy")
LINK = "font-medium text-accent hover:underline break-words"
COLUMNS = "sm:grid-cols-[minmax(0,1fr)_7.5rem_7.5rem_8.5rem]"
# Moving from one service to another must not show the one before while the other is read.
_READY = named_here(State.here) & (State.found != "loading")
_FOUND = _READY & (State.found == "found")


def service_page() -> rx.Component:
    """Back, then whatever the service turned out to be."""
    return shell(
        rx.el.div(
            link(
                icon("left", "size-4"),
                t("service.back"),
                to=routes.SERVICES,
                class_name="inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
            ),
            cond(State.found == "missing", rx.fragment(), as_of(State.as_of, State.refresh, State.refreshing)),
            class_name="mb-4 flex flex-wrap items-center justify-between gap-2",
        ),
        notice(State.notice, NOTICES),
        rx.el.article(
            _heading(),
            cond(
                _READY,
                match(
                    State.found,
                    ("found", _service()),
                    ("missing", _missing()),
                    card(unavailable(State.refresh, State.refreshing)),
                ),
                card(skeleton("h-8 w-56", "h-5 w-40", "h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            id="service",
            custom_attrs={"data-status": cond(_READY, State.view.status, "")},
        ),
        current="services",
    )


def _heading() -> rx.Component:
    """One h1 through all states, so that focus stays on it while the service arrives."""
    title = match(State.found, ("found", State.view.name), ("missing", t("service.missing")), t("service.page"))
    return rx.el.div(
        rx.el.div(
            rx.el.h1(
                cond(_READY, title, t("service.page")),
                tab_index=-1,
                class_name="text-2xl font-bold tracking-tight break-words sm:text-3xl",
            ),
            cond(_FOUND, service_badge(State.view.status), rx.fragment()),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-3",
        ),
        rx.el.p(cond(_FOUND, State.view.label, ""), class_name="num mt-1 break-words text-muted empty:hidden"),
        class_name="mb-6",
    )


def _missing() -> rx.Component:
    back = link(t("service.back"), to=routes.SERVICES, class_name=PRIMARY)
    return rx.el.div(card(empty_state("search", None, t("service.missing_body"), back)), id="service-missing")


def _service() -> rx.Component:
    return rx.fragment(
        cond(State.view.status == "suspended", rx.el.div(suspended_note(), class_name="mb-6"), rx.fragment()),
        rx.el.div(
            _history(),
            _facts(),
            class_name="flex flex-col-reverse gap-4 sm:gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start",
        ),
    )


def _facts() -> rx.Component:
    """Price on top, then everything else that is known."""
    view = State.view
    cycle = by_value(view.cycle, CYCLE_WORDS, "cycle.other")
    return rx.el.aside(
        rx.el.div(
            kind_icon(view.kind),
            rx.el.div(
                rx.el.p(t("service.price"), class_name="text-sm text-muted"),
                rx.el.p(
                    cond(view.cycle == "free", cycle, view.price),
                    id="service-price",
                    class_name="num text-3xl font-bold tracking-tight",
                ),
                cond(view.cycle == "free", rx.fragment(), rx.el.p(cycle, class_name="text-sm text-muted")),
            ),
            class_name="flex items-start gap-4",
        ),
        rx.el.dl(
            _fact(t("service.next_due"), view.next_due),
            _fact(t("services.since"), view.since),
            _fact(t("service.plan"), rx.fragment(by_value(view.kind, KIND_WORDS, "kind.other"), " · ", view.name)),
            cond(view.label == "", rx.fragment(), _fact(_label_of(view.kind), view.label)),
            cond(view.paid_by == "", rx.fragment(), _fact(t("service.paid_by"), _paid_by(view.paid_by))),
            cond(view.order_href == "", rx.fragment(), _fact(t("service.order"), _order())),
            class_name="mt-5 flex flex-col gap-4 border-t border-line pt-5 text-sm",
        ),
        quiet_link(icon("question", "size-4"), t("cases.about_service"), to=view.ask_href, id="ask"),
        class_name=f"{CARD} p-5 sm:p-6",
    )


def _label_of(kind: Any) -> Any:
    words = {"sim": "service.number", "internet": "service.place"}
    return by_value(kind, words, "service.label")


def _paid_by(name: Any) -> rx.Component:
    return rx.fragment(name, rx.el.br(), link(t("service.methods"), to=routes.PAYMENT_METHODS, class_name=LINK))


def _order() -> rx.Component:
    number = t("service.order_number", number=State.view.order_number)
    return link(number, to=State.view.order_href, id="service-order", class_name=LINK)


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-muted"),
        rx.el.dd(value, class_name="num mt-0.5 font-medium break-words"),
    )


def _history() -> rx.Component:
    return card(
        card_heading(t("service.history")),
        notice(State.history_notice, HISTORY_NOTICES),
        cond(
            State.history_loaded,
            rx.fragment(
                cond(
                    State.history,
                    rx.fragment(rx.el.p(t("service.history_lead"), class_name="mb-4 text-sm text-muted"), _table()),
                    _nothing(),
                ),
                _rest(),
            ),
            skeleton(*["h-10 w-full"] * 5),
        ),
        id="history",
        class_name="min-w-0",
    )


def _nothing() -> rx.Component:
    """Only what was looked through says that there is none."""
    nothing = rx.el.p(t("service.history_none"), class_name="text-muted")
    known = (State.unread == "") & (State.history_notice == "")
    return cond(known, nothing, cond(State.reading, skeleton(*["h-10 w-full"] * 3), rx.fragment()))


def _rest() -> rx.Component:
    """What is not looked through yet."""
    sign = icon("clock", "mt-0.5 size-4")
    look = "num mt-4 flex gap-2 text-sm text-muted"
    return rx.el.div(
        cond(
            State.unread == "",
            rx.fragment(),
            rx.el.p(
                sign,
                cond(
                    State.reading,
                    t("service.history_reading", count=State.unread),
                    t("service.history_unread", count=State.unread),
                ),
                id="history-rest",
                class_name=look,
            ),
        ),
        role="status",
    )


def _table() -> rx.Component:
    names = ("service.column.invoice", "service.column.issued", "service.column.status", "service.column.amount")
    head = rx.el.div(
        *(rx.el.span(t(name), role="columnheader", class_name="whitespace-nowrap last:text-right") for name in names),
        role="row",
        class_name=f"sr-only gap-x-4 border-b border-line pb-2 text-sm font-semibold text-muted "
        f"sm:not-sr-only sm:grid {COLUMNS}",
    )
    return rx.el.div(
        rx.el.div(head, role="rowgroup"),
        rx.el.div(each(State.history, _row), role="rowgroup"),
        role="table",
        aria_label=t("service.history"),
    )


def _row(row: rx.Var[BilledRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            link(row.number, to=row.href, class_name="inline-flex min-h-6 items-center text-accent hover:underline"),
            role="rowheader",
            class_name="num order-1 min-w-0 font-semibold break-words",
        ),
        rx.el.span(row.issued, role="cell", class_name="num order-3 text-sm text-muted sm:order-2 sm:text-ink"),
        rx.el.span(invoice_badge(row.status), role="cell", class_name="order-4 text-right sm:order-3 sm:text-left"),
        rx.el.span(row.amount, role="cell", class_name="num order-2 text-right font-semibold sm:order-4"),
        role="row",
        key=row.key,
        custom_attrs={"data-invoice": row.key},
        class_name=f"grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-b border-line py-3 "
        f"last:border-b-0 last:pb-0 {COLUMNS}",
    )
