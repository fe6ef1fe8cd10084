"""Orders on their way: received once, held by one, moved with history, woken when something was heard of them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from portal_app.domain.fulfilment import BilledLine, Code, Hold, State
from portal_app.observability import correlation
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments, LeaseLost
from tests.fakes.clock import FakeClock
from tests.storage.conftest import rows

ORDER, OTHER = "801000000000001AAA", "801000000000002AAA"
LINES = (BilledLine(1, "802000000000001AAA", "NET-1G", 11, "monthly", Decimal("4500.00"), True),)
MINUTE = timedelta(minutes=1)
FACTS: dict[str, Any] = {
    "order_number": "00000101",
    "line": "internet",
    "lines": LINES,
    "whmcs_service_ids": {1: 501, 2: 502},
    "sim_number": "+819012345678",
}


@pytest.fixture
def fulfilments(db, cipher, clock) -> Fulfilments:
    return Fulfilments(db, cipher, clock)


@pytest.fixture
def elsewhere(other_db, cipher, clock) -> Fulfilments:
    """The same orders as another process sees them."""
    return Fulfilments(other_db, cipher, clock)


async def claimed(fulfilments: Fulfilments, order_id: str = ORDER) -> FulfilmentRecord:
    await fulfilments.receive(order_id)
    record = await fulfilments.claim(order_id)
    assert record is not None
    return record


async def at(fulfilments: Fulfilments, *states: State, order_id: str = ORDER, **noted: Any) -> FulfilmentRecord:
    """An order moved through these states by whoever holds it; the last move notes the facts."""
    record = await claimed(fulfilments, order_id)
    for state in states[:-1]:
        record = await fulfilments.step(record, state)
    return await fulfilments.step(record, states[-1], **noted)


async def paused(fulfilments: Fulfilments, code: Code, user_id: str, order_id: str = ORDER) -> FulfilmentRecord:
    record = await at(fulfilments, State.VALIDATED, order_id=order_id, user_id=user_id)
    held = {"hold": Hold.PAUSED, "next_attempt_at": None, "error_code": code}
    return await fulfilments.step(record, State.VALIDATED, **held)


async def everything(db) -> list[Any]:
    found = [await rows(db, f"SELECT * FROM {table}") for table in ("fulfilments", "fulfilment_steps")]
    return [sorted(map(str, some)) for some in found]


async def test_i1_an_order_is_received_once_whoever_says_so_and_however_often(db, fulfilments, elsewhere):
    said = await asyncio.gather(*(who.receive(ORDER) for who in [fulfilments, elsewhere] * 5))
    assert sorted(said) == ["known"] * 9 + ["new"]
    assert await rows(db, "SELECT salesforce_order_id, state FROM fulfilments") == [(ORDER, "RECEIVED")]


async def test_i2_what_was_received_is_due_at_once_and_remembers_who_asked(fulfilments):
    await fulfilments.receive(ORDER, correlation_id="AB12-CD34")
    (record,) = await fulfilments.claim_due(5)
    assert (record.state, record.hold, record.correlation_id) == (State.RECEIVED, Hold.NONE, "AB12-CD34")
    assert (record.lines, record.whmcs_service_ids, record.sim_number, record.report) == ((), {}, "", "")


async def test_workers_that_claim_at_once_share_the_orders(fulfilments, elsewhere):
    for n in range(6):
        await fulfilments.receive(f"80100000000000{n}AAA")
    claims = await asyncio.gather(*(who.claim_due(2) for who in [fulfilments, elsewhere] * 2))
    found = [one.salesforce_order_id for some in claims for one in some]
    assert len(found) >= 2
    rest = [one.salesforce_order_id for one in await fulfilments.claim_due(9)]
    assert len({*found, *rest}) == len(found) + len(rest) == 6


async def test_of_many_who_claim_one_order_one_holds_it(fulfilments, elsewhere):
    await fulfilments.receive(ORDER)
    claims = await asyncio.gather(*(who.claim(ORDER) for who in [fulfilments, elsewhere] * 4))
    assert [one.fence for one in claims if one is not None] == [1]


async def test_no_more_are_claimed_than_asked_for_and_the_longest_due_first(fulfilments, clock):
    await fulfilments.receive(OTHER)
    clock.advance(5)
    await fulfilments.receive(ORDER)
    assert [one.salesforce_order_id for one in await fulfilments.claim_due(1)] == [OTHER]
    assert [one.salesforce_order_id for one in await fulfilments.claim_due(9)] == [ORDER]


async def test_a_step_keeps_what_it_notes_and_holds_on(fulfilments, clock):
    clock.advance(30)
    noted = await at(fulfilments, State.VALIDATED, **FACTS)
    kept = await fulfilments.get(ORDER)
    assert replace(noted, lease_owner="") == kept
    assert (kept.lines, kept.whmcs_service_ids, kept.sim_number) == (LINES, {1: 501, 2: 502}, "+819012345678")
    assert await fulfilments.claim_due(5) == [] and noted.lease_owner


async def test_c1_the_number_of_a_line_is_not_readable_in_a_dump(db, fulfilments):
    record = await at(fulfilments, State.VALIDATED, **FACTS)
    assert "9012345678" not in str(await everything(db)) and "9012345678" not in repr(record)


async def test_texts_are_cut_to_what_their_columns_hold(fulfilments):
    noted = await at(fulfilments, State.VALIDATED, error_code="x" * 70, error_text="y" * 300, order_number="z" * 40)
    assert (len(noted.error_code), len(noted.error_text), len(noted.order_number)) == (60, 255, 30)


async def test_f14_every_step_leaves_a_line_of_history(fulfilments, clock):
    correlation.bind("AB12-CD34")
    record = await at(fulfilments, State.VALIDATED)
    clock.advance(3)
    await fulfilments.step(
        record,
        State.VALIDATED,
        hold=Hold.PAUSED,
        next_attempt_at=None,
        took_ms=70,
        attempts=2,
        error_code=Code.MAPPING_ERROR,
    )
    first, second = await fulfilments.history(ORDER)
    assert (first.step_no, first.from_state, first.to_state, first.hold) == (1, "RECEIVED", "VALIDATED", "")
    assert (second.step_no, second.to_state, second.hold, second.code) == (2, "VALIDATED", "PAUSED", "MAPPING_ERROR")
    assert (second.attempt, second.took_ms, second.correlation_id) == (2, 70, "AB12-CD34")
    assert second.at - first.at == timedelta(seconds=3)


async def test_a_step_goes_only_where_the_machine_has_a_way(fulfilments):
    record = await claimed(fulfilments)
    with pytest.raises(ValueError, match="RECEIVED"):
        await fulfilments.step(record, State.ADDED)
    with pytest.raises(TypeError, match="fence"):
        await fulfilments.step(record, State.VALIDATED, fence=7)


async def test_k9_a_zombies_step_changes_nothing_and_tells_it_to_stop(db, fulfilments, elsewhere, clock):
    zombie = await claimed(fulfilments)
    clock.advance(91)
    (successor,) = await elsewhere.claim_due(5)
    before = await everything(db)
    for write in (
        fulfilments.step(zombie, State.VALIDATED),
        fulfilments.put_off(zombie, None),
        fulfilments.renew(zombie),
    ):
        with pytest.raises(LeaseLost):
            await write
    await fulfilments.release(zombie)
    assert await everything(db) == before
    assert (await elsewhere.step(successor, State.VALIDATED)).fence == zombie.fence + 1


async def test_k9_the_fence_alone_stops_an_old_holder(db, fulfilments):
    record = await claimed(fulfilments)
    for stale in (replace(record, fence=0), replace(record, lease_owner="another"), replace(record, lease_owner="")):
        with pytest.raises(LeaseLost):
            await fulfilments.step(stale, State.VALIDATED)
    assert (await fulfilments.get(ORDER)).state is State.RECEIVED


async def test_out_of_order_a_step_that_was_made_already_is_not_made_again(fulfilments):
    record = await claimed(fulfilments)
    await fulfilments.step(record, State.VALIDATED)
    with pytest.raises(LeaseLost):
        await fulfilments.step(record, State.VALIDATED)
    assert len(await fulfilments.history(ORDER)) == 1


async def test_k9_a_zombies_whole_transaction_is_undone(db, fulfilments, elsewhere, users, customer, clock):
    zombie = await claimed(fulfilments)
    clock.advance(91)
    await elsewhere.claim_due(5)
    with pytest.raises(LeaseLost):
        async with db.write() as tx:
            await tx.execute(text("UPDATE users SET locale = 'ja'"))
            await fulfilments.step_in(tx, zombie, State.VALIDATED)
    assert (await users.get(customer.user_id)).locale == "en"


async def test_i7_an_order_whose_holder_died_is_found_after_its_lease(fulfilments, elsewhere, clock):
    record = await at(fulfilments, State.VALIDATED, **FACTS)
    clock.advance(89)
    assert await elsewhere.claim_due(5) == [] and await elsewhere.claim(ORDER) is None
    clock.advance(1)
    (found,) = await elsewhere.claim_due(5)
    assert (found.state, found.lines, found.sim_number) == (State.VALIDATED, LINES, "+819012345678")
    assert (found.fence, found.step_no) == (record.fence + 1, 1)


async def test_f13b_the_lease_is_a_setting_and_is_renewed(db, other_db, cipher, clock):
    short = Fulfilments(db, cipher, clock, lease=timedelta(seconds=2))
    other = Fulfilments(other_db, cipher, clock, lease=timedelta(seconds=2))
    record = await claimed(short)
    clock.advance(1.5)
    await short.renew(record)
    clock.advance(1.5)
    assert await other.claim_due(5) == []
    clock.advance(0.5)
    assert len(await other.claim_due(5)) == 1


async def test_k9_clocks_that_disagree_never_make_two_holders(db, other_db, fulfilments, cipher, clock):
    record = await claimed(fulfilments)
    ahead = Fulfilments(other_db, cipher, FakeClock(clock.now() + 10 * MINUTE))
    (taken,) = await ahead.claim_due(5)
    steps = fulfilments.step(record, State.VALIDATED), ahead.step(taken, State.VALIDATED)
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    assert isinstance(outcomes[0], LeaseLost) and isinstance(outcomes[1], FulfilmentRecord)


async def test_an_order_that_is_put_off_is_let_go_and_due_at_its_time(fulfilments, elsewhere, clock):
    record = await claimed(fulfilments)
    off = await fulfilments.put_off(record, clock.now() + MINUTE, attempts=1)
    assert (off.lease_owner, off.next_attempt_at) == ("", clock.now() + MINUTE)
    clock.advance(59)
    assert await elsewhere.claim_due(5) == []
    clock.advance(1)
    (found,) = await elsewhere.claim_due(5)
    assert (found.attempts, await fulfilments.history(ORDER)) == (1, [])


async def test_what_waits_for_somebody_is_not_claimed_until_it_is_woken(fulfilments, customer, clock):
    await paused(fulfilments, Code.MAPPING_ERROR, customer.user_id)
    clock.advance(timedelta(days=400))
    assert await fulfilments.claim_due(5) == []
    assert await fulfilments.receive(ORDER) == "woken"
    (found,) = await fulfilments.claim_due(5)
    assert (found.hold, found.error_code, found.is_woken) == (Hold.PAUSED, "MAPPING_ERROR", True)


async def test_the_failures_of_what_was_left_to_a_person_are_counted_anew(fulfilments, clock):
    since = {"attempts": 9, "failing_since": clock.now(), "next_attempt_at": None, "hold": Hold.REVIEW}
    await at(fulfilments, State.VALIDATED, **since)
    await fulfilments.receive(ORDER)
    (found,) = await fulfilments.claim_due(5)
    assert (found.attempts, found.failing_since) == (0, None)


async def test_f12_an_event_makes_a_retry_due_and_the_day_goes_on(fulfilments, clock):
    since = {"attempts": 3, "failing_since": clock.now(), "next_attempt_at": clock.now() + MINUTE, "hold": Hold.RETRY}
    await at(fulfilments, State.VALIDATED, **since)
    assert await fulfilments.receive(ORDER) == "woken"
    (found,) = await fulfilments.claim_due(5)
    assert (found.attempts, found.failing_since) == (3, clock.now())


@pytest.mark.parametrize("wake", ["event", "customer"])
async def test_e5_a_hint_during_the_decision_to_wait_is_not_lost(fulfilments, elsewhere, customer, clock, wake):
    record = await at(fulfilments, State.VALIDATED, user_id=customer.user_id)
    if wake == "event":
        assert await elsewhere.receive(ORDER) == "known"
    else:
        assert await elsewhere.wake_waiting(customer.user_id, {Code.PAYMENT_METHOD_MISSING}) == 0
    waits = {"hold": Hold.PAUSED, "next_attempt_at": None, "error_code": Code.PAYMENT_METHOD_MISSING}
    held = await fulfilments.step(record, State.VALIDATED, **waits)
    assert (held.lease_owner, held.next_attempt_at) == ("", clock.now())
    assert (await fulfilments.get(ORDER)).is_woken
    (found,) = await elsewhere.claim_due(5)
    await elsewhere.put_off(found, None)
    assert await fulfilments.claim_due(5) == []


async def test_e5_a_hint_is_not_lost_either_while_its_holder_still_tells_others(fulfilments, elsewhere, clock):
    record = await at(fulfilments, State.VALIDATED)
    await elsewhere.receive(ORDER)
    held = await fulfilments.step(record, State.VALIDATED, hold=Hold.PAUSED, report="failed")
    for later in (clock.now(), clock.now() + MINUTE):
        held = await fulfilments.put_off(held, later, report="")
    (found,) = await elsewhere.claim_due(5)
    assert found.is_woken


async def test_a_hint_before_the_last_step_asks_for_no_second_look(fulfilments):
    record = await claimed(fulfilments)
    await fulfilments.receive(ORDER)
    record = await fulfilments.step(record, State.VALIDATED)
    await fulfilments.step(record, State.VALIDATED, hold=Hold.PAUSED, next_attempt_at=None)
    assert await fulfilments.claim_due(5) == []


async def test_what_is_over_is_never_woken(fulfilments):
    over = await at(fulfilments, State.CANCELLED)
    assert over.is_over and over.lease_owner == ""
    assert await fulfilments.receive(ORDER) == "known"
    assert (await fulfilments.claim_due(5), await fulfilments.claim(ORDER)) == ([], None)
    with pytest.raises(LeaseLost):
        await fulfilments.step(replace(over, state=State.RECEIVED), State.VALIDATED)


async def test_only_the_orders_of_that_customer_that_wait_for_that_are_woken(fulfilments, customer, other_customer):
    await paused(fulfilments, Code.PAYMENT_METHOD_MISSING, customer.user_id)
    await paused(fulfilments, Code.SIM_STOCK_MISSING, customer.user_id, OTHER)
    await paused(fulfilments, Code.PAYMENT_METHOD_MISSING, other_customer.user_id, "801000000000003AAA")
    assert await fulfilments.wake_waiting("", {Code.PAYMENT_METHOD_MISSING}) == 0
    assert await fulfilments.wake_waiting(customer.user_id, {Code.PAYMENT_METHOD_MISSING}) == 1
    assert [one.salesforce_order_id for one in await fulfilments.claim_due(5)] == [ORDER]


async def test_o2_nobody_sees_how_far_somebody_elses_order_is(fulfilments, customer, other_customer, clock):
    await at(fulfilments, State.VALIDATED, user_id=customer.user_id, whmcs_order_id=9, error_code=Code.WHMCS_ERROR)
    mine = await fulfilments.progress(customer, ORDER)
    assert (mine.state, mine.billed, mine.set_up, mine.code) == (State.VALIDATED, True, False, "WHMCS_ERROR")
    assert mine.updated_at == clock.now()
    assert await fulfilments.progress(other_customer, ORDER) is None
    assert await fulfilments.progress(customer, OTHER) is None


async def test_the_overview_counts_and_the_depth_is_what_is_due(fulfilments, clock):
    await at(fulfilments, State.VALIDATED)
    await at(fulfilments, State.CANCELLED, order_id=OTHER)
    await at(
        fulfilments,
        State.VALIDATED,
        order_id="801000000000003AAA",
        hold=Hold.REVIEW,
        next_attempt_at=None,
    )
    assert await fulfilments.overview() == {
        (State.VALIDATED, Hold.NONE): 1,
        (State.CANCELLED, Hold.NONE): 1,
        (State.VALIDATED, Hold.REVIEW): 1,
    }
    assert await fulfilments.depth() == 1
    assert [one.salesforce_order_id for one in await fulfilments.held(5)] == ["801000000000003AAA"]


async def test_f14_only_what_should_move_and_does_not_is_stuck(fulfilments, clock):
    later, failing = clock.now() + timedelta(hours=2), {"failing_since": clock.now()}
    expected = ["801000000000001AAA", "801000000000002AAA"]
    await at(fulfilments, State.VALIDATED, order_id=expected[0])
    off = {"hold": Hold.RETRY, "next_attempt_at": later, **failing}
    await at(fulfilments, State.VALIDATED, order_id=expected[1], **off)
    await at(fulfilments, State.VALIDATED, State.SCHEDULED, order_id="801000000000003AAA", next_attempt_at=later)
    await at(fulfilments, State.VALIDATED, order_id="801000000000004AAA", hold=Hold.PAUSED, next_attempt_at=None)
    await at(fulfilments, State.VALIDATED, order_id="801000000000005AAA", next_attempt_at=None)
    await at(fulfilments, State.CANCELLED, order_id="801000000000006AAA")
    clock.advance(29 * MINUTE)
    assert await fulfilments.stuck(30 * MINUTE) == []
    clock.advance(MINUTE)
    assert sorted(one.salesforce_order_id for one in await fulfilments.stuck(30 * MINUTE)) == expected


async def test_the_known_of_many_orders_are_found_at_once(fulfilments):
    await fulfilments.receive(ORDER)
    asked = [ORDER, *(f"801{n:012d}XXX" for n in range(450))]
    assert list(await fulfilments.known(asked)) == [ORDER]
    assert await fulfilments.get(OTHER) is None


async def test_c1_an_order_that_does_not_open_is_left_to_a_person_and_blocks_nobody(db, fulfilments, clock):
    await at(fulfilments, State.VALIDATED, sim_number="+819012345678")
    clock.advance(91)
    await fulfilments.receive(OTHER)
    async with db.write() as tx:
        damage = f"UPDATE fulfilments SET sim_sealed = 'v1.k1.x.x' WHERE salesforce_order_id = '{ORDER}'"
        await tx.execute(text(damage))
    assert [one.salesforce_order_id for one in await fulfilments.claim_due(5)] == [OTHER]
    left = await fulfilments.get(ORDER)
    assert (left.hold, left.error_code, left.sim_number) == (Hold.REVIEW, "PROVISIONING_ERROR", "")


async def test_two_years_later_an_order_and_its_history_are_forgotten(db, fulfilments, clock):
    await at(fulfilments, State.CANCELLED)
    await at(fulfilments, State.VALIDATED, order_id=OTHER)
    clock.advance(timedelta(days=729))
    assert await fulfilments.prune() == 0
    clock.advance(timedelta(days=2))
    assert await fulfilments.prune() == 1
    assert await rows(db, "SELECT salesforce_order_id FROM fulfilment_steps") == [(OTHER,)]
    assert await fulfilments.get(ORDER) is None
