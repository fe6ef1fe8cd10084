"""The small pieces every screen is made of: headings, cards, buttons, empty states."""

from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import link

BUTTON = (
    "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 py-2 text-sm font-semibold "
    "whitespace-nowrap cursor-pointer disabled:cursor-not-allowed"
)
PRIMARY = f"{BUTTON} bg-accent text-on-accent hover:bg-accent-hover disabled:bg-sunken disabled:text-muted"
SECONDARY = f"{BUTTON} border border-line bg-card text-ink hover:bg-sunken"
QUIET = f"{BUTTON} text-ink hover:bg-sunken"
INLINE = "font-medium text-accent underline underline-offset-4 decoration-1 hover:decoration-2"
CARD = "rounded-xl border border-line bg-card"
FIELD = "min-h-11 w-full rounded-lg border border-edge bg-card px-3 text-base text-ink placeholder:text-muted"
SR_ONLY = "sr-only"


def page_heading(title: Any, lead: Any = None, *beside: rx.Component) -> rx.Component:
    """The one h1 of a page; focus lands here after moving between pages."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1(title, tab_index=-1, class_name="text-2xl font-bold tracking-tight sm:text-3xl"),
            rx.el.p(lead, class_name="mt-1 text-muted") if lead is not None else rx.fragment(),
            class_name="min-w-0",
        ),
        *beside,
        class_name="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3",
    )


def card(*children: Any, class_name: str = "", **props: Any) -> rx.Component:
    """A bordered surface with the padding every card has."""
    return rx.el.section(*children, class_name=f"{CARD} p-5 sm:p-6 {class_name}", **props)


def card_heading(title: Any, *beside: rx.Component, id: str = "") -> rx.Component:
    """The h2 of a card with what belongs at its right."""
    return rx.el.div(
        rx.el.h2(title, class_name="text-base font-semibold", **({"id": id} if id else {})),
        *beside,
        class_name="mb-4 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2",
    )


def figure(label: Any, value: Any, note: Any = None, tone: str = "text-ink") -> rx.Component:
    """One number with its label and, below, what it is made of."""
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-muted"),
        rx.el.dd(value, class_name=f"num mt-1 text-2xl font-bold tracking-tight {tone}"),
        rx.el.dd(note, class_name="num mt-1 text-sm text-muted") if note is not None else rx.fragment(),
        class_name="min-w-0",
    )


def empty_state(icon_name: str, title: Any, body: Any, action: rx.Component | None = None) -> rx.Component:
    """Nothing to list: what that means, and the next action. No title where the heading of the page says it."""
    return rx.el.div(
        rx.el.div(icon(icon_name, "size-6"), class_name="rounded-full bg-accent-soft p-3 text-accent"),
        rx.el.p(title, class_name="mt-2 font-semibold") if title is not None else rx.fragment(),
        rx.el.p(body, class_name="max-w-md text-sm text-muted"),
        rx.el.div(action, class_name="mt-3") if action is not None else rx.fragment(),
        class_name="flex flex-col items-center gap-1 px-4 py-12 text-center",
    )


def arrow_link(label: Any, to: Any) -> rx.Component:
    """A quiet link to where more of the same is."""
    return link(
        label,
        icon("right", "size-4"),
        to=to,
        class_name="inline-flex min-h-6 items-center gap-1 text-sm font-semibold text-accent hover:underline",
    )
