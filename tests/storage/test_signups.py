"""Sign-ups: what is kept, how it moves, who may move it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.errors import NotFound
from portal_app.storage.encryption import DecryptionFailed
from portal_app.storage.signups import (
    ADD_INTENT,
    ADDED,
    AWAITING_EMAIL,
    COMPENSATING,
    COMPLETED,
    EXPIRED,
    NEEDS_REVIEW,
    PROVEN,
    REFUSED,
    VERIFIED,
    WAITING_FOR_STAFF,
    LeaseLost,
    SignupPayload,
    Signups,
)
from tests.fakes.clock import FakeClock
from tests.storage.becoming import ACCOUNT, a_signup, held
from tests.storage.conftest import rows

DAY = timedelta(days=1)


@pytest.fixture
def signups(db, cipher, index, clock) -> Signups:
    return Signups(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> Signups:
    """The same sign-ups as another process sees them."""
    return Signups(other_db, cipher, index, clock)


async def everything(db) -> list[tuple[object, ...]]:
    return await rows(db, "SELECT * FROM signups ORDER BY signup_id")


async def test_a_new_sign_up_waits_for_its_email_and_for_nobody_else(db, signups, clock):
    signup_id = await a_signup(db, signups, user_id="future user")
    found = await signups.get(signup_id)
    details = '{"first_name": "Ada", "phone": "+81312345678"}'
    assert found.payload == SignupPayload(details, "hash", "ada@example.com")
    assert (found.state, found.user_id, found.locale) == (AWAITING_EMAIL, "future user", "ja")
    assert (found.sf_account_id, found.whmcs_client_id, found.attempts) == (ACCOUNT, 0, 0)
    assert (found.created_at, found.verified_at, found.next_attempt_at) == (clock.now(), None, None)
    clock.advance(30 * DAY)
    assert await signups.claim_due(10) == []


async def test_f1_a_sign_up_is_there_exactly_when_its_transaction_is(db, signups):
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await signups.new_row(
                session,
                signup_id="s",
                user_id="u",
                details_json="{}",
                password_hash="h",
                locale="en",
                email="ada@example.com",
                customer_number="1",
                sf_account_id=ACCOUNT,
            )
            raise ZeroDivisionError
    assert await everything(db) == []


async def test_an_unknown_sign_up_is_not_found(signups):
    with pytest.raises(NotFound):
        await signups.get("nobody")
    assert await signups.take("nobody") is None


async def test_c1_i5_a_dump_shows_nothing_that_was_typed(db, signups):
    await held(db, signups, password_hash="hash of a password")
    typed = ("ada@", "+8131", "hash of", "C-1001")
    assert not any(secret in str(value) for row in await everything(db) for value in row for secret in typed)


async def test_i5_a_record_prints_nothing_that_was_typed(db, signups):
    printed = repr(await held(db, signups))
    assert not any(secret in printed for secret in ("Ada", "ada@", "+8131", "'hash'"))


async def test_c1_what_was_typed_does_not_open_in_another_row(db, signups):
    one, two = await a_signup(db, signups), await a_signup(db, signups)
    async with db.write() as session:
        copied = "UPDATE signups SET payload_sealed = (SELECT payload_sealed FROM signups WHERE signup_id = :a)"
        await session.execute(text(copied + " WHERE signup_id = :b"), {"a": one, "b": two})
    with pytest.raises(DecryptionFailed):
        await signups.get(two)
    with pytest.raises(DecryptionFailed):
        await signups.take(two)
    assert await rows(db, "SELECT lease_owner FROM signups WHERE signup_id = :id", id=two) == [("",)]


async def test_the_newest_unverified_sign_up_of_an_address_waits_for_the_mail(db, signups, clock):
    await a_signup(db, signups)
    clock.advance(1)
    newer = await a_signup(db, signups)
    clock.advance(1)
    await held(db, signups)
    await a_signup(db, signups, email="bob@example.com")
    found = await signups.waiting_for_mail(" ADA@example.com")
    assert found is not None and found.signup_id == newer
    assert await signups.waiting_for_mail("eve@example.com") is None


async def test_a_held_row_is_nobody_elses_until_it_is_released(db, signups, elsewhere):
    record = await held(db, signups)
    assert await elsewhere.take(record.signup_id) is None
    assert await elsewhere.claim_due(5) == []
    await signups.release(record)
    assert (await elsewhere.take(record.signup_id)).fence == record.fence + 1


async def test_f13_an_abandoned_row_is_taken_over_after_ninety_seconds(db, signups, elsewhere, clock):
    record = await held(db, signups)
    clock.advance(89)
    assert await elsewhere.claim_due(5) == []
    clock.advance(1)
    (taken,) = await elsewhere.claim_due(5)
    assert (taken.signup_id, taken.fence) == (record.signup_id, record.fence + 1)


async def test_every_step_holds_the_row_for_another_ninety_seconds(db, signups, elsewhere, clock):
    record = await held(db, signups)
    clock.advance(80)
    await signups.step(record, PROVEN)
    clock.advance(80)
    assert await elsewhere.take(record.signup_id) is None


async def test_k9_a_zombies_step_changes_nothing_and_tells_it_to_stop(db, signups, elsewhere, clock):
    zombie = await held(db, signups)
    clock.advance(91)
    await elsewhere.take(zombie.signup_id)
    before = await everything(db)
    with pytest.raises(LeaseLost):
        await signups.step(zombie, COMPLETED, whmcs_client_id=66)
    with pytest.raises(LeaseLost):
        await signups.claim_account(zombie, ADD_INTENT)
    await signups.release(zombie)
    assert await everything(db) == before


async def test_k9_a_zombies_whole_transaction_is_undone(db, signups, elsewhere, users, clock):
    zombie = await held(db, signups, ADDED)
    clock.advance(91)
    await elsewhere.take(zombie.signup_id)
    with pytest.raises(LeaseLost):
        async with db.write() as session:
            await users.create_linked(
                session,
                user_id=zombie.user_id,
                email="ada@example.com",
                password_hash="hash",
                locale="ja",
                whmcs_client_id=7,
                sf_account_id=ACCOUNT,
            )
            await signups.step_in(session, zombie, COMPLETED)
    assert await users.find_by_email("ada@example.com") is None
    assert await users.find_customer_of_client(7) is None


async def test_k9_clocks_that_disagree_may_change_hands_early_but_never_make_two_holders(
    db, other_db, signups, cipher, index, clock
):
    record = await held(db, signups)
    behind = Signups(other_db, cipher, index, FakeClock(clock.now() - timedelta(minutes=10)))
    ahead = Signups(other_db, cipher, index, FakeClock(clock.now() + timedelta(minutes=10)))
    assert await behind.take(record.signup_id) is None
    successor = await ahead.take(record.signup_id)
    with pytest.raises(LeaseLost):
        await signups.step(record, PROVEN)
    assert (await ahead.step(successor, PROVEN)).state == PROVEN


async def test_k9_a_zombie_stays_one_when_its_successor_let_go(db, signups, elsewhere, clock):
    zombie = await held(db, signups)
    clock.advance(91)
    await elsewhere.release(await elsewhere.take(zombie.signup_id))
    with pytest.raises(LeaseLost):
        await signups.step(zombie, PROVEN)


async def test_k9_a_record_that_was_only_read_moves_nothing(db, signups):
    read = await signups.get(await a_signup(db, signups))
    with pytest.raises(LeaseLost):
        await signups.step(read, VERIFIED)
    assert (await signups.get(read.signup_id)).state == AWAITING_EMAIL


async def test_k9_an_older_fence_moves_nothing_whoever_shows_it(db, signups):
    record = await held(db, signups)
    for stale in (replace(record, fence=record.fence - 1), replace(record, lease_owner="another")):
        with pytest.raises(LeaseLost):
            await signups.step(stale, PROVEN)
    assert (await signups.step(record, PROVEN)).state == PROVEN


async def test_f1_a_step_is_kept_with_what_it_notes(db, signups, clock):
    record = await held(db, signups)
    noted = await signups.step(
        record,
        ADD_INTENT,
        sf_contact_id="003",
        case_id="500",
        whmcs_client_id=66,
        attempts=2,
        last_attempt_at=clock.now(),
        next_attempt_at=clock.now() + DAY,
        error_code="x" * 70,
        verified_at=clock.now(),
    )
    assert noted == await signups.get(record.signup_id)
    assert (noted.state, noted.whmcs_client_id, noted.error_code) == (ADD_INTENT, 66, "x" * 60)
    assert (await signups.step(noted, ADD_INTENT, last_attempt_at=None)).last_attempt_at is None


async def test_a_step_changes_nothing_that_is_not_its_business(db, signups):
    record = await held(db, signups)
    with pytest.raises(TypeError, match="user_id"):
        await signups.step(record, PROVEN, user_id="another")


async def test_a_step_that_is_rolled_back_leaves_the_row_and_its_holder_as_they_were(db, signups):
    record = await held(db, signups)
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await signups.step_in(session, record, PROVEN)
            raise ZeroDivisionError
    assert (await signups.get(record.signup_id)).state == VERIFIED
    assert (await signups.step(record, PROVEN)).state == PROVEN


@pytest.mark.parametrize("state", [COMPLETED, REFUSED, EXPIRED])
async def test_at_the_end_nothing_that_was_typed_is_left(db, signups, state):
    ended = await signups.step(await held(db, signups), state, error_code="why")
    assert ended.payload is None
    assert (await signups.get(ended.signup_id)).error_code == "why"
    assert await rows(db, "SELECT payload_sealed, claimed_account, lease_owner FROM signups") == [("", None, "")]


@pytest.mark.parametrize("state", [COMPLETED, REFUSED, EXPIRED])
async def test_nobody_moves_a_sign_up_that_ended(db, signups, state):
    ended = await signups.take((await signups.step(await held(db, signups), state)).signup_id)
    with pytest.raises(LeaseLost):
        await signups.step(ended, VERIFIED)
    assert (await signups.get(ended.signup_id)).state == state


async def test_what_needs_a_person_keeps_everything_and_is_listed(db, signups, clock):
    record = await signups.claim_account(await held(db, signups), ADD_INTENT)
    parked = await signups.step(record, NEEDS_REVIEW, error_code="timeout")
    assert (await signups.get(parked.signup_id)).payload is not None
    (listed,) = await signups.needing_review()
    assert (listed.signup_id, listed.error_code, listed.payload) == (parked.signup_id, "timeout", None)
    clock.advance(400 * DAY)
    assert (await signups.prune(), await signups.claim_due(5)) == (0, [])
    assert await signups.is_claimed(ACCOUNT)


@pytest.mark.parametrize("state", [VERIFIED, WAITING_FOR_STAFF, PROVEN, ADD_INTENT, ADDED, COMPENSATING])
async def test_i7_whatever_goes_on_by_itself_is_found_again(db, signups, clock, state):
    record = await held(db, signups, state)
    clock.advance(91)
    assert [found.state for found in await signups.claim_due(5)] == [record.state]


async def test_i7_a_row_put_back_to_work_without_a_time_is_due_at_once(db, signups):
    parked = await signups.step(await held(db, signups), NEEDS_REVIEW)
    taken = await signups.take(parked.signup_id)
    await signups.release(await signups.step(taken, VERIFIED))
    assert len(await signups.claim_due(5)) == 1


async def test_f12_rows_wait_for_their_time_and_come_longest_due_first(db, signups, clock):
    for seconds in (30, 10, 20):
        record = await held(db, signups, customer_number=str(seconds))
        await signups.release(
            await signups.step(
                record, VERIFIED, attempts=seconds, next_attempt_at=clock.now() + timedelta(seconds=seconds)
            )
        )
    assert await signups.claim_due(5) == []
    clock.advance(25)
    assert [found.attempts for found in await signups.claim_due(1)] == [10]
    assert [found.attempts for found in await signups.claim_due(5)] == [20]
    clock.advance(5)
    assert [found.attempts for found in await signups.claim_due(5)] == [30]


async def test_e9_two_workers_never_get_the_same_row(db, signups, elsewhere):
    for _ in range(12):
        await signups.release(await held(db, signups))
    claims = await asyncio.gather(*(who.claim_due(3) for who in [signups, elsewhere] * 4))
    got = [record.signup_id for claim in claims for record in claim]
    assert len(got) == len(set(got)) and all(len(claim) <= 3 for claim in claims)
    rest = await signups.claim_due(20)
    assert len({*got, *(record.signup_id for record in rest)}) == 12


@pytest.mark.parametrize("planner", ["enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_material"])
async def test_e9_no_more_are_taken_than_asked_for_whatever_the_planner_does(db, signups, planner):
    """PostgreSQL ran a subquery again for each row, and every run took more."""
    if db.dialect == "postgresql":
        async with db.write() as session:
            for name in ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_material", "enable_sort"):
                if name != planner:
                    await session.execute(text(f"SET {name} = off"))
    for _ in range(6):
        await signups.release(await held(db, signups))
    assert [len(await signups.claim_due(1)) for _ in range(6)] == [1] * 6


async def test_one_of_two_browsers_takes_the_row(db, signups, elsewhere):
    signup_id = await a_signup(db, signups)
    taken = await asyncio.gather(*(who.take(signup_id) for who in [signups, elsewhere] * 3))
    assert sum(record is not None for record in taken) == 1


async def test_a_row_that_does_not_open_is_left_to_a_person_and_blocks_nobody(db, signups):
    broken = await held(db, signups)
    await signups.release(broken)
    async with db.write() as session:
        await session.execute(text("UPDATE signups SET payload_sealed = 'v1.gone.x.y'"))
    fine = await held(db, signups)
    await signups.release(fine)
    assert [record.signup_id for record in await signups.claim_due(5)] == [fine.signup_id]
    (left,) = await signups.needing_review()
    assert (left.signup_id, left.error_code) == (broken.signup_id, "unreadable")


async def test_unverified_sign_ups_end_after_a_week(db, signups, clock):
    signup_id = await a_signup(db, signups)
    clock.advance(7 * DAY - timedelta(seconds=1))
    assert await signups.prune() == 0
    clock.advance(1)
    assert await signups.prune() == 1
    ended = await signups.get(signup_id)
    assert (ended.state, ended.payload) == (EXPIRED, None)
    assert await signups.waiting_for_mail("ada@example.com") is None


async def test_unverified_sign_ups_end_in_as_many_batches_as_it_takes(db, signups, clock, monkeypatch):
    monkeypatch.setattr("portal_app.storage.pruning.MOST_ROWS", 2)
    for _ in range(5):
        await a_signup(db, signups)
    clock.advance(7 * DAY)
    assert await signups.prune() == 5
    assert await signups.counts_by_state() == {EXPIRED: 5}
    clock.advance(90 * DAY)
    assert (await signups.prune(), await signups.counts_by_state()) == (5, {})


async def test_a_sign_up_in_somebodys_hands_does_not_end_under_them(db, signups, clock):
    signup_id = await a_signup(db, signups)
    clock.advance(7 * DAY)
    record = await signups.take(signup_id)
    assert await signups.prune() == 0
    assert (await signups.step(record, VERIFIED)).payload is not None


async def test_k9_whoever_lost_hold_of_an_ended_sign_up_cannot_revive_it(db, signups, clock):
    record = await signups.take(await a_signup(db, signups))
    clock.advance(8 * DAY)
    await signups.prune()
    with pytest.raises(LeaseLost):
        await signups.step(record, VERIFIED)
    assert (await signups.get(record.signup_id)).state == EXPIRED


async def test_ended_sign_ups_are_forgotten_after_three_months_and_others_never(db, signups, clock):
    await signups.step(await held(db, signups), COMPLETED)
    await signups.release(await held(db, signups))
    clock.advance(90 * DAY - timedelta(seconds=1))
    assert await signups.prune() == 0
    clock.advance(1)
    assert await signups.prune() == 1
    assert await signups.counts_by_state() == {VERIFIED: 1}


async def test_sign_ups_are_counted_by_state(db, signups):
    await a_signup(db, signups)
    await a_signup(db, signups)
    await held(db, signups)
    assert await signups.counts_by_state() == {AWAITING_EMAIL: 2, VERIFIED: 1}
