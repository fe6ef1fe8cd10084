"""Redis is asked briefly, and left alone when it fails."""

import asyncio

import pytest
from redis.exceptions import RedisError, ResponseError

from portal_app.storage.redis_link import RedisAway, RedisLink


@pytest.fixture
async def down(clock):
    """A link to a port where nobody listens."""
    link = RedisLink("redis://127.0.0.1:1/0", clock)
    yield link
    await link.close()


async def fails(link: RedisLink) -> type[RedisError]:
    with pytest.raises(RedisError) as raised:
        await link.run(lambda redis: redis.ping())
    return raised.type


async def test_redis_is_bypassed_for_five_seconds_after_three_failures(down, clock):
    assert RedisAway not in [await fails(down) for _ in range(3)]
    assert await fails(down) is RedisAway
    clock.advance(4.9)
    assert await fails(down) is RedisAway
    clock.advance(0.2)
    assert await fails(down) is not RedisAway
    assert await fails(down) is RedisAway, "one more failure is enough after the pause"


async def test_an_answer_forgets_earlier_failures(link):
    for _ in range(2):
        with pytest.raises(ResponseError):
            await link.run(lambda redis: redis.execute_command("NONSENSE"))
    assert await link.run(lambda redis: redis.ping())
    for _ in range(2):
        with pytest.raises(ResponseError):
            await link.run(lambda redis: redis.execute_command("NONSENSE"))
    assert not link.away


async def test_a_silent_redis_costs_a_quarter_of_a_second(own_redis, clock):
    link = RedisLink(own_redis.url, clock)
    assert await link.run(lambda redis: redis.ping())
    own_redis.pause()
    began = asyncio.get_running_loop().time()
    await fails(link)
    assert asyncio.get_running_loop().time() - began < 0.75
    await link.close()


async def test_a_reader_who_leaves_spoils_no_connection_for_the_next(link):
    for _ in range(30):
        reader = asyncio.create_task(link.run(lambda redis: redis.get("x")))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    await link.run(lambda redis: redis.set("x", "1"))
    assert await link.run(lambda redis: redis.get("x")) == "1"


async def test_more_callers_than_connections_take_turns(link):
    answers = await asyncio.gather(*(link.run(lambda redis: redis.incr("n")) for _ in range(200)))
    assert sorted(answers) == list(range(1, 201))
