"""What only Redis brings: several processes, sealed values, and Redis failing."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from portal_app.domain.customer import Customer
from portal_app.storage.cache import RedisCache
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.redis_link import RedisLink
from tests.storage.conftest import PATIENT_S, eventually
from tests.storage.test_cache import ADA, BOB, TTL, Source


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(link, clock, cipher) -> RedisCache:
    return RedisCache(link, "test", clock, cipher)


@pytest.fixture
async def raw(fresh_redis):
    """Redis as an administrator sees it."""
    redis = Redis.from_url(fresh_redis, decode_responses=True)
    yield redis
    await redis.aclose()


@pytest.fixture
async def other_cache(fresh_redis, clock, cipher):
    """The cache of another process."""
    link = RedisLink(fresh_redis, clock, timeout_s=PATIENT_S)
    yield RedisCache(link, "test", clock, cipher)
    await link.close()


async def read(cache: RedisCache, source: Source, who: Customer = ADA, **options) -> object:
    return (await cache.fetch(who, "invoice:1", source.load, **{"model": int, "ttl": TTL, **options})).value


async def test_another_process_finds_what_one_read(cache, other_cache, source):
    assert [await read(cache, source), await read(other_cache, source)] == [1, 1]


async def test_another_process_loses_what_one_cleared(cache, other_cache, source):
    await read(cache, source)
    await other_cache.clear(ADA)
    assert await read(cache, source) == 2


async def test_h2_200_concurrent_misses_in_two_processes_ask_once(cache, other_cache, source):
    source.open.clear()
    readers = [asyncio.create_task(read(c, source)) for c in [cache, other_cache] * 100]
    await eventually(lambda: source.calls == 1)
    source.open.set()
    assert set(await asyncio.gather(*readers)) == {1}
    assert source.calls == 1


async def test_h2_when_the_leader_is_killed_another_process_asks(cache, other_cache, source, monkeypatch):
    monkeypatch.setattr("portal_app.storage.redis_shelf.LOCK_MS", 150)
    dead = Source()
    dead.open.clear()
    leader = asyncio.create_task(read(cache, dead))
    await eventually(lambda: dead.calls == 1)
    monkeypatch.setattr(cache._shelf, "_unlock", lambda *_: asyncio.sleep(0))  # a killed process unlocks nothing
    await cache.stop()
    await asyncio.gather(leader, return_exceptions=True)
    assert await read(other_cache, source) == 1


async def test_h2_a_follower_waits_for_a_stuck_leader_only_so_long(cache, other_cache, source, monkeypatch):
    monkeypatch.setattr("portal_app.storage.redis_shelf.FOLLOW", 0.1)
    stuck = Source()
    stuck.open.clear()
    leader = asyncio.create_task(read(cache, stuck))
    await eventually(lambda: stuck.calls == 1)
    assert await read(other_cache, source) == 1
    stuck.open.set()
    await leader


async def test_c1_h6_h7_i5_values_are_sealed_and_keys_name_environment_version_and_user(cache, raw, source):
    source.value = "ada@example.com"
    await read(cache, source, model=str)
    (key,) = [k async for k in raw.scan_iter("*")]
    assert key == "portal:test:v1:cache:ada-id:invoice:1"
    assert "ada@example" not in await raw.get(key)
    assert 0 < await raw.ttl(key) <= TTL.total_seconds()


async def test_c1_a_value_copied_to_another_users_key_is_not_answered(cache, raw, source):
    await read(cache, source)
    stolen = await raw.get("portal:test:v1:cache:ada-id:invoice:1")
    await raw.set("portal:test:v1:cache:bob-id:invoice:1", stolen)
    assert await read(cache, source, BOB) == 2


@pytest.mark.parametrize("garbage", ["", "x", "v1.k1.AAAA.AAAA"])
async def test_h6_an_unreadable_entry_is_removed_and_read_again(cache, raw, source, garbage):
    await raw.set("portal:test:v1:cache:ada-id:invoice:1", garbage)
    assert await read(cache, source) == 1
    assert await read(cache, source) == 1


async def test_o7_no_entry_is_made_without_a_user(cache, source):
    with pytest.raises(ValueError, match="belongs to a user"):
        await read(cache, source, Customer("", 7))


async def test_i6_redis_emptied_means_reading_again(cache, raw, source):
    await read(cache, source)
    await raw.flushall()
    assert await read(cache, source) == 2


async def test_another_environment_or_key_reads_for_itself(cache, link, clock, cipher, source):
    await read(cache, source)
    assert await read(RedisCache(link, "other", clock, cipher), source) == 2
    assert await read(RedisCache(link, "test", clock, FieldCipher({"k9": bytes(range(7, 39))})), source) == 3


class TestRedisFailing:
    """Down, silent, and back."""

    @pytest.fixture
    async def own_link(self, own_redis, clock):
        link = RedisLink(own_redis.url, clock)
        yield link
        await link.close()

    @pytest.fixture
    def cache(self, own_link, clock, cipher) -> RedisCache:
        return RedisCache(own_link, "test", clock, cipher)

    async def test_h1_without_redis_reads_are_live_and_still_single(self, cache, own_redis, source):
        own_redis.kill()
        assert set(await asyncio.gather(*(read(cache, source) for _ in range(50)))) == {1}
        assert await read(cache, source) == 2

    async def test_h1_a_silent_redis_delays_three_commands_then_is_bypassed(
        self, cache, own_link, own_redis, source, clock
    ):
        await read(cache, source)
        own_redis.pause()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await read(cache, source)
        assert loop.time() - began < 2
        assert own_link.away
        began = loop.time()
        for _ in range(20):
            await read(cache, source)
        assert loop.time() - began < 0.25
        assert source.calls == 22
        own_redis.resume()
        clock.advance(5)
        assert await read(cache, source) in (1, 22 + 1)
        assert not own_link.away

    async def test_h3_what_redis_did_not_hear_cleared_is_cleared_before_it_is_read_again(
        self, cache, own_link, own_redis, source, clock
    ):
        own = Source()
        assert await read(cache, own) == 1
        own_redis.pause()
        while not own_link.away:
            await read(cache, source, BOB)
        await cache.clear(ADA)
        own_redis.resume()
        clock.advance(6)
        assert await read(cache, own) == 2
        assert await read(cache, own) == 2

    async def test_redis_that_comes_back_is_used_again(self, cache, own_redis, source, clock):
        own_redis.kill()
        await read(cache, source)
        own_redis.start_again()
        clock.advance(timedelta(seconds=6))
        first = await read(cache, source)
        assert await read(cache, source) == first
