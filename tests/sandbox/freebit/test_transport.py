"""How the operator is spoken to: the form field, the key, the envelope, and every way to fail."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.freebit import codes
from tests.sandbox.freebit.visitors import ESIM, LINE, Freebit
from tests.sandbox.visitors import Console


async def fail(console: Console, kind: str, action: str = "*", **more: object) -> None:
    body = {"system": "freebit", "action": action, "kind": kind, "times": 1} | more
    await console("POST", "faults", body)
    assert console.status == 200


async def test_the_envelope_is_exact_and_each_reply_says_that_it_is_a_stand_in(freebit: Freebit) -> None:
    reply = await freebit("mvno/getDetail", requestDatas=[{"kind": "MVNO", "account": LINE}])
    assert (freebit.status, set(reply)) == (200, {"resultCode", "status"})
    assert set(reply["status"]) == {"statusCode", "message"}
    assert reply["resultCode"] == codes.NOT_FOUND and "placeholders" in freebit.headers["X-Stand-In"]


@pytest.mark.parametrize("multipart", [False, True])
async def test_the_json_field_may_come_urlencoded_or_multipart(freebit: Freebit, multipart: bool) -> None:
    body = {"authKey": freebit.key, "requestDatas": [{"kind": "MASTER"}]}
    assert (await freebit.raw("mvno/getDetail", body, multipart=multipart))["resultCode"] == "100"


async def test_other_methods_and_paths_are_no_calls(sandbox: Running, session: aiohttp.ClientSession) -> None:
    root = f"{sandbox.freebit_url}/emptool/api"
    for method, path, status in (("GET", "authOem/", 405), ("POST", "authOem", 404), ("POST", "mvno/nothing/", 404)):
        async with session.request(method, f"{root}/{path}", data={"json": "{}"}) as answer:
            assert answer.status == status


async def test_a_body_that_is_no_json_object_is_malformed(freebit: Freebit) -> None:
    assert (await freebit.raw("authOem", ["x"]))["resultCode"] == codes.MALFORMED


async def test_a_wrong_login_and_a_dead_key_are_refused_inside_a_200(
    freebit: Freebit, console: Console, clock: Clock
) -> None:
    await console("POST", "freebit/behaviour", {"key_s": 1800})
    clock.advance(1799)
    assert await freebit.detail() == codes.NOT_FOUND
    clock.advance(1)
    assert (await freebit.detail(), freebit.status) == (codes.KEY_DEAD, 200)
    assert await freebit.sign_in("wrong") == codes.LOGIN_REFUSED
    await freebit.sign_in()
    assert await freebit.detail() == codes.NOT_FOUND
    assert await console("POST", "freebit/keys/revoke") == {"revoked": 2}
    assert await freebit.detail() == codes.KEY_DEAD


async def test_a_result_code_may_come_as_a_number(freebit: Freebit, console: Console) -> None:
    await console("POST", "freebit/behaviour", {"numeric_codes": True})
    reply = await freebit("mvno/getDetail", requestDatas=[{"kind": "MASTER"}])
    assert reply["resultCode"] == 100


@pytest.mark.parametrize(("kind", "status"), [("http500", 500), ("html", 200), ("status429", 429)])
async def test_pages_instead_of_answers(sandbox: Running, console: Console, kind: str, status: int) -> None:
    await fail(console, kind)
    async with console.session.post(f"{sandbox.freebit_url}/emptool/api/authOem/", data={"json": "{}"}) as answer:
        assert (answer.status, answer.content_type) == (status, "text/html")


@pytest.mark.parametrize(("kind", "there"), [("down", False), ("lost", False), ("effect_no_reply", True)])
async def test_a_cut_connection_may_or_may_not_have_done_the_work(
    freebit: Freebit, console: Console, kind: str, there: bool
) -> None:
    await fail(console, kind, "mvno/esim/addAcnt", delay_ms=1)
    with pytest.raises(aiohttp.ClientError):
        await freebit("mvno/esim/addAcnt", **ESIM)
    assert (await freebit.detail() != codes.NOT_FOUND) is there


@pytest.mark.parametrize(("kind", "done"), [("late_reply", 1), ("slow", 0)])
async def test_a_late_reply_comes_after_the_work_and_a_slow_one_before_it(
    freebit: Freebit, console: Console, sandbox: Running, monkeypatch: pytest.MonkeyPatch, kind: str, done: int
) -> None:
    noted = []

    async def pause(seconds: float) -> None:
        lines = sandbox.world.store.value("SELECT COUNT(*) FROM fb_work WHERE account = ?", LINE)
        noted.append((seconds, lines))

    monkeypatch.setattr(sandbox.world.clock, "pause", pause)
    await fail(console, kind, "mvno/esim/addAcnt", delay_ms=60)
    assert await freebit.code("mvno/esim/addAcnt", **ESIM) == "100"
    assert noted == [(0.06, done)]


async def test_codes_on_demand_do_no_work(freebit: Freebit, console: Console) -> None:
    for kind, code in (("unknown_code", "999-999"), ("busy_code", codes.BUSY), ("auth_refused", codes.KEY_DEAD)):
        await fail(console, kind)
        assert await freebit.code("mvno/esim/addAcnt", **ESIM) == code
    assert await freebit.detail() == codes.NOT_FOUND


async def test_a_login_outage_leaves_keys_that_are_held(freebit: Freebit, console: Console) -> None:
    await fail(console, "http500", "authOem", times=None)
    with pytest.raises(ValueError, match="Expecting value"):
        await Freebit(freebit.session, freebit.sandbox).sign_in()
    assert await freebit.detail() == codes.NOT_FOUND


async def test_faults_of_others_are_refused(console: Console) -> None:
    for system, kind in (("freebit", "nvp_auth"), ("freebit", "lock_row"), ("whmcs", "late_reply")):
        await console("POST", "faults", {"system": system, "kind": kind})
        assert console.status == 400


async def test_the_call_log_holds_no_key(freebit: Freebit, console: Console) -> None:
    await freebit("mvno/esim/addAcnt", **ESIM)
    logged = [call for call in await console("GET", "calls") if call["system"] == "freebit"]
    assert [call["action"] for call in logged] == ["authOem", "mvno/esim/addAcnt"]
    assert logged[0]["params"] == {"oemId": "***", "oemKey": "***"} and freebit.key not in str(logged)
