"""The link in the mail to a new e-mail address."""

import reflex as rx

from portal_app import routes
from portal_app.components.forms import way
from portal_app.components.text import t
from portal_app.components.token_form import with_token
from portal_app.state.confirm_email import ConfirmEmailState


def confirm_email_page() -> rx.Component:
    """One button: a look at the link changes nothing, so no mail scanner confirms an address."""
    return with_token(
        ConfirmEmailState,
        action=routes.API_CONFIRM_EMAIL,
        submit=t("confirm_email.submit"),
        title=t("confirm_email.title"),
        lead=t("confirm_email.lead"),
        renew=way(t("confirm_email.renew"), routes.SECURITY),
    )
