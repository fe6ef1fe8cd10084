"""The account page: every subject of a customer's own, how it stands, and the page that is about it."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.address_fields import address_lines, moved
from portal_app.components.feedback import skeleton
from portal_app.components.icons import icon
from portal_app.components.kit import SECONDARY, card, page_heading
from portal_app.components.links import link
from portal_app.components.shell import shell
from portal_app.components.status import check_badge, document_badge, second_factor_badge
from portal_app.components.text import t
from portal_app.priming.choices import cond, match
from portal_app.state.account import AccountState as State


def account_page() -> rx.Component:
    """Who the customer is, how they sign in and pay; below it what staff check for them."""
    return shell(
        page_heading(t("account.title"), t("account.lead")),
        moved(State.notice),
        rx.el.div(
            _subject("person", t("profile.title"), _person(), t("account.profile_link"), routes.PROFILE),
            _subject("home", t("address.title"), _address(), _add_or_change(), routes.ADDRESS),
            _subject("vpn", t("security.title"), _security(), t("account.security_link"), routes.SECURITY),
            _subject("card", t("account.payments"), _payments(), t("account.payments_link"), routes.PAYMENT_METHODS),
            _subject(
                "bell",
                t("account.notifications"),
                rx.el.p(t("account.notifications_body"), class_name="text-sm text-muted"),
                t("account.notifications_link"),
                routes.NOTIFICATIONS,
            ),
            _subject(
                "internet",
                t("availability.title"),
                rx.fragment(_badge(State.availability, check_badge), _hint(t("account.availability"))),
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


def _person() -> rx.Component:
    held = State.profile
    return match(
        State.known,
        ("loading", skeleton("h-5 w-40", "h-5 w-48", "h-5 w-32")),
        (
            "held",
            rx.el.div(
                rx.el.p(held.name, class_name="font-medium"),
                rx.el.p(held.email, class_name="text-muted"),
                rx.el.p(held.phone, class_name="num text-muted"),
                cond(
                    held.customer_number == "",
                    rx.fragment(),
                    rx.el.p(
                        t("account.customer_number", number=held.customer_number),
                        class_name="num mt-2 text-sm text-muted",
                    ),
                ),
                id="person",
                class_name="wrap-anywhere",
            ),
        ),
        _unknown(),
    )


def _address() -> rx.Component:
    return match(
        State.filed,
        ("loading", skeleton("h-5 w-40", "h-5 w-48", "h-5 w-24")),
        ("held", address_lines(State.address)),
        ("none", rx.el.p(t("address.none"), class_name="text-muted")),
        _unknown(),
    )


def _add_or_change() -> Any:
    return cond(State.filed == "none", t("settings.add"), t("settings.change"))


def _security() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            t("security.second_factor"),
            " ",
            _badge(State.second_factor, second_factor_badge),
            class_name="flex flex-wrap items-center gap-2",
        ),
        cond(
            State.sessions == "",
            rx.fragment(),
            cond(
                State.sessions == "1",
                _hint(t("account.signed_in_here")),
                _hint(t("account.signed_in", count=State.sessions)),
            ),
        ),
    )


def _payments() -> rx.Component:
    return match(
        State.pay.standing,
        ("loading", skeleton("h-5 w-40")),
        ("held", rx.el.p(State.pay.label, class_name="num font-medium wrap-anywhere")),
        ("none", rx.el.p(t("account.payments_none"), class_name="text-muted")),
        ("expired", rx.el.p(t("account.payments_expired"), class_name="font-medium text-bad")),
        _unknown(),
    )


def _badge(standing: Any, badge: Any) -> rx.Component:
    return cond(standing == "loading", skeleton("h-6 w-32"), badge(standing))


def _hint(sentence: Any) -> rx.Component:
    return rx.el.p(sentence, class_name="mt-3 text-sm text-muted")


def _unknown() -> rx.Component:
    return rx.el.p(t("common.unknown"), class_name="text-muted")
