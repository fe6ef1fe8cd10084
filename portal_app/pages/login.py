"""Sign-in: a native form, so the password goes straight to the HTTP door."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.form_effects import show_typed
from portal_app.components.forms import told, ways
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, FIELD, INLINE, PRIMARY
from portal_app.components.links import link, post_form
from portal_app.components.shell import public_shell
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond, match
from portal_app.state.login import LoginState

REFUSALS = (
    "sign_in.refused",
    "sign_in.locked",
    "sign_in.busy",
    "sign_in.unavailable",
    "sign_in.email_missing",
    "sign_in.email_invalid",
    "sign_in.password_missing",
    "problem.session_over",
    "password.already_set",
    "mfa.over",
)
NOTICES = ("reset.done", "email_change.done")


def login_page() -> rx.Component:
    """One card in the middle of the page."""
    return public_shell(
        rx.el.div(
            rx.el.h1(t("sign_in.title"), tab_index=-1, class_name="text-2xl font-bold tracking-tight"),
            rx.el.p(t("sign_in.lead"), class_name="mt-1 mb-6 text-sm text-muted"),
            cond(LoginState.notice != "", told(by_key(LoginState.notice, NOTICES))),
            _refusal(),
            _form(),
            ways(
                (t("sign_in.new"), t("signup.title"), routes.SIGN_UP),
                (t("signup.have_billing"), t("link.title"), routes.LINK),
            ),
            rx.el.p(t("sign_in.trouble"), class_name="mt-4 text-sm text-muted"),
            class_name=f"{CARD} mx-auto w-full max-w-md p-6 sm:mt-6 sm:p-8",
        ),
        sign_in=False,
    )


def _form() -> rx.Component:
    return post_form(
        _label("email", t("sign_in.email")),
        rx.el.input(
            id="email",
            name="email",
            type="email",
            auto_complete="username",
            input_mode="email",
            spell_check=False,
            required=True,
            max_length=254,
            # Uncontrolled, so typing sends nothing; a new key fills in what the refused form had.
            key=LoginState.email,
            default_value=LoginState.email,
            aria_describedby="refusal",
            aria_invalid=cond(LoginState.field == "email", "true", "false"),
            class_name=FIELD,
        ),
        _label("password", t("sign_in.password")),
        rx.el.div(
            rx.el.input(
                id="password",
                name="password",
                type="password",
                auto_complete="current-password",
                required=True,
                max_length=1024,
                aria_describedby="refusal",
                aria_invalid=cond(LoginState.field == "password", "true", "false"),
                class_name=f"{FIELD} pr-12",
            ),
            rx.el.button(
                icon("eye", "size-5"),
                rx.el.span(t("sign_in.show"), class_name="sr-only"),
                type="button",
                title=t("sign_in.show"),
                aria_pressed="false",
                on_click=show_typed,
                class_name="absolute inset-y-0 right-0 flex w-11 cursor-pointer items-center justify-center rounded-lg "
                "text-muted hover:text-ink aria-pressed:text-accent",
            ),
            class_name="relative",
        ),
        rx.el.p(
            link(t("sign_in.forgot"), to=routes.FORGOT_PASSWORD, class_name=f"{INLINE} inline-block min-h-6 text-sm"),
            class_name="mt-2 text-right",
        ),
        rx.el.input(type="hidden", name="next", value=LoginState.next, read_only=True),
        rx.el.button(t("sign_in.submit"), type="submit", class_name=f"{PRIMARY} mt-6 w-full text-base"),
        action=routes.API_LOGIN,
    )


def _label(field: str, text: Any) -> rx.Component:
    return rx.el.label(text, html_for=field, class_name="mt-4 mb-1.5 block text-sm font-semibold first:mt-0")


def _refusal() -> rx.Component:
    return rx.el.div(
        cond(
            LoginState.error != "",
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.div(
                    rx.el.p(_reason()),
                    cond(
                        LoginState.minutes != "",
                        rx.el.p(t("sign_in.wait_minutes", minutes=LoginState.minutes), class_name="num mt-1"),
                    ),
                    cond(
                        LoginState.seconds != "",
                        rx.el.p(t("sign_in.wait_seconds", seconds=LoginState.seconds), class_name="num mt-1"),
                    ),
                ),
                class_name="mb-5 flex gap-3 rounded-lg bg-bad-soft p-3 text-sm text-bad",
            ),
        ),
        id="refusal",
        role="alert",
    )


def _reason() -> Any:
    return match(LoginState.error, *((key, t(key)) for key in REFUSALS), t("sign_in.failed"))
