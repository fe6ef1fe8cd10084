"""Orders on their way: whoever holds one may move it, and nobody else, each move with its line of history (K9, F14)."""

import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.fulfilment import NEXT, TERMINAL, Code, Hold, State
from portal_app.observability import correlation
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.fulfilment_records import FulfilmentRecord, opened, to_columns, unopened
from portal_app.storage.leases import FREED, LEASE, Lease, LeaseLost, held_by, is_free, once
from portal_app.storage.tables.fulfilments import FulfilmentRow, FulfilmentStepRow
from portal_app.storage.types import UtcDateTime

LONGEST: Final = {"error_code": 60, "error_text": 255, "order_number": 30}
ENDED: Final = tuple(state.value for state in TERMINAL)
_NOW: Final = object()
_ROW: Any = FulfilmentRow
_COLUMNS: Any = FulfilmentRow.__table__.c  # type: ignore[attr-defined]
_MAY_CHANGE: Final = frozenset(
    {
        "order_number",
        "user_id",
        "whmcs_client_id",
        "line",
        "attempts",
        "intent_at",
        "failing_since",
        "expected_by",
        "error_code",
        "error_text",
        "report",
        "lines",
        "whmcs_order_id",
        "whmcs_service_ids",
        "whmcs_invoice_id",
        "sim_number",
    }
)
log = logging.getLogger(__name__)


