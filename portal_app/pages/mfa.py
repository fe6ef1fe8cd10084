"""The code after the password."""

import reflex as rx

from portal_app import routes
from portal_app.components.code_field import code_field, recovery_form
from portal_app.components.forms import form, form_card, refusal, ways
from portal_app.components.text import t
from portal_app.state.mfa import MfaState


def mfa_page() -> rx.Component:
    """Six digits, and a way for whoever lost what makes them."""
    return form_card(
        refusal(MfaState, {"code": t("mfa.code")}),
        form(
            MfaState,
            code_field(MfaState),
            rx.el.input(type="hidden", name="next", value=MfaState.next, read_only=True),
            action=routes.API_MFA,
            submit=t("mfa.submit"),
        ),
        recovery_form(MfaState, action=routes.API_MFA, submit=t("mfa.recovery_submit")),
        ways((t("mfa.not_you"), t("mfa.start_over"), routes.LOGIN)),
        title=t("mfa.title"),
        lead=t("mfa.lead"),
        sign_in=False,
    )
