"""The checkout: what is missing on top, then every part of the order, what it costs, and the one button that orders."""

import reflex as rx

from portal_app import routes
from portal_app.components.checkout_effects import on_coming_back, sent_once
from portal_app.components.checkout_parts import (
    OPEN,
    document_part,
    pay_part,
    terms_part,
    to_billing,
    what_part,
    where_part,
)
from portal_app.components.feedback import notice, notice_box, skeleton, unavailable
from portal_app.components.form_effects import to_field
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, INLINE, PRIMARY, SECONDARY, card, empty_state, page_heading
from portal_app.components.links import link, post_form
from portal_app.components.price_box import price_box
from portal_app.components.shell import shell
from portal_app.components.text import t
from portal_app.priming.choices import cond, each, match
from portal_app.state.checkout import CheckoutState as State
from portal_app.state.checkout_gates import GateRow

TROUBLES = ("checkout.unavailable",)
SMALL = f"{SECONDARY} min-h-10 py-1.5"
_READY = rx.State.is_hydrated & (State.found != "loading")


def checkout_page() -> rx.Component:
    """One heading through all states, so that focus stays on it while the offer arrives."""
    return shell(
        on_coming_back(f"{State.get_full_name()}.look_again"),
        page_heading(t("checkout.title"), cond(OPEN & (State.found != "none"), t("checkout.lead"), "")),
        notice(State.trouble, TROUBLES),
        rx.el.div(
            cond(
                _READY,
                match(
                    State.found,
                    ("found", _offer()),
                    ("none", card(_nothing())),
                    card(unavailable(State.look_again, False)),
                ),
                card(skeleton("h-6 w-56", "h-5 w-40", "h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            id="checkout",
            custom_attrs={"data-standing": cond(_READY, State.standing, "")},
        ),
    )


def _nothing() -> rx.Component:
    ways = rx.el.div(
        link(t("nav.catalog"), to=routes.CATALOG, class_name=PRIMARY),
        link(t("nav.orders"), to=routes.ORDERS, class_name=SECONDARY),
        class_name="flex flex-wrap justify-center gap-3",
    )
    return empty_state("other", t("checkout.none"), t("checkout.none_body"), ways)


def _offer() -> rx.Component:
    """Once it is submitted the button and everything about it go; what was ordered and its price stay."""
    return rx.fragment(
        cond(OPEN, rx.fragment(_messages(), _gates()), _submitted()),
        rx.el.div(
            rx.el.div(
                what_part(),
                cond(
                    OPEN,
                    rx.fragment(
                        where_part(),
                        pay_part(),
                        cond(State.view.document == "not_needed", rx.fragment(), document_part()),
                        terms_part(),
                    ),
                    rx.fragment(),
                ),
                class_name="flex min-w-0 flex-col gap-4 sm:gap-6",
            ),
            _costs(),
            class_name="flex flex-col gap-4 sm:gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start",
        ),
    )


def _submitted() -> rx.Component:
    """While nobody knows yet whether it is an order; the page goes on by itself."""
    return rx.el.div(
        rx.el.span(icon("refresh", "size-6 animate-spin [animation-duration:3s]"), class_name="text-accent"),
        rx.el.div(
            rx.el.h2(State.waiting, class_name="text-lg font-semibold"),
            rx.el.p(State.waiting_body, class_name="mt-2"),
            rx.el.p(link(t("checkout.fix.orders"), to=routes.ORDERS, class_name=INLINE), class_name="mt-3"),
            class_name="min-w-0",
        ),
        role="status",
        class_name="mb-4 flex gap-4 rounded-xl bg-accent-soft p-5 sm:mb-6 sm:p-6",
    )


def _messages() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            cond(
                State.refusal != "",
                rx.el.div(
                    icon("alert", "mt-0.5 size-5"),
                    rx.el.p(State.refusal, class_name="font-semibold"),
                    class_name="mb-6 flex gap-3 rounded-xl bg-bad-soft p-4 text-sm text-bad",
                ),
            ),
            id="refusal",
            role="alert",
        ),
        rx.el.div(
            cond(
                State.told == "",
                rx.fragment(),
                rx.el.p(
                    icon("check", "mt-0.5 size-5"),
                    State.told,
                    class_name="mb-6 flex gap-3 rounded-xl bg-good-soft p-4 text-sm text-good",
                ),
            ),
            cond(State.repriced, notice_box(t("checkout.price_changed"))),
            role="status",
        ),
    )


def _gates() -> rx.Component:
    """Everything at once. The count is heard whenever it changes."""
    missing = rx.el.section(
        rx.el.h2(
            icon("alert", "mt-0.5 size-5"),
            State.to_do,
            id="missing-title",
            class_name="num flex gap-3 rounded-t-xl bg-warn-soft px-4 py-3 font-semibold text-warn sm:px-6",
        ),
        rx.el.ul(each(State.gates, _gate), id="gates", class_name="flex flex-col px-4 sm:px-6"),
        aria_labelledby="missing-title",
        class_name=CARD,
    )
    all_set = rx.el.p(
        icon("check", "mt-0.5 size-5"),
        t("checkout.all_set"),
        class_name="flex gap-3 rounded-xl bg-good-soft p-4 text-sm font-medium text-good",
    )
    return rx.el.div(
        rx.el.p(cond(State.ready, t("checkout.all_set"), State.to_do), role="status", class_name="sr-only"),
        cond(State.gates, missing, cond(State.ready, all_set, rx.fragment())),
        id="missing",
        tab_index=-1,
        class_name="mb-4 focus:outline-none sm:mb-6",
    )


def _gate(gate: rx.Var[GateRow]) -> rx.Component:
    here = rx.el.a(gate.label, href=gate.href, on_click=to_field, class_name=SMALL)
    again = rx.el.button(gate.label, type="button", on_click=State.look_again, class_name=SMALL)
    return rx.el.li(
        rx.el.p(gate.sentence, class_name="min-w-0 grow basis-60"),
        match(
            gate.way,
            ("page", link(gate.label, to=gate.href, class_name=SMALL)),
            ("here", here),
            ("payment", to_billing(gate.label, SMALL)),
            ("retry", again),
            rx.fragment(),
        ),
        key=gate.key,
        custom_attrs={"data-gate": gate.key},
        class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-3 "
        "last:border-b-0",
    )


def _costs() -> rx.Component:
    return rx.el.aside(
        rx.el.h2(t("price.title"), id="costs-title", class_name="mb-4 text-base font-semibold"),
        price_box(State.box),
        rx.el.p(
            State.old_prices,
            role="status",
            class_name="num mt-4 rounded-lg bg-warn-soft p-3 text-sm text-warn empty:hidden",
        ),
        cond(OPEN, _place(), rx.fragment()),
        aria_labelledby="costs-title",
        class_name=f"{CARD} p-5 sm:p-6 lg:sticky lg:top-6",
    )


def _place() -> rx.Component:
    button = f"{PRIMARY} w-full text-base"
    waits = rx.el.div(
        rx.el.button(t("checkout.place"), type="button", disabled=True, class_name=button),
        rx.el.p(
            t("checkout.place_waits"),
            " ",
            rx.el.a(t("checkout.place_to_do"), href="#missing", on_click=to_field, class_name=INLINE),
            class_name="mt-3 text-sm text-muted",
        ),
    )
    ready = post_form(
        rx.el.input(type="hidden", name="line", value=State.line, read_only=True),
        rx.el.input(type="hidden", name="fingerprint", value=State.fingerprint, read_only=True),
        rx.el.input(type="hidden", name="idempotency_key", value=State.order_key, read_only=True),
        rx.el.button(
            rx.el.span(t("checkout.place"), class_name="group-data-[sent=true]/place:hidden"),
            rx.el.span(t("checkout.placing_now"), class_name="hidden group-data-[sent=true]/place:inline"),
            type="submit",
            class_name=button,
        ),
        sent_once("place"),
        id="place",
        action=routes.API_ORDERS,
        class_name="group/place",
    )
    return rx.el.div(
        cond(State.ready, ready, waits),
        rx.el.p(t("checkout.place_after"), class_name="mt-3 text-sm text-muted"),
        class_name="mt-5",
    )
