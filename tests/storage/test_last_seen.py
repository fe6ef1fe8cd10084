"""A change elsewhere is news once."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.storage.last_seen import KEEP, LastSeen


@pytest.fixture
def seen(db, clock):
    return LastSeen(db, clock)


async def note(db, seen, subject, value):
    async with db.write() as session:
        return await seen.note_in(session, subject, value)


async def test_what_is_seen_first_changed_and_again_is_told_apart(db, seen):
    told = [await note(db, seen, "order:1", value) for value in ("review", "review", "active", "active", "review")]
    assert told == ["first", "same", "changed", "same", "changed"]
    assert (await seen.get("order:1"), await seen.get("order:2")) == ("review", None)
    assert await note(db, seen, "order:2", "review") == "first"


async def test_news_that_was_not_committed_is_news_again(db, seen):
    with pytest.raises(RuntimeError):
        async with db.write() as session:
            await seen.note_in(session, "order:1", "review")
            raise RuntimeError
    assert await note(db, seen, "order:1", "review") == "first"


async def test_of_several_processes_with_the_same_news_one_hears_it(db, other_db, clock):
    both = [(db, LastSeen(db, clock)), (other_db, LastSeen(other_db, clock))]
    first = await asyncio.gather(*(note(one, seen, "order:1", "review") for one, seen in both))
    then = await asyncio.gather(*(note(one, seen, "order:1", "active") for one, seen in both))
    assert (sorted(first), sorted(then)) == (["first", "same"], ["changed", "same"])


async def test_a_mark_is_put_over_what_stood_there_and_can_be_forgotten(db, seen):
    for value in ("a", "b"):
        await seen.put("feed:orders", value)
    assert await seen.get("feed:orders") == "b"
    async with db.write() as session:
        await seen.forget_in(session, "feed:orders")
    assert await seen.get("feed:orders") is None


async def test_whether_any_of_a_kind_stands_so(seen):
    await seen.put("order:1", "review|2")
    await seen.put("check:1", "yes")
    assert await seen.is_any("order:", "review|") and await seen.is_any("check:", "yes")
    assert not await seen.is_any("order:", "yes") and not await seen.is_any("other:", "")


async def test_what_has_not_changed_for_long_is_forgotten(db, seen, clock):
    await seen.put("order:1", "active")
    clock.advance(KEEP)
    await seen.put("order:2", "active")
    clock.advance(timedelta(seconds=1))
    assert await seen.prune() == 1
    assert (await seen.get("order:1"), await seen.get("order:2")) == (None, "active")
