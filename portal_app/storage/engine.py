"""The database: one engine, short read and write transactions, the same on SQLite and PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, func, literal, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from portal_app.errors import Busy
from portal_app.storage import migrate
from portal_app.storage.types import UtcDateTime

BUSY_TIMEOUT_S: Final = 5
LOCK_TIMEOUT_S: Final = 2
IDLE_IN_TRANSACTION_S: Final = 10
CHECKOUT_S: Final = 2
TURN_S: Final = 12
"""A burst of readers queues here, in order, within the time a page may take; a checkout that waits means trouble."""
CLOSING_S: Final = 5
OVERFLOW: Final = 5
SQLITE_READERS: Final = 8
MOST_QUEUED: Final = 10_000
MOST_ROWS: Final = 200
"""A write transaction touches at most so many rows, then commits: SQLite has one writer at a time."""


class Database:
    """`sqlite:///path` or `postgresql://...`. Belongs to one event loop."""

    def __init__(self, url: str, *, statement_timeout_s: float = 5, pool_size: int = 10) -> None:
        self.url = driver_url(url)
        self.dialect = self.url.get_backend_name()
        self._engine = make_engine(self.url, statement_timeout_s=statement_timeout_s, pool_size=pool_size)
        self._writing = self._engine.execution_options(portal_begin="IMMEDIATE")
        self._reading = self._engine
        if self.dialect == "postgresql":
            self._reading = self._engine.execution_options(postgresql_readonly=True)
        # SQLite writers queue here in order, instead of polling each other for the file lock.
        self._one_writer: Any = asyncio.Lock() if self.dialect == "sqlite" else _NoLock()
        self._writers: set[asyncio.Task[Any] | None] = set()
        self._turns = asyncio.Semaphore(pool_size if self.dialect == "postgresql" else MOST_QUEUED)
        self._sessions = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def sqlite_path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.database or "").absolute()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session on one snapshot that never commits. Keep it short: nothing is awaited inside but the database.

        Raises: Busy when no connection came free in time.
        """
        try:
            async with asyncio.timeout(TURN_S):
                await self._turns.acquire()
        except TimeoutError:
            raise Busy("database") from None
        try:
            with self._in_use():
                async with AsyncSession(self._reading, autoflush=False, expire_on_commit=False) as session:
                    yield session
        finally:
            self._turns.release()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed on leaving, undone when anything is raised. Not to be nested.

        Raises: SQLAlchemy's errors; on PostgreSQL a serialization failure or deadlock is the caller's to repeat.
        """
        task = asyncio.current_task()
        if task in self._writers:
            raise RuntimeError("a write inside a write: hand the session on instead")
        async with self._one_writer:
            self._writers.add(task)
            try:
                with self._in_use():
                    async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
                        yield session
            finally:
                self._writers.discard(task)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        self._sessions += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._sessions -= 1
            if not self._sessions:
                self._unused.set()

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.read() as session:
            await session.execute(select(literal(1)))

    async def now(self) -> datetime:
        """The database's own clock, UTC."""
        if self.dialect == "postgresql":
            statement = select(func.clock_timestamp(type_=UtcDateTime))
        else:
            statement = select(func.strftime("%Y-%m-%d %H:%M:%f", "now", type_=UtcDateTime))
        async with self.read() as session:
            return (await session.execute(statement)).scalar_one()

    async def migrated(self) -> bool:
        """Whether the schema is the newest this program knows."""
        async with self.read() as session:
            connection = await session.connection()
            return await connection.run_sync(migrate.at_head)

    async def dispose(self) -> None:
        """Close every connection, as soon as nobody uses one any more, or after CLOSING_S."""
        # The SQLite driver never answers a statement that meets the end of its connection's thread.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self._unused.wait()
        await self._engine.dispose()

    def dedicated_engine(self) -> AsyncEngine:
        """An engine without a pool and without transactions, for a connection that is kept (the leader's lock)."""
        return make_engine(self.url, pool_size=0).execution_options(isolation_level="AUTOCOMMIT")


class _NoLock:
    """PostgreSQL lets writers work side by side."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


def driver_url(url: str) -> URL:
    """The same address with the asyncio driver named."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[parsed.get_backend_name()]
    # Managed servers hand out libpq's name of the option; the driver calls it by another.
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
    return parsed.set(drivername=driver, query=query)


def make_engine(url: URL, *, statement_timeout_s: float = 5, pool_size: int = 10) -> AsyncEngine:
    """An engine with the limits of reliability section 10. `pool_size=0`: a new connection each time."""
    pool: dict[str, Any] = {"poolclass": NullPool} if pool_size == 0 else {"pool_timeout": CHECKOUT_S}
    # Values never appear in an error text or a log line.
    shared: dict[str, Any] = {"hide_parameters": True, **pool}
    if url.get_backend_name() == "sqlite":
        if pool_size:
            # Nothing but a free thread is waited for, so a long queue of readers is no sign of trouble.
            shared |= {"pool_size": SQLITE_READERS, "max_overflow": 0, "pool_timeout": 30}
        how = {"timeout": BUSY_TIMEOUT_S, "factory": _SQLite}
        engine = create_async_engine(url, connect_args=how, **shared)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if pool_size:
        shared |= {"pool_size": pool_size, "max_overflow": OVERFLOW, "pool_pre_ping": True, "pool_recycle": 1800}
    return create_async_engine(url, connect_args=_postgres_arguments(statement_timeout_s), **shared)


def _postgres_arguments(statement_timeout_s: float) -> dict[str, Any]:
    return {
        "timeout": CHECKOUT_S,
        "command_timeout": statement_timeout_s + LOCK_TIMEOUT_S,  # the server is silent altogether
        "server_settings": {
            "application_name": "portal",
            "timezone": "UTC",
            "statement_timeout": f"{int(statement_timeout_s * 1000)}",
            "lock_timeout": f"{LOCK_TIMEOUT_S * 1000}",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S * 1000}",
            # A host that died without a word loses its locks within half a minute.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        },
    }


class _SQLite(sqlite3.Connection):
    """Closed, it holds no lock any more."""

    def close(self) -> None:
        # Whoever was cancelled between a statement and its rows leaves both behind, and as long as nobody has collected
        # them SQLite keeps a closed connection's transaction: no other process could write.
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "foreign_keys=ON",
        "synchronous=FULL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot upgrade its lock, so a writer takes it at once.
    mode = connection.get_execution_options().get("portal_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
