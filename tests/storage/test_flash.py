"""Values for the next page."""

import pytest
from redis.asyncio import Redis

from portal_app.storage.flash import MemoryFlash, RedisFlash
from portal_app.storage.redis_link import RedisLink
from tests.storage.conftest import PATIENT_S

VALUES = {"email": "ada@example.com", "error": "login.wrong"}


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def flash(request, clock, cipher):
    if request.param == "memory":
        return MemoryFlash(clock)
    return RedisFlash(request.getfixturevalue("link"), "test", cipher, clock)


async def test_values_can_be_taken_once(flash):
    key = await flash.put(VALUES)
    assert await flash.take(key) == VALUES
    assert await flash.take(key) == {}


@pytest.mark.parametrize("key", ["", "unknown", "x" * 10_000, "a b", "*"])
async def test_an_unknown_key_reads_as_nothing(flash, key):
    await flash.put(VALUES)
    assert await flash.take(key) == {}


async def test_keys_cannot_be_guessed_from_one_another(flash):
    keys = {await flash.put(VALUES) for _ in range(50)}
    assert len(keys) == 50
    assert min(len(key) for key in keys) >= 22


async def test_in_memory_values_end_after_their_time(clock):
    flash = MemoryFlash(clock)
    key = await flash.put(VALUES, ttl_s=60)
    clock.advance(60)
    assert await flash.take(key) == {}


async def test_in_memory_the_oldest_make_room(clock, monkeypatch):
    monkeypatch.setattr("portal_app.storage.flash.MOST_KEPT", 2)
    flash = MemoryFlash(clock)
    keys = [await flash.put({"n": str(n)}) for n in range(3)]
    assert [await flash.take(key) for key in keys] == [{}, {"n": "1"}, {"n": "2"}]


async def test_i5_in_redis_values_are_sealed_and_end_after_their_time(fresh_redis, link, cipher, clock):
    key = await RedisFlash(link, "test", cipher, clock).put(VALUES, ttl_s=60)
    raw = Redis.from_url(fresh_redis, decode_responses=True)
    held = await raw.get(f"portal:test:flash:{key}")
    assert "ada" not in held and 0 < await raw.ttl(f"portal:test:flash:{key}") <= 60
    await raw.aclose()


async def test_another_process_can_take_what_one_put(fresh_redis, link, cipher, clock):
    other_link = RedisLink(fresh_redis, clock, timeout_s=PATIENT_S)
    key = await RedisFlash(link, "test", cipher, clock).put(VALUES)
    assert await RedisFlash(other_link, "test", cipher, clock).take(key) == VALUES
    await other_link.close()


async def test_h1_without_redis_the_same_process_can_take_what_it_put(own_redis, cipher, clock):
    link = RedisLink(own_redis.url, clock)
    flash = RedisFlash(link, "test", cipher, clock)
    own_redis.kill()
    assert await flash.take(await flash.put(VALUES)) == VALUES
    assert await flash.take("unknown") == {}
    await link.close()
