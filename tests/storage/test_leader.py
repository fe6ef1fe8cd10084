"""One leader, whatever happens to it."""

import subprocess
import sys

import pytest
from sqlalchemy import text

from portal_app.storage.jobs import Leader
from portal_app.storage.migrate import ROOT

LEAD_AND_WAIT = """
import asyncio, sys
from portal_app.storage.engine import Database
from portal_app.storage.jobs import Leader

async def main():
    leader = Leader(Database(sys.argv[1]))
    print(await leader.try_acquire(), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def leader(db):
    made = Leader(db)
    yield made
    await made.release()


@pytest.fixture
async def rival(other_db):
    made = Leader(other_db)
    yield made
    await made.release()


async def test_e9_there_is_one_leader(leader, rival):
    assert await leader.try_acquire()
    assert not await rival.try_acquire()
    assert await leader.still_leader()
    assert not await rival.still_leader()


async def test_e9_asking_again_keeps_the_lead_and_one_release_ends_it(leader, rival):
    assert await leader.try_acquire() and await leader.try_acquire()
    await leader.release()
    assert not await leader.still_leader()
    assert await rival.try_acquire()


async def test_releasing_what_is_not_held_does_nothing(leader):
    await leader.release()
    assert not await leader.still_leader()


async def test_e9_i7_a_killed_leader_is_replaced(database_url, leader):
    process = subprocess.Popen([sys.executable, "-c", LEAD_AND_WAIT, database_url], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"True\n"
        assert not await leader.try_acquire()
    finally:
        process.kill()
        process.wait()
    while not await leader.try_acquire():  # a server notices within moments
        pass
    assert await leader.still_leader()


async def test_e9_a_leader_whose_lock_was_taken_away_notices(leader, rival, db):
    assert await leader.try_acquire()
    if db.dialect == "sqlite":
        db.sqlite_path.with_name(db.sqlite_path.name + ".leader").unlink()
    else:
        async with db.write() as session:
            await session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            )
    assert not await leader.still_leader()
    assert await rival.try_acquire()
