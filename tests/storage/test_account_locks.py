"""One at a time for a name, in one process and across several."""

import asyncio

import pytest

from portal_app.errors import Conflict
from portal_app.storage.account_locks import AccountLocks
from tests.storage.conftest import rows

NAME = "availability:001000000000001AAA"


@pytest.fixture
def locks(db, clock) -> AccountLocks:
    return AccountLocks(db, clock)


@pytest.fixture
def elsewhere(other_db, clock) -> AccountLocks:
    """The same locks as another process sees them."""
    return AccountLocks(other_db, clock)


def impatient(db, clock) -> AccountLocks:
    return AccountLocks(db, clock, patience_s=0)


async def test_of_many_only_one_is_inside_at_a_time(locks, elsewhere):
    inside, most = 0, 0

    async def work(who: AccountLocks) -> None:
        nonlocal inside, most
        async with who.hold(NAME):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(who) for who in [locks, elsewhere] * 3))
    assert (inside, most) == (0, 1)


async def test_whoever_waits_too_long_is_told_and_holds_nothing(db, other_db, locks, clock):
    async with locks.hold(NAME):
        with pytest.raises(Conflict, match=r"^account\.busy$"):
            async with impatient(other_db, clock).hold(NAME):
                pass
        assert len(await rows(db, "SELECT name FROM account_locks")) == 1
    assert await rows(db, "SELECT name FROM account_locks") == []


async def test_other_names_do_not_wait(locks, other_db, clock):
    async with locks.hold(NAME), impatient(other_db, clock).hold("availability:001000000000002AAA"):
        pass


async def test_a_lock_ends_with_the_work_also_when_it_fails(db, locks, clock):
    with pytest.raises(ZeroDivisionError):
        async with locks.hold(NAME):
            raise ZeroDivisionError
    async with impatient(db, clock).hold(NAME):
        pass


async def test_a_lock_ends_when_its_holder_is_cancelled(db, locks, clock):
    inside = asyncio.Event()

    async def work() -> None:
        async with locks.hold(NAME):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with impatient(db, clock).hold(NAME):
        pass


async def test_i7_a_lock_of_a_process_that_died_ends_after_a_minute(db, locks, other_db, clock):
    await locks._take(NAME, "somebody who died")
    clock.advance(59)
    with pytest.raises(Conflict):
        async with impatient(other_db, clock).hold(NAME):
            pass
    clock.advance(1)
    async with impatient(other_db, clock).hold(NAME):
        assert len(await rows(db, "SELECT name FROM account_locks")) == 1


async def test_k9_whoever_lost_a_lock_does_not_end_the_new_holders(db, locks, other_db, clock):
    async with locks.hold(NAME):
        clock.advance(61)
        taken = impatient(other_db, clock).hold(NAME)
        await taken.__aenter__()
    assert len(await rows(db, "SELECT name FROM account_locks")) == 1
    await taken.__aexit__(None, None, None)
    assert await rows(db, "SELECT name FROM account_locks") == []


async def test_work_ends_before_its_lease_does(locks, monkeypatch):
    monkeypatch.setattr("portal_app.storage.account_locks.LONGEST_HOLD_S", 0)
    with pytest.raises(TimeoutError):
        async with locks.hold(NAME):
            await asyncio.Event().wait()
