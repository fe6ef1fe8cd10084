"""Codes of an authenticator (RFC 6238): the published vectors, the window, and what is no code."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from portal_app.security import totp

SEEDS = {hashlib.sha1: b"1234567890" * 2, hashlib.sha256: b"1234567890" * 3 + b"12", hashlib.sha512: b"1234567890" * 7}
SEEDS[hashlib.sha512] = SEEDS[hashlib.sha512][:64]
SECRET = base64.b32encode(SEEDS[hashlib.sha1]).decode()
AT_59 = datetime.fromtimestamp(59, UTC)


@pytest.mark.parametrize(
    ("digest", "code"), [(hashlib.sha1, "94287082"), (hashlib.sha256, "46119246"), (hashlib.sha512, "90693936")]
)
def test_p7_the_library_makes_the_codes_of_the_standard(digest, code):
    secret = base64.b32encode(SEEDS[digest]).decode()
    assert pyotp.TOTP(secret, digits=8, digest=digest).at(59) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_p7_ours_are_the_last_six_digits_of_them(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.matching_step(SECRET, code, now) == seconds // 30


@pytest.mark.parametrize(("step", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_row_93_one_step_before_and_after_is_taken_and_no_more(step, taken):
    now = datetime.fromtimestamp(1_800_000_000, UTC)
    code = pyotp.TOTP(SECRET).at(now + timedelta(seconds=30 * step))
    assert (totp.matching_step(SECRET, code, now) == totp.step_at(now) + step) is taken


@pytest.mark.parametrize(
    "code", ["", "28708", "2870822", "２８７０８２", "28708a", "٢٨٧٠٨٢", "287082\n", " 287082", "-87082", "lone \ud800"]
)
def test_row_93_what_is_not_six_digits_is_no_code(code):
    assert totp.matching_step(SECRET, code, AT_59) is None


def test_p7_a_secret_has_160_bits_and_is_never_the_same():
    made = {totp.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_an_authenticator_reads_secret_account_and_portal():
    found = urlsplit(totp.uri(SECRET, account="a+b@example.com", issuer="Harbour Net"))
    assert (found.scheme, found.netloc) == ("otpauth", "totp")
    assert parse_qs(found.query) == {"secret": [SECRET], "issuer": ["Harbour Net"]}


def test_the_picture_is_one_svg_that_names_nobody_and_runs_nothing():
    drawn = totp.qr_svg(totp.uri(SECRET, account="a@example.com", issuer="Harbour Net"))
    assert drawn.startswith("<svg") and drawn.endswith("</svg>")
    assert not any(word in drawn for word in ("script", "example.com", SECRET, "href", "style"))
