"""Events nobody could read, with their bytes, sealed: for a person, while the stream goes on (E6)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.replay_cursors import QuarantinedEventRow
from portal_app.storage.upsert import insert_into

KEEP: Final = timedelta(days=30)
_C: Any = QuarantinedEventRow.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """`payload` is what came, byte for byte. `reason` is a word of ours."""

    event_id: str
    reason: str
    schema_id: str
    replay_id: bytes
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown of one: nothing of its bytes."""

    topic: str
    event_id: str
    reason: str
    received_at: datetime


class Quarantine:
    """Forgotten after 30 days: Salesforce gave the event up long before."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock

    async def keep_in(self, tx: AsyncSession, topic: str, events: Sequence[Unreadable]) -> None:
        """In the transaction of the cursor behind them. A repeat changes nothing."""
        if events:
            insert = insert_into(QuarantinedEventRow, self._db.dialect).on_conflict_do_nothing(
                index_elements=["topic", "event_id"]
            )
            await tx.execute(insert, [self._row(topic, one) for one in events])

    async def count(self) -> int:
        """How many there are."""
        async with self._db.read() as session:
            return await session.scalar(select(func.count()).select_from(QuarantinedEventRow)) or 0

    async def latest(self, limit: int = 20) -> list[Kept]:
        """Newest first."""
        shown = (_C.topic, _C.event_id, _C.reason, _C.received_at)
        async with self._db.read() as session:
            rows = await session.execute(select(*shown).order_by(_C.received_at.desc()).limit(limit))
            return [Kept(*row) for row in rows]

    async def prune(self) -> int:
        """Forget the old ones; how many."""
        old = _C.received_at < self._clock.now() - KEEP
        return await delete_in_batches(self._db, QuarantinedEventRow, _C.quarantine_id, old)

    def _row(self, topic: str, event: Unreadable) -> dict[str, Any]:
        quarantine_id = str(uuid.uuid4())
        return {
            "quarantine_id": quarantine_id,
            "topic": topic,
            "event_id": event.event_id,
            "reason": event.reason[:60],
            "schema_id": "".join(c for c in event.schema_id if c.isprintable())[:100],
            "replay_id": event.replay_id,
            "payload_sealed": self._cipher.seal_bytes("quarantined_events", "payload", quarantine_id, event.payload),
            "received_at": self._clock.now(),
        }
