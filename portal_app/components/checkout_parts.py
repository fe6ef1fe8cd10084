"""The parts of the checkout: what is ordered, where it goes, how it is paid, the document, the terms.

Each says whether something is still to do in it.
"""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.checkout_effects import tick_box
from portal_app.components.icons import icon
from portal_app.components.kit import BUTTON, INLINE, SECONDARY, card
from portal_app.components.links import link
from portal_app.components.paying import methods_form
from portal_app.components.price_box import item_list
from portal_app.components.status import BADGE, GOOD, WARN
from portal_app.components.text import t
from portal_app.priming.choices import cond, each
from portal_app.state.checkout import CheckoutState as State
from portal_app.state.checkout_rows import FactRow

OPEN = State.standing == "open"


def what_part() -> rx.Component:
    """Items, prices and answers."""
    return _part(
        "what",
        t("checkout.what"),
        State.parts.what,
        item_list(State.items),
        _facts(),
        beside=cond(OPEN, _change(t("checkout.what"), State.view.wizard_href), rx.fragment()),
    )


def where_part() -> rx.Component:
    """The address, and for an installation whether it is the right one."""
    view = State.view
    held = rx.el.div(
        rx.el.address(
            rx.el.span(view.address_1, class_name="block"),
            rx.el.span(view.address_2, class_name="block"),
            rx.el.span(view.address_3, class_name="num block"),
            class_name="break-words not-italic",
        ),
        cond(
            view.installed,
            rx.fragment(cond(view.available, _good(t("checkout.available")), rx.fragment()), _confirm()),
            rx.fragment(),
        ),
    )
    return _part(
        "where",
        view.where,
        State.parts.where,
        cond(view.address == "held", held, rx.el.p(view.address_words, class_name="text-muted")),
        beside=cond(view.address == "unknown", rx.fragment(), _change(view.where, view.address_href)),
    )


def pay_part() -> rx.Component:
    """How it will be paid, with the way to WHMCS."""
    view = State.view
    way = cond(view.pay == "none", t("checkout.fix.payment"), t("checkout.pay_change"))
    return _part(
        "pay",
        t("checkout.pay"),
        State.parts.pay,
        rx.el.p(view.pay_label, class_name=cond(view.pay == "held", "num font-medium break-words", "text-muted")),
        cond(
            view.pay_until == "",
            rx.fragment(),
            rx.el.p(t("checkout.pay_until", day=view.pay_until), class_name="num text-sm text-muted"),
        ),
        rx.el.div(
            to_billing(way, SECONDARY),
            link(t("service.methods"), to=routes.PAYMENT_METHODS, class_name=f"{INLINE} text-sm"),
            class_name="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2",
        ),
    )


def document_part() -> rx.Component:
    """How the identity document stands."""
    view = State.view
    return _part(
        "document",
        t("document.title"),
        State.parts.document,
        rx.el.p(view.document_words, class_name="text-muted"),
        cond(
            view.document_reason == "",
            rx.fragment(),
            rx.el.p(t("checkout.document_reason", reason=view.document_reason), class_name="mt-2 text-sm text-bad"),
        ),
        cond(
            (view.document == "not_submitted") | (view.document == "rejected"),
            link(t("checkout.fix.document"), to=view.document_href, class_name=f"{SECONDARY} mt-3"),
            rx.fragment(),
        ),
    )


def terms_part() -> rx.Component:
    """The papers and the tick."""
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
            cond(
                State.accepted_at == "",
                "",
                rx.el.span(" · ", t("checkout.terms_accepted", time=State.accepted_at)),
            ),
            class_name="num mt-3 text-sm text-muted",
        ),
    )


def to_billing(label: Any, class_name: str) -> rx.Component:
    """To where ways to pay are kept, in a new tab; this one looks again when the customer comes back."""
    return methods_form(label, State.view.here, class_name)


def _part(name: str, title: Any, missing: Any, *children: Any, beside: Any = None) -> rx.Component:
    """One part of the order, and whether it is ready."""
    return card(
        rx.el.div(
            rx.el.h2(title, id=f"{name}-title", class_name="text-base font-semibold"),
            cond(OPEN, _mark(missing), rx.fragment()),
            rx.fragment() if beside is None else rx.el.div(beside, class_name="ml-auto"),
            class_name="mb-4 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1",
        ),
        *children,
        aria_labelledby=f"{name}-title",
        custom_attrs={"data-part": name},
    )


def _mark(missing: Any) -> rx.Component:
    return cond(
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


def _facts() -> rx.Component:
    return cond(
        State.facts,
        rx.el.dl(
            each(State.facts, _fact),
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


def _good(sentence: Any) -> rx.Component:
    return rx.el.p(icon("check", "mt-0.5 size-4"), sentence, class_name="mt-3 flex gap-2 text-sm text-good")


def _confirm() -> rx.Component:
    """The button stays once it was pressed, so that the focus does; pressed again it changes nothing."""
    view = State.view
    return rx.el.div(
        cond(view.confirmed, rx.fragment(), rx.el.p(t("checkout.where_question"), class_name="mt-3 font-medium")),
        rx.el.button(
            cond(view.confirmed, icon("check", "size-4"), rx.fragment()),
            cond(view.confirmed, t("checkout.where_confirmed"), t("checkout.where_yes")),
            id="confirm-address",
            type="button",
            on_click=State.confirm_address(view.address_mark),
            custom_attrs={"data-confirmed": cond(view.confirmed, "true", "false")},
            class_name=f"{BUTTON} mt-3 border border-line bg-card text-left whitespace-normal hover:bg-sunken "
            "data-[confirmed=true]:border-transparent data-[confirmed=true]:bg-good-soft "
            "data-[confirmed=true]:text-good",
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
