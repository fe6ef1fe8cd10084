"""Requests that run once however often they are sent: the keys their senders gave them (K1-K11)."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import Busy, InvalidInput
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.leases import FREED, Lease, LeaseLost, held_by, is_free
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.idempotency_keys import IdempotencyKeyRow
from portal_app.storage.upsert import insert_into

IN_PROGRESS: Final = "IN_PROGRESS"
SUCCEEDED: Final = "SUCCEEDED"
FAILED_FINAL: Final = "FAILED_FINAL"
UNKNOWN: Final = "UNKNOWN"
KEEP: Final = timedelta(hours=72)
LOOKS: Final = 3
_KEY: Final = re.compile(r"[\x21-\x7e]{16,255}")
_RESPONSE: Final = ("idempotency_keys", "response")
_ROW: Any = IdempotencyKeyRow
_COLUMNS: Any = IdempotencyKeyRow.__table__.c  # type: ignore[attr-defined]

Kind = Literal["new", "replay", "running", "mismatch", "unknown"]


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A held key: 90 s, proven by `fence` and `lease_owner`. `recovery_point` is "" unless an earlier run got there."""

    key_id: str
    recovery_point: str
    resource_ref: str
    fence: int
    lease_owner: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What to do with a request.

    `new`: run it; `record` is held and must be ended. `replay`: answer `status` and `body` again. `running`: somebody
    else is at it. `mismatch`: the key belongs to another request. `unknown`: an upstream's answer was lost; `record` is
    held to resume at its recovery point, or to be given back by `forget` and answered with `status` and `body`.
    """

    kind: Kind
    record: KeyRecord | None = None
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict, repr=False)


class IdempotencyKeys:
    """Keys are looked up within a scope, `u:<user id>` or `anon:<keyed hash>` (K10). Answers are sealed."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._cipher, self._index, self._clock = db, cipher, index, clock

    def fingerprint(self, method: str, route: str, body: Mapping[str, Any]) -> str:
        """What makes two requests the same: a keyed hash, since a plain one of a password could be guessed offline.

        `body` holds the validated fields without those that differ at every try.
        """
        canonical = json.dumps([method, route, dict(body)], sort_keys=True, default=str)
        return self._index.of(f"fingerprint|{canonical}")

    async def begin(self, scope: str, operation: str, key: str, fingerprint: str) -> Begun:
        """Take the key, or learn what became of the request it names.

        Raises: InvalidInput for a key that is not 16 to 255 visible ASCII characters; nothing is stored then. Busy.
        """
        if not _KEY.fullmatch(key):
            raise InvalidInput("idempotency_key", "idempotency.key_malformed")
        name: dict[str, Any] = {
            "scope": scope,
            "operation": operation,
            "key_index": self._index.of(f"idempotency|{scope}|{operation}|{key}"),
        }
        for _ in range(LOOKS):
            async with self._db.write() as session:
                begun = await self._first(session, name, fingerprint) or await self._again(session, name, fingerprint)
            if begun is not None:
                return begun
        raise Busy("idempotency key", retry_after=1)

    async def succeeded(self, session: AsyncSession, record: KeyRecord, status: int, body: dict[str, Any]) -> None:
        """The answer, in the transaction of the act it is about. Raises: LeaseLost, which undoes that act."""
        await self._end(session, record, SUCCEEDED, status, body)

    async def failed_final(self, session: AsyncSession, record: KeyRecord, status: int, body: dict[str, Any]) -> None:
        """An error after a step has run is an answer like any other (K8). Raises: LeaseLost."""
        await self._end(session, record, FAILED_FINAL, status, body)

    async def unknown(
        self,
        record: KeyRecord,
        status: int,
        body: dict[str, Any],
        *,
        recovery_point: str,
        resource_ref: str = "",
    ) -> None:
        """An upstream's answer was lost: a retry resumes at the recovery point (K8). Raises: LeaseLost."""
        values = {"recovery_point": recovery_point, "resource_ref": resource_ref, **FREED}
        async with self._db.write() as session:
            await self._write(session, record, UNKNOWN, status, body, values)

    async def reached(self, record: KeyRecord, recovery_point: str, resource_ref: str) -> None:
        """A step is about to be taken: whoever takes the key over after a crash goes on from there (K2).

        Raises: LeaseLost.
        """
        values = {"recovery_point": recovery_point, "resource_ref": resource_ref}
        async with self._db.write() as session:
            done = await session.execute(update(IdempotencyKeyRow).where(*_held(record)).values(**values))
            if done.rowcount != 1:  # type: ignore[attr-defined]
                raise LeaseLost("idempotency key")

    async def forget(self, record: KeyRecord) -> None:
        """No step has run, so the same key may come again with another body (K7). One that is UNKNOWN stays so."""
        async with self._db.write() as session:
            await session.execute(delete(IdempotencyKeyRow).where(*_held(record), _ROW.state == IN_PROGRESS))
            await session.execute(update(IdempotencyKeyRow).where(*_held(record)).values(**FREED))

    async def prune(self) -> int:
        """Forget what ended three days ago, in short transactions; how many. What did not end stays (K11)."""
        return await delete_in_batches(self._db, IdempotencyKeyRow, _ROW.key_id, _ROW.expires_at <= self._clock.now())

    async def _first(self, session: AsyncSession, name: dict[str, Any], fingerprint: str) -> Begun | None:
        """None when the key was there before (K3)."""
        now, key_id = self._clock.now(), str(uuid.uuid4())
        lease = Lease.from_now(now)
        row = IdempotencyKeyRow(
            key_id=key_id,
            **name,
            fingerprint=fingerprint,
            state=IN_PROGRESS,
            lease_owner=lease.owner,
            lease_until=lease.until,
            created_at=now,
            last_run_at=now,
        )
        stored = await session.execute(
            insert_into(IdempotencyKeyRow, self._db.dialect)
            .values(**row.model_dump())
            .on_conflict_do_nothing(index_elements=list(name))
        )
        return Begun("new", _record(row)) if stored.rowcount == 1 else None  # type: ignore[attr-defined]

    async def _again(self, session: AsyncSession, name: dict[str, Any], fingerprint: str) -> Begun | None:
        """None when the key was forgotten a moment ago."""
        same = [getattr(_ROW, column) == value for column, value in name.items()]
        row = (await session.execute(select(*_COLUMNS).where(*same).with_for_update())).one_or_none()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            return Begun("mismatch")
        if row.state in (SUCCEEDED, FAILED_FINAL):
            return Begun("replay", None, row.response_status, self._opened(row))
        return await self._resumed(session, row)

    async def _resumed(self, session: AsyncSession, row: Any) -> Begun:
        now = self._clock.now()
        values = {**Lease.from_now(now).taken_on(IdempotencyKeyRow), "last_run_at": now}
        free = (_ROW.key_id == row.key_id, is_free(IdempotencyKeyRow, now))
        done = await session.execute(update(IdempotencyKeyRow).where(*free).values(**values).returning(*_COLUMNS))
        taken = done.one_or_none()
        if taken is None:
            return Begun("running")
        if taken.state == UNKNOWN:
            return Begun("unknown", _record(taken), taken.response_status, self._opened(taken))
        # The earlier holder ended nothing: what it did was one transaction with the key's end, or is undone with it.
        return Begun("new", _record(taken))

    async def _end(
        self, session: AsyncSession, record: KeyRecord, state: str, status: int, body: dict[str, Any]
    ) -> None:
        await self._write(session, record, state, status, body, {"expires_at": self._clock.now() + KEEP, **FREED})

    async def _write(
        self,
        session: AsyncSession,
        record: KeyRecord,
        state: str,
        status: int,
        body: dict[str, Any],
        values: dict[str, Any],
    ) -> None:
        sealed = self._cipher.seal(*_RESPONSE, record.key_id, json.dumps(body))
        answer = {"state": state, "response_status": status, "response_sealed": sealed}
        done = await session.execute(update(IdempotencyKeyRow).where(*_held(record)).values(**answer, **values))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost("idempotency key")

    def _opened(self, row: Any) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self._cipher.open(*_RESPONSE, row.key_id, row.response_sealed))
        return body


def _held(record: KeyRecord) -> tuple[Any, ...]:
    return (_ROW.key_id == record.key_id, *held_by(IdempotencyKeyRow, record.lease_owner, record.fence))


def _record(row: Any) -> KeyRecord:
    return KeyRecord(row.key_id, row.recovery_point, row.resource_ref, row.fence, row.lease_owner)
