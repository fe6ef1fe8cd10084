"""One invoice, on screen and on paper."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.brand import NAME
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, PRIMARY, QUIET, SECONDARY, card, card_heading, empty_state
from portal_app.components.links import browser, link, quiet_link
from portal_app.components.named_here import named_here
from portal_app.components.paying import pay_form, pay_paused
from portal_app.components.shell import shell
from portal_app.components.status import invoice_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.invoice import InvoiceState as State
from portal_app.state.invoice import LedgerRow, LineRow, TaxRow

NOTICES = (
    "billing.stale",
    "billing.unavailable",
    "billing.busy",
    "billing.not_payable",
    "billing.pay_unavailable",
)
LEDGER_WORDS = {"payment": "invoice.kind.payment", "refund": "invoice.kind.refund"}
TH = "border-b border-line py-2 pr-3 text-left text-sm font-semibold text-muted last:pr-0"
TD = "border-b border-line py-3 pr-3 align-top last:pr-0"


def invoice_page() -> rx.Component:
    """Back, then whatever the invoice turned out to be."""
    return shell(
        rx.el.div(
            link(
                icon("left", "size-4"),
                t("invoice.back"),
                to=routes.INVOICES,
                class_name="inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
            ),
            rx.el.div(
                cond(
                    State.found == "missing",
                    rx.fragment(),
                    rx.fragment(as_of(State.as_of, State.refresh, State.refreshing), _print()),
                ),
                class_name="ml-auto flex items-center gap-1",
            ),
            class_name="mb-4 flex flex-wrap items-center justify-between gap-2 print:hidden",
        ),
        notice(State.notice, NOTICES),
        rx.el.article(
            rx.el.p(NAME, class_name="mb-6 hidden text-lg font-bold print:block"),
            _heading(),
            cond(
                _READY,
                match(
                    State.found,
                    ("found", _invoice()),
                    ("missing", _missing()),
                    card(unavailable(State.refresh, State.refreshing)),
                ),
                card(skeleton("h-8 w-56", "h-5 w-40", "h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            custom_attrs={"data-status": cond(_READY, State.view.status, "")},
            id="invoice",
        ),
        current="invoices",
    )


# Moving from one invoice to another must not show the one before while the other is read.
_READY = named_here(State.here) & (State.found != "loading")


def _heading() -> rx.Component:
    """One h1 through all states, so that focus stays on it while the invoice arrives."""
    title = match(
        State.found,
        ("found", t("invoice.title", number=State.view.number)),
        ("missing", t("invoice.missing")),
        t("invoice.page"),
    )
    return rx.el.div(
        rx.el.h1(
            cond(_READY, title, t("invoice.page")),
            tab_index=-1,
            class_name="num text-2xl font-bold tracking-tight break-words sm:text-3xl",
        ),
        cond(_READY & (State.found == "found"), invoice_badge(State.view.status), rx.fragment()),
        class_name="mb-6 flex flex-wrap items-center gap-x-4 gap-y-3",
    )


def _print() -> rx.Component:
    return rx.el.button(
        icon("print", "size-4"),
        t("invoice.print"),
        type="button",
        on_click=browser("() => window.print()"),
        class_name=f"{QUIET} -mr-2 px-2",
    )


def _missing() -> rx.Component:
    back = link(t("invoice.back"), to=routes.INVOICES, class_name=PRIMARY)
    return rx.el.div(card(empty_state("search", None, t("invoice.missing_body"), back)), id="invoice-missing")


def _invoice() -> rx.Component:
    return rx.fragment(
        _waiting(),
        rx.el.div(
            rx.el.div(_lines(), _ledger(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
            _summary(),
            class_name="flex flex-col-reverse gap-4 sm:gap-6 lg:grid lg:grid-cols-[1fr_20rem] lg:items-start "
            "print:flex print:flex-col-reverse print:items-stretch",
        ),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        cond(
            State.view.paying == "waiting",
            rx.el.div(
                icon("clock", "mt-0.5 size-5"),
                rx.el.div(
                    rx.el.p(t("billing.waiting"), class_name="font-semibold"), rx.el.p(t("billing.waiting_body"))
                ),
                class_name="mb-6 flex gap-3 rounded-xl bg-accent-soft p-4 text-sm",
            ),
        ),
        role="status",
        class_name="print:hidden",
    )


def _summary() -> rx.Component:
    view = State.view
    pay = t("billing.pay_amount", amount=view.balance)
    return rx.el.aside(
        rx.el.p(t("invoice.balance"), class_name="text-sm text-muted"),
        rx.el.p(view.balance, id="balance", class_name="num mt-1 text-4xl font-bold tracking-tight"),
        rx.el.div(
            match(
                view.paying,
                ("open", pay_form(view.pay_action, pay, view.number, f"{PRIMARY} w-full")),
                ("paused", pay_paused(pay, f"{PRIMARY} w-full")),
                ("waiting", pay_form(view.pay_action, pay, view.number, f"{SECONDARY} w-full")),
                match(
                    view.status,
                    ("paid", rx.el.p(t("invoice.settled"), class_name="text-sm font-medium text-good")),
                    ("refunded", rx.el.p(t("invoice.refunded"), class_name="text-sm text-muted")),
                    ("cancelled", rx.el.p(t("invoice.cancelled"), class_name="text-sm text-muted")),
                    rx.fragment(),
                ),
            ),
            class_name="mt-4",
        ),
        rx.el.dl(
            _fact(t("invoice.issued"), view.issued),
            _fact(t("invoice.due"), view.due),
            cond(view.paid == "", rx.fragment(), _fact(t("invoice.paid"), view.paid)),
            class_name="mt-5 flex flex-col gap-2 border-t border-line pt-4 text-sm",
        ),
        quiet_link(icon("question", "size-4"), t("cases.about_invoice"), to=view.ask_href, id="ask"),
        class_name=f"{CARD} p-5 sm:p-6 print:border-0 print:p-0",
    )


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-muted"),
        rx.el.dd(value, class_name="num font-medium"),
        class_name="flex justify-between gap-4",
    )


def _lines() -> rx.Component:
    view = State.view
    return card(
        card_heading(t("invoice.lines")),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("invoice.line"), scope="col", class_name=TH),
                    rx.el.th(t("invoice.amount"), scope="col", class_name=f"{TH} text-right"),
                )
            ),
            rx.el.tbody(each(State.lines, _line)),
            rx.el.tfoot(
                _sum(t("invoice.subtotal"), view.subtotal),
                each(State.taxes, _tax),
                cond(view.credit == "", rx.fragment(), _sum(t("invoice.credit"), view.credit)),
                _sum(t("invoice.total"), view.total, "text-base font-bold"),
            ),
            class_name="w-full border-separate border-spacing-0",
        ),
        class_name="print:border-0 print:p-0",
    )


def _tax(tax: rx.Var[TaxRow]) -> rx.Component:
    return _sum(t("invoice.tax", rate=tax.rate), tax.amount)


def _line(line: rx.Var[LineRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(line.description, class_name="break-words whitespace-pre-line"),
            cond(
                line.service_href == "",
                rx.fragment(),
                link(
                    t("invoice.service"),
                    to=line.service_href,
                    class_name="mt-1 block w-fit text-sm font-medium text-accent hover:underline print:hidden",
                ),
            ),
            class_name=TD,
        ),
        rx.el.td(line.amount, class_name=f"num text-right whitespace-nowrap {TD}"),
    )


def _sum(label: Any, amount: Any, look: str = "text-sm font-normal text-muted") -> rx.Component:
    return rx.el.tr(
        rx.el.th(label, scope="row", class_name="pt-2 pr-3 text-right [font-weight:inherit]"),
        rx.el.td(amount, class_name="num pt-2 text-right whitespace-nowrap"),
        class_name=look,
    )


def _ledger() -> rx.Component:
    return card(
        card_heading(t("invoice.ledger")),
        cond(
            State.ledger,
            rx.el.ul(each(State.ledger, _entry)),
            rx.el.p(t("invoice.ledger_none"), class_name="text-sm text-muted"),
        ),
        class_name="print:border-0 print:p-0",
    )


def _entry(entry: rx.Var[LedgerRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(by_value(entry.kind, LEDGER_WORDS, "invoice.kind.credit"), class_name="font-medium"),
            rx.el.p(entry.amount, class_name="num font-semibold whitespace-nowrap"),
            class_name="flex justify-between gap-4",
        ),
        rx.el.p(entry.when_and_how, class_name="num text-sm text-muted empty:hidden"),
        cond(
            entry.reference == "",
            rx.fragment(),
            rx.el.p(
                t("invoice.reference"),
                " ",
                rx.el.span(entry.reference, class_name="break-all"),
                class_name="num text-sm text-muted",
            ),
        ),
        class_name="border-b border-line py-3 first:pt-0 last:border-b-0 last:pb-0",
    )
