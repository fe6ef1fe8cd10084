"""Effects go out with the act that causes them, at least once, each key once."""

from datetime import timedelta

import pytest

from portal_app.storage.outbox import GivenUp, Outbox
from tests.storage.conftest import rows

PAYLOAD = {"template": "token_reuse", "to": "ada@example.com", "values": {"名": "ada"}}


@pytest.fixture
def outbox(db, cipher, clock) -> Outbox:
    return Outbox(db, cipher, clock)


@pytest.fixture
def add(outbox, db):
    async def call(key: str = "k1", payload: dict = PAYLOAD) -> None:
        async with db.write() as session:
            await outbox.add(session, "mail", key, payload)

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
