"""What is asked in a wizard: cards to choose from, and fields that belong to one of the cards."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.components.text import t
from portal_app.priming.choices import cond, each

CHOICE = (
    "flex cursor-pointer items-start gap-3 rounded-xl border border-edge bg-card p-4 hover:border-accent "
    "has-[:checked]:border-accent has-[:checked]:bg-accent-soft has-[:checked]:ring-1 has-[:checked]:ring-accent"
)
MARK = "mt-0.5 size-5 shrink-0 accent-accent"


def radios(state: Any, name: str, legend: Any, *cards: Any, columns: bool = False) -> rx.Component:
    """One choice out of several cards, with the reason when none or a wrong one was chosen."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="mb-3 font-semibold"),
        rx.el.div(*cards, class_name=f"grid gap-3 {'sm:grid-cols-2' if columns else ''}"),
        rx.el.p(state.errors[name], id=f"{name}-error", class_name="mt-2 text-sm font-medium text-bad empty:hidden"),
        role="radiogroup",
        aria_invalid=cond(state.errors[name], "true", "false"),
        aria_describedby=f"{name}-error",
        class_name="min-w-0",
    )


def radio(name: str, value: Any, title: Any, *body: Any, price: Any = None, **props: Any) -> rx.Component:
    """One card: what it is, what it means, and what it costs at its right."""
    return _card(rx.el.input(type="radio", name=name, value=value, class_name=MARK, **props), title, body, price)


def box(name: Any, title: Any, *body: Any, price: Any = None, **props: Any) -> rx.Component:
    """A card that is ticked by itself."""
    mark = rx.el.input(type="checkbox", name=name, value="on", class_name=MARK, **props)
    return _card(mark, title, body, price)


def _card(mark: rx.Component, title: Any, body: Sequence[Any], price: Any) -> rx.Component:
    return rx.el.label(
        mark,
        rx.el.span(
            rx.el.span(
                rx.el.span(title, class_name="block font-semibold break-words"),
                *(rx.el.span(line, class_name="block text-sm text-muted") for line in body),
                class_name="min-w-0 flex-1 basis-40",
            ),
            rx.el.span(price, class_name="num text-sm") if price is not None else rx.fragment(),
            class_name="flex min-w-0 grow flex-wrap items-baseline justify-between gap-x-4 gap-y-1",
        ),
        class_name=CHOICE,
    )


def option_boxes(state: Any) -> rx.Component:
    """The options of a plan; each is kept and priced as soon as it is ticked."""
    return rx.el.fieldset(
        rx.el.legend(t("wizard.options.legend"), class_name="mb-3 font-semibold"),
        rx.el.div(each(state.options, lambda row: _option(state, row)), class_name="grid gap-3"),
        class_name="min-w-0",
    )


def _option(state: Any, row: Any) -> rx.Component:
    return box(
        row.field,
        row.name,
        price=rx.fragment(
            cond(
                row.monthly != "",
                rx.el.span(t("wizard.monthly", amount=row.monthly), class_name="block font-semibold sm:text-right"),
            ),
            cond(
                row.once != "",
                rx.el.span(t("wizard.paid_once", amount=row.once), class_name="block text-muted sm:text-right"),
            ),
        ),
        on_change=lambda chosen: state.choose_option(row.sku, chosen),
        key=row.sku,
        custom_attrs={"data-option": row.sku},
    )
