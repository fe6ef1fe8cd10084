"""Rows waiting to be worked on: claimed by a lease, repeated with growing pauses, given up after a day."""

import random
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select, update

from portal_app.storage.clock import Clock
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.leases import LEASE, once
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables import Table

PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900))
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(hours=24)
JITTER: Final = 0.2


class WorkQueue:
    """The part that inbox and outbox share. A holder whose lease ran out can no longer write (K9)."""

    def __init__(self, db: Database, clock: Clock, table: type[Table], *, key: str, born_at: str, done_at: str) -> None:
        self._db, self._clock, self._table = db, clock, table
        columns: Any = table.__table__.c  # type: ignore[attr-defined]
        self._c, self._key, self._born, self._done = columns, columns[key], columns[born_at], columns[done_at]

    async def claim(self, limit: int, *conditions: Any, first: Any = None) -> list[Any]:
        """Up to `limit` rows that are due and nobody works on, oldest first; they are leased to the caller.

        Only those that meet the conditions; before the others those that meet `first`, however many wait.
        """
        now, c = self._clock.now(), self._c
        urgent = () if first is None else (first.desc(),)
        due = (
            select(self._key)
            .where(
                *conditions,
                *self._waiting(),
                c.next_attempt_at <= now,
                or_(c.lease_until.is_(None), c.lease_until <= now),
            )
            .order_by(*urgent, c.next_attempt_at, self._born)
            .limit(min(limit, MOST_ROWS))
            .with_for_update(skip_locked=True)  # says nothing on SQLite, where the writer is alone anyway
        )
        lease = {"lease_owner": str(uuid.uuid4()), "lease_until": now + LEASE}
        async with self._db.write() as session:
            rows = await session.execute(
                update(self._table).where(self._key.in_(once(due))).values(**lease).returning(*self._table.__table__.c)  # type: ignore[attr-defined]
            )
            return sorted(rows.all(), key=lambda row: (row.next_attempt_at, getattr(row, self._born.name)))

    async def renew(self, keys: Collection[str], lease: str) -> int:
        """Hold rows of one claim for another lease from now; how many are still held."""
        mine = (self._key.in_(list(keys)), self._c.lease_owner == lease, self._done.is_(None))
        async with self._db.write() as session:
            held = await session.execute(update(self._table).where(*mine).values(lease_until=self._clock.now() + LEASE))
        return int(held.rowcount)  # type: ignore[attr-defined]

    async def finish(self, key: str, lease: str, **values: Any) -> bool:
        """Mark a claimed row done. False when the lease was lost meanwhile."""
        return await self._settle(key, lease, **{self._done.name: self._clock.now(), "error_code": "", **values})

    async def finish_all(self, keys: Collection[str], lease: str) -> int:
        """Mark rows of one claim done; how many were still held."""
        mine = (self._key.in_(list(keys)), self._c.lease_owner == lease, self._done.is_(None))
        values = {self._done.name: self._clock.now(), "error_code": "", "lease_owner": "", "lease_until": None}
        async with self._db.write() as session:
            done = await session.execute(update(self._table).where(*mine).values(**values))
        return int(done.rowcount)  # type: ignore[attr-defined]

    async def fail(self, key: str, lease: str, code: str, *, final: bool = False) -> bool:
        """Put a claimed row back for a later try, or give it up when `final` or a day old."""
        now, c = self._clock.now(), self._c
        async with self._db.write() as session:
            row = (
                await session.execute(select(c.attempts, self._born).where(self._key == key, c.lease_owner == lease))
            ).one_or_none()
            if row is None:
                return False
            values: dict[str, Any] = {"attempts": row[0] + 1, "error_code": code[:60]}
            if final or now - row[1] >= GIVE_UP_AFTER:
                values["gave_up_at"] = now
            else:
                values["next_attempt_at"] = now + pause(row[0])
            await session.execute(self._of(key, lease).values(**values, lease_owner="", lease_until=None))
            return True

    async def depth(self, *conditions: Any) -> int:
        """How many rows wait, those being worked on included and those given up not; of those that meet these."""
        statement = select(func.count()).select_from(self._table).where(*conditions, *self._waiting())
        async with self._db.read() as session:
            return await session.scalar(statement) or 0

    async def oldest(self, *conditions: Any) -> datetime | None:
        """When the oldest waiting row was born, of those that meet the conditions."""
        waiting = select(self._born.label("born")).where(*self._waiting(), *conditions)
        # Asked for the least alone, the database goes through the index of births, past everything done long ago.
        few = waiting.cte("waiting").prefix_with("MATERIALIZED")
        async with self._db.read() as session:
            found: datetime | None = await session.scalar(select(func.min(few.c.born)))
            return found

    async def prune(self, older_than: timedelta) -> int:
        """Delete rows done before that, in short transactions; how many went. What was given up stays for a person."""
        old = self._done < self._clock.now() - older_than
        return await delete_in_batches(self._db, self._table, self._key, old)

    async def _settle(self, key: str, lease: str, **values: Any) -> bool:
        async with self._db.write() as session:
            done = await session.execute(self._of(key, lease).values(**values, lease_owner="", lease_until=None))
        return done.rowcount == 1  # type: ignore[attr-defined]

    def _of(self, key: str, lease: str) -> Any:
        return update(self._table).where(self._key == key, self._c.lease_owner == lease, self._done.is_(None))

    def _waiting(self) -> tuple[Any, ...]:
        return (self._done.is_(None), self._c.gave_up_at.is_(None))


def pause(failures: int) -> timedelta:
    """How long to wait after that many earlier failures: 5 s, 15 s, 1, 5, 15 min, then hourly, give or take a fifth."""
    planned = PAUSES[failures] if failures < len(PAUSES) else LONGEST_PAUSE
    return planned * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311, spreads load
