"""Where each stream of Salesforce events stands, and since when some may be missing (E2, E3).

Whoever begins to listen takes the topic: its fence grows, and from then on nobody who took it before can move the
cursor (K9). So a process that no longer leads, or one that has not heard of a rewind, stores nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import PortalError
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.replay_cursors import ReplayCursorRow
from portal_app.storage.upsert import insert_into

RETAINED: Final = timedelta(hours=72)
"""How long Salesforce keeps events."""

_ROW: Any = ReplayCursorRow
_C: Any = ReplayCursorRow.__table__.c  # type: ignore[attr-defined]


class CursorTaken(PortalError):
    """Somebody else listens to the topic by now, or it was rewound: nothing was stored, begin again."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How a topic stands. `replay_id` is opaque, b"" when none is stored; then `from_earliest` tells where to begin.

    `stored_at` (UTC) is when a cursor was last stored, or the topic first tried. `gap_since` None: nothing is missing.
    """

    topic: str
    replay_id: bytes
    from_earliest: bool
    gap_since: datetime | None
    gap_until: datetime | None
    stored_at: datetime
    fence: int


class ReplayCursors:
    """One row for each topic. `listened`: those in use; of others, in use once, nothing is missed. None: all are."""

    def __init__(self, db: Database, clock: Clock, *, listened: Collection[str] | None = None) -> None:
        self._db, self._clock = db, clock
        self._in_use = () if listened is None else (_C.topic.in_(list(listened)),)

    async def take(self, topic: str, *, everything: bool) -> Cursor:
        """The topic is the caller's from now on, who begins where the answer says.

        Without a cursor: with all that is retained when `everything`, else with what happens from now on; then events
        may be missing, as after so long a pause that some are no longer retained.
        """
        now = self._clock.now()
        async with self._db.write() as tx:
            await tx.execute(
                insert_into(ReplayCursorRow, self._db.dialect)
                .values(topic=topic, replay_id=b"", from_earliest=everything, stored_at=now, fence=0)
                .on_conflict_do_nothing()
            )
            held = await self._read_in(tx, _C.topic == topic, lock=True)
            values = {"fence": held[0].fence + 1} | _opened(held[0], now, everything)
            await tx.execute(update(ReplayCursorRow).where(_C.topic == topic).values(**values))
            return (await self._read_in(tx, _C.topic == topic))[0]

    async def move_in(self, tx: AsyncSession, topic: str, fence: int, replay_id: bytes) -> None:
        """Store a cursor in the transaction of the events before it. Raises: CursorTaken."""
        now = self._clock.now()
        # With the first cursor nothing more can be missed: what comes after it will be delivered.
        until = case((_C.gap_since.is_not(None), func.coalesce(_C.gap_until, now)), else_=None)
        values = {"replay_id": replay_id, "from_earliest": False, "stored_at": now, "gap_until": until}
        await self._change(tx, topic, fence, values)

    async def give_up(self, topic: str, fence: int) -> None:
        """The cursor was refused: from the next `take` on all that is retained, until one is stored again (E3).

        Events may be missing since the last one was stored. Raises: CursorTaken.
        """
        now = self._clock.now()
        values = {"replay_id": b"", "from_earliest": True, "gap_until": now}
        async with self._db.write() as tx:
            await self._change(tx, topic, fence, values | {"gap_since": func.coalesce(_C.gap_since, _C.stored_at)})

    async def all(self) -> list[Cursor]:
        """Every topic ever listened to, by name."""
        async with self._db.read() as session:
            return await self._read_in(session)

    async def gap(self) -> datetime | None:
        """Since when (UTC) events may be missing that the reconciler has not looked for yet; None: nothing is."""
        async with self._db.read() as session:
            found: datetime | None = await session.scalar(select(func.min(_ROW.gap_since)).where(*self._in_use))
            return found

    async def note_gap(self, topic: str, since: datetime) -> None:
        """Salesforce itself lost the details of changes, up to now."""
        earliest = case((_C.gap_since < since, _C.gap_since), else_=since)
        values = {"gap_since": earliest, "gap_until": self._clock.now()}
        async with self._db.write() as tx:
            await tx.execute(update(ReplayCursorRow).where(_C.topic == topic).values(**values))

    async def covered(self, since: datetime) -> int:
        """The reconciler has compared everything from the gap on, having begun at `since`: how many gaps are closed.

        A gap that reaches beyond that, or is still open, stays.
        """
        async with self._db.write() as tx:
            closed = update(ReplayCursorRow).where(_C.gap_until <= since).values(gap_since=None, gap_until=None)
            return int((await tx.execute(closed)).rowcount)  # type: ignore[attr-defined]

    async def rewind(self, topic: str | None = None) -> list[str]:
        """Have all that is retained delivered again, of one topic or of all; which. Known events change nothing.

        Who listens notices with the next response, or when told to begin again.
        """
        which = () if topic is None else (_C.topic == topic,)
        values = {"replay_id": b"", "from_earliest": True, "fence": _C.fence + 1}
        async with self._db.write() as tx:
            rewound = await tx.scalars(update(ReplayCursorRow).where(*which).values(**values).returning(_C.topic))
            return sorted(rewound)

    async def _change(self, tx: AsyncSession, topic: str, fence: int, values: dict[str, Any]) -> None:
        mine = (_C.topic == topic, _C.fence == fence)
        done = await tx.execute(update(ReplayCursorRow).where(*mine).values(**values))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise CursorTaken(topic)

    async def _read_in(self, session: AsyncSession, *conditions: Any, lock: bool = False) -> list[Cursor]:
        statement = select(*_C).where(*conditions).order_by(_C.topic)
        rows = await session.execute(statement.with_for_update() if lock else statement)
        return [Cursor(**row) for row in rows.mappings()]


def _opened(held: Cursor, now: datetime, everything: bool) -> dict[str, Any]:
    """What beginning there means for the gap."""
    if not held.replay_id and not (everything or held.from_earliest):
        # Until the first cursor is stored, a lost stream begins with what happens from then on, again.
        return {"gap_since": held.gap_since or held.stored_at, "gap_until": None}
    begins: dict[str, Any] = {} if held.replay_id else {"from_earliest": True}
    if now - held.stored_at <= RETAINED:
        return begins
    # All that is retained is not all there was, whether a cursor is left or it was given up or set back.
    return begins | {"gap_since": held.gap_since or held.stored_at, "gap_until": now}
