"""What mails say, in both languages."""

import pytest

from portal_app.integrations.mail.templates import TEMPLATES, MailTemplates
from portal_app.text import SENTENCES

LINKS = {"login": "https://portal.example.jp/auth/login", "dashboard": "https://portal.example.jp/dashboard"}
VALUES = {"device": "Chrome on Windows", "subject": "Works on 3 May", "body": "Your line rests for an hour."}


@pytest.fixture
def templates() -> MailTemplates:
    return MailTemplates("Harbour Net", LINKS)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_mail_says_the_same_in_text_and_html_in_its_language(templates, name, locale):
    mail = templates.render(name, locale, VALUES)
    for key in TEMPLATES[name].paragraphs:
        sentence = SENTENCES[key][locale == "ja"].format(**VALUES)
        assert sentence in mail.text
        assert sentence in mail.html
    assert f'<html lang="{locale}">' in mail.html
    assert "Harbour Net" in mail.subject


def test_the_button_leads_to_the_portal_and_nowhere_else(templates):
    mail = templates.render("token_reuse", "en", VALUES | {"link": "https://evil.example/"})
    assert 'href="https://portal.example.jp/auth/login"' in mail.html
    assert "https://portal.example.jp/auth/login" in mail.text
    assert "evil.example" not in mail.html + mail.text


def test_a_value_cannot_bring_html_or_template_code_along(templates):
    mail = templates.render("token_reuse", "en", {"device": "<script>alert(1)</script> {{7*7}} {greeting}"})
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert "49" not in mail.html + mail.text
    assert "{greeting}" in mail.text


@pytest.mark.parametrize("nasty", ["a\r\nBcc: x@evil.example", "a\nb", "a\x00b", "a\u2028b", "a\u202eb", "x" * 5000])
def test_a_value_cannot_break_the_subject(templates, nasty):
    subject = templates.render("notice", "en", {"subject": nasty, "body": "b"}).subject
    assert subject.isprintable()
    assert len(subject) <= 200


def test_a_missing_value_or_unknown_template_is_an_error_not_a_blank(templates):
    with pytest.raises(KeyError):
        templates.render("token_reuse", "en", {})
    with pytest.raises(KeyError):
        templates.render("no_such_mail", "en", {})


def test_an_unknown_language_reads_english(templates):
    assert templates.render("notice", "fr", VALUES) == templates.render("notice", "en", VALUES)
