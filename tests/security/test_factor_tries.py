"""How many codes may be tried for one user, on both databases (P8)."""

import asyncio

import pytest

from portal_app.errors import TooManyTries
from portal_app.security.factor_tries import FactorTries

MINUTE, HOUR = 60, 3600


@pytest.fixture
def tries(any_doors):
    return FactorTries(any_doors.db, any_doors.index, any_doors.clock)


async def taken(tries, user: str = "u1", wanted: int = 6) -> int:
    """How many of that many tries are let through."""
    count = 0
    for _ in range(wanted):
        try:
            await tries.hit(user)
        except TooManyTries:
            return count
        count += 1
    return count


async def test_p8_five_in_five_minutes_for_each_user(tries, clock):
    assert await taken(tries) == 5
    assert await taken(tries, "u2") == 5
    clock.advance(5 * MINUTE - 1)
    assert await taken(tries) == 0
    clock.advance(1)
    assert await taken(tries) == 5


async def test_p8_twenty_in_an_hour_and_fifty_in_a_day(tries, clock):
    per_hour = []
    for _ in range(4):
        hour = 0
        for _ in range(12):
            hour += await taken(tries)
            clock.advance(5 * MINUTE)
        per_hour.append(hour)
    assert per_hour == [20, 20, 10, 0]
    clock.advance(24 * HOUR)
    assert await taken(tries) == 5


async def test_p8_who_is_refused_is_told_for_how_long(tries, clock):
    await taken(tries)
    clock.advance(2 * MINUTE)
    with pytest.raises(TooManyTries) as wait:
        await tries.hit("u1")
    assert wait.value.retry_after == 3 * MINUTE


async def test_p8_tries_at_one_instant_do_not_outrun_the_count(tries):
    async def one() -> bool:
        try:
            await tries.hit("u1")
        except TooManyTries:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(12)))) == 5


async def test_a_success_lets_the_owner_try_at_once_and_forgets_no_day(tries):
    assert await taken(tries) == 5
    await tries.succeeded("u1")
    assert [await _more(tries) for _ in range(4)] == [5, 5, 5, 0]


async def _more(tries) -> int:
    count = await taken(tries)
    await tries.succeeded("u1")
    return count


async def test_l6_another_process_counts_on(any_doors, tries, clock):
    await taken(tries)
    assert await taken(FactorTries(any_doors.db, any_doors.index, clock)) == 0
