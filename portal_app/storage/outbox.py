"""Effects that leave us later: written in the transaction of the act that causes them, delivered at least once (E7)."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.tables.outbox import OutboxRow
from portal_app.storage.upsert import insert_into
from portal_app.storage.work_queue import WorkQueue

KEEP: Final = timedelta(days=30)
_COLUMNS: Any = OutboxRow.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A claimed effect. `attempts` counts earlier tries that failed."""

    outbox_id: str
    kind: str
    dedupe_key: str
    payload: dict[str, Any]
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An effect nobody will try again."""

    dedupe_key: str
    error_code: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """An effect that has not happened: it waits, or was given up."""

    dedupe_key: str
    given_up: bool


class Outbox:
    """Payloads are sealed, and emptied once sent. A claim is a lease of 90 s; `sent` or `failed` ends it."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock
        self._queue = WorkQueue(db, clock, OutboxRow, key="outbox_id", born_at="created_at", done_at="sent_at")

    async def add(
        self,
        session: AsyncSession,
        kind: str,
        dedupe_key: str,
        payload: dict[str, Any],
        *,
        delay: timedelta = timedelta(0),
    ) -> bool:
        """Join the caller's transaction. A key that was ever added before adds nothing; it holds no personal data.

        With `delay` it is due only then, or when it is hastened. Whether it was added.
        """
        outbox_id, now = str(uuid.uuid4()), self._clock.now()
        text = json.dumps(payload, ensure_ascii=False)
        row = OutboxRow(
            outbox_id=outbox_id,
            kind=kind,
            dedupe_key=dedupe_key,
            payload_sealed=self._cipher.seal("outbox", "payload", outbox_id, text),
            created_at=now,
            next_attempt_at=now + delay,
        )
        added = await session.execute(
            insert_into(OutboxRow, self._db.dialect)
            .values(**row.model_dump())
            .on_conflict_do_nothing(index_elements=["dedupe_key"])
        )
        return added.rowcount == 1  # type: ignore[attr-defined]

    async def hasten(self, dedupe_key: str) -> bool:
        """What waits under that key is due now; whether something does."""
        c = _COLUMNS
        async with self._db.write() as session:
            done = await session.execute(
                update(OutboxRow)
                .where(c.dedupe_key == dedupe_key, c.sent_at.is_(None), c.gave_up_at.is_(None))
                .values(next_attempt_at=self._clock.now())
            )
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def withdraw(self, dedupe_key: str) -> bool:
        """The act did not happen, or another one took its place: so its effect shall not; whether it had not yet."""
        c = _COLUMNS
        async with self._db.write() as session:
            done = await session.execute(
                delete(OutboxRow).where(c.dedupe_key == dedupe_key, c.sent_at.is_(None)),
            )
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def happened(self, dedupe_key: str) -> bool:
        """What waits under that key is done, said by whoever did it before others hear of it; whether it waited."""
        c, now = _COLUMNS, self._clock.now()
        async with self._db.write() as session:
            done = await session.execute(
                update(OutboxRow)
                .where(c.dedupe_key == dedupe_key, c.sent_at.is_(None))
                .values(sent_at=now, payload_sealed="", lease_owner="", lease_until=None, error_code="")
            )
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def added_since(self, prefix: str, at: datetime) -> bool:
        """Whether there is an effect whose key begins so that was added then or later, happened or not."""
        c = _COLUMNS
        mine = (c.dedupe_key.startswith(prefix, autoescape=True), c.created_at >= at)
        async with self._db.read() as session:
            return await session.scalar(select(c.outbox_id).where(*mine).limit(1)) is not None

    async def unsent(self, prefix: str) -> list[Unsent]:
        """Effects whose key begins so and that have not happened, oldest first."""
        c = _COLUMNS
        statement = (
            select(c.dedupe_key, c.gave_up_at)
            .where(c.sent_at.is_(None), c.dedupe_key.startswith(prefix, autoescape=True))
            .order_by(c.created_at, c.outbox_id)
            .limit(MOST_ROWS)
        )
        async with self._db.read() as session:
            return [Unsent(key, gave_up_at is not None) for key, gave_up_at in await session.execute(statement)]

    async def ahead_of(self, prefix: str, dedupe_key: str) -> list[Unsent]:
        """Those of that prefix that were added before that one and have not happened, oldest first."""
        waiting = await self.unsent(prefix)
        return list(takewhile(lambda row: row.dedupe_key != dedupe_key, waiting))

    async def claim(self, limit: int = 20) -> list[OutboxItem]:
        """Effects to deliver now, oldest first. One whose payload does not open is set aside, so it blocks nobody."""
        claimed = []
        for row in await self._queue.claim(limit):
            try:
                payload = json.loads(self._cipher.open("outbox", "payload", row.outbox_id, row.payload_sealed))
            except DecryptionFailed:
                await self._queue.fail(row.outbox_id, row.lease_owner, "unreadable", final=True)
                continue
            claimed.append(OutboxItem(row.outbox_id, row.kind, row.dedupe_key, payload, row.attempts, row.lease_owner))
        return claimed

    async def sent(self, item: OutboxItem) -> bool:
        """It is delivered. False when the lease ran out and somebody else may have delivered it too."""
        return await self._queue.finish(item.outbox_id, item.lease, payload_sealed="")

    async def failed(self, item: OutboxItem, code: str, *, final: bool = False) -> bool:
        """Try again later, or leave it to a person when `final` or a day old."""
        return await self._queue.fail(item.outbox_id, item.lease, code, final=final)

    async def given_up(self, kind: str, since: datetime) -> list[GivenUp]:
        """What a person should look at, newest first."""
        statement = (
            select(OutboxRow)
            .where(OutboxRow.kind == kind, OutboxRow.gave_up_at >= since)  # type: ignore[arg-type, operator]
            .order_by(OutboxRow.gave_up_at.desc())  # type: ignore[union-attr]
            .limit(MOST_ROWS)
        )
        async with self._db.read() as session:
            return [GivenUp(row.dedupe_key, row.error_code) for row in await session.scalars(statement)]

    async def depth(self) -> int:
        """How many effects wait."""
        return await self._queue.depth()

    async def oldest(self) -> datetime | None:
        """When the oldest waiting effect was written down (UTC)."""
        return await self._queue.oldest()

    async def prune(self) -> int:
        """Forget what was sent more than 30 days ago; how many."""
        return await self._queue.prune(KEEP)
