"""Exactly one worker runs the schedule (E9). Job rows still carry leases, since a lock can be lost."""

import asyncio
import contextlib
import fcntl
import os
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from portal_app.storage.engine import Database

ADVISORY_KEY: Final = 7_236_100
FROZEN_S: Final = 20
"""A leader that asked nothing for so long, its machine stopped or its loop stuck, leads no more."""


class _Lock(Protocol):
    async def try_acquire(self) -> bool: ...

    async def held(self) -> bool: ...

    async def release(self) -> None: ...


class Leader:
    """PostgreSQL: an advisory lock on a connection of its own. SQLite: a lock on a file beside the database."""

    def __init__(self, db: Database) -> None:
        self._lock: _Lock = _AdvisoryLock(db) if db.dialect == "postgresql" else _FileLock(db.sqlite_path)
        # Every job and every stored batch asks; a connection answers one question at a time.
        self._turn = asyncio.Lock()

    async def try_acquire(self) -> bool:
        """Whether this process leads now; never waits for another one. Raises the database's errors."""
        async with self._turn:
            return await self._lock.held() or await self._lock.try_acquire()

    async def still_leader(self) -> bool:
        """Whether the lock is still ours, asked anew each time. False when that cannot be told."""
        asking = asyncio.create_task(self._held())
        # Whoever asks may be cut off; the connection of the lock would be closed with the question.
        return await asyncio.shield(asking)

    async def release(self) -> None:
        """Let another process lead."""
        async with self._turn:
            await self._lock.release()

    async def _held(self) -> bool:
        async with self._turn:
            return await self._lock.held()


class _AdvisoryLock:
    """Lives as long as its connection; the server frees it when the connection ends."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._engine: AsyncEngine | None = None
        self._connection: AsyncConnection | None = None

    async def try_acquire(self) -> bool:
        await self.release()
        self._engine = self._db.dedicated_engine()
        self._connection = await self._engine.connect()
        # The server would keep the lock of a process that is there and does nothing. Old servers know no such limit.
        await self._connection.execute(
            text("SELECT set_config(name, :limit, false) FROM pg_settings WHERE name = 'idle_session_timeout'"),
            {"limit": f"{int(FROZEN_S * 1000)}ms"},
        )
        acquired = await self._ask("SELECT pg_try_advisory_lock(:key)")
        if not acquired:
            await self.release()
        return bool(acquired)

    async def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            # Behind a connection pooler the session may not be the one that took the lock.
            return bool(
                await self._ask(
                    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND pid = pg_backend_pid() AND ((classid::bigint << 32) | objid::bigint) = :key)"
                )
            )
        except (SQLAlchemyError, OSError):
            await self.release()
            return False

    async def release(self) -> None:
        connection, engine = self._connection, self._engine
        self._connection = self._engine = None
        with contextlib.suppress(SQLAlchemyError, OSError):
            if connection is not None:
                await connection.close()
            if engine is not None:
                await engine.dispose()

    async def _ask(self, statement: str) -> Any:
        assert self._connection is not None
        return await self._connection.scalar(text(statement), {"key": ADVISORY_KEY})


class _FileLock:
    """Freed by the system when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".leader")
        self._file: int | None = None

    async def try_acquire(self) -> bool:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    async def held(self) -> bool:
        if self._file is None:
            return False
        try:
            ours = os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            ours = False
        if not ours:  # the file was removed, so somebody else can lock a new one
            await self.release()
        return ours

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
