"""Submitted carts: who holds one, how it moves, and what the completer finds."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.storage.carts import DROPPED, OPEN, PLACED, PLACING, UNSURE, CartRecord, Carts, LeaseLost
from portal_app.storage.encryption import DecryptionFailed
from tests.fakes.clock import FakeClock
from tests.storage.conftest import rows
from tests.storage.shopping import FILLED, PLAN, SIM, held, opened_again

MINUTE = timedelta(minutes=1)


@pytest.fixture
def carts(db, cipher, index, clock) -> Carts:
    return Carts(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> Carts:
    """The same carts as another process sees them."""
    return Carts(other_db, cipher, index, clock)


async def everything(db) -> list[tuple[object, ...]]:
    return await rows(db, "SELECT * FROM carts ORDER BY cart_id")


async def test_134_of_many_who_submit_at_once_one_holds_the_cart(carts, elsewhere, customer):
    kept = await carts.save(customer, FILLED, version=None)
    taking = [who.take(customer, SIM, version=1, order_key=kept.order_key) for who in [carts, elsewhere] * 4]
    taken = [record for record in await asyncio.gather(*taking) if record is not None]
    assert [(one.state, one.cart, one.fence) for one in taken] == [(PLACING, FILLED, 1)]


async def test_80_a_cart_that_changed_after_its_key_was_shown_is_not_taken(carts, customer):
    first = await carts.save(customer, PLAN, version=None)
    second = await carts.save(customer, FILLED, version=1)
    assert await carts.take(customer, SIM, version=2, order_key=first.order_key) is None
    assert await carts.take(customer, SIM, version=1, order_key=second.order_key) is None
    assert (await carts.find(customer, SIM)).state == OPEN


@pytest.mark.parametrize("state", [PLACING, UNSURE, PLACED, DROPPED])
async def test_k4_only_an_open_cart_is_taken(carts, customer, clock, state):
    record = await held(carts, customer, state)
    clock.advance(91)
    assert await carts.take(customer, SIM, version=record.version, order_key=record.order_key) is None


async def test_c1_a_cart_that_does_not_open_is_not_taken(db, carts, customer):
    kept = await carts.save(customer, FILLED, version=None)
    async with db.write() as session:
        await session.execute(text("UPDATE carts SET payload_sealed = 'v1.k1.x.x'"))
    with pytest.raises(DecryptionFailed):
        await carts.take(customer, SIM, version=1, order_key=kept.order_key)
    assert await rows(db, "SELECT state, lease_owner FROM carts") == [(OPEN, "")]


async def test_f1_what_a_step_notes_is_kept_with_it(carts, customer, clock):
    record = await held(carts, customer)
    noted = await carts.step(
        record, PLACING, draft_json='{"lines": []}', attempts=2, submitted_at=clock.now(), error_code="x" * 70
    )
    seen = await carts.find(customer, SIM)
    assert replace(noted, lease_owner="") == seen
    assert (seen.draft_json, seen.attempts, seen.submitted_at) == ('{"lines": []}', 2, clock.now())
    assert (seen.error_code, seen.version) == ("x" * 60, 1)


async def test_a_step_changes_nothing_that_is_not_its_business(carts, customer):
    with pytest.raises(TypeError, match="order_key"):
        await carts.step(await held(carts, customer), PLACED, order_key="another")


async def test_a_placed_cart_keeps_its_key_and_its_order_and_nothing_else(db, carts, customer):
    placed = await held(carts, customer, PLACED, salesforce_order_id="801", order_number="00000101")
    assert (placed.cart.plan, placed.draft_json) == ("", "")
    again = await carts.of_order_key(customer, placed.order_key)
    assert again == placed
    assert (again.state, again.salesforce_order_id, again.order_number) == (PLACED, "801", "00000101")
    assert await rows(db, "SELECT payload_sealed, draft_sealed, lease_owner FROM carts") == [("", "", "")]


async def test_k12_a_cart_that_surely_came_to_nothing_is_open_with_the_same_key(carts, customer):
    record = await carts.step(await held(carts, customer), PLACING, draft_json="{}")
    reopened = await opened_again(carts, record)
    assert (reopened.state, reopened.cart, reopened.order_key) == (OPEN, FILLED, record.order_key)
    assert (reopened.error_code, reopened.draft_json) == ("checkout.not_placed", "")
    taken = await carts.take(customer, SIM, version=record.version, order_key=record.order_key)
    assert (taken.fence, taken.error_code) == (record.fence + 1, "")


@pytest.mark.parametrize("ended", [PLACED, DROPPED])
async def test_nobody_moves_a_cart_that_ended(carts, customer, ended):
    record = await held(carts, customer)
    over = await carts.step(record, ended)
    for stale in (over, record):
        with pytest.raises(LeaseLost):
            await carts.step(stale, OPEN)


async def test_k9_a_zombies_step_changes_nothing_and_tells_it_to_stop(db, carts, elsewhere, customer, clock):
    zombie = await held(carts, customer)
    clock.advance(91)
    (successor,) = await elsewhere.claim_due(5)
    before = await everything(db)
    with pytest.raises(LeaseLost):
        await carts.step(zombie, PLACED, salesforce_order_id="801")
    await carts.release(zombie)
    assert await everything(db) == before
    assert (await elsewhere.step(successor, PLACED)).state == PLACED


async def test_k9_a_zombies_whole_transaction_is_undone(db, carts, elsewhere, users, customer, clock):
    zombie = await held(carts, customer)
    clock.advance(91)
    await elsewhere.claim_due(5)
    with pytest.raises(LeaseLost):
        async with db.write() as session:
            await session.execute(text("UPDATE users SET locale = 'ja'"))
            await carts.step_in(session, zombie, PLACED)
    assert (await users.get(customer.user_id)).locale == "en"


async def test_k9_a_record_that_was_only_seen_moves_nothing(carts, customer):
    record = await held(carts, customer)
    seen = [await carts.find(customer, SIM), *await carts.list_open(customer)]
    seen.append(await carts.of_order_key(customer, record.order_key))
    for one in (*seen, replace(record, fence=record.fence - 1), replace(record, lease_owner="another")):
        with pytest.raises(LeaseLost):
            await carts.step(one, PLACED)
    assert (await carts.step(record, PLACED)).state == PLACED


async def test_a_step_that_is_rolled_back_leaves_the_cart_and_its_holder_as_they_were(db, carts, customer):
    record = await held(carts, customer)
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await carts.step_in(session, record, PLACED)
            raise ZeroDivisionError
    assert (await carts.step(record, UNSURE)).cart == FILLED


async def test_i7_a_cart_whose_holder_died_is_found_after_ninety_seconds(carts, elsewhere, customer, clock):
    record = await carts.step(await held(carts, customer), PLACING, draft_json="{}")
    clock.advance(89)
    assert await elsewhere.claim_due(5) == []
    clock.advance(1)
    (found,) = await elsewhere.claim_due(5)
    assert (found.state, found.cart, found.draft_json, found.fence) == (PLACING, FILLED, "{}", record.fence + 1)
    assert await carts.claim_due(5) == []


async def test_every_step_holds_a_cart_for_another_ninety_seconds(carts, elsewhere, customer, clock):
    record = await held(carts, customer)
    clock.advance(80)
    await carts.step(record, PLACING)
    clock.advance(80)
    assert await elsewhere.claim_due(5) == []


async def test_f4_an_unsure_cart_waits_for_its_time(carts, elsewhere, customer, clock):
    unsure = await held(carts, customer, UNSURE, next_attempt_at=clock.now() + MINUTE)
    assert unsure.next_attempt_at == clock.now() + MINUTE
    assert await elsewhere.claim_due(5) == []
    clock.advance(60)
    (found,) = await elsewhere.claim_due(5)
    assert (found.state, found.cart) == (UNSURE, FILLED)
    assert (await elsewhere.step(found, PLACED, salesforce_order_id="801")).state == PLACED


async def test_i7_an_unsure_cart_without_a_time_is_due_at_once(carts, customer):
    await held(carts, customer, UNSURE)
    assert len(await carts.claim_due(5)) == 1


async def test_what_needs_a_person_is_not_claimed_any_more(carts, customer, clock):
    await held(carts, customer, UNSURE, error_code="lines_differ", next_attempt_at=None)
    clock.advance(timedelta(days=400))
    assert (await carts.prune(), await carts.claim_due(5)) == (0, [])
    assert (await carts.find(customer, SIM)).error_code == "lines_differ"


async def test_a_released_cart_is_due_at_once(carts, customer):
    await carts.release(await held(carts, customer))
    assert len(await carts.claim_due(5)) == 1


async def test_open_and_ended_carts_are_never_due(carts, customer, other_customer, clock):
    await opened_again(carts, await held(carts, customer))
    await held(carts, other_customer, PLACED)
    clock.advance(timedelta(days=1))
    assert await carts.claim_due(5) == []


async def test_f12_no_more_are_claimed_than_asked_for_and_the_longest_untouched_first(
    carts, customer, other_customer, clock
):
    second = await held(carts, customer, UNSURE)
    clock.advance(-10)
    first = await held(carts, other_customer, UNSURE)
    clock.advance(20)
    assert [one.cart_id for one in await carts.claim_due(1)] == [first.cart_id]
    assert [one.cart_id for one in await carts.claim_due(9)] == [second.cart_id]


async def test_workers_that_claim_at_once_share_the_carts(carts, elsewhere, customer, other_customer):
    for who in (customer, other_customer):
        await held(carts, who, UNSURE)
    claimed = await asyncio.gather(*(who.claim_due(2) for who in [carts, elsewhere] * 2))
    found = [one.cart_id for some in claimed for one in some]
    assert len(found) == len(set(found)) == 2


async def test_c1_a_cart_that_does_not_open_is_left_to_a_person_and_blocks_nobody(
    db, carts, customer, other_customer, clock
):
    broken, sound = [await held(carts, who, UNSURE) for who in (customer, other_customer)]
    async with db.write() as session:
        damage = "UPDATE carts SET payload_sealed = 'v1.k1.x.x' WHERE cart_id = :id"
        await session.execute(text(damage), {"id": broken.cart_id})
    assert [one.cart_id for one in await carts.claim_due(5)] == [sound.cart_id]
    parked = "SELECT state, error_code, next_attempt_at, lease_owner FROM carts WHERE cart_id = :id"
    assert await rows(db, parked, id=broken.cart_id) == [(UNSURE, "unreadable", None, "")]
    clock.advance(timedelta(days=1))
    assert [one.cart_id for one in await carts.claim_due(5)] == [sound.cart_id]


async def test_k9_clocks_that_disagree_never_make_two_holders(db, other_db, carts, cipher, index, customer, clock):
    record = await held(carts, customer)
    ahead = Carts(other_db, cipher, index, FakeClock(clock.now() + 10 * MINUTE))
    (taken,) = await ahead.claim_due(5)
    outcomes = await asyncio.gather(carts.step(record, PLACED), ahead.step(taken, PLACED), return_exceptions=True)
    assert isinstance(outcomes[0], LeaseLost)
    assert isinstance(outcomes[1], CartRecord)
