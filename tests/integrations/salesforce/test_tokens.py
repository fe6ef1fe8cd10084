"""Signing in: what is signed, how long a token is kept, who waits for whom, and what a refusal means."""

import asyncio
import logging

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from portal_app.errors import ConfigError, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.session import StrangeReply, checked_origin
from portal_app.integrations.upstream import CredentialRefused, TryAgain
from tests.fakes.salesforce import (
    CLIENT_ID,
    INSTANCE,
    LOGIN,
    ORGANIZATION,
    TOKEN_CANARY,
    USERNAME,
    FakeSalesforce,
    Reply,
    page_of_html,
    pem,
)
from tests.integrations.virtual_time import in_virtual_time


@in_virtual_time
async def test_the_assertion_names_app_user_audience_and_an_end_within_three_minutes(connected, salesforce):
    await connected.tokens.get()
    exp = int(connected.clock.now().timestamp()) + 180
    assert salesforce.claims == [{"iss": CLIENT_ID, "sub": USERNAME, "aud": LOGIN, "exp": exp}]
    assert salesforce.of("Login")[0].url == f"{LOGIN}/services/oauth2/token"


@in_virtual_time
async def test_the_key_may_be_given_as_pem_text():
    salesforce = FakeSalesforce()
    await salesforce.connect(key=pem()).tokens.get()
    assert salesforce.count("Login") == 1


@in_virtual_time
async def test_the_audience_may_be_another_than_the_login_address():
    salesforce = FakeSalesforce(audience="https://test.example.com")
    await salesforce.connect(audience="https://test.example.com").tokens.get()
    assert salesforce.claims[0]["aud"] == "https://test.example.com"


@in_virtual_time
async def test_the_audience_of_a_login_address_with_a_slash_has_none():
    salesforce = FakeSalesforce()
    await salesforce.connect(login_url=LOGIN + "/").tokens.get()
    assert salesforce.claims[0]["aud"] == LOGIN


@in_virtual_time
async def test_the_reply_gives_token_instance_and_organization(connected):
    token = await connected.tokens.get()
    assert (token.origin, token.organization_id) == (INSTANCE, ORGANIZATION)
    assert TOKEN_CANARY in token.value and TOKEN_CANARY not in repr(token)


@in_virtual_time
async def test_t5_fifty_who_ask_at_once_cause_one_login(connected, salesforce):
    tokens = await asyncio.gather(*[connected.tokens.get() for _ in range(50)])
    assert len(set(tokens)) == 1 and salesforce.count("Login") == 1


@in_virtual_time
async def test_a_token_is_renewed_a_minute_before_its_twelve_are_over(connected, salesforce):
    await connected.tokens.get()
    await asyncio.sleep(11 * 60 - 1)
    await connected.tokens.get()
    assert salesforce.count("Login") == 1
    await asyncio.sleep(2)
    await connected.tokens.get()
    assert salesforce.count("Login") == 2


@in_virtual_time
async def test_forgetting_an_old_token_keeps_the_new_one(connected, salesforce):
    old = await connected.tokens.get()
    connected.tokens.forget(old)
    new = await connected.tokens.get()
    connected.tokens.forget(old)
    assert await connected.tokens.get() is new
    assert salesforce.count("Login") == 2


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Reply(400, {"error": "invalid_grant", "error_description": "x"}), CredentialRefused, "login_invalid_grant"),
        (Reply(401, {"error": "invalid_client_id"}), CredentialRefused, "login_invalid_client_id"),
        (Reply(400, {"error": "server_error"}), TryAgain, "login_http_400"),
        (Reply(503, {"error": "whatever"}), TryAgain, "login_http_503"),
        (Reply(429, {}), TryAgain, "login_http_429"),
        (page_of_html(502), TryAgain, "login_http_502"),
        (page_of_html(403), UpstreamUnavailable, "login_http_403"),
        (Reply(400, [{"error": "invalid_grant"}]), UpstreamUnavailable, "login_http_400"),
        (Reply(400, {"error": "Evil Text <script>"}), UpstreamUnavailable, "login_http_400"),
        (Reply(302, None, {"Location": "https://evil.example/"}), UpstreamUnavailable, "login_http_302"),
        (page_of_html(200), UpstreamReplyChanged, "unreadable"),
        (Reply(200, {"access_token": "x"}), UpstreamReplyChanged, "token"),
        (Reply(200, {"access_token": "x\r\nX: y", "instance_url": INSTANCE}), UpstreamReplyChanged, "token"),
        (Reply(200, {"access_token": "x", "instance_url": "http://evil.example"}), UpstreamReplyChanged, "token"),
        (Reply(200, {"access_token": "x", "instance_url": "https://a@evil.example"}), UpstreamReplyChanged, "token"),
        (Reply(200, {"access_token": "x", "instance_url": "https://x:99999"}), UpstreamReplyChanged, "token"),
        (requests.exceptions.ReadTimeout("AssertionCanary"), TryAgain, "timeout"),
        (requests.exceptions.ConnectTimeout("x"), TryAgain, "connect"),
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), UpstreamUnavailable, "certificate"),
        (StrangeReply("x"), UpstreamReplyChanged, "unreadable"),
    ],
)
@in_virtual_time
async def test_a_login_that_fails_says_why_in_our_words(connected, salesforce, caplog, answer, kind, code):
    caplog.set_level(logging.DEBUG)
    salesforce.will("Login", answer)
    with pytest.raises(kind) as failed:
        await connected.tokens.get()
    assert (type(failed.value), failed.value.code) == (kind, code)
    assert failed.value.__context__ is None
    assert "evil" not in caplog.text.lower() and "Canary" not in caplog.text


@in_virtual_time
async def test_after_a_failed_login_the_next_one_is_tried(connected, salesforce):
    salesforce.will("Login", page_of_html(502))
    with pytest.raises(TryAgain):
        await connected.tokens.get()
    assert (await connected.tokens.get()).origin == INSTANCE


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_seen_while_starting(key):
    with pytest.raises(ConfigError):
        FakeSalesforce().connect(key=key or " ")


def test_a_key_that_is_not_rsa_is_seen_while_starting():
    with pytest.raises(ConfigError):
        FakeSalesforce().connect(key=pem(ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize("url", ["http://login.example.com", "ftp://x", "https://", "https://u:p@login.example.com"])
def test_a_login_address_that_would_give_the_assertion_away_is_refused(url):
    with pytest.raises(ConfigError):
        FakeSalesforce().connect(login_url=url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://acme.my.example.com/", "https://acme.my.example.com"),
        ("https://acme.my.example.com:443", "https://acme.my.example.com"),
        ("https://acme.my.example.com:8443/x", "https://acme.my.example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    assert checked_origin(url) == origin
