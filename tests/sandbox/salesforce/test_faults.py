"""Salesforce failing on demand: in its own words, or not answering at all."""

from __future__ import annotations

import aiohttp
import pytest

from tests.sandbox.salesforce.visitors import Salesforce
from tests.sandbox.visitors import Console

REFUSED = {
    "auth_refused": (401, "INVALID_SESSION_ID"),
    "lock_row": (400, "UNABLE_TO_LOCK_ROW"),
    "request_limit": (403, "REQUEST_LIMIT_EXCEEDED"),
    "concurrent_limit": (403, "REQUEST_LIMIT_EXCEEDED"),
    "unavailable": (503, "SERVER_UNAVAILABLE"),
    "unknown": (500, "UNKNOWN_EXCEPTION"),
}


async def fail(console: Console, kind: str, action: str = "*", times: int | None = 1) -> None:
    await console("POST", "faults", {"system": "salesforce", "action": action, "kind": kind, "times": times})
    assert console.status == 200


async def test_each_refusal_has_its_code_once(salesforce: Salesforce, console: Console) -> None:
    for kind, (status, code) in REFUSED.items():
        await fail(console, kind)
        assert (await salesforce.code("GET", "limits"), salesforce.status) == (code, status)
    await salesforce("GET", "limits")
    assert salesforce.status == 200


async def test_a_lost_answer_leaves_the_record(salesforce: Salesforce, console: Console) -> None:
    await fail(console, "effect_no_reply", "upsert Case")
    with pytest.raises(aiohttp.ClientError):
        await salesforce("PATCH", "sobjects/Case/Portal_Reference__c/p1", {"Subject": "x"})
    await salesforce("PATCH", "sobjects/Case/Portal_Reference__c/p1", {"Subject": "x"})
    assert salesforce.status == 200


async def test_down_does_no_work(salesforce: Salesforce, console: Console) -> None:
    await fail(console, "down", "create")
    with pytest.raises(aiohttp.ClientError):
        await salesforce("POST", "sobjects/Case", {"Subject": "lost"})
    assert await salesforce.rows("SELECT Id FROM Case WHERE Subject = 'lost'") == []


async def test_a_row_can_be_locked_inside_a_composite(salesforce: Salesforce, console: Console) -> None:
    await fail(console, "lock_row", "create Contact")
    root = "/services/data/v60.0/sobjects"
    parts = [
        {"method": "POST", "url": f"{root}/Account", "referenceId": "a", "body": {"Name": "x"}},
        {"method": "POST", "url": f"{root}/Contact", "referenceId": "b", "body": {"LastName": "x"}},
    ]
    reply = await salesforce("POST", "composite", {"allOrNone": True, "compositeRequest": parts})
    codes = [one["body"][0]["errorCode"] for one in reply["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "UNABLE_TO_LOCK_ROW"]


async def test_the_token_endpoint_fails_in_its_own_shape(salesforce: Salesforce, console: Console) -> None:
    await fail(console, "auth_refused", "token")
    assert (await salesforce.grant(salesforce.claims()))["error"] == "invalid_grant"
    await fail(console, "unavailable", "token")
    assert (await salesforce.grant(salesforce.claims()))["error"] == "temporarily_unavailable"
    assert salesforce.status == 503


async def test_a_fault_of_another_system_is_refused_by_name(console: Console) -> None:
    for system, kind in (("whmcs", "lock_row"), ("salesforce", "nvp_auth")):
        assert "error" in await console("POST", "faults", {"system": system, "kind": kind})
        assert console.status == 400
