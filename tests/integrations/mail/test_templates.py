"""What mails say, in both languages."""

import pytest

from portal_app.domain.notices import CHOICES
from portal_app.integrations.mail.ordering import ORDERING
from portal_app.integrations.mail.templates import TEMPLATES, MailTemplates
from portal_app.text import SENTENCES
from portal_app.workflows.notices import TEMPLATES as NOTICE_TEMPLATES

LINKS = {
    page: f"https://portal.example.jp/{page}"
    for page in (
        "dashboard",
        "orders",
        "invoices",
        "payments",
        "cases",
        "checkout",
        "catalog_internet",
        "availability",
        "verification",
    )
} | {
    page: f"https://portal.example.jp/auth/{page.replace('_', '-')}"
    for page in ("login", "sign_up", "verify_email", "link", "forgot_password", "reset_password", "confirm_email")
}
ORDER = "801000000000001AAA"
TOKEN = "q-" + "Z8_" * 13
VALUES = {
    "device": "Chrome on Windows",
    "token": TOKEN,
    "code": "042917",
    "number": "00000101",
    "reason": "The photo is blurred.",
    "line": "sim",
    "need": "payment",
    "answer_by": "2026-04-17",
    "total": "12980",
    "due": "2026-05-01",
    "method": "Visa 4242",
    "expires": "2026-12-31",
    "title": "No signal at home",
    "status": "closed",
}
OUR_WORDS = ("line", "need", "status")
SAID = {
    "en": {
        "line": "a SIM",
        "need": "Please add a payment method.",
        "answer_by": "17 Apr 2026",
        "total": "¥12,980",
        "due": "1 May 2026",
        "expires": "31 Dec 2026",
        "status": "closed",
    },
    "ja": {
        "line": "SIM",
        "need": "お支払い方法をご登録ください。",
        "answer_by": "2026年4月17日",
        "total": "￥12,980",
        "due": "2026年5月1日",
        "expires": "2026年12月31日",
        "status": "完了",
    },
}


@pytest.fixture
def templates() -> MailTemplates:
    return MailTemplates("Harbour Net", LINKS)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_mail_says_the_same_in_text_and_html_in_its_language(templates, name, locale):
    mail = templates.render(name, locale, VALUES)
    for key in TEMPLATES[name].paragraphs:
        sentence = SENTENCES[key][locale == "ja"].format(portal="Harbour Net", **VALUES | SAID[locale])
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
def test_a_value_stays_within_its_sentence(templates, nasty):
    mail = templates.render("token_reuse", "en", {"device": nasty})
    [line] = [line for line in mail.text.split("\n") if line.startswith("It was the sign-in on: ")]
    assert line.isprintable() and len(line) <= 200 + len("It was the sign-in on: ")
    assert "Bcc" not in mail.text.replace(line, "") and mail.subject.isprintable()


def test_a_missing_value_or_unknown_template_is_an_error_not_a_blank(templates):
    with pytest.raises(KeyError):
        templates.render("token_reuse", "en", {})
    with pytest.raises(KeyError):
        templates.render("no_such_mail", "en", {})


def test_an_unknown_language_reads_english(templates):
    assert templates.render("order_active", "fr", VALUES) == templates.render("order_active", "en", VALUES)


@pytest.mark.parametrize("name", ["verify_email", "reset_password"])
def test_a_token_stands_behind_the_hash_of_its_page_and_nowhere_else(templates, name):
    mail = templates.render(name, "ja", VALUES)
    link = f"https://portal.example.jp/auth/{name.replace('_', '-')}#{TOKEN}"
    assert f'href="{link}"' in mail.html
    assert f"\n{link}\n" in mail.text
    for said in (mail.text, mail.html, mail.subject):
        assert TOKEN not in said.replace(link, "")


@pytest.mark.parametrize("token", ["", "short", "x" * 300, "a" * 40 + "/../", "a" * 40 + "\n", '"><script>' + "a" * 40])
def test_what_is_no_token_makes_no_mail_and_is_not_told(templates, token):
    with pytest.raises(ValueError) as refused:
        templates.render("verify_email", "en", {"token": token})
    assert token == "" or token not in str(refused.value)


def test_a_code_stands_alone_on_its_line_and_not_in_the_subject(templates):
    mail = templates.render("link_code", "en", VALUES)
    assert "042917" in [line.strip() for line in mail.text.splitlines()]
    assert ">042917<" in mail.html
    assert "042917" not in mail.subject


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "12345a"])
def test_what_is_no_code_makes_no_mail(templates, code):
    with pytest.raises(ValueError):
        templates.render("link_code", "en", {"code": code})


