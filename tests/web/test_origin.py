"""Which unsafe requests and which sockets count as our own pages' (S8, S14)."""

import pytest
from starlette.datastructures import Headers

from portal_app.web import origin
from tests.fakes.settings import a_secure_settings, a_settings

HERE = {"origin": "https://portal.example"}
FOREIGN = [
    "https://evil.example",
    "http://portal.example",
    "https://portal.example.evil.example",
    "https://portal.example:8443",
    "https://PORTAL.example/",
    "",
]


def allowed(headers: dict[str, str], *, has_session: bool = True) -> bool:
    return origin.allowed(Headers(headers), a_secure_settings(), has_session=has_session)


def test_s14_the_exact_origin_may():
    assert allowed(HERE)


@pytest.mark.parametrize("foreign", FOREIGN)
def test_s14_a_foreign_origin_may_not_even_without_a_session(foreign):
    assert not allowed({"origin": foreign}, has_session=False)


@pytest.mark.parametrize("foreign", FOREIGN)
def test_s14_a_foreign_origin_is_not_excused_by_other_headers(foreign):
    assert not allowed({"origin": foreign, "sec-fetch-site": "same-origin", "authorization": "Bearer x"})


def test_s14_a_null_origin_counts_only_where_the_browser_says_same_origin():
    assert allowed({"origin": "null", "sec-fetch-site": "same-origin"})
    assert not allowed({"origin": "null", "sec-fetch-site": "cross-site"}, has_session=False)
    assert not allowed({"origin": "null"}, has_session=False)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "Same-Origin"])
def test_s14_without_origin_only_same_origin_fetches_may(site):
    assert allowed({"sec-fetch-site": "same-origin"})
    assert not allowed({"sec-fetch-site": site}, has_session=False)


def test_s14_a_request_with_neither_passes_without_session_or_with_a_bearer_token():
    assert allowed({}, has_session=False)
    assert not allowed({})
    assert allowed({"authorization": "Bearer token"})
    assert not allowed({"authorization": "Basic token"})


def test_s14_two_origins_are_no_origin():
    twice = Headers(raw=[(b"origin", b"https://portal.example"), (b"origin", b"https://evil.example")])
    assert not origin.allowed(twice, a_secure_settings(), has_session=False)
    assert not origin.same_site(twice, a_secure_settings())


@pytest.mark.parametrize("name", ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"])
def test_s14_a_loopback_portal_goes_by_every_loopback_name(name):
    assert origin.allowed(Headers({"origin": name}), a_settings(), has_session=True)
    assert not origin.allowed(Headers({"origin": name}), a_secure_settings(), has_session=True)


def test_s14_a_loopback_portal_is_known_by_the_port_it_listens_on():
    settings = a_settings(PORTAL_PORT="4321")
    assert origin.allowed(Headers({"origin": "http://127.0.0.1:4321"}), settings, has_session=True)
    assert not origin.allowed(Headers({"origin": "http://127.0.0.1:4322"}), settings, has_session=True)


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "null"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "same-origin"}]
)
def test_s8_a_socket_needs_the_exact_origin(headers):
    assert not origin.same_site(Headers(headers), a_secure_settings())
    assert origin.same_site(Headers(HERE), a_secure_settings())
