"""E-mail addresses: one spelling for what is the same, refusal of what is none."""

import pytest

from portal_app.domain.emails import clean_email
from portal_app.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("demo@example.com", "demo@example.com"),
        ("  Demo@Example.COM ", "demo@example.com"),
        ("first.last+tag@sub.example.co.jp", "first.last+tag@sub.example.co.jp"),
        ("info@例え.jp", "info@xn--r8jz45g.jp"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_rows_2_11_14_15_an_address_has_one_spelling(typed, stored):
    assert clean_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "no-at.example.com",
        "two@at@example.com",
        "a@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + "." + "e" * 61,
        "a" * 65 + "@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\x00",
        "a\u202e@example.com",
        "d\u0435mo@example.com",
        "a@b",
        '"quoted"@example.com',
        "a..b@example.com",
        ".a@example.com",
        "a@-example.com",
        "a@example..com",
        "a@[127.0.0.1]",
        "a@example.com ,b@example.com",
        "a@" + "x." * 5000 + "com",
    ],
)
def test_rows_3_to_13_what_is_no_address_is_refused(typed):
    with pytest.raises(InvalidInput) as no:
        clean_email(typed)
    assert (no.value.field, no.value.reason) == ("email", "sign_in.email_invalid")


@pytest.mark.parametrize("typed", ["", "   ", "\u3000"])
def test_row_1_an_empty_address_is_missing(typed):
    with pytest.raises(InvalidInput) as no:
        clean_email(typed)
    assert no.value.reason == "sign_in.email_missing"
