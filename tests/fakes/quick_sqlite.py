"""SQLite in the caller's thread, through one engine for all databases: for tests that need thousands of them.

No thread means that virtual time never jumps over a statement, and that one run is like another. One engine means that
SQLAlchemy compiles a statement once.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from portal_app.storage import engine
from tests.fakes.troubles import Troubles

_make_engine = engine.make_engine


class QuickSqlite:
    """Which file the engine opens now, and the connections it has open there."""

    def __init__(self) -> None:
        self.file, self.troubles = Path(), Troubles()
        self._open: list[InlineConnection] = []

    def point(self, file: Path, troubles: Troubles) -> None:
        """From now on that file. What is open is closed and what was not committed undone, as by a dying process."""
        for connection in self._open:
            connection.real.close()
        self._open.clear()
        self.file, self.troubles = file, troubles
        shared_engine().sync_engine.dispose(close=False)

    def connect(self, *_: Any, **__: Any) -> "InlineConnection":
        connection = InlineConnection(self.file, self.troubles)
        self._open.append(connection)
        return connection

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Every Database made inside is one of these."""
        with (
            patch.object(aiosqlite, "connect", self.connect),
            patch.object(engine, "make_engine", lambda *_, **__: shared_engine()),
        ):
            yield


class InlineConnection:
    """The part of aiosqlite's connection that SQLAlchemy uses."""

    def __init__(self, file: Path, troubles: Troubles) -> None:
        self.real = sqlite3.connect(file, timeout=0, check_same_thread=False)
        self._conn = self._connection = self.real
        self._troubles = troubles
        self._thread, self._tx = SimpleNamespace(), SimpleNamespace(put_nowait=_do_now)

    def __await__(self) -> Any:
        return self
        yield

    @property
    def isolation_level(self) -> str | None:
        return self.real.isolation_level

    def cursor(self) -> "InlineCursor":
        return InlineCursor(self.real.cursor(), self._troubles)

    async def create_function(self, *args: Any, **options: Any) -> None:
        self.real.create_function(*args, **options)

    async def commit(self) -> None:
        kind = self._troubles.before_commit() if self.real.in_transaction and self.real.total_changes else ""
        self.real.commit()
        if kind == "crash_after_commit":
            self._troubles.crash()

    async def rollback(self) -> None:
        if self._troubles.dead:
            return
        self.real.rollback()

    async def close(self) -> None:
        self.real.close()

    def stop(self) -> None:
        self.real.close()


class InlineCursor:
    """As aiosqlite's, without waiting."""

    def __init__(self, real: sqlite3.Cursor, troubles: Troubles) -> None:
        self._real, self._troubles = real, troubles
        self.arraysize = real.arraysize

    async def __aenter__(self) -> "InlineCursor":
        return self

    @property
    def description(self) -> Any:
        return self._real.description

    @property
    def rowcount(self) -> int:
        return self._real.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._real.lastrowid

    async def execute(self, statement: str, parameters: Any = ()) -> "InlineCursor":
        self._troubles.alive()
        self._real.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Any) -> "InlineCursor":
        self._troubles.alive()
        self._real.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._real.fetchall()

    async def close(self) -> None:
        self._real.close()


@cache
def shared_engine() -> AsyncEngine:
    """The one engine; where it connects to is said by `aiosqlite.connect`."""
    return _make_engine(engine.driver_url("sqlite:///whatever"))


def _do_now(job: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
    future, function = job
    future.set_result(function())
