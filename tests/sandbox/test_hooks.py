"""The signed webhook: signature, retry with the same event id, duplicates and bent deliveries."""

from __future__ import annotations

import asyncio

from sandbox.clock import Clock
from sandbox.whmcs.hooks import new_event_id, sign
from tests.sandbox.visitors import HOOK_SECRET, Console, Receiver

VECTOR = (
    b'{"event":"InvoicePaid","event_id":"01JTESTEVENT0000000000001",'
    b'"occurred_at":1760000000,"params":{"invoiceid":101}}'
)


def test_the_signature_matches_the_reference_vector() -> None:
    assert len(VECTOR) == 114
    wanted = "v1=1b6ddd444526066db7163e73c18d9cf00829c82043c96da94af8a642d70ef26a"
    assert sign(HOOK_SECRET, 1760000000, VECTOR) == wanted


def test_event_ids_are_ulids_and_sort_by_time() -> None:
    early, late = new_event_id(1_760_000_000), new_event_id(1_760_000_001)
    assert len(early) == 26 and early < late


async def test_a_delivery_is_signed_over_its_raw_body(console: Console, receiver: Receiver, clock: Clock) -> None:
    await console("POST", "hooks", {"event": "ClientEdit", "params": {"userid": 1001}})
    [(headers, body)] = receiver.got
    timestamp = int(headers["X-Whmcs-Timestamp"])
    assert headers["X-Whmcs-Signature"] == sign(HOOK_SECRET, timestamp, body)
    assert abs(timestamp - clock.unix()) < 5
    [parsed] = receiver.bodies()
    assert (parsed["event"], parsed["event_id"]) == (headers["X-Whmcs-Event"], headers["X-Whmcs-Event-Id"])


async def test_a_failed_delivery_comes_again_with_the_same_id_and_a_fresh_signature(
    console: Console, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [503]
    await console("POST", "hooks", {"event": "InvoicePaid", "params": {"invoiceid": 101}})
    assert len((await console("GET", "hooks"))["waiting"]) == 1
    clock.advance(10)
    await receiver.events(2)
    (first, body), (second, same_body) = receiver.got
    assert first["X-Whmcs-Event-Id"] == second["X-Whmcs-Event-Id"] and body == same_body
    assert int(second["X-Whmcs-Timestamp"]) >= int(first["X-Whmcs-Timestamp"]) + 9
    assert first["X-Whmcs-Signature"] != second["X-Whmcs-Signature"]


async def test_an_event_nobody_took_is_dropped_after_72_hours(
    console: Console, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [503]
    await console("POST", "hooks", {"event": "InvoicePaid", "params": {}})
    clock.advance(73 * 3600)
    await console.sandbox.world.hooks.flush()
    assert (await console("GET", "hooks"))["waiting"] == [] and len(receiver.got) == 1


async def test_a_refused_event_is_not_sent_again(console: Console, receiver: Receiver) -> None:
    receiver.answers = [400]
    await console("POST", "hooks", {"event": "InvoicePaid", "params": {}})
    assert (await console("GET", "hooks"))["waiting"] == []


async def test_a_duplicate_repeats_the_event_id(console: Console, receiver: Receiver) -> None:
    await console("POST", "hooks", {"event": "InvoicePaid", "params": {}, "duplicate": True})
    assert len({headers["X-Whmcs-Event-Id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2


async def test_stale_and_badly_signed_deliveries_can_be_asked_for(
    console: Console, receiver: Receiver, clock: Clock
) -> None:
    await console("POST", "hooks", {"event": "A", "params": {}, "options": {"stale": True}})
    await console("POST", "hooks", {"event": "B", "params": {}, "bad_signature": True})
    (stale, stale_body), (bad, bad_body) = receiver.got
    old = int(stale["X-Whmcs-Timestamp"])
    assert old < clock.unix() - 3000 and stale["X-Whmcs-Signature"] == sign(HOOK_SECRET, old, stale_body)
    assert bad["X-Whmcs-Signature"] != sign(HOOK_SECRET, int(bad["X-Whmcs-Timestamp"]), bad_body)


async def test_a_replay_repeats_every_byte_the_old_time_and_signature_included(
    console: Console, receiver: Receiver, clock: Clock
) -> None:
    fired = await console("POST", "hooks", {"event": "InvoicePaid", "params": {"invoiceid": 101}})
    clock.advance(3600)
    await console("POST", f"hooks/{fired['event_id']}/replay")
    (first, body), (second, same_body) = receiver.got
    assert body == same_body
    assert {name for name in first if name.startswith("X-Whmcs")} == {n for n in second if n.startswith("X-Whmcs")}
    assert [first[name] == second[name] for name in first if name.startswith("X-Whmcs")] == [True] * 4
    assert (await console("POST", "hooks/nothing/replay"))["error"] == "no such delivery is remembered"


async def test_a_delivery_can_be_late(console: Console, receiver: Receiver) -> None:
    late = asyncio.create_task(console("POST", "hooks", {"event": "First", "params": {}, "delay_ms": 300}))
    await asyncio.sleep(0)
    await console("POST", "hooks", {"event": "Second", "params": {}})
    await late
    assert [headers["X-Whmcs-Event"] for headers, _ in receiver.got] == ["Second", "First"]


async def test_without_a_receiver_nothing_is_spooled(console: Console) -> None:
    await console("POST", "invoices/101/refund")
    await asyncio.sleep(0)
    assert (await console("GET", "hooks"))["waiting"] == []


async def test_module_hooks_carry_ids_only(console: Console, receiver: Receiver) -> None:
    await console("POST", "services/40001/suspend")
    await receiver.events(1)
    [body] = receiver.bodies()
    assert body["event"] == "AfterModuleSuspend"
    assert body["params"] == {"serviceid": 40001, "userid": 1001, "pid": 182}
