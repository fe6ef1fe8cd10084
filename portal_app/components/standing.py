"""How something stands that staff decide about: a panel that says it in words, with what the customer may do."""

from typing import Any, Literal

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import SECONDARY
from portal_app.components.links import link
from portal_app.components.text import t

Tone = Literal["plain", "now", "good", "warn", "bad"]
_SURFACE = {
    "plain": "border border-line bg-card",
    "now": "bg-accent-soft",
    "good": "bg-good-soft",
    "warn": "bg-warn-soft",
    "bad": "bg-bad-soft",
}
_INK = {"plain": "text-accent", "now": "text-accent", "good": "text-good", "warn": "text-warn", "bad": "text-bad"}


def panel(tone: Tone, icon_name: str, title: Any, *body: Any) -> rx.Component:
    """The title is an h2; plain sentences in `body` become paragraphs."""
    return rx.el.div(
        rx.el.span(icon(icon_name, "size-6"), class_name=f"mt-0.5 shrink-0 {_INK[tone]}"),
        rx.el.div(
            rx.el.h2(title, class_name=f"text-lg font-semibold text-balance {'' if tone == 'plain' else _INK[tone]}"),
            *(part if isinstance(part, rx.Component) else rx.el.p(part) for part in body),
            class_name="flex min-w-0 grow flex-col gap-2",
        ),
        class_name=f"flex gap-3 rounded-xl p-5 sm:gap-4 sm:p-6 {_SURFACE[tone]}",
    )


def unlinked_panel() -> rx.Component:
    """For a customer whose billing account nobody has linked yet: nothing here can be asked for them."""
    return panel(
        "warn",
        "alert",
        t("settings.unlinked"),
        t("settings.unlinked_body"),
        rx.el.div(link(t("link.title"), to=routes.LINK, class_name=f"{SECONDARY} mt-2")),
    )


def back_link(label: Any, to: Any) -> rx.Component:
    """Above the heading of a page that was opened from another one."""
    return link(
        icon("left", "size-4"),
        label,
        to=to,
        class_name="mb-3 inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
    )
