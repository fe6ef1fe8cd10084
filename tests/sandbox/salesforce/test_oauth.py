"""Signing in by JWT: every claim counts, and a session ends when it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.app import Running, running
from sandbox.clock import Clock
from sandbox.config import BadSetting, Config
from tests.sandbox.salesforce.visitors import ROOT, Salesforce
from tests.sandbox.visitors import Console

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def a_key() -> tuple[str, bytes]:
    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(form[0], serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(*form).decode(), public


async def test_a_good_assertion_gets_a_token_and_the_address_it_was_sent_to(salesforce: Salesforce) -> None:
    reply = await salesforce.grant(salesforce.claims())
    assert set(reply) == {"access_token", "scope", "instance_url", "id", "token_type"}
    assert reply["instance_url"] == salesforce.sandbox.url and reply["token_type"] == "Bearer"
    org = reply["id"].split("/")[-2]
    assert org.startswith("00D") and len(org) == 18 and reply["access_token"].startswith(f"{org[:15]}!")


async def test_exp_may_be_text_and_the_audience_this_very_host(salesforce: Salesforce) -> None:
    claims = salesforce.claims(aud=f"{salesforce.sandbox.url}/")
    await salesforce.grant(claims | {"exp": str(claims["exp"])})
    assert salesforce.status == 200


WRONG_CLAIMS: list[tuple[dict[str, Any], str, str]] = [
    ({"iss": "somebody"}, "invalid_client_id", "client identifier invalid"),
    ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
    ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
    ({"exp": 1}, "invalid_grant", "expired authorization code"),
    ({"exp": 4102444800000}, "invalid_grant", "expired authorization code"),
    ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
    ({"exp": None}, "invalid_grant", "invalid assertion"),
]


async def test_a_wrong_claim_is_refused_by_name(salesforce: Salesforce) -> None:
    for changed, error, description in WRONG_CLAIMS:
        reply = await salesforce.grant(salesforce.claims(**changed))
        assert (salesforce.status, reply) == (400, {"error": error, "error_description": description}), changed


async def test_another_key_and_no_jwt_at_all_are_refused(salesforce: Salesforce) -> None:
    other, _ = a_key()
    assert (await salesforce.grant(salesforce.claims(), other))["error_description"] == "invalid assertion"
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}
    assert (await salesforce.post_form(form))["error"] == "invalid_grant"
    assert (await salesforce.post_form({"grant_type": "password"}))["error"] == "unsupported_grant_type"


async def test_a_given_public_key_and_audience_are_the_only_ones(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    private, public = a_key()
    (tmp_path / "public.pem").write_bytes(public)
    more = {"SANDBOX_SF_PUBLIC_KEY_PATH": str(tmp_path / "public.pem"), "SANDBOX_SF_AUDIENCE": "https://own.example"}
    config = replace(Config.from_env(more), port=0, smtp_port=0, data=None, seed_size=5)
    async with running(config) as sandbox:
        client = Salesforce(session, sandbox)
        await client.grant(client.claims(aud="https://own.example"), private)
        assert client.status == 200
        assert (await client.grant(client.claims(), private))["error_description"] == "audience is invalid"


def test_a_public_key_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSetting, match="SANDBOX_SF_PUBLIC_KEY_PATH"):
        Config.from_env({"SANDBOX_SF_PUBLIC_KEY_PATH": "/nowhere.pem"})


async def test_the_key_pair_is_made_once_for_a_data_folder(tmp_path: Path) -> None:
    config = Config(port=0, smtp_port=0, data=tmp_path, seed_size=5)
    async with running(config) as first:
        path = first.world.salesforce.keys.private_path
        assert path is not None and path.stat().st_mode & 0o077 == 0
        before = path.read_text()
    async with running(config) as second:
        assert second.world.salesforce.keys.private_pem() == before


async def test_without_a_session_nothing_is_told(sandbox: Running, session: aiohttp.ClientSession) -> None:
    headers: list[dict[str, str]] = [{}, {"Authorization": "Bearer 00D!x"}, {"Authorization": "Basic eDp5"}]
    for header in headers:
        async with session.get(f"{sandbox.url}{ROOT}/limits", headers=header) as answer:
            assert (answer.status, await answer.json()) == (401, EXPIRED)


async def test_a_session_lives_two_hours_after_its_last_use(salesforce: Salesforce, clock: Clock) -> None:
    for _ in range(3):
        clock.advance(7000)
        await salesforce("GET", "limits")
        assert salesforce.status == 200
    clock.advance(7300)
    assert await salesforce("GET", "limits") == EXPIRED


async def test_staff_can_end_every_session(salesforce: Salesforce, console: Console) -> None:
    assert await console("POST", "salesforce/sessions/expire") == {"expired": 1}
    assert await salesforce("GET", "limits") == EXPIRED and salesforce.status == 401
    await salesforce.sign_in()
    assert "DailyApiRequests" in await salesforce("GET", "limits")


async def test_the_log_shows_the_call_and_not_the_credential(salesforce: Salesforce, console: Console) -> None:
    await salesforce("GET", "limits")
    first, last = (await console("GET", "calls"))[-2:]
    assert (first["system"], first["action"], first["params"]["assertion"]) == ("salesforce", "token", "***")
    assert (last["action"], last["status"], last["outcome"]) == ("limits", 200, "success")
    assert salesforce.token not in str(await console("GET", "calls"))
