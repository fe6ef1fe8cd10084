"""The mails about an account's own safety: always sent, in no list of preferences."""

from typing import Final

from portal_app.integrations.mail.template import Template


def _told(subject: str, *paragraphs: str) -> Template:
    """Something was changed; the way out for whom it was not."""
    return Template(
        subject=subject,
        paragraphs=(*paragraphs, "mail.security.not_you"),
        button="mail.password_changed.button",
        page="forgot_password",
    )


SECURITY: Final[dict[str, Template]] = {
    "mfa_on": _told("mail.mfa_on.subject", "mail.mfa_on.what", "mail.mfa_on.then"),
    "mfa_off": _told("mail.mfa_off.subject", "mail.mfa_off.what"),
    "mfa_codes_renewed": _told("mail.mfa_codes_renewed.subject", "mail.mfa_codes_renewed.what"),
    "mfa_reset": _told("mail.mfa_reset.subject", "mail.mfa_reset.what", "mail.mfa_reset.then"),
    "recovery_code_used": Template(
        subject="mail.recovery_code_used.subject",
        paragraphs=("mail.recovery_code_used.what", "mail.recovery_code_used.device", "mail.security.not_you"),
        values=frozenset({"device"}),
        button="mail.password_changed.button",
        page="forgot_password",
    ),
    "email_change": Template(
        subject="mail.email_change.subject",
        paragraphs=("mail.email_change.what", "mail.email_change.then", "mail.nothing_changed"),
        button="mail.email_change.button",
        page="confirm_email",
        token=True,
    ),
    "email_change_taken": Template(
        subject="mail.email_change.subject",
        paragraphs=("mail.email_change_taken.what", "mail.email_change_taken.then", "mail.nothing_changed"),
        button="mail.sign_in",
        page="login",
    ),
    "email_change_asked": _told(
        "mail.email_change_asked.subject", "mail.email_change_asked.what", "mail.email_change_asked.then"
    ),
    "email_changed": Template(
        subject="mail.email_changed.subject",
        paragraphs=("mail.email_changed.what", "mail.email_changed.then"),
    ),
}
