"""Events and cursor together or not at all; no gap goes unnoticed; only who leads stores: E1, E2, E3, E6, E9."""

import shutil

import pytest
from sqlalchemy import text

from portal_app.integrations.salesforce.pubsub.subscriber import NotStored
from portal_app.integrations.salesforce.pubsub.wire import After, Preset
from tests.fakes.events import CHANGES, ORDERS, Intake, batch, quarantined, received


@pytest.fixture
async def intake(migrated_file, tmp_path):
    database = tmp_path / "portal.db"
    shutil.copy(migrated_file, database)
    made = Intake(database)
    yield made
    await made.close()


@pytest.fixture
async def rival(intake):
    """Another process over the same database."""
    made = Intake(intake.database, intake.clock)
    yield made
    await made.close()


async def restarted(intake: Intake, **changes) -> Intake:
    await intake.close()
    return Intake(intake.database, intake.clock, **changes)


async def test_e2_events_what_is_unreadable_and_the_cursor_are_stored_together(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1), quarantined(), received(2), cursor=b"\x00c"))
    assert await intake.kept() == ["e1", "e2"]
    assert await intake.quarantine.count() == 1
    assert await intake.sink.start(ORDERS) == After(b"\x00c")


async def test_e2_when_the_events_cannot_be_stored_the_cursor_stays(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1), cursor=b"before"))
    async with intake.db.write() as tx:
        await tx.execute(text("ALTER TABLE quarantined_events RENAME TO gone"))
    with pytest.raises(Exception, match="quarantined_events"):
        await intake.sink.store(batch(received(2), quarantined(), cursor=b"after"))
    assert await intake.sink.start(ORDERS) == After(b"before")
    assert await intake.kept() == ["e1"]


async def test_e2_a_word_without_events_moves_the_cursor_and_wakes_nobody(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(cursor=b"alive"))
    assert await intake.sink.start(ORDERS) == After(b"alive")
    assert "work:inbox" not in intake.heard


async def test_the_inbox_is_worked_on_at_once_and_not_for_repeats(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1), received(2)))
    await intake.sink.store(batch(received(2), received(1)))
    assert intake.heard.count("work:inbox") == 1


async def test_e1_an_event_is_known_by_its_id_whatever_its_replay_id(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1, replay_id=b"old"), received(1, replay_id=b"new")))
    await intake.sink.store(batch(received(2, replay_id=b"old")))
    assert await intake.kept() == ["e1", "e2"]


@pytest.mark.parametrize("event_id", ["", "x" * 500, "\x00", "\ud800", "名" * 200, "a\nb"])
async def test_e6_no_event_id_stops_the_stream(intake, event_id):
    await intake.sink.start(ORDERS)
    for _ in range(2):
        await intake.sink.store(batch(received(event_id=event_id), quarantined(event_id=event_id)))
    assert len(await intake.kept()) == await intake.quarantine.count() == 1


@pytest.mark.parametrize(("everything", "begins"), [(False, Preset.LATEST), (True, Preset.EARLIEST)])
async def test_a_topic_without_a_cursor_begins_as_the_setting_says(intake, everything, begins):
    intake = await restarted(intake, everything=everything)
    assert await intake.sink.start(ORDERS) == begins
    assert (await intake.cursors.gap() is not None) is (begins is Preset.LATEST)


async def test_e3_a_refused_cursor_means_everything_retained_until_one_is_stored_over_restarts(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(cursor=b"lost"))
    await intake.sink.cursor_lost(ORDERS)
    for _ in range(2):
        assert await intake.sink.start(ORDERS) == Preset.EARLIEST
        intake = await restarted(intake)
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1), cursor=b"new"))
    assert await intake.sink.start(ORDERS) == After(b"new")


async def test_e3_h5_a_lost_cursor_flushes_what_events_keep_fresh_and_calls_the_reconciler(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch())
    intake.caches.calls.clear(), intake.heard.clear()
    at = intake.clock.now()
    intake.clock.advance(60)
    await intake.sink.cursor_lost(ORDERS)
    assert intake.caches.calls == ["everything"]
    assert intake.heard == ["work:reconcile"]
    assert await intake.cursors.gap() <= at


