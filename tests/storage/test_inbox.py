"""Events are stored once, worked on by one, repeated, given up after a day."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy import event as engine_event

from portal_app.errors import InvalidInput
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.inbox import Accepted, Arrival, Inbox
from portal_app.storage.types import UtcDateTime
from portal_app.storage.work_queue import pause
from tests.storage.conftest import rows

BODY = '{"invoiceid": 12, "名": "ada"}'.encode()


@pytest.fixture
def inbox(db, cipher, clock) -> Inbox:
    return Inbox(db, cipher, clock)


async def accept(inbox: Inbox, event_id: str = "e1", body: bytes = BODY) -> Accepted:
    return await inbox.accept("whmcs", event_id, "InvoicePaid", body)


async def test_an_event_is_stored_and_claimed_as_it_came(inbox, clock):
    assert await accept(inbox) == Accepted(new=True)
    (event,) = await inbox.claim(10)
    assert (event.source, event.event_id, event.event_type, event.body) == ("whmcs", "e1", "InvoicePaid", BODY)
    assert (event.received_at, event.attempts) == (clock.now(), 0)


async def test_e1_a_repeat_has_no_effect(inbox):
    await accept(inbox)
    assert await accept(inbox) == Accepted(new=False)
    assert await inbox.depth() == 1


async def test_w4_a_repeat_with_another_body_has_no_effect_and_is_told(inbox):
    await accept(inbox)
    assert await accept(inbox, body=b"{}") == Accepted(new=False, differs=True)
    (event,) = await inbox.claim(10)
    assert event.body == BODY


async def test_e1_the_same_id_of_another_source_is_another_event(inbox):
    await accept(inbox)
    assert (await inbox.accept("salesforce", "e1", "x", b"{}")).new
    assert await inbox.depth() == 2


async def test_e1_of_many_deliveries_at_once_one_is_new(inbox, other_db, cipher, clock):
    other = Inbox(other_db, cipher, clock)
    outcomes = await asyncio.gather(*(accept(i) for i in [inbox, other] * 10))
    assert sum(o.new for o in outcomes) == 1


async def accept_all(inbox: Inbox, *event_ids: str) -> int:
    async with inbox._db.write() as tx:
        return await inbox.accept_all_in(tx, "salesforce", [Arrival(one, "X", BODY) for one in event_ids])


async def test_e1_of_many_events_stored_together_only_the_new_ones_count(inbox):
    assert await accept_all(inbox, "a", "b", "b") == 2
    assert await accept_all(inbox, "b", "c") == 1
    assert await accept_all(inbox) == 0
    assert sorted(event.event_id for event in await inbox.claim(10)) == ["a", "b", "c"]


async def test_e2_what_is_stored_in_a_transaction_is_undone_with_it(inbox, db):
    with pytest.raises(ZeroDivisionError):
        async with db.write() as tx:
            assert await inbox.accept_in(tx, "salesforce", "e1", "X", BODY)
            raise ZeroDivisionError
    assert await inbox.depth() == 0
    async with db.write() as tx:
        assert await inbox.accept_in(tx, "salesforce", "e1", "X", BODY)
        assert not await inbox.accept_in(tx, "salesforce", "e1", "X", BODY)


async def test_one_bad_id_among_many_stores_none(inbox):
    with pytest.raises(InvalidInput):
        await accept_all(inbox, "a", "")
    assert await inbox.depth() == 0


async def test_events_of_one_claim_are_done_together(inbox, clock):
    await accept_all(inbox, "a", "b", "c")
    first, second, third = await inbox.claim(10)
    assert await inbox.done(third)
    assert await inbox.all_done([first, second, third]) == 2
    assert (await inbox.all_done([]), await inbox.depth()) == (0, 0)


async def test_k9_of_a_claim_that_ran_out_nothing_is_done(inbox, clock):
    await accept_all(inbox, "a", "b")
    events = await inbox.claim(10)
    clock.advance(91)
    await inbox.claim(1)
    assert await inbox.all_done(events) == 1


async def test_the_oldest_waiting_event_of_a_source_is_known(inbox, clock):
    await accept(inbox)
    clock.advance(60)
    assert await inbox.oldest("salesforce") is None
    at = clock.now()
    await accept_all(inbox, "a")
    clock.advance(60)
    await accept_all(inbox, "b")
    assert await inbox.oldest("salesforce") == at
    await inbox.all_done(await inbox.claim(10))
    assert await inbox.oldest("salesforce") is None


async def test_c1_i5_a_dump_shows_nothing_of_a_body(inbox, db):
    await accept(inbox)
    (row,) = await rows(db, "SELECT * FROM inbox_events")
    assert not any("invoiceid" in str(value) for value in row)


@pytest.mark.parametrize("event_id", ["", "x" * 201])
async def test_an_id_of_no_or_too_great_length_is_refused(inbox, event_id):
    with pytest.raises(InvalidInput):
        await accept(inbox, event_id)


async def test_any_bytes_can_be_a_body(inbox):
    await accept(inbox, body=bytes(range(256)))
    assert (await inbox.claim(1))[0].body == bytes(range(256))


async def test_what_one_worker_claimed_another_does_not_get(inbox, other_db, cipher, clock):
    for n in range(20):
        await accept(inbox, f"e{n}")
    other = Inbox(other_db, cipher, clock)
    claims = await asyncio.gather(*(i.claim(3) for i in [inbox, other] * 4))
    claimed = [event.event_id for events in claims for event in events]
    assert len(claimed) == len(set(claimed)) == 20


async def test_the_oldest_come_first(inbox, clock):
    for event_id in ("b", "a", "c"):
        await accept(inbox, event_id)
        clock.advance(1)
    assert [e.event_id for e in await inbox.claim(2)] == ["b", "a"]
    assert [e.event_id for e in await inbox.claim(2)] == ["c"]


async def test_what_is_done_is_not_claimed_again_and_still_recognised(inbox, clock):
    await accept(inbox)
    (event,) = await inbox.claim(1)
    assert await inbox.done(event)
    clock.advance(timedelta(days=7))
    assert (await inbox.claim(1), await inbox.depth()) == ([], 0)
    assert await accept(inbox) == Accepted(new=False)


async def test_i2_an_event_whose_worker_died_comes_back_when_the_lease_ends(inbox, clock):
    await accept(inbox)
    await inbox.claim(1)
    clock.advance(89)
    assert await inbox.claim(1) == []
    clock.advance(1)
    assert len(await inbox.claim(1)) == 1


async def test_k9_a_worker_that_lost_its_lease_changes_nothing(inbox, clock):
    await accept(inbox)
    (slow,) = await inbox.claim(1)
    clock.advance(91)
    (quick,) = await inbox.claim(1)
    assert not await inbox.done(slow)
    assert not await inbox.failed(slow, "timeout")
    assert await inbox.done(quick)


async def test_a_failed_event_comes_back_after_growing_pauses(inbox, clock):
    await accept(inbox)
    for attempt, seconds in enumerate([5, 15, 60, 300, 900, 3600, 3600]):
        (event,) = await inbox.claim(1)
        assert event.attempts == attempt
        assert await inbox.failed(event, "timeout")
        clock.advance(seconds * 0.79)
        assert await inbox.claim(1) == []
        clock.advance(seconds * 0.42)


async def test_i2_an_event_that_fails_for_a_day_is_left_to_a_person(inbox, db, clock):
    await accept(inbox)
    clock.advance(timedelta(hours=24))
    (event,) = await inbox.claim(1)
    await inbox.failed(event, "timeout")
    clock.advance(timedelta(days=30))
    assert (await inbox.claim(1), await inbox.depth(), await inbox.prune()) == ([], 0, 0)
    assert await rows(db, "SELECT error_code FROM inbox_events WHERE gave_up_at IS NOT NULL") == [("timeout",)]


async def test_an_event_that_can_never_work_is_left_to_a_person_at_once(inbox):
    await accept(inbox)
    (event,) = await inbox.claim(1)
    await inbox.failed(event, "bad_shape", final=True)
    assert await inbox.depth() == 0


async def test_e6_an_event_that_cannot_be_opened_blocks_nobody(inbox, db, clock):
    await Inbox(db, FieldCipher({"lost": bytes(range(9, 41))}), clock).accept("whmcs", "e0", "x", b"{}")
    await accept(inbox)
    assert [e.event_id for e in await inbox.claim(10)] == ["e1"]
    assert await inbox.depth() == 1


async def test_old_events_are_forgotten_in_short_transactions(inbox, db, clock, monkeypatch):
    monkeypatch.setattr("portal_app.storage.work_queue.MOST_ROWS", 2)
    for n in range(5):
        await accept(inbox, f"e{n}")
    while events := await inbox.claim(10):
        for event in events:
            await inbox.done(event)
    await accept(inbox, "waiting")
    clock.advance(timedelta(days=8, seconds=1))
    assert await inbox.prune() == 5
    assert await rows(db, "SELECT event_id FROM inbox_events") == [("waiting",)]


def test_f12_pauses_vary_by_a_fifth():
    seen = [pause(0).total_seconds() for _ in range(200)]
    assert 4 <= min(seen) < 4.5 and 5.5 < max(seen) <= 6


DONE_LONG_AGO = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO inbox_events (inbox_id, source, event_id, event_type, body_sealed, received_at, next_attempt_at,
                              attempts, lease_owner, error_code, processed_at)
    SELECT 'i' || i, 'salesforce', 'e' || i, 'x', 'x', :at, :at, 0, '', '', CASE WHEN i > 500 THEN :at END FROM n
"""


async def test_the_age_of_the_oldest_is_told_without_going_through_all_that_was_done(inbox, db):
    asked: list[tuple[str, object]] = []
    engine_event.listen(
        db._engine.sync_engine, "before_cursor_execute", lambda *about: asked.append((str(about[2]), about[3]))
    )
    async with db.write() as tx:
        at = bindparam("at", datetime(2026, 1, 1, tzinfo=UTC), UtcDateTime)
        await tx.execute(text(DONE_LONG_AGO).bindparams(at))
        await tx.execute(text("ANALYZE"))
    await inbox.oldest("salesforce")
    statement, values = asked[-1]
    explain = "EXPLAIN" if db.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    async with db.read() as session:
        connection = await session.connection()
        plan = str((await connection.exec_driver_sql(f"{explain} {statement}", values)).all())
    assert "ix_inbox_events_received_at" not in plan
