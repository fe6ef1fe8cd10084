"""The Pay button: a form that posts in a new tab, so the page stays and can show the payment arrive."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, SECONDARY
from portal_app.components.links import post_form
from portal_app.components.status import BADGE, WARN
from portal_app.components.text import t
from portal_app.priming.choices import match


def pay_form(action: Any, label: Any, name: Any, class_name: str = PRIMARY) -> rx.Component:
    """Posts to the door that mints a payment link; `name` says which invoice, for those who do not see the row."""
    return post_form(
        rx.el.button(
            label,
            icon("external", "size-4"),
            rx.el.span(name, " (", t("common.new_tab"), ")", class_name="sr-only"),
            type="submit",
            class_name=class_name,
        ),
        action=action,
        target="_blank",
        rel="noopener",
        class_name="print:hidden",
    )


def methods_form(label: Any, back: Any, class_name: str = SECONDARY) -> rx.Component:
    """To where ways to pay are kept, in a new tab. `back`: our page that says why, when the door cannot open."""
    return post_form(
        rx.el.input(type="hidden", name="returnTo", value=back, read_only=True),
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


def pay_paused(label: Any, class_name: str = PRIMARY) -> rx.Component:
    """Pay while WHMCS cannot be reached."""
    return rx.el.button(label, type="button", disabled=True, class_name=f"{class_name} print:hidden")


def waiting_badge() -> rx.Component:
    """The payment page was opened; nothing has arrived yet."""
    return rx.el.span(icon("clock", "size-3.5"), t("billing.waiting"), class_name=f"{BADGE} {WARN}")


def row_payment(row: Any) -> rx.Component:
    """What a row of a list offers about paying it."""
    small = f"{SECONDARY} w-full md:min-h-9 md:w-auto md:py-1"
    return match(
        row.paying,
        ("open", pay_form(row.pay_action, t("billing.pay"), row.number, small)),
        ("paused", pay_paused(t("billing.pay"), f"{small} opacity-60")),
        ("waiting", waiting_badge()),
        rx.fragment(),
    )
