"""The mails about becoming a customer, and getting in: sign-up, linking, passwords, sessions that were ended."""

from typing import Final

from portal_app.integrations.mail.template import Template

ACCOUNT: Final[dict[str, Template]] = {
    "token_reuse": Template(
        subject="mail.token_reuse.subject",
        paragraphs=("mail.token_reuse.what", "mail.token_reuse.device", "mail.token_reuse.then"),
        values=frozenset({"device"}),
        button="mail.sign_in",
        page="login",
    ),
    "signed_out_everywhere": Template(
        subject="mail.signed_out_everywhere.subject",
        paragraphs=("mail.signed_out_everywhere.what", "mail.signed_out_everywhere.then"),
        button="mail.sign_in",
        page="login",
    ),
    "verify_email": Template(
        subject="mail.verify_email.subject",
        paragraphs=("mail.verify_email.what", "mail.verify_email.then", "mail.verify_email.not_you"),
        button="mail.verify_email.button",
        page="verify_email",
        token=True,
    ),
    "have_account": Template(
        subject="mail.have_account.subject",
        paragraphs=("mail.have_account.what", "mail.have_account.then", "mail.nothing_changed"),
        button="mail.sign_in",
        page="login",
    ),
    "link_instead": Template(
        subject="mail.link_instead.subject",
        paragraphs=("mail.link_instead.what", "mail.link_instead.then", "mail.nothing_changed"),
        button="mail.link_instead.button",
        page="link",
    ),
    "signup_waiting": Template(
        subject="mail.signup_waiting.subject",
        paragraphs=("mail.signup_waiting.what", "mail.signup_waiting.then"),
    ),
    "signup_not_confirmed": Template(
        subject="mail.signup_not_confirmed.subject",
        paragraphs=("mail.signup_not_confirmed.what", "mail.signup_not_confirmed.then"),
        button="mail.sign_up_again",
        page="sign_up",
    ),
    "signup_failed": Template(
        subject="mail.signup_failed.subject",
        paragraphs=("mail.signup_failed.what", "mail.signup_failed.then"),
        button="mail.sign_up_again",
        page="sign_up",
    ),
    "welcome": Template(
        subject="mail.welcome.subject",
        paragraphs=("mail.welcome.what", "mail.welcome.then"),
        button="mail.sign_in",
        page="login",
    ),
    "link_code": Template(
        subject="mail.link_code.subject",
        paragraphs=("mail.link_code.what", "mail.link_code.then", "mail.link_code.not_you"),
        code=True,
    ),
    "reset_password": Template(
        subject="mail.reset_password.subject",
        paragraphs=("mail.reset_password.what", "mail.reset_password.then", "mail.nothing_changed"),
        button="mail.reset_password.button",
        page="reset_password",
        token=True,
    ),
    "password_changed": Template(
        subject="mail.password_changed.subject",
        paragraphs=("mail.password_changed.what", "mail.password_changed.then"),
        button="mail.password_changed.button",
        page="forgot_password",
    ),
}
