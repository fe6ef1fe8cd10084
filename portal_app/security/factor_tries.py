"""How many codes may be tried for one user: 5 in five minutes, 20 an hour, 50 a day, by the database (P8, L6)."""

import math
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import TooManyTries
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.tables.login_failures import LoginFailure
from portal_app.storage.upsert import insert_into

WINDOWS: Final = (
    ("short", 5, timedelta(minutes=5)),
    ("hour", 20, timedelta(hours=1)),
    ("day", 50, timedelta(days=1)),
)
_ROW: Any = LoginFailure


class FactorTries:
    """One count for each user, wherever a code is asked for: more doors give no more tries."""

    def __init__(self, db: Database, index: KeyedIndex, clock: Clock, scale: float = 1.0) -> None:
        self._db, self._index, self._clock, self._scale = db, index, clock, scale

    async def hit(self, user_id: str) -> None:
        """Count a try before its code is looked at. Raises: TooManyTries; such a one is not counted."""
        now = self._clock.now()
        async with self._db.write() as tx:
            rows = [await self._locked(tx, user_id, name, life, now) for name, _, life in WINDOWS]
            waits = [
                math.ceil((row.window_started_at + life - now).total_seconds())
                for row, (_, most, life) in zip(rows, WINDOWS, strict=True)
                if row.failures >= max(1, round(most * self._scale))
            ]
            if waits:
                raise TooManyTries(max(waits))
            for row in rows:
                await self._write(tx, row.bucket, row.failures + 1, row.window_started_at)

    async def succeeded(self, user_id: str) -> None:
        """The owner was there: they may do it again at once. The counts of hour and day stay."""
        async with self._db.write() as tx:
            await tx.execute(delete(LoginFailure).where(_ROW.bucket == self._bucket(user_id, "short")))

    async def _locked(self, tx: AsyncSession, user_id: str, name: str, life: timedelta, now: datetime) -> Any:
        """The row of a window that runs, made or begun anew where needed, and held until the transaction ends."""
        bucket = self._bucket(user_id, name)
        fresh = {"bucket": bucket, "failures": 0, "window_started_at": now, "consecutive": 0, "updated_at": now}
        await tx.execute(insert_into(LoginFailure, self._db.dialect).values(**fresh).on_conflict_do_nothing())
        row: Any = await tx.scalar(select(LoginFailure).where(_ROW.bucket == bucket).with_for_update())
        if now - row.window_started_at >= life:
            row.failures, row.window_started_at = 0, now
        return row

    async def _write(self, tx: AsyncSession, bucket: str, failures: int, started: datetime) -> None:
        values = {"failures": failures, "window_started_at": started, "updated_at": self._clock.now()}
        await tx.execute(update(LoginFailure).where(_ROW.bucket == bucket).values(**values))

    def _bucket(self, user_id: str, name: str) -> str:
        return self._index.of(f"mfa|{name}|{user_id}")