def test_only_mails_that_need_a_token_or_code_hold_digits_or_links_with_one(templates):
    for name in TEMPLATES.keys() - {"verify_email", "reset_password", "email_change", "link_code"}:
        mail = templates.render(name, "en", VALUES)
        assert "#" not in mail.text
        assert TOKEN not in mail.html + mail.text
        assert "042917" not in mail.html + mail.text


MAILS_ABOUT_ORDERS = sorted(name for name in TEMPLATES if name.startswith("order_"))


@pytest.mark.parametrize("name", MAILS_ABOUT_ORDERS)
def test_the_button_opens_the_order_where_it_is_known_and_else_the_list(templates, name):
    page = LINKS["orders"]
    assert f'href="{page}/{ORDER}"' in templates.render(name, "en", VALUES | {"order_id": ORDER}).html
    assert f'href="{page}"' in templates.render(name, "en", VALUES | {"order_id": ""}).html


def test_who_is_called_back_to_a_cart_is_led_to_the_checkout_of_its_line(templates):
    assert f'href="{LINKS["checkout"]}/sim"' in templates.render("checkout_not_placed", "en", VALUES).html
    with pytest.raises(KeyError):
        templates.render("checkout_not_placed", "en", VALUES | {"line": "../auth/logout"})


@pytest.mark.parametrize("bad", ["../auth/logout", "801", f"{ORDER}/..", "001000000000001AAA", "javascript:x"])
def test_what_is_no_order_is_no_address(templates, bad):
    with pytest.raises(ValueError):
        templates.render("order_placed", "en", VALUES | {"order_id": bad})


def test_an_order_without_a_number_says_nothing_about_one(templates):
    assert "Order number" in templates.render("order_placed", "en", VALUES).text
    assert "Order number" not in templates.render("order_placed", "en", VALUES | {"number": ""}).text


@pytest.mark.parametrize(("name", "value"), [("line", "television"), ("need", "money")])
def test_a_word_that_is_none_of_ours_makes_no_mail(templates, name, value):
    with pytest.raises(KeyError):
        templates.render("order_needs_you", "en", VALUES | {name: value})


def test_a_day_that_is_none_makes_no_mail(templates):
    with pytest.raises(ValueError):
        templates.render("availability_asked", "en", {"answer_by": "soon"})


def test_the_staffs_reason_is_text_and_stays_out_of_the_subject(templates):
    mail = templates.render("document_rejected", "en", {"reason": "Glare\r\n<b>see</b>"})
    assert "Glare  <b>see</b>" in mail.text and "<b>" not in mail.html and "Glare" not in mail.subject
    assert "reason" not in templates.render("document_rejected", "en", {"reason": ""}).text


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_no_subject_of_ordering_holds_a_value(templates, locale):
    for name in ORDERING:
        subject = templates.render(name, locale, VALUES).subject
        assert not any(value in subject for value in (VALUES["number"], VALUES["reason"], SAID[locale]["answer_by"]))


@pytest.mark.parametrize(
    ("name", "record", "page"),
    [
        ("invoice_paid", {"invoice_id": "101"}, "invoices/101"),
        ("case_reply", {"case_id": "500000000000001AAA"}, "cases/500000000000001AAA"),
        ("case_reply", {}, "cases"),
        ("order_active", {"order_id": ORDER}, f"orders/{ORDER}"),
    ],
)
def test_the_button_opens_the_record_a_mail_is_about(templates, name, record, page):
    assert f'href="https://portal.example.jp/{page}"' in templates.render(name, "en", VALUES | record).html


@pytest.mark.parametrize(
    "wrong",
    [{"invoice_id": "../auth"}, {"invoice_id": "-1"}, {"total": "1.5"}, {"total": "a lot"}, {"due": "soon"}],
)
def test_what_is_no_invoice_amount_or_day_makes_no_mail(templates, wrong):
    with pytest.raises(ValueError):
        templates.render("invoice_created", "en", VALUES | wrong)


def test_an_invoice_without_a_day_asks_for_none(templates):
    mail = templates.render("invoice_created", "en", VALUES | {"due": ""})
    assert "Please pay it by" not in mail.text and "¥12,980" in mail.text


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_no_subject_says_anything_of_the_customer(templates, name, locale):
    subject = templates.render(name, locale, VALUES).subject
    assert not [value for name, value in VALUES.items() if name not in OUR_WORDS and value in subject]
    assert not any(letter.isdigit() for letter in subject)


def test_every_notice_that_may_go_by_mail_has_a_template():
    kinds = {kind for choice in CHOICES if not choice.locked for kind in choice.kinds}
    mailed = {NOTICE_TEMPLATES.get(kind, kind.value) for kind in kinds}
    assert mailed <= TEMPLATES.keys()
