"""The checkout: what is missing on top, then every part of the order, what it costs, and the one button that orders."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.checkout_effects import on_coming_back, sent_once, tick_box
from portal_app.components.feedback import notice, notice_box, skeleton, unavailable
from portal_app.components.form_effects import to_field
from portal_app.components.icons import icon
from portal_app.components.kit import BUTTON, CARD, INLINE, PRIMARY, SECONDARY, card, empty_state, page_heading
from portal_app.components.links import link, post_form
from portal_app.components.price_box import item_list, price_box
from portal_app.components.shell import shell
from portal_app.components.status import BADGE, GOOD, WARN
from portal_app.components.text import t
from portal_app.state.checkout import CheckoutState as State
from portal_app.state.checkout_rows import FactRow, GateRow

TROUBLES = ("checkout.unavailable",)
SMALL = f"{SECONDARY} min-h-10 py-1.5"
_READY = rx.State.is_hydrated & (State.found != "loading")
_OPEN = State.standing == "open"


def checkout_page() -> rx.Component:
    """One heading through all states, so that focus stays on it while the offer arrives."""
    return shell(
        on_coming_back(f"{State.get_full_name()}.look_again"),
        page_heading(t("checkout.title"), rx.cond(_OPEN, t("checkout.lead"), "")),
        notice(State.trouble, TROUBLES),
        rx.el.div(
            rx.cond(
                _READY,
                rx.match(
                    State.found,
                    ("found", _offer()),
                    ("none", card(_nothing())),
                    card(unavailable(State.look_again, False)),
                ),
                card(skeleton("h-6 w-56", "h-5 w-40", "h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            id="checkout",
            custom_attrs={"data-standing": rx.cond(_READY, State.standing, "")},
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
        rx.cond(_OPEN, rx.fragment(_messages(), _gates()), _submitted()),
        rx.el.div(
            rx.el.div(
                _what(),
                rx.cond(
                    _OPEN,
                    rx.fragment(
                        _where(),
                        _pay(),
                        rx.cond(State.view.document == "not_needed", rx.fragment(), _document()),
                        _terms(),
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
            rx.el.p(link(t("nav.orders"), to=routes.ORDERS, class_name=INLINE), class_name="mt-3"),
            class_name="min-w-0",
        ),
        role="status",
        class_name="mb-4 flex gap-4 rounded-xl bg-accent-soft p-5 sm:mb-6 sm:p-6",
    )


def _messages() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.cond(
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
            rx.cond(
                State.told == "",
                rx.fragment(),
                rx.el.p(
                    icon("check", "mt-0.5 size-5"),
                    State.told,
                    class_name="mb-6 flex gap-3 rounded-xl bg-good-soft p-4 text-sm text-good",
                ),
            ),
            rx.cond(State.repriced, notice_box(t("checkout.price_changed"))),
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
        rx.el.ul(rx.foreach(State.gates, _gate), id="gates", class_name="flex flex-col px-4 sm:px-6"),
        aria_labelledby="missing-title",
        class_name=CARD,
    )
    all_set = rx.el.p(
        icon("check", "mt-0.5 size-5"),
        t("checkout.all_set"),
        class_name="flex gap-3 rounded-xl bg-good-soft p-4 text-sm font-medium text-good",
    )
    return rx.el.div(
        rx.el.p(rx.cond(State.ready, t("checkout.all_set"), State.to_do), role="status", class_name="sr-only"),
        rx.cond(State.gates, missing, rx.cond(State.ready, all_set, rx.fragment())),
        id="missing",
        tab_index=-1,
        class_name="mb-4 focus:outline-none sm:mb-6",
    )


def _gate(gate: rx.Var[GateRow]) -> rx.Component:
    here = rx.el.a(gate.label, href=gate.href, on_click=to_field, class_name=SMALL)
    again = rx.el.button(gate.label, type="button", on_click=State.look_again, class_name=SMALL)
    return rx.el.li(
        rx.el.p(gate.sentence, class_name="min-w-0 grow basis-60"),
        rx.match(
            gate.way,
            ("page", link(gate.label, to=gate.href, class_name=SMALL)),
            ("here", here),
            ("payment", _to_billing(gate.label, SMALL)),
            ("retry", again),
            rx.fragment(),
        ),
        key=gate.key,
        custom_attrs={"data-gate": gate.key},
        class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-3 "
        "last:border-b-0",
    )


def _to_billing(label: Any, class_name: str) -> rx.Component:
    """To where ways to pay are kept, in a new tab; this one looks again when the customer comes back."""
    return post_form(
        rx.el.input(type="hidden", name="returnTo", value=State.view.here, read_only=True),
        rx.el.button(
            label,
            icon("external", "size-4"),
            rx.el.span(" (", t("common.new_tab"), ")", class_name="sr-only"),
            type="submit",
            class_name=class_name,
        ),
        action=routes.API_PAYMENTS_SSO,
        target="_blank",
        rel="noopener",
    )


def _part(name: str, title: Any, missing: Any, *children: Any, beside: Any = None) -> rx.Component:
    """One part of the order, and whether it is ready."""
    return card(
        rx.el.div(
            rx.el.h2(title, id=f"{name}-title", class_name="text-base font-semibold"),
            rx.cond(_OPEN, _mark(missing), rx.fragment()),
            rx.fragment() if beside is None else rx.el.div(beside, class_name="ml-auto"),
            class_name="mb-4 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1",
        ),
        *children,
        aria_labelledby=f"{name}-title",
        custom_attrs={"data-part": name},
    )


def _mark(missing: Any) -> rx.Component:
    return rx.cond(
        missing,
        rx.el.span(t("checkout.needed"), class_name=f"{BADGE} {WARN}"),
        rx.el.span(icon("check", "size-3.5"), t("checkout.ready"), class_name=f"{BADGE} {GOOD}"),
    )


def _change(what: Any, to: Any) -> rx.Component:
    """A short link whose full sense is heard."""
    return link(
        t("checkout.change_choices"),
        to=to,
        aria_label=t("checkout.change_for", what=what),
        class_name=f"{INLINE} inline-flex min-h-8 items-center text-sm",
    )


def _what() -> rx.Component:
    return _part(
        "what",
        t("checkout.what"),
        State.parts.what,
        item_list(State.items),
        _facts(),
        beside=rx.cond(_OPEN, _change(t("checkout.what"), State.view.wizard_href), rx.fragment()),
    )


def _facts() -> rx.Component:
    return rx.cond(
        State.facts,
        rx.el.dl(
            rx.foreach(State.facts, _fact),
            class_name="mt-4 grid gap-x-6 gap-y-3 border-t border-line pt-4 text-sm sm:grid-cols-2",
        ),
        rx.fragment(),
    )


def _fact(fact: rx.Var[FactRow]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label, class_name="text-muted"),
        rx.el.dd(fact.value, class_name="num mt-0.5 font-medium break-words"),
        key=fact.label,
    )


def _where() -> rx.Component:
    view = State.view
    held = rx.el.div(
        rx.el.address(
            rx.el.span(view.address_1, class_name="block"),
            rx.el.span(view.address_2, class_name="block"),
            rx.el.span(view.address_3, class_name="num block"),
            class_name="break-words not-italic",
        ),
        rx.cond(
            view.installed,
            rx.fragment(rx.cond(view.available, _good(t("checkout.available")), rx.fragment()), _confirm()),
            rx.fragment(),
        ),
    )
    return _part(
        "where",
        view.where,
        State.parts.where,
        rx.cond(view.address == "held", held, rx.el.p(view.address_words, class_name="text-muted")),
        beside=rx.cond(view.address == "unknown", rx.fragment(), _change(view.where, view.address_href)),
    )


def _good(sentence: Any) -> rx.Component:
    return rx.el.p(icon("check", "mt-0.5 size-4"), sentence, class_name="mt-3 flex gap-2 text-sm text-good")


def _confirm() -> rx.Component:
    """The button stays once it was pressed, so that the focus does; pressed again it changes nothing."""
    view = State.view
    return rx.el.div(
        rx.cond(view.confirmed, rx.fragment(), rx.el.p(t("checkout.where_question"), class_name="mt-3 font-medium")),
        rx.el.button(
            rx.cond(view.confirmed, icon("check", "size-4"), rx.fragment()),
            rx.cond(view.confirmed, t("checkout.where_confirmed"), t("checkout.where_yes")),
            id="confirm-address",
            type="button",
            on_click=State.confirm_address(view.address_mark),
            custom_attrs={"data-confirmed": rx.cond(view.confirmed, "true", "false")},
            class_name=f"{BUTTON} mt-3 border border-line bg-card text-left whitespace-normal hover:bg-sunken "
            "data-[confirmed=true]:border-transparent data-[confirmed=true]:bg-good-soft "
            "data-[confirmed=true]:text-good",
        ),
    )


def _pay() -> rx.Component:
    view = State.view
    way = rx.cond(view.pay == "none", t("checkout.fix.payment"), t("checkout.pay_change"))
    return _part(
        "pay",
        t("checkout.pay"),
        State.parts.pay,
        rx.el.p(view.pay_label, class_name=rx.cond(view.pay == "held", "num font-medium break-words", "text-muted")),
        rx.cond(
            view.pay_until == "",
            rx.fragment(),
            rx.el.p(t("checkout.pay_until", day=view.pay_until), class_name="num text-sm text-muted"),
        ),
        rx.el.div(_to_billing(way, SECONDARY), class_name="mt-3"),
    )


def _document() -> rx.Component:
    view = State.view
    return _part(
        "document",
        t("document.title"),
        State.parts.document,
        rx.el.p(view.document_words, class_name="text-muted"),
        rx.cond(
            view.document_reason == "",
            rx.fragment(),
            rx.el.p(t("checkout.document_reason", reason=view.document_reason), class_name="mt-2 text-sm text-bad"),
        ),
        rx.cond(
            (view.document == "not_submitted") | (view.document == "rejected"),
            link(t("checkout.fix.document"), to=view.document_href, class_name=f"{SECONDARY} mt-3"),
            rx.fragment(),
        ),
    )


def _terms() -> rx.Component:
    view = State.view
    box = rx.el.label(
        rx.el.input(
            id="terms",
            type="checkbox",
            class_name="mt-0.5 size-5 shrink-0 accent-accent",
        ),
        rx.el.span(t("checkout.terms_tick")),
        class_name="flex min-h-6 cursor-pointer items-start gap-3",
    )
    papers = (("legal.terms", routes.TERMS), ("legal.privacy", routes.PRIVACY))
    return _part(
        "terms",
        t("checkout.terms_title"),
        State.parts.terms,
        rx.el.ul(
            *(rx.el.li(_paper(key, to)) for key, to in papers),
            class_name="mb-4 flex flex-wrap gap-x-6 gap-y-2 text-sm",
        ),
        box,
        tick_box(
            "terms",
            accepted=view.terms_accepted,
            answers=State.answers,
            handler=f"{State.get_full_name()}.accept_terms",
        ),
        rx.el.p(
            t("checkout.terms_version", version=view.terms_version),
            rx.cond(
                State.accepted_at == "",
                "",
                rx.el.span(" · ", t("checkout.terms_accepted", time=State.accepted_at)),
            ),
            class_name="num mt-3 text-sm text-muted",
        ),
    )


def _paper(key: str, to: str) -> rx.Component:
    return rx.el.a(
        t(key),
        icon("external", "size-3.5"),
        rx.el.span(" (", t("common.new_tab"), ")", class_name="sr-only"),
        href=to,
        target="_blank",
        rel="noopener",
        class_name=f"{INLINE} inline-flex min-h-6 items-center gap-1",
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
        rx.cond(_OPEN, _place(), rx.fragment()),
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
        rx.cond(State.ready, ready, waits),
        rx.el.p(t("checkout.place_after"), class_name="mt-3 text-sm text-muted"),
        class_name="mt-5",
    )
