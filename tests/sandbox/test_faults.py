"""Every way to fail, how long it lasts, and what the call log says about it."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.sandbox.conftest import TODAY
from tests.sandbox.visitors import CREDENTIALS, Console, Pauses, Whmcs

READ = CREDENTIALS | {"action": "GetInvoice", "invoiceid": 101, "responsetype": "json"}


async def fail(console: Console, kind: str, **more: object) -> None:
    await console("POST", "faults", {"system": "whmcs", "action": "*", "kind": kind, "times": 1} | more)


async def test_down_cuts_the_connection_before_any_work(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "down")
    with pytest.raises(aiohttp.ClientError):
        await whmcs("AddInvoicePayment", invoiceid=101, transid="t", amount="5.00")
    assert (await whmcs("GetTransactions", transid="t"))["totalresults"] == 0


async def test_effect_no_reply_does_the_work_and_then_cuts(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "effect_no_reply")
    with pytest.raises(aiohttp.ClientError):
        await whmcs("AddInvoicePayment", invoiceid=101, transid="t", amount="5.00")
    assert (await whmcs("GetTransactions", transid="t"))["totalresults"] == 1


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [("http500", 500, "text/html"), ("html", 200, "text/html"), ("status429", 429, "text/html")],
)
async def test_html_pages_come_with_their_status(
    whmcs: Whmcs, console: Console, kind: str, status: int, content_type: str
) -> None:
    await fail(console, kind)
    body = await whmcs.raw(READ)
    assert (whmcs.status, whmcs.content_type) == (status, content_type) and body.startswith("<!DOCTYPE html>")


async def test_wrong_json_has_no_result(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "wrong_json")
    assert "result" not in json.loads(await whmcs.raw(READ))


async def test_a_refused_credential_is_403(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "auth_refused")
    assert json.loads(await whmcs.raw(READ))["message"] == "Invalid or missing credentials"
    assert whmcs.status == 403


async def test_an_auth_error_may_come_as_nvp_although_json_was_asked_for(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "nvp_auth")
    assert await whmcs.raw(READ) == "result=error;message=Authentication Failed;"


async def test_bad_bytes_break_json_and_not_xml(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "bad_utf8", times=2)
    assert "Malformed UTF-8 characters" in await whmcs.raw(READ)
    assert "<result>success</result>" in await whmcs.raw(READ | {"responsetype": "xml"})


async def test_truncated_json_does_not_parse(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "truncated")
    with pytest.raises(json.JSONDecodeError):
        json.loads(await whmcs.raw(READ))


async def test_a_redirect_points_elsewhere(whmcs: Whmcs, console: Console, session: aiohttp.ClientSession) -> None:
    await fail(console, "redirect")
    url = f"{whmcs.sandbox.whmcs_url}/includes/api.php"
    async with session.post(url, data=READ, allow_redirects=False) as answer:
        assert answer.status == 302 and "Location" in answer.headers


async def test_a_huge_body_is_over_eight_mebibytes(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "huge")
    assert len(await whmcs.raw(READ)) > 8 * 1024 * 1024


@pytest.fixture
def clock() -> Pauses:
    return Pauses(TODAY)


async def test_slow_answers_late_and_right(whmcs: Whmcs, console: Console, clock: Pauses) -> None:
    await fail(console, "slow", delay_ms=80)
    assert json.loads(await whmcs.raw(READ))["invoiceid"] == 101
    await fail(console, "slow")
    assert json.loads(await whmcs.raw(READ))["invoiceid"] == 101
    assert [seconds for seconds, _ in clock.noted] == [0.08, 5.0]


async def test_latency_holds_until_it_is_set_back(whmcs: Whmcs, console: Console, clock: Pauses) -> None:
    await console("POST", "latency", {"whmcs": 50})
    await whmcs("WhmcsDetails")
    await whmcs("WhmcsDetails")
    await console("POST", "latency", {"whmcs": 0})
    await whmcs("WhmcsDetails")
    assert [seconds for seconds, _ in clock.noted] == [0.05, 0.05]


async def test_a_fault_is_for_its_action_its_number_of_times_and_until_healed(whmcs: Whmcs, console: Console) -> None:
    await fail(console, "http500", action="getinvoice", times=None)
    assert (await whmcs("WhmcsDetails"))["result"] == "success"
    for _ in range(2):
        await whmcs.raw(READ)
        assert whmcs.status == 500
    assert len(await console("GET", "faults")) == 1
    await console("DELETE", "faults")
    await whmcs.raw(READ)
    assert whmcs.status == 200


@pytest.mark.parametrize("body", [{"kind": "odd"}, {"kind": "down", "system": "x"}, {"kind": "down", "times": "2"}])
async def test_an_impossible_fault_is_refused(console: Console, body: dict) -> None:
    assert "must be" in (await console("POST", "faults", body))["error"] and console.status == 400


async def test_the_call_log_keeps_order_and_no_secret(whmcs: Whmcs, console: Console) -> None:
    await console("DELETE", "calls")
    await whmcs("ValidateLogin", email="demo@example.com", password2="demo-whmcs-pass")
    await fail(console, "down")
    with pytest.raises(aiohttp.ClientError):
        await whmcs("GetInvoice", invoiceid=101)
    first, second = await console("GET", "calls")
    assert (first["action"], first["outcome"], first["status"]) == ("ValidateLogin", "success", 200)
    assert first["params"] == {"identifier": "***", "secret": "***", "email": "demo@example.com", "password2": "***"}
    assert (second["status"], second["outcome"]) == (0, "fault: down")
    assert set(first) == {"at", "system", "action", "params", "status", "outcome", "ms"}
