"""Posts to support: one intent each, whoever comes twice; whose write may be under way; what is shown of them."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.domain.customer import Customer
from portal_app.storage.case_posts import POSTED, REFUSED, SENT, WAITING, CasePosts, PostContent

OWNER, OTHER = Customer("user-1", 1), Customer("user-2", 2)
CASE, OTHER_CASE = "500000000000001AAA", "500000000000002AAA"
SETTLE = timedelta(seconds=60)
HELLO = PostContent(body="Body-Canary", file_ids=("f1",))
IDS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(9)]


@pytest.fixture
def posts(db, cipher, index, clock):
    return CasePosts(db, cipher, index, clock)


async def add(db, posts, number=0, kind="comment", case=CASE, content=HELLO, customer=OWNER):
    async with db.write() as tx:
        return await posts.add_in(tx, customer, IDS[number], kind, case, content)


async def test_a_post_is_kept_with_its_intent_sealed_and_told_apart_by_a_hash(db, posts, clock):
    made = await add(db, posts)
    assert made is not None and (made.state, made.intent_at, made.content) == (WAITING, clock.now(), HELLO)
    assert await posts.find(OWNER, IDS[0]) == made and await posts.find(OTHER, IDS[0]) is None
    async with db.read() as session:
        (row,) = await session.execute(text("SELECT * FROM case_posts"))
    assert "Canary" not in str(row)


async def test_the_same_id_or_the_same_text_for_the_same_case_while_it_waits_is_the_same_post(db, posts):
    made = await add(db, posts)
    assert made is not None
    assert await add(db, posts) is None and await add(db, posts, 1) is None
    for customer, found in ((OWNER, made), (OTHER, None)):
        assert await posts.find(customer, IDS[1]) == found  # another name of it
    assert await posts.waiting() == (1, made.created_at)
    others = [
        {"case": OTHER_CASE},
        {"customer": OTHER},
        {"content": PostContent(body="Body-Canary", file_ids=("f2",))},
        {"kind": "close"},
    ]
    for number, changed in enumerate(others, start=2):
        assert await add(db, posts, number, **changed) is not None
    await posts.posted(made.post_id, CASE)
    assert await add(db, posts, 7) is not None


async def test_of_several_who_want_to_send_one_may_until_its_write_has_settled(
    db, posts, other_db, cipher, index, clock
):
    made = await add(db, posts)
    others = CasePosts(other_db, cipher, index, clock)
    assert not await posts.intend(made, SETTLE)
    clock.advance(60)
    found = await asyncio.gather(*(one.intend(made, SETTLE) for one in (posts, others, posts, others)))
    assert sorted(found) == [False, False, False, True]
    await posts.not_sent(made.post_id)
    assert await others.intend(made, SETTLE)


async def test_what_is_sent_is_emptied_and_can_be_refused_no_more(db, posts):
    await add(db, posts)
    assert await posts.posted(IDS[0], CASE) and not await posts.posted(IDS[0], CASE)
    found = await posts.find_any(IDS[0])
    assert found is not None and (found.state, found.content, found.intent_at) == (POSTED, PostContent(), None)
    async with db.write() as tx:
        assert not await posts.refuse_in(tx, IDS[0], "validation", told=False)
    assert await posts.ids_of_case(OWNER, CASE) == {IDS[0]: False}
    assert await posts.done(IDS[0])
    assert await posts.ids_of_case(OWNER, CASE) == {IDS[0]: True} and await posts.ids_of_case(OTHER, CASE) == {}


async def test_shown_is_what_waits_and_what_was_refused_behind_the_customers_back_for_a_while(db, posts, clock):
    for number in range(4):
        await add(db, posts, number, content=PostContent(body=str(number)))
    await posts.posted(IDS[0], CASE)
    for number, told in ((1, False), (2, True)):
        async with db.write() as tx:
            assert await posts.refuse_in(tx, IDS[number], "validation", told=told)
    shown = await posts.shown(OWNER, "comment", CASE)
    assert [(one.content.body, one.state) for one in shown] == [("1", REFUSED), ("3", WAITING)]
    assert await posts.shown(OTHER, "comment", CASE) == [] == await posts.shown(OWNER, "comment", OTHER_CASE)
    clock.advance(timedelta(days=15))
    assert [one.content.body for one in await posts.shown(OWNER, "comment", CASE)] == ["3"]


async def test_wishes_about_one_case_are_in_order_even_within_one_instant(db, posts, clock):
    close = await add(db, posts, 0, kind="close", content=PostContent())
    reopen = await add(db, posts, 1, kind="reopen", content=PostContent())
    assert close.created_at < reopen.created_at
    assert await posts.is_overtaken(close) and not await posts.is_overtaken(reopen)
    assert await posts.is_unsettled(reopen, SETTLE) and not await posts.is_unsettled(close, SETTLE)
    assert await posts.is_moving(OWNER, CASE) and not await posts.is_moving(OTHER, CASE)
    await posts.overtaken(close.post_id)
    assert await posts.is_unsettled(reopen, SETTLE)  # what left may still arrive
    clock.advance(61)
    assert not await posts.is_unsettled(reopen, SETTLE)
    found = await posts.find_any(close.post_id)
    assert found is not None and (found.state, found.error_code) == (SENT, "overtaken")


async def test_a_wish_may_be_the_same_as_the_last_but_one_which_still_waits(db, posts):
    for number, kind in enumerate(("close", "reopen", "close")):
        made = await add(db, posts, number, kind=kind, content=PostContent())
        assert made is not None and not await posts.is_overtaken(made)


async def test_what_a_customer_did_lately_is_known_by_its_kind(db, posts, clock):
    await add(db, posts, 0, kind="close", content=PostContent())
    since = clock.now() - timedelta(minutes=15)
    assert await posts.wrote_since(CASE, ("close",), since)
    assert not await posts.wrote_since(CASE, ("reopen", "comment"), since)
    assert not await posts.wrote_since(CASE, ("close",), clock.now() + timedelta(seconds=1))


async def test_what_waits_is_never_forgotten(db, posts, clock):
    for number in range(3):
        await add(db, posts, number, content=PostContent(body=str(number)))
    await posts.posted(IDS[0], CASE)
    await posts.done(IDS[0])
    async with db.write() as tx:
        await posts.refuse_in(tx, IDS[1], "validation", told=True)
    first = clock.now()
    clock.advance(timedelta(days=401))
    assert await posts.prune() == 2
    count, oldest = await posts.waiting()
    assert count == 1 and oldest is not None and oldest >= first
