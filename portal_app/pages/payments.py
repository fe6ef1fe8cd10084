"""Payment methods: each with what it pays for and how long it is good, and the one way to change them."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.checkout_effects import on_coming_back
from portal_app.components.feedback import as_of, notice, notice_box, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, SECONDARY, card, card_heading, empty_state, page_heading
from portal_app.components.links import link
from portal_app.components.paying import methods_form
from portal_app.components.shell import shell
from portal_app.components.status import BAD, BADGE, PLAIN, WARN
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.payment_rows import GatewayRow, MethodRow
from portal_app.state.payments import PaymentsState as State

TROUBLES = ("payments.unavailable", "billing.busy")
KINDS = {"card": "payments.kind.card", "bank": "payments.kind.bank"}
_READY = rx.State.is_hydrated & State.read


def payments_page() -> rx.Component:
    """What is stored, then what is paid another way."""
    return shell(
        on_coming_back(f"{State.get_full_name()}.look_again"),
        rx.el.div(
            link(
                icon("left", "size-4"),
                t("invoice.back"),
                to=routes.INVOICES,
                class_name="inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
            ),
            as_of(State.as_of, State.refresh, State.refreshing),
            class_name="mb-4 flex flex-wrap items-center justify-between gap-2",
        ),
        page_heading(t("payments.title"), t("payments.lead")),
        notice(State.trouble, TROUBLES),
        rx.el.div(cond(State.refusal != "", notice_box(State.refusal)), role="alert"),
        cond(
            _READY,
            cond(State.as_of == "", card(unavailable(State.refresh, State.refreshing)), _shown()),
            card(skeleton("h-6 w-56", "h-16 w-full", "h-16 w-full")),
        ),
        current="invoices",
    )


def _shown() -> rx.Component:
    return rx.el.div(
        cond(State.methods, _stored(), _none()),
        cond(State.others, _others(), rx.fragment()),
        cond(
            State.ways == "",
            rx.fragment(),
            rx.el.p(t("payments.ways"), ": ", State.ways, id="ways", class_name="text-sm text-muted"),
        ),
        class_name="flex flex-col gap-4 sm:gap-6",
    )


def _none() -> rx.Component:
    action = methods_form(t("payments.add"), routes.PAYMENT_METHODS, PRIMARY)
    return card(
        empty_state("card", t("payments.none"), t("payments.none_body"), action),
        rx.el.p(t("payments.change_hint"), class_name="mx-auto -mt-6 max-w-md pb-4 text-center text-sm text-muted"),
        id="no-methods",
    )


def _stored() -> rx.Component:
    return card(
        card_heading(
            t("payments.stored"),
            methods_form(t("payments.change"), routes.PAYMENT_METHODS, cond(State.usable, SECONDARY, PRIMARY)),
        ),
        cond(State.usable, rx.fragment(), rx.el.div(notice_box(t("payments.unusable")), id="unusable")),
        rx.el.ul(each(State.methods, _method)),
        rx.el.p(
            icon("external", "mt-0.5 size-4"),
            t("payments.change_hint"),
            class_name="mt-4 flex gap-2 border-t border-line pt-4 text-sm text-muted",
        ),
    )


def _method(row: rx.Var[MethodRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            match(row.kind, ("card", icon("card", "size-5")), ("bank", icon("bank", "size-5")), icon("bill", "size-5")),
            class_name="flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h3(_name(row), class_name="num min-w-0 font-semibold break-words"),
                cond(row.is_default, rx.el.span(t("payments.default"), class_name=f"{BADGE} {PLAIN}"), rx.fragment()),
                _standing(row),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            _until(row),
            _advice(row),
            cond(
                row.services == "",
                cond(
                    row.idle,
                    rx.el.p(t("payments.pays_nothing"), class_name="mt-2 text-sm text-muted"),
                    rx.fragment(),
                ),
                _services(t("payments.pays_for"), row.services),
            ),
            class_name="min-w-0 grow",
        ),
        key=row.key,
        custom_attrs={"data-method": row.key, "data-standing": row.standing},
        class_name="flex items-start gap-4 border-b border-line py-5 first:pt-0 last:border-b-0 last:pb-0",
    )


def _name(row: Any) -> rx.Component:
    """Brand and digits; what it is in general where WHMCS names no brand."""
    return rx.fragment(
        cond(row.brand == "", by_value(row.kind, KINDS, "payments.kind.other"), row.brand),
        cond(
            row.last_four == "",
            "",
            rx.fragment(
                " ",
                rx.el.span("•••• ", row.last_four, aria_hidden="true", class_name="whitespace-nowrap"),
                rx.el.span(t("payments.ending", digits=row.last_four), class_name="sr-only"),
            ),
        ),
    )


def _standing(row: Any) -> rx.Component:
    return match(
        row.standing,
        ("expiring", rx.el.span(icon("clock", "size-3.5"), t("payments.expiring"), class_name=f"{BADGE} {WARN}")),
        ("expired", rx.el.span(icon("alert", "size-3.5"), t("payments.expired"), class_name=f"{BADGE} {BAD}")),
        rx.fragment(),
    )


def _until(row: Any) -> rx.Component:
    words = cond(
        row.standing == "expired",
        t("payments.expired_on", month=row.until),
        t("payments.until", month=row.until),
    )
    return cond(row.until == "", rx.fragment(), rx.el.p(words, class_name="num mt-0.5 text-sm text-muted"))


def _advice(row: Any) -> rx.Component:
    return match(
        row.standing,
        (
            "expiring",
            cond(
                row.services == "",
                rx.fragment(),  # nothing would be interrupted
                rx.el.p(t("payments.expiring_body"), class_name="mt-1 text-sm text-warn"),
            ),
        ),
        ("expired", rx.el.p(t("payments.expired_body"), class_name="mt-1 text-sm text-bad")),
        rx.fragment(),
    )


def _services(label: Any, services: Any) -> rx.Component:
    """A line for each."""
    return rx.el.div(
        rx.el.p(label, class_name="text-muted"),
        rx.el.p(services, class_name="num break-words whitespace-pre-line"),
        class_name="mt-2 text-sm",
    )


def _others() -> rx.Component:
    """Ways without anything stored, a bank transfer for one."""
    return card(card_heading(t("payments.others")), rx.el.ul(each(State.others, _other)))


def _other(row: rx.Var[GatewayRow]) -> rx.Component:
    return rx.el.li(
        rx.el.h3(row.name, class_name="font-semibold break-words"),
        _services(t("payments.services"), row.services),
        key=row.key,
        custom_attrs={"data-gateway": row.key},
        class_name="border-b border-line py-3 first:pt-0 last:border-b-0 last:pb-0",
    )
