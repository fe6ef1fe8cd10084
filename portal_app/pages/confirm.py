"""Who is it? Asked again before something that matters."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.code_field import code_field, recovery_form
from portal_app.components.feedback import skeleton
from portal_app.components.forms import field, form, form_card, refusal
from portal_app.components.kit import QUIET
from portal_app.components.links import link
from portal_app.components.text import t
from portal_app.priming.choices import match
from portal_app.state.confirm import ConfirmState

PASSWORD = ("confirm.wrong", "sign_in.password_missing")


def confirm_page() -> rx.Component:
    """The password, or a code where a second factor is on; then on to where it was asked for."""
    return form_card(
        refusal(
            ConfirmState,
            {"password": t("sign_in.password"), "code": t("mfa.code")},
        ),
        match(
            ConfirmState.by,
            ("password", _form(_password())),
            (
                "code",
                rx.fragment(
                    _form(code_field(ConfirmState)),
                    recovery_form(ConfirmState, action=routes.API_CONFIRM, submit=t("mfa.recovery_submit")),
                ),
            ),
            skeleton("h-5 w-32", "h-11 w-full", "h-11 w-full"),
        ),
        link(t("confirm.not_now"), to=routes.DASHBOARD, class_name=f"{QUIET} mt-3 w-full"),
        title=t("confirm.title"),
        lead=t("confirm.lead"),
        sign_in=False,
    )


def _form(asked: rx.Component) -> rx.Component:
    return form(
        ConfirmState,
        asked,
        rx.el.input(type="hidden", name="next", value=ConfirmState.next, read_only=True),
        action=routes.API_CONFIRM,
        submit=t("confirm.submit"),
    )


def _password() -> Any:
    return field(
        ConfirmState,
        "password",
        t("sign_in.password"),
        PASSWORD,
        type="password",
        auto_complete="current-password",
        auto_focus=True,
        max_length=1024,
    )
