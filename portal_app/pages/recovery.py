"""Mailed links and passwords: check your mail, confirm an address, choose a password."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.forms import (
    EMAIL,
    field,
    form,
    form_card,
    new_password,
    old_password,
    refusal,
    way,
    ways,
)
from portal_app.components.kit import QUIET
from portal_app.components.links import post_form
from portal_app.components.text import t
from portal_app.components.token_form import with_token
from portal_app.priming.choices import cond
from portal_app.state.recovery import (
    CheckMailState,
    ForgotPasswordState,
    ResetPasswordState,
    SetPasswordState,
    VerifyEmailState,
)


def check_mail_page() -> rx.Component:
    """The same for every address, known or not (P5)."""
    return form_card(
        refusal(CheckMailState, {"email": t("sign_in.email")}),
        rx.el.ol(
            rx.el.li(
                cond(
                    CheckMailState.email != "",
                    t("check_mail.look_in", email=CheckMailState.email),
                    t("check_mail.look"),
                ),
                class_name="wrap-anywhere",
            ),
            rx.el.li(t("check_mail.open")),
            rx.el.li(t("check_mail.junk")),
            class_name="list-decimal space-y-2 rounded-lg bg-accent-soft py-4 pr-4 pl-9 text-sm",
        ),
        rx.el.details(
            rx.el.summary(
                t("check_mail.nothing"),
                class_name="mt-6 inline-block min-h-6 cursor-pointer text-sm font-semibold text-accent underline "
                "underline-offset-4",
            ),
            rx.el.p(t("check_mail.again_body"), class_name="mt-2 mb-4 text-sm text-muted"),
            form(
                CheckMailState,
                _email(CheckMailState, "email"),
                action=routes.API_RESEND_VERIFICATION,
                submit=t("check_mail.again"),
            ),
            open=cond(CheckMailState.error != "", True, False),
        ),
        ways(
            (t("check_mail.forgot"), t("forgot.again"), routes.FORGOT_PASSWORD),
            (t("signup.have_account"), t("common.sign_in"), routes.LOGIN),
        ),
        title=t("check_mail.title"),
        lead=t("check_mail.lead"),
    )


def verify_email_page() -> rx.Component:
    """The password chosen at sign-up proves that whoever reads the mail is who filled in the form."""
    return with_token(
        VerifyEmailState,
        old_password(VerifyEmailState, t("verify.password"), t("verify.password_hint")),
        action=routes.API_VERIFY_EMAIL,
        submit=t("verify.submit"),
        title=t("verify.title"),
        lead=t("verify.lead"),
        renew=way(t("verify.renew"), routes.CHECK_MAIL),
    )


def reset_password_page() -> rx.Component:
    """A new password for who holds the mailed link."""
    return with_token(
        ResetPasswordState,
        new_password(ResetPasswordState, t("reset.password")),
        action=routes.API_RESET_PASSWORD,
        submit=t("reset.submit"),
        title=t("reset.title"),
        lead=t("reset.lead"),
        renew=way(t("reset.renew"), routes.FORGOT_PASSWORD),
    )


def set_password_page() -> rx.Component:
    """The first password of a linked account; until it is set nothing else opens."""
    return form_card(
        refusal(SetPasswordState, {"password": t("reset.password")}, ("password.already_set",)),
        form(
            SetPasswordState,
            new_password(SetPasswordState, t("reset.password")),
            action=routes.API_SET_PASSWORD,
            submit=t("set_password.submit"),
        ),
        post_form(
            rx.el.button(t("common.sign_out"), type="submit", class_name=f"{QUIET} mt-3 w-full"),
            action=routes.API_LOGOUT,
        ),
        title=t("set_password.title"),
        lead=t("set_password.lead"),
        sign_in=False,
    )


def forgot_password_page() -> rx.Component:
    """Ask for a reset link; the answer never tells whether the address is known."""
    return form_card(
        refusal(ForgotPasswordState, {"email": t("sign_in.email")}),
        form(
            ForgotPasswordState,
            _email(ForgotPasswordState, "username"),
            action=routes.API_FORGOT_PASSWORD,
            submit=t("forgot.submit"),
        ),
        ways(
            (t("forgot.remembered"), t("common.sign_in"), routes.LOGIN),
            (t("signup.have_billing"), t("link.title"), routes.LINK),
        ),
        title=t("forgot.title"),
        lead=t("forgot.lead"),
    )


def _email(state: Any, auto_complete: str) -> rx.Component:
    return field(
        state,
        "email",
        t("sign_in.email"),
        EMAIL,
        type="email",
        auto_complete=auto_complete,
        input_mode="email",
        spell_check=False,
        max_length=254,
    )
