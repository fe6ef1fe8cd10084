"""The mails of becoming a customer: every one the workflows send exists, with the page its button opens."""

import pytest

from portal_app.integrations.mail.templates import TEMPLATES, MailTemplates
from portal_app.worker.runtime import MAILED_PAGES
from portal_app.workflows.sign_up_moves import MAILS

LINKS = {page: f"https://portal.example{path}" for page, path in MAILED_PAGES.items()}
TOKEN = "A" * 43
SENT = {
    **{key: {} for key in {*MAILS.values(), "welcome", "signup_waiting", "password_changed"}},
    "verify_email": {"token": TOKEN},
    "reset_password": {"token": TOKEN},
    "link_code": {"code": "012345"},
}


@pytest.mark.parametrize("template", sorted(SENT))
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_a_mail_the_workflows_send_can_be_rendered(template, locale):
    rendered = MailTemplates("Portal", LINKS).render(template, locale, SENT[template])
    assert rendered.subject and rendered.text and rendered.html
    for value in SENT[template].values():
        assert value in rendered.text.replace(" ", "")


@pytest.mark.parametrize("template", ["verify_email", "reset_password"])
def test_a_token_travels_behind_the_hash_of_its_own_page(template):
    rendered = MailTemplates("Portal", LINKS).render(template, "en", SENT[template])
    assert f"{LINKS[template]}#{TOKEN}" in rendered.text


def test_every_page_a_mail_may_open_has_an_address():
    assert {template.page for template in TEMPLATES.values()} - {""} <= set(MAILED_PAGES)
