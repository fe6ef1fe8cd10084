"""Where a stream begins, who may move its cursor, and since when events may be missing: E2, E3, E9."""

from datetime import timedelta

import pytest

from portal_app.storage.replay_cursors import RETAINED, CursorTaken, ReplayCursors

TOPIC, OTHER = "/event/Order_Fulfilment_Requested__e", "/data/ChangeEvents"


@pytest.fixture
def cursors(db, clock) -> ReplayCursors:
    return ReplayCursors(db, clock)


@pytest.fixture
def rival(other_db, clock) -> ReplayCursors:
    """Another process."""
    return ReplayCursors(other_db, clock)


async def store(cursors: ReplayCursors, fence: int, cursor: bytes = b"\x00\xff1", topic: str = TOPIC) -> None:
    async with cursors._db.write() as tx:
        await cursors.move_in(tx, topic, fence, cursor)


async def stored(cursors: ReplayCursors, cursor: bytes = b"c") -> int:
    """A topic with a cursor and nothing in doubt; its fence."""
    fence = (await cursors.take(TOPIC, everything=True)).fence
    await store(cursors, fence, cursor)
    return fence


async def test_e2_the_cursor_comes_back_byte_for_byte(cursors):
    fence = (await cursors.take(TOPIC, everything=True)).fence
    await store(cursors, fence, bytes(range(256)))
    assert (await cursors.take(TOPIC, everything=False)).replay_id == bytes(range(256))


async def test_e2_what_is_undone_with_its_events_has_not_moved(cursors):
    fence = await stored(cursors, b"before")
    with pytest.raises(ZeroDivisionError):
        async with cursors._db.write() as tx:
            await cursors.move_in(tx, TOPIC, fence, b"after")
            raise ZeroDivisionError
    assert (await cursors.take(TOPIC, everything=True)).replay_id == b"before"


async def test_a_topic_nobody_heard_begins_with_all_there_is_or_with_now(cursors):
    everything, now = await cursors.take(TOPIC, everything=True), await cursors.take(OTHER, everything=False)
    assert (everything.replay_id, everything.from_earliest, everything.gap_since) == (b"", True, None)
    assert (now.replay_id, now.from_earliest) == (b"", False)


async def test_a_beginning_with_all_there_is_stays_one_until_a_cursor_is_stored(cursors):
    await cursors.take(TOPIC, everything=True)
    again = await cursors.take(TOPIC, everything=False)
    assert again.from_earliest
    await store(cursors, again.fence)
    assert not (await cursors.take(TOPIC, everything=True)).from_earliest


async def test_e3_beginning_with_now_leaves_a_gap_from_the_first_try_to_the_first_cursor(cursors, clock):
    began = clock.now()
    await cursors.take(TOPIC, everything=False)
    clock.advance(100)
    held = await cursors.take(TOPIC, everything=False)
    assert await cursors.gap() == began
    clock.advance(100)
    assert await cursors.covered(clock.now()) == 0, "it is still open"
    await store(cursors, held.fence)
    assert await cursors.covered(clock.now() - timedelta(seconds=1)) == 0, "the look began before the gap ended"
    assert await cursors.gap() == began
    assert await cursors.covered(clock.now()) == 1
    assert await cursors.gap() is None


async def test_e3_a_refused_cursor_is_given_up_for_all_that_is_retained(cursors, clock):
    fence, at = await stored(cursors), clock.now()
    clock.advance(3600)
    await cursors.give_up(TOPIC, fence)
    held = await cursors.take(TOPIC, everything=False)
    assert (held.replay_id, held.from_earliest) == (b"", True)
    assert await cursors.gap() == at, "since the last commit, not since now"
    await store(cursors, held.fence)
    held = await cursors.take(TOPIC, everything=False)
    assert (held.replay_id, held.from_earliest, held.gap_since) == (b"\x00\xff1", False, at)


async def test_e3_a_pause_longer_than_events_are_kept_is_a_gap(cursors, clock):
    await stored(cursors)
    at = clock.now()
    clock.advance(RETAINED)
    assert (await cursors.take(TOPIC, everything=False)).gap_since is None
    clock.advance(1)
    assert (await cursors.take(TOPIC, everything=False)).gap_since == at
    assert await cursors.covered(clock.now()) == 1


@pytest.mark.parametrize("lost", ["refused", "rewound", "never there"])
async def test_e3_all_that_is_retained_is_not_all_there_was_after_such_a_pause(cursors, clock, lost):
    at = clock.now()
    fence = (await cursors.take(TOPIC, everything=True)).fence
    if lost != "never there":
        await store(cursors, fence)
        await (cursors.give_up(TOPIC, fence) if lost == "refused" else cursors.rewind())
        await cursors.covered(clock.now())
    clock.advance(RETAINED + timedelta(seconds=1))
    held = await cursors.take(TOPIC, everything=False)
    assert (held.from_earliest, held.gap_since, held.gap_until) == (True, at, clock.now())


async def test_e3_the_earliest_gap_of_all_topics_counts(cursors, clock):
    await cursors.take(TOPIC, everything=False)
    first = clock.now()
    clock.advance(60)
    await cursors.take(OTHER, everything=False)
    assert await cursors.gap() == first
    assert [one.topic for one in await cursors.all()] == [OTHER, TOPIC]


async def test_e3_a_topic_that_is_listened_to_no_more_keeps_no_gap_open(cursors, clock):
    await cursors.take(OTHER, everything=False)
    assert await ReplayCursors(cursors._db, clock, listened=[TOPIC]).gap() is None
    assert await ReplayCursors(cursors._db, clock, listened=[TOPIC, OTHER]).gap() == clock.now()


async def test_e3_details_that_salesforce_lost_are_a_gap_up_to_now(cursors, clock):
    await stored(cursors)
    since = clock.now() - timedelta(minutes=5)
    await cursors.note_gap(TOPIC, since + timedelta(minutes=1))
    await cursors.note_gap(TOPIC, since)
    await cursors.note_gap(TOPIC, since + timedelta(minutes=2))
    assert await cursors.gap() == since
    assert await cursors.covered(clock.now() - timedelta(seconds=1)) == 0
    assert await cursors.covered(clock.now()) == 1


async def test_e9_who_took_the_topic_before_can_not_move_the_cursor(cursors, rival):
    old = await stored(cursors, b"old")
    new = (await rival.take(TOPIC, everything=False)).fence
    with pytest.raises(CursorTaken):
        await store(cursors, old, b"late")
    with pytest.raises(CursorTaken):
        await cursors.give_up(TOPIC, old)
    await store(rival, new, b"new")
    (held,) = await cursors.all()
    assert (held.replay_id, held.from_earliest) == (b"new", False)


async def test_a_rewind_takes_the_topic_away_from_whoever_listens(cursors, rival):
    fence = await stored(cursors)
    assert await rival.rewind(TOPIC) == [TOPIC]
    with pytest.raises(CursorTaken):
        await store(cursors, fence)
    held = await cursors.take(TOPIC, everything=False)
    assert (held.replay_id, held.from_earliest, held.gap_since) == (b"", True, None)


async def test_a_rewind_is_of_one_topic_or_of_all(cursors):
    for topic in (TOPIC, OTHER):
        fence = (await cursors.take(topic, everything=True)).fence
        await store(cursors, fence, topic=topic)
    assert await cursors.rewind(TOPIC) == [TOPIC]
    assert {one.topic: one.from_earliest for one in await cursors.all()} == {TOPIC: True, OTHER: False}
    assert await cursors.rewind() == [OTHER, TOPIC]
    assert await cursors.rewind("/event/Unknown__e") == []
