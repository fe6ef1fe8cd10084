"""Effects go out with the act that causes them, at least once, each key once."""

from datetime import timedelta

import pytest

from portal_app.storage.outbox import GivenUp, Outbox, Unsent
from tests.storage.conftest import rows

PAYLOAD = {"template": "token_reuse", "to": "ada@example.com", "values": {"名": "ada"}}


@pytest.fixture
def outbox(db, cipher, clock) -> Outbox:
    return Outbox(db, cipher, clock)


@pytest.fixture
def add(outbox, db):
    async def call(key: str = "k1", payload: dict = PAYLOAD, **how: timedelta) -> None:
        async with db.write() as session:
            await outbox.add(session, "mail", key, payload, **how)

    return call


async def test_an_effect_is_claimed_as_it_was_added(outbox, add):
    await add()
    (item,) = await outbox.claim(5)
    assert (item.kind, item.dedupe_key, item.payload, item.attempts) == ("mail", "k1", PAYLOAD, 0)


async def test_e7_an_act_that_fails_leaves_no_effect(outbox, db):
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await outbox.add(session, "mail", "k1", PAYLOAD)
            raise ZeroDivisionError
    assert await outbox.depth() == 0


async def test_e7_a_key_is_sent_once_however_often_it_is_added(outbox, add):
    await add()
    await add()
    (item,) = await outbox.claim(5)
    assert await outbox.sent(item)
    await add()
    assert (await outbox.claim(5), await outbox.depth()) == ([], 0)


async def test_e7_what_was_not_reported_sent_goes_out_again(outbox, add, clock):
    await add()
    await outbox.claim(5)
    clock.advance(91)
    assert len(await outbox.claim(5)) == 1


async def test_a_failed_effect_waits_and_a_hopeless_one_is_given_up(outbox, add, clock):
    await add()
    (item,) = await outbox.claim(5)
    await outbox.failed(item, "451")
    assert await outbox.claim(5) == []
    clock.advance(7)
    (item,) = await outbox.claim(5)
    assert item.attempts == 1
    await outbox.failed(item, "550", final=True)
    clock.advance(1_000_000)
    assert await outbox.claim(5) == []


async def test_c1_i5_a_dump_shows_no_address_before_or_after_sending(outbox, add, db):
    await add()
    (before,) = await rows(db, "SELECT * FROM outbox")
    (item,) = await outbox.claim(5)
    await outbox.sent(item)
    (after,) = await rows(db, "SELECT * FROM outbox")
    assert not any("ada@" in str(value) for value in before + after)
    assert await rows(db, "SELECT payload_sealed FROM outbox") == [("",)]


async def test_sent_effects_are_forgotten_after_a_month(outbox, add, clock):
    await add()
    (item,) = await outbox.claim(5)
    await outbox.sent(item)
    clock.advance(29 * 24 * 3600)
    assert await outbox.prune() == 0
    clock.advance(2 * 24 * 3600)
    assert await outbox.prune() == 1


async def test_what_was_given_up_is_listed_by_kind_newest_first(db, outbox, clock):
    for kind, key in (("writeback", "first"), ("writeback", "second"), ("mail", "third"), ("writeback", "fourth")):
        async with db.write() as session:
            await outbox.add(session, kind, key, {"name": "canary"})
        clock.advance(1)
    for item in await outbox.claim():
        if item.dedupe_key != "fourth":
            await outbox.failed(item, f"code_{item.dedupe_key}", final=True)
            clock.advance(60)
    ever = clock.now() - timedelta(days=1)
    assert await outbox.given_up("writeback", ever) == [
        GivenUp("second", "code_second"),
        GivenUp("first", "code_first"),
    ]
    assert await outbox.given_up("writeback", clock.now()) == []


async def test_a_delayed_effect_waits_for_its_time_or_is_hastened(outbox, add, clock):
    await add("later", delay=timedelta(minutes=1))
    await add("sooner", delay=timedelta(minutes=1))
    assert await outbox.claim(5) == []
    assert await outbox.hasten("sooner")
    assert [item.dedupe_key for item in await outbox.claim(5)] == ["sooner"]
    clock.advance(61)
    assert [item.dedupe_key for item in await outbox.claim(5)] == ["later"]


async def test_what_was_sent_or_never_added_is_neither_hastened_nor_withdrawn(outbox, add):
    await add()
    (item,) = await outbox.claim(5)
    await outbox.sent(item)
    for key in ("k1", "never"):
        assert (await outbox.hasten(key), await outbox.withdraw(key)) == (False, False)
    assert await outbox.claim(5) == []


async def test_a_withdrawn_effect_is_gone_and_its_key_may_come_again(outbox, add):
    await add()
    assert await outbox.withdraw("k1")
    assert (await outbox.claim(5), await outbox.depth()) == ([], 0)
    await add()
    assert len(await outbox.claim(5)) == 1


async def test_who_made_an_effect_happen_may_say_so_before_the_sender_does(outbox, add, db):
    await add()
    (item,) = await outbox.claim(5)
    assert await outbox.happened("k1")
    assert (await outbox.unsent("k"), await outbox.depth()) == ([], 0)
    assert await rows(db, "SELECT payload_sealed FROM outbox") == [("",)]
    assert not await outbox.sent(item), "it is done already"
    assert not await outbox.happened("k1")


async def test_whether_an_effect_was_added_since_is_told_of_sent_ones_too(outbox, add, clock):
    await add("a_b:1")
    at = clock.now()
    for item in await outbox.claim(1):
        await outbox.sent(item)
    clock.advance(1)
    assert await outbox.added_since("a_b:", at)
    assert not await outbox.added_since("a_b:", clock.now())
    assert not await outbox.added_since("axb:", at) and not await outbox.added_since("_", at)


async def test_unsent_effects_are_told_by_the_beginning_of_their_key_oldest_first(outbox, add, clock):
    for key in ("a_b:2", "a_b:1", "axb:1", "a_bc", "a_b:3"):
        await add(key)
        clock.advance(1)
    by_key = {item.dedupe_key: item for item in await outbox.claim(5)}
    await outbox.sent(by_key["a_b:1"])
    await outbox.failed(by_key["a_b:2"], "hopeless", final=True)
    assert await outbox.unsent("a_b:") == [Unsent("a_b:2", given_up=True), Unsent("a_b:3", given_up=False)]


async def test_the_age_of_what_waits_longest_is_known(outbox, add, clock):
    assert await outbox.oldest() is None
    began = clock.now()
    await add("first")
    clock.advance(60)
    await add("second")
    assert await outbox.oldest() == began
    for item in await outbox.claim():
        await outbox.sent(item)
    assert await outbox.oldest() is None
