"""Linking a billing account: its e-mail and password once, or the code that is mailed after them."""

import reflex as rx

from portal_app import routes
from portal_app.components.forms import EMAIL, field, form, form_card, old_password, refusal, ways
from portal_app.components.text import t
from portal_app.state.linking import LinkCodeState, LinkState

REASONS = (
    "sign_in.refused",
    "link.no_client",
    "link.several_clients",
    "link.closed",
    "link.already_linked",
    "link.no_number",
    "link.no_account",
    "link.account_taken",
    "users.email_taken",
    "users.client_taken",
    "users.account_taken",
    "accounts.other_client",
)
CODE = ("link.code_wrong", "link.code_expired")


def link_page() -> rx.Component:
    """For who has a billing account and no portal account."""
    return form_card(
        refusal(LinkState, {"email": t("sign_in.email"), "password": t("link.password")}, REASONS),
        form(
            LinkState,
            field(
                LinkState,
                "email",
                t("link.email"),
                EMAIL,
                type="email",
                auto_complete="username",
                input_mode="email",
                spell_check=False,
                max_length=254,
            ),
            old_password(LinkState, t("link.password"), t("link.password_hint")),
            action=routes.API_LINK,
            submit=t("link.submit"),
            once=True,
            class_name="flex flex-col gap-5",
        ),
        ways(
            (t("link.have_account"), t("common.sign_in"), routes.LOGIN),
            (t("link.no_billing"), t("signup.title"), routes.SIGN_UP),
        ),
        title=t("link.title"),
        lead=t("link.lead"),
    )


def link_code_page() -> rx.Component:
    """Six digits from the mail."""
    return form_card(
        refusal(LinkCodeState, {"code": t("link.code")}, REASONS),
        form(
            LinkCodeState,
            field(
                LinkCodeState,
                "code",
                t("link.code"),
                CODE,
                hint=t("link.code_hint"),
                auto_complete="one-time-code",
                input_mode="numeric",
                max_length=12,
                spell_check=False,
            ),
            action=routes.API_LINK,
            submit=t("link.submit"),
        ),
        ways((t("link.code_missing"), t("link.code_again"), routes.LINK)),
        title=t("link.code_title"),
        lead=t("link.code_lead"),
    )