async def test_e3_h5_a_crash_right_after_a_cursor_was_given_up_still_flushes(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch())
    await intake.cursors.give_up(ORDERS.name, intake.sink._fences[ORDERS.name])
    intake = await restarted(intake)
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received()))
    assert intake.caches.calls == ["everything"]
    assert intake.heard == ["work:reconcile", "work:inbox"]


async def test_h5_beginning_with_now_flushes_once_with_the_first_word_and_not_sooner(intake):
    for _ in range(3):
        assert await intake.sink.start(ORDERS) == Preset.LATEST
    assert intake.caches.calls == [], "while events are still missed it would be filled again"
    await intake.sink.store(batch())
    await intake.sink.store(batch())
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch())
    assert intake.caches.calls == ["everything"]


async def test_h5_a_first_word_that_could_not_be_stored_flushes_nothing_the_one_that_is_does(intake):
    await intake.sink.start(ORDERS)
    async with intake.db.write() as tx:
        await tx.execute(text("ALTER TABLE quarantined_events RENAME TO gone"))
    with pytest.raises(Exception, match="quarantined_events"):
        await intake.sink.store(batch(quarantined()))
    assert intake.caches.calls == [], "the next stream begins with now again: what happens until then is missed"
    async with intake.db.write() as tx:
        await tx.execute(text("ALTER TABLE gone RENAME TO quarantined_events"))
    assert await intake.sink.start(ORDERS) == Preset.LATEST
    await intake.sink.store(batch(quarantined()))
    assert (intake.caches.calls, intake.heard) == (["everything"], ["work:reconcile"])


async def test_beginning_after_a_cursor_flushes_nothing(intake):
    intake = await restarted(intake, everything=True)
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch())
    intake = await restarted(intake)
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received()))
    assert (intake.caches.calls, intake.heard) == ([], ["work:inbox"])


async def test_e9_who_does_not_lead_neither_begins_nor_stores_nor_gives_up(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(cursor=b"led"))
    intake.leads = False
    for refused in (
        intake.sink.start(ORDERS),
        intake.sink.store(batch(received(), cursor=b"late")),
        intake.sink.cursor_lost(ORDERS),
    ):
        with pytest.raises(NotStored, match="not_leading"):
            await refused
    (held,) = await intake.cursors.all()
    assert (held.replay_id, await intake.kept()) == (b"led", [])


async def test_e9_a_deposed_leader_that_believes_it_leads_moves_no_cursor_and_stores_no_event(intake, rival):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1), cursor=b"one"))
    await rival.sink.start(ORDERS)
    await rival.sink.cursor_lost(ORDERS)
    with pytest.raises(NotStored, match="cursor_taken"):
        await intake.sink.store(batch(received(2), cursor=b"two"))
    with pytest.raises(NotStored, match="cursor_taken"):
        await intake.sink.cursor_lost(ORDERS)
    assert await rival.sink.start(ORDERS) == Preset.EARLIEST
    await rival.sink.store(batch(received(1), received(2), cursor=b"three"))
    assert await rival.kept() == ["e1", "e2"]


async def test_e9_a_topic_that_is_taken_leaves_the_others_alone(intake, rival):
    for topic in (ORDERS, CHANGES):
        await intake.sink.start(topic)
    await rival.sink.start(CHANGES)
    await intake.sink.store(batch(received(1), cursor=b"mine"))
    with pytest.raises(NotStored):
        await intake.sink.store(batch(received(2), cursor=b"x", topic=CHANGES))


async def test_a_rewind_is_noticed_with_the_next_word(intake):
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(received(1)))
    await intake.cursors.rewind()
    with pytest.raises(NotStored, match="cursor_taken"):
        await intake.sink.store(batch(received(2)))
    assert await intake.sink.start(ORDERS) == Preset.EARLIEST
    await intake.sink.store(batch(received(1), received(2)))
    assert await intake.kept() == ["e1", "e2"]