class FulfilmentLeases:
    """The part of `Fulfilments` that the workflow moves. `lease`: how long a holder may be silent (F13b)."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock, *, lease: timedelta = LEASE) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock
        self.lease = lease

    async def claim_due(self, limit: int) -> list[FulfilmentRecord]:
        """Up to `limit` orders to go on with now, longest due first, each held by the caller from now on.

        One whose number does not open is left to a person, so it blocks nobody.
        """
        now = self._clock.now()
        due = (
            select(_ROW.salesforce_order_id)
            .where(_ROW.next_attempt_at <= now, _ROW.state.not_in(ENDED), is_free(FulfilmentRow, now))
            .order_by(_ROW.next_attempt_at, _ROW.salesforce_order_id)
            .limit(min(limit, MOST_ROWS))
            .with_for_update(skip_locked=True)  # says nothing on SQLite, where the writer is alone anyway
        )
        return await self._claim(_ROW.salesforce_order_id.in_(once(due)))

    async def claim(self, salesforce_order_id: str) -> FulfilmentRecord | None:
        """Hold this order, due or not. None when there is none, it is over, or somebody holds it."""
        claimed = await self._claim(_ROW.salesforce_order_id == salesforce_order_id, _ROW.state.not_in(ENDED))
        return next(iter(claimed), None)

    async def renew(self, record: FulfilmentRecord) -> None:
        """Hold it for another lease from now. Raises: LeaseLost."""
        until = self._clock.now() + self.lease
        async with self._db.write() as tx:
            done = await tx.execute(update(FulfilmentRow).where(*_owned(record)).values(lease_until=until))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise _lost(record)

    async def release(self, record: FulfilmentRecord) -> None:
        """Let go of it as it is; nothing happens when it is no longer ours."""
        async with self._db.write() as tx:
            await tx.execute(update(FulfilmentRow).where(*_owned(record)).values(**FREED))

    async def step(self, record: FulfilmentRecord, to_state: State, **changes: Any) -> FulfilmentRecord:
        """Like `step_in`, as a transaction of its own."""
        async with self._db.write() as tx:
            return await self.step_in(tx, record, to_state, **changes)

    async def step_in(
        self,
        tx: AsyncSession,
        record: FulfilmentRecord,
        to_state: State,
        *,
        hold: Hold = Hold.NONE,
        next_attempt_at: datetime | object | None = _NOW,
        took_ms: int = 0,
        **changes: Any,
    ) -> FulfilmentRecord:
        """Move a held order within the caller's transaction, with its line of history; the record as it is then.

        It stays held while it is due: so long as no later time is given, and the order is not over. A hint that came
        since the record was written makes a held row due now, whatever time is given.
        Raises: LeaseLost when somebody else took the row meanwhile, so that the transaction is undone.
        """
        if to_state is not record.state and to_state not in NEXT[record.state]:
            raise ValueError(f"no way from {record.state} to {to_state}")
        moved = {**changes, "state": to_state, "hold": hold, "step_no": record.step_no + 1}
        after = await self._write(tx, record, moved, changes, next_attempt_at)
        tx.add(
            FulfilmentStepRow(
                salesforce_order_id=record.salesforce_order_id,
                step_no=after.step_no,
                from_state=record.state,
                to_state=to_state,
                hold=hold,
                attempt=after.attempts,
                code=after.error_code,
                correlation_id=correlation.current(),
                took_ms=took_ms,
                at=after.updated_at,
            )
        )
        await tx.flush()
        return after

    async def put_off(self, record: FulfilmentRecord, until: datetime | None, **changes: Any) -> FulfilmentRecord:
        """Look at it again then, None: when somebody wakes it. No transition, so no history. Raises: LeaseLost."""
        async with self._db.write() as tx:
            return await self._write(tx, record, dict(changes), changes, until)

    async def _write(
        self,
        tx: AsyncSession,
        record: FulfilmentRecord,
        moved: Mapping[str, Any],
        changes: Mapping[str, Any],
        next_attempt_at: datetime | object | None,
    ) -> FulfilmentRecord:
        if unknown := changes.keys() - _MAY_CHANGE:
            raise TypeError(f"a step does not change {sorted(unknown)}")
        now = self._clock.now()
        moved = {name: value[: LONGEST[name]] if name in LONGEST else value for name, value in moved.items()}
        over = moved.get("state", record.state) in TERMINAL
        planned = None if over else now if next_attempt_at is _NOW else next_attempt_at
        held = planned is not None and planned <= now  # type: ignore[operator]
        due = None if over else case((_ROW.wakes == record.wakes, _time(planned)), else_=_time(now))
        values = to_columns(self._cipher, record.salesforce_order_id, moved)
        values |= {"next_attempt_at": due, "wakes_seen": record.wakes, "updated_at": now}
        values |= {"lease_until": now + self.lease} if held else FREED
        written = (
            update(FulfilmentRow).where(*_held(record)).values(**values).execution_options(synchronize_session=False)
        )
        row = (await tx.execute(written.returning(_ROW.wakes, _ROW.next_attempt_at))).one_or_none()
        if row is None:
            raise _lost(record)
        owner = record.lease_owner if held else ""
        due_at = row.next_attempt_at
        # Who goes on looks at everything anew; who decided to wait must hear of a hint that came before that.
        wakes = row.wakes if moved.get("hold") is Hold.NONE else record.wakes
        seen = {"wakes": wakes, "wakes_seen": record.wakes, "lease_owner": owner, "next_attempt_at": due_at}
        return replace(record, **moved, **seen, updated_at=now)

    async def _claim(self, *which: Any) -> list[FulfilmentRecord]:
        now = self._clock.now()
        lease = Lease(str(uuid.uuid4()), now + self.lease).taken_on(FulfilmentRow)
        taking = (
            update(FulfilmentRow)
            .where(*which, is_free(FulfilmentRow, now))
            .values(**lease)
            .execution_options(synchronize_session=False)
        )
        async with self._db.write() as tx:
            rows = (await tx.execute(taking.returning(*_COLUMNS))).all()
        claimed = []
        for row in sorted(rows, key=lambda row: (row.next_attempt_at or now, row.salesforce_order_id)):
            try:
                claimed.append(opened(self._cipher, row))
            except DecryptionFailed:
                await self._leave_to_a_person(unopened(row))
        return claimed

    async def _leave_to_a_person(self, record: FulfilmentRecord) -> None:
        log.error("the number of an order does not open", extra={"code": "unreadable"})
        code, text = Code.PROVISIONING_ERROR, "What the portal noted of the line cannot be read."
        with suppress(LeaseLost):
            await self.step(
                record, record.state, hold=Hold.REVIEW, next_attempt_at=None, error_code=code, error_text=text
            )


def _owned(record: FulfilmentRecord) -> tuple[Any, ...]:
    mine = _ROW.salesforce_order_id == record.salesforce_order_id
    return (mine, *held_by(FulfilmentRow, record.lease_owner, record.fence))


def _held(record: FulfilmentRecord) -> tuple[Any, ...]:
    return (*_owned(record), _ROW.step_no == record.step_no)


def _time(at: Any) -> Any:
    return literal(at, UtcDateTime)


def _lost(record: FulfilmentRecord) -> LeaseLost:
    return LeaseLost(f"order {record.salesforce_order_id}")
