"""Events from outside: stored before they are acknowledged, worked on later, once (E1, W4)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import InvalidInput
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.engine import Database
from portal_app.storage.tables.inbox import InboxRow
from portal_app.storage.upsert import insert_into
from portal_app.storage.work_queue import WorkQueue

KEEP: Final = timedelta(days=8)  # longer than the seven days in which a repeat must be recognised
LONGEST_ID: Final = 200
_C: Any = InboxRow.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`new` is false for a repeat; `differs` when the repeat came with another body."""

    new: bool
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it comes in."""

    event_id: str
    event_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """A claimed event. `attempts` counts earlier tries that failed."""

    inbox_id: str
    source: str
    event_id: str
    event_type: str
    body: bytes
    received_at: datetime
    attempts: int
    lease: str


class Inbox:
    """Bodies are sealed. A claim is a lease of 90 s, which `renew` makes longer; `done` or `failed` ends it."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock
        self._queue = WorkQueue(db, clock, InboxRow, key="inbox_id", born_at="received_at", done_at="processed_at")

    async def accept(self, source: str, event_id: str, event_type: str, body: bytes) -> Accepted:
        """Store an event; it is safe when this returns. A repeat changes nothing. Raises InvalidInput for a bad id."""
        async with self._db.write() as session:
            new = await self.accept_in(session, source, event_id, event_type, body)
        if new:
            return Accepted(new=True)
        return Accepted(new=False, differs=await self._body_of(source, event_id) != body)

    async def accept_in(self, tx: AsyncSession, source: str, event_id: str, event_type: str, body: bytes) -> bool:
        """Store an event in the caller's transaction; whether it is new. Raises: InvalidInput for a bad id."""
        return await self.accept_all_in(tx, source, [Arrival(event_id, event_type, body)]) == 1

    async def accept_all_in(self, tx: AsyncSession, source: str, arrivals: Sequence[Arrival]) -> int:
        """Store events in the caller's transaction, in one statement; how many are new. Repeats change nothing.

        Raises: InvalidInput for a bad id.
        """
        if not all(0 < len(one.event_id) <= LONGEST_ID for one in arrivals):
            raise InvalidInput("event_id", "length")
        if not arrivals:
            return 0
        insert = insert_into(InboxRow, self._db.dialect).on_conflict_do_nothing(index_elements=["source", "event_id"])
        stored = await tx.execute(insert.returning(_C.inbox_id), [self._row(source, one) for one in arrivals])
        return len(stored.all())

    async def claim(self, limit: int = 20, *sources: str, first: str = "") -> list[InboxEvent]:
        """Events to work on now, of these sources or of all, oldest first; before them those of the type `first`.

        One whose body does not open is set aside, so it blocks nobody.
        """
        claimed = []
        for row in await self._queue.claim(limit, *_of(sources), first=_C.event_type == first if first else None):
            try:
                body = self._cipher.open_bytes("inbox_events", "body", row.inbox_id, row.body_sealed)
            except DecryptionFailed:
                await self._queue.fail(row.inbox_id, row.lease_owner, "unreadable", final=True)
                continue
            claimed.append(
                InboxEvent(
                    row.inbox_id,
                    row.source,
                    row.event_id,
                    row.event_type,
                    body,
                    row.received_at,
                    row.attempts,
                    row.lease_owner,
                )
            )
        return sorted(claimed, key=lambda event: event.event_type != first) if first else claimed

    async def renew(self, events: Sequence[InboxEvent]) -> int:
        """Hold events that were claimed together for another 90 s; how many are still held."""
        return await self._queue.renew([event.inbox_id for event in events], events[0].lease) if events else 0

    async def done(self, event: InboxEvent) -> bool:
        """It was worked on. False when the lease ran out and somebody else may have done it too."""
        return await self._queue.finish(event.inbox_id, event.lease)

    async def all_done(self, events: Sequence[InboxEvent]) -> int:
        """As `done` for events that were claimed together; how many of them were still held."""
        if not events:
            return 0
        return await self._queue.finish_all([event.inbox_id for event in events], events[0].lease)

    async def failed(self, event: InboxEvent, code: str, *, final: bool = False) -> bool:
        """Try again later, or leave it to a person when `final` or a day old."""
        return await self._queue.fail(event.inbox_id, event.lease, code, final=final)

    async def depth(self, *sources: str) -> int:
        """How many events wait, of these sources or of all."""
        return await self._queue.depth(*_of(sources))

    async def oldest(self, *sources: str) -> datetime | None:
        """When the oldest waiting event came in (UTC), of these sources or of all."""
        return await self._queue.oldest(*_of(sources))

    async def prune(self) -> int:
        """Forget events worked on more than eight days ago; how many."""
        return await self._queue.prune(KEEP)

    def _row(self, source: str, arrival: Arrival) -> dict[str, Any]:
        inbox_id, now = str(uuid.uuid4()), self._clock.now()
        return {
            "inbox_id": inbox_id,
            "source": source,
            "event_id": arrival.event_id,
            "event_type": arrival.event_type,
            "body_sealed": self._cipher.seal_bytes("inbox_events", "body", inbox_id, arrival.body),
            "received_at": now,
            "next_attempt_at": now,
            "attempts": 0,
            "lease_owner": "",
            "error_code": "",
        }

    async def _body_of(self, source: str, event_id: str) -> bytes | None:
        async with self._db.read() as session:
            row = await session.scalar(
                select(InboxRow).where(InboxRow.source == source, InboxRow.event_id == event_id)  # type: ignore[arg-type]
            )
        try:
            return row and self._cipher.open_bytes("inbox_events", "body", row.inbox_id, row.body_sealed)
        except DecryptionFailed:
            return None


def _of(sources: Sequence[str]) -> tuple[Any, ...]:
    return (_C.source.in_(sources),) if sources else ()
