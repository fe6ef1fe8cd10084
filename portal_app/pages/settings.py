"""The account page: the address and the two checks, each with the page that is about it."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.address_fields import address_lines, moved
from portal_app.components.feedback import skeleton
from portal_app.components.icons import icon
from portal_app.components.kit import SECONDARY, card, page_heading
from portal_app.components.links import link
from portal_app.components.shell import shell
from portal_app.components.status import check_badge, document_badge
from portal_app.components.text import t
from portal_app.state.settings import SettingsState as State


def settings_page() -> rx.Component:
    """Three subjects side by side."""
    return shell(
        page_heading(t("settings.title"), t("settings.lead")),
        moved(State.notice),
        rx.el.div(
            _subject(
                "home",
                t("address.title"),
                _address(),
                rx.cond(State.filed == "none", t("settings.add"), t("settings.change")),
                routes.ADDRESS,
            ),
            _subject(
                "internet",
                t("availability.title"),
                rx.fragment(_badge(State.availability, check_badge), _hint(t("settings.availability"))),
                t("settings.details"),
                routes.AVAILABILITY,
            ),
            _subject(
                "identity",
                t("document.title"),
                rx.fragment(_badge(State.document, document_badge), _hint(t("document.lead"))),
                t("settings.details"),
                routes.VERIFICATION,
            ),
            class_name="grid grid-cols-1 gap-4 sm:gap-6 md:grid-cols-2 lg:grid-cols-3",
        ),
        current="account",
    )


def _subject(name: str, title: Any, body: rx.Component, label: Any, to: str) -> rx.Component:
    return card(
        rx.el.div(
            rx.el.span(
                icon(name, "size-5"),
                class_name="flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent",
            ),
            rx.el.h2(title, id=f"{name}-title", class_name="min-w-0 font-semibold"),
            class_name="mb-4 flex items-center gap-3",
        ),
        rx.el.div(body, class_name="mb-5 grow"),
        rx.el.div(link(label, to=to, id=f"{name}-link", aria_describedby=f"{name}-title", class_name=SECONDARY)),
        aria_labelledby=f"{name}-title",
        class_name="flex flex-col",
    )


def _address() -> rx.Component:
    return rx.match(
        State.filed,
        ("loading", skeleton("h-5 w-40", "h-5 w-48", "h-5 w-24")),
        ("held", address_lines(State.address)),
        ("none", rx.el.p(t("address.none"), class_name="text-muted")),
        rx.el.p(t("common.unknown"), class_name="text-muted"),
    )


def _badge(standing: Any, badge: Any) -> rx.Component:
    return rx.cond(standing == "loading", skeleton("h-6 w-32"), badge(standing))


def _hint(sentence: Any) -> rx.Component:
    return rx.el.p(sentence, class_name="mt-3 text-sm text-muted")
