"""What was last seen of things that change elsewhere: how far a feed was read, where an order stood.

So a change is told once, over restarts and processes.
"""

from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.last_seen import LastSeenRow
from portal_app.storage.upsert import insert_into, upsert

KEEP: Final = timedelta(days=400)
News = Literal["first", "changed", "same"]
_ROW: Any = LastSeenRow


class LastSeen:
    """`subject` is a kind and an id ("order:801..."), `value` a short word of ours or a time; neither is personal."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def get(self, subject: str) -> str | None:
        """None when nothing was ever seen of it."""
        async with self._db.read() as session:
            found: str | None = await session.scalar(select(_ROW.value).where(_ROW.subject == subject))
            return found

    async def is_any(self, kind: str, value: str) -> bool:
        """Whether something of that kind ("order:") has a value that begins so. Neither holds a wildcard."""
        begins = (_ROW.subject.startswith(kind), _ROW.value.startswith(value))
        async with self._db.read() as session:
            return await session.scalar(select(_ROW.subject).where(*begins).limit(1)) is not None

    async def put(self, subject: str, value: str) -> None:
        """Whatever was seen before."""
        row = {"subject": subject, "value": value, "seen_at": self._clock.now()}
        async with self._db.write() as session:
            await session.execute(upsert(LastSeenRow, self._db.dialect, [row], ["subject"]))

    async def note_in(self, session: AsyncSession, subject: str, value: str) -> News:
        """Join the caller's transaction: what this value is. Of several who bring the same news, one hears it."""
        row = {"subject": subject, "value": value, "seen_at": self._clock.now()}
        added = await session.execute(insert_into(LastSeenRow, self._db.dialect).values(**row).on_conflict_do_nothing())
        if added.rowcount == 1:  # type: ignore[attr-defined]
            return "first"
        other = (_ROW.subject == subject, _ROW.value != value)
        changed = await session.execute(update(LastSeenRow).where(*other).values(**row))
        return "changed" if changed.rowcount == 1 else "same"  # type: ignore[attr-defined]

    async def forget_in(self, session: AsyncSession, subject: str) -> None:
        """As if nothing had ever been seen of it, in the caller's transaction."""
        await session.execute(delete(LastSeenRow).where(_ROW.subject == subject))

    async def prune(self) -> int:
        """Forget what has not changed for 400 days; how many."""
        old = _ROW.seen_at < self._clock.now() - KEEP
        return await delete_in_batches(self._db, LastSeenRow, _ROW.subject, old)
