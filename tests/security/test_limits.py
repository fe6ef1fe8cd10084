"""Moving windows, in this process and in Redis, and what is left of them when Redis goes away."""

import asyncio

import pytest

from portal_app.errors import TooManyTries
from portal_app.security.limits import RULES, Limits, MemoryWindows
from portal_app.storage.clock import Clock
from tests.fakes.clock import FakeClock

NOWHERE = "redis://127.0.0.1:1"


async def allowed(limits: Limits, name: str, identity: str, most: int = 1000) -> int:
    """How many acts in a row pass."""
    for count in range(most):
        try:
            await limits.hit(name, identity)
        except TooManyTries:
            return count
    return most


@pytest.fixture
def clock():
    return FakeClock()


async def test_l5_the_numbers_are_those_of_the_rules():
    assert RULES["read"] == (120, 60)
    assert RULES["write"] == (20, 60)
    assert RULES["sso_link"] == (10, 60)


async def test_w8_the_webhook_takes_a_burst_of_200_and_50_a_second():
    most, seconds = RULES["webhook"]
    assert (most, most / seconds) == (200, 50)


async def test_l5_the_eleventh_link_in_a_minute_is_refused_with_the_seconds_to_wait(clock):
    limits = Limits(None, 1, clock)
    assert await allowed(limits, "sso_link", "u1") == 10
    clock.advance(20)
    with pytest.raises(TooManyTries) as no:
        await limits.hit("sso_link", "u1")
    assert no.value.retry_after == 40


async def test_l5_each_identity_has_its_own_window(clock):
    limits = Limits(None, 1, clock)
    assert await allowed(limits, "sso_link", "u1") == 10
    assert await allowed(limits, "sso_link", "u2") == 10


async def test_l5_the_window_moves_so_room_comes_back_act_by_act(clock):
    limits = Limits(None, 1, clock)
    for _ in range(10):
        await limits.hit("sso_link", "u1")
        clock.advance(5)
    clock.advance(10.5)
    assert await allowed(limits, "sso_link", "u1") == 1


async def test_l5_a_refused_act_does_not_push_the_wait_further_back(clock):
    limits = Limits(None, 1, clock)
    assert await allowed(limits, "sso_link", "u1") == 10
    clock.advance(59)
    assert await allowed(limits, "sso_link", "u1") == 0
    clock.advance(2)
    await limits.hit("sso_link", "u1")


async def test_l5a_every_limit_scales(clock):
    assert await allowed(Limits(None, 3, clock), "sso_link", "u1") == 30
    assert await allowed(Limits(None, 0.01, clock), "sso_link", "u1") == 1


async def test_l5_memory_forgets_the_longest_unused_key_when_there_are_too_many(clock):
    windows = MemoryWindows(clock, most_keys=2)
    for key in ("a", "b", "a", "c"):
        await windows.acquire_entry(key, 5, 60)
    assert (await windows.get_moving_window("a", 5, 60))[1] == 2
    assert (await windows.get_moving_window("b", 5, 60))[1] == 0


async def test_l6_without_redis_the_limits_hold_in_memory_at_half_size(clock):
    limits = Limits(NOWHERE, 1, clock)
    assert await allowed(limits, "sso_link", "u1") == 5
    await limits.close()


async def test_l6_a_dead_redis_is_left_alone_for_five_seconds(clock):
    limits = Limits(NOWHERE, 1, clock)
    await limits.hit("read", "u1")
    asked_until = limits._bypass_until
    clock.advance(4)
    await limits.hit("read", "u1")
    assert limits._bypass_until == asked_until
    clock.advance(2)
    await limits.hit("read", "u1")
    assert limits._bypass_until > asked_until
    await limits.close()


async def test_l5_with_redis_two_processes_share_one_window(fresh_redis):
    first, second = Limits(fresh_redis, 1, Clock()), Limits(fresh_redis, 1, Clock())
    assert await allowed(first, "sso_link", "u1") == 10
    assert await allowed(second, "sso_link", "u1") == 0
    with pytest.raises(TooManyTries) as no:
        await second.hit("sso_link", "u1")
    assert 1 <= no.value.retry_after <= 60
    await asyncio.gather(first.close(), second.close())


async def test_i5_the_identity_never_becomes_a_redis_key(fresh_redis):
    import redis.asyncio

    limits = Limits(fresh_redis, 1, Clock())
    await limits.hit("sso_link", "canary@example.com")
    client = redis.asyncio.from_url(fresh_redis)
    keys = [key.decode() async for key in client.scan_iter("*")]
    assert keys
    assert not any("canary" in key for key in keys)
    await client.aclose()
    await limits.close()
