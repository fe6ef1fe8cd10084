"""Cookies: names and attributes on http and https, and what is believed of what comes back."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from starlette.datastructures import Headers, MutableHeaders

from portal_app.security.sessions import Session, Tokens
from portal_app.web import cookies
from tests.fakes.settings import a_secure_settings, a_settings

NOW = datetime(2026, 1, 15, 3, tzinfo=UTC)
SESSION = Session("s1", "u1", None, "en", NOW, ("pwd",), NOW, NOW + timedelta(hours=12), NOW)
TOKENS = Tokens("access-token", "refresh-token", SESSION)


def written(headers: MutableHeaders) -> dict[str, dict[str, str]]:
    """Cookie name -> its attributes, with the value under "value"."""
    found = {}
    for line in headers.getlist("set-cookie"):
        for name, morsel in SimpleCookie(line).items():
            found[name] = {k: v for k, v in morsel.items() if v} | {"value": morsel.value}
    return found


def test_s1_over_https_session_cookies_carry_the_host_prefix_and_every_guard():
    headers = MutableHeaders()
    cookies.set_session(headers, TOKENS, a_secure_settings())
    assert set(written(headers)) == {"__Host-portal_at", "__Host-portal_rt"}
    for cookie in written(headers).values():
        assert cookie["secure"] is True
        assert cookie["httponly"] is True
        assert (cookie["samesite"], cookie["path"]) == ("lax", "/")
        assert "domain" not in cookie


def test_s1_on_plain_http_they_have_no_prefix_and_stay_hidden_from_scripts():
    headers = MutableHeaders()
    cookies.set_session(headers, TOKENS, a_settings())
    assert set(written(headers)) == {"portal_at", "portal_rt"}
    assert all(c["httponly"] is True and "secure" not in c for c in written(headers).values())


def test_s1_access_lasts_ten_minutes_and_refresh_as_long_as_the_session_can():
    headers = MutableHeaders()
    cookies.set_session(headers, TOKENS, a_settings())
    assert written(headers)["portal_at"]["max-age"] == "600"
    assert written(headers)["portal_rt"]["max-age"] == str(12 * 3600)


def test_s5_clearing_expires_both_tokens_by_name_and_leaves_the_device():
    headers = MutableHeaders()
    cookies.clear_session(headers, a_secure_settings())
    assert {n: c["max-age"] for n, c in written(headers).items()} == {"__Host-portal_at": "0", "__Host-portal_rt": "0"}


def test_l2_the_device_cookie_is_kept_180_days():
    headers = MutableHeaders()
    cookies.set_device(headers, "d1.x", a_secure_settings())
    device = written(headers)["__Host-portal_device"]
    assert (device["max-age"], device["httponly"]) == (str(180 * 86400), True)


def test_tokens_are_read_under_the_names_of_this_site_only():
    presented = Headers({"cookie": "portal_at=a; __Host-portal_at=b; portal_rt=c; __Host-portal_rt=d"})
    assert cookies.session_tokens(presented, a_settings()) == ("a", "c")
    assert cookies.session_tokens(presented, a_secure_settings()) == ("b", "d")


def test_s1_row_90_two_cookies_of_one_name_are_neither_believed():
    assert cookies.read(Headers({"cookie": "portal_at=mine; portal_at=theirs"}), "portal_at") == ""
    split = Headers(raw=[(b"cookie", b"portal_at=mine"), (b"cookie", b"portal_at=theirs")])
    assert cookies.read(split, "portal_at") == ""


def test_s1_row_89_a_cookie_over_4_kb_is_not_looked_at():
    assert cookies.read(Headers({"cookie": "portal_at=" + "x" * 4097}), "portal_at") == ""


@pytest.mark.parametrize("header", ["", ";;;", "portal_at", "=x", "portal_atx=1", "xportal_at=1", "PORTAL_AT=1"])
def test_a_broken_cookie_header_reads_as_no_cookie(header):
    assert cookies.read(Headers({"cookie": header}), "portal_at") == ""


@pytest.mark.parametrize(("sent", "read"), [("ja", "ja"), ("en", "en"), ("fr", "en"), ("<script>", "en"), ("", "en")])
def test_the_locale_is_one_of_two(sent, read):
    assert cookies.locale_of(Headers({"cookie": f"portal_locale={sent}"})) == read


@pytest.mark.parametrize(
    ("sent", "read"), [("abc-DEF_1", "abc-DEF_1"), ("a;ref=x", "a"), ("a b", ""), ("a=b", ""), ("x" * 101, "")]
)
def test_a_flash_key_that_could_smuggle_anything_is_dropped(sent, read):
    assert cookies.flash_of(Headers({"cookie": f"portal_flash={sent}"})) == read
