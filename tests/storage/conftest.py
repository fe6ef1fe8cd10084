"""A migrated database of each kind for every test, copied from one that was migrated once."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from portal_app.domain.customer import Customer
from portal_app.storage import migrate
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.redis_link import RedisLink
from portal_app.storage.tables import metadata
from portal_app.storage.users import Users
from tests.fakes.clock import FakeClock
from tests.support.databases import create_database, drop_database
from tests.support.servers import RedisServer
from tools.processes import start, wait_for_line

PATIENT_S = 10
"""For tests about something else than slowness: the machine may be busy."""


@pytest.fixture(autouse=True)
def _patient_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a connection may take its time here; what happens when it takes too long is a test of the engine."""
    monkeypatch.setattr("portal_app.storage.engine.CHECKOUT_S", PATIENT_S)


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest revision."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """URL of a PostgreSQL database at the newest revision. Emptying it takes a tenth of the time of making one."""
    url = create_database(postgres_url)
    migrate.upgrade(url)
    yield url
    drop_database(url, postgres_url)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a migrated database with nothing in it, once of each kind."""
    if request.param == "sqlite":
        copied = tmp_path / "copied.db"
        shutil.copy(request.getfixturevalue("migrated_file"), copied)
        return f"sqlite:///{copied}"
    url = request.getfixturevalue("migrated_postgres")
    in_a_loop_of_its_own(_empty(url))
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A process's own view of that database."""
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
async def other_db(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cipher() -> FieldCipher:
    return FieldCipher({"k1": bytes(range(32))})


@pytest.fixture
def index() -> KeyedIndex:
    return KeyedIndex("index key of the tests")


@pytest.fixture
def users(db: Database, cipher: FieldCipher, index: KeyedIndex, clock: FakeClock) -> Users:
    return Users(db, cipher, index, clock)


@pytest.fixture
async def customer(users: Users) -> Customer:
    return await a_customer(users, "ada@example.com", 7)


@pytest.fixture
async def other_customer(users: Users) -> Customer:
    return await a_customer(users, "bob@example.com", 8)


@pytest.fixture
async def link(fresh_redis: str, clock: FakeClock) -> AsyncIterator[RedisLink]:
    """A connection to a real, empty Redis."""
    connected = RedisLink(fresh_redis, clock, timeout_s=PATIENT_S)
    yield connected
    await connected.close()


class OwnRedis(RedisServer):
    """A Redis that a test may stop, silence and start again at the same address."""

    def pause(self) -> None:
        """It keeps its connections and says nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.popen.wait()

    def start_again(self) -> None:
        command = self.process.popen.args
        self.process = start("redis", command, log=self.folder.path / "again.log", cwd=self.folder.path)
        wait_for_line(self.process, "Ready to accept connections")

    def stop(self) -> None:
        if self.process.running:
            self.resume()
        super().stop()


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A Redis of the test's own."""
    server = OwnRedis()
    yield server
    server.stop()


async def a_customer(users: Users, email: str, whmcs_client_id: int) -> Customer:
    """A user linked to that client."""
    user_id = await users.create(email, "hash")
    await users.link(user_id, whmcs_client_id)
    found = await users.find_customer(user_id)
    assert found is not None
    return found


async def rows(db: Database, statement: str, **values: object) -> list[tuple[object, ...]]:
    """What a plain statement gives, as anybody with a dump would see it."""
    async with db.read() as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET lock_timeout = '5s'; ALTER TABLE audit_log DISABLE TRIGGER USER")
    await connection.execute(";".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)))
    await connection.execute("ALTER SEQUENCE audit_log_seq_seq RESTART; ALTER TABLE audit_log ENABLE TRIGGER USER")
    await connection.close()


def in_a_loop_of_its_own(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread: the calling thread's loop belongs to the test."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def eventually(condition, limit_s: float = 20.0) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.005)
