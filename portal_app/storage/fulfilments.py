"""Orders on their way to a running service: one row for each, whoever asks for it and however often (I1)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import and_, case, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import PATIENT, Code, Hold, Progress, State
from portal_app.observability import correlation
from portal_app.storage.engine import MOST_ROWS
from portal_app.storage.fulfilment_leases import ENDED, FulfilmentLeases
from portal_app.storage.fulfilment_records import FulfilmentRecord, StepRecord, seen
from portal_app.storage.leases import LeaseLost
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.fulfilments import FulfilmentRow, FulfilmentStepRow
from portal_app.storage.upsert import batches, insert_into

__all__ = ["FulfilmentRecord", "Fulfilments", "LeaseLost", "Received", "StepRecord"]

Received = Literal["new", "woken", "known"]
KEEP: Final = timedelta(days=730)
"""An order that ended is known by its row; without it the order itself says that it is done."""
_ROW: Any = FulfilmentRow
_STEP: Any = FulfilmentStepRow


class Fulfilments(FulfilmentLeases):
    """Received once, moved by one holder at a time, kept with every step it took."""

    async def receive(self, salesforce_order_id: str, *, correlation_id: str = "") -> Received:
        """Make sure that the order is worked on: a new row, or what waits is due now. Does no harm when repeated.

        "woken": it stood still and goes on now. "known": it is on its way, or over.
        """
        async with self._db.write() as tx:
            if await self._insert(tx, salesforce_order_id, correlation_id):
                return "new"
            stood = await tx.scalar(
                select(_ROW.salesforce_order_id)
                .where(_ROW.salesforce_order_id == salesforce_order_id, _standing())
                .with_for_update()
            )
            await tx.execute(self._waking(_ROW.salesforce_order_id == salesforce_order_id))
        return "woken" if stood is not None else "known"

    async def wake_waiting(self, user_id: str, codes: Collection[Code]) -> int:
        """This customer's orders that wait for one of these are due now, also when one begins to wait just now.

        How many waited.
        """
        mine = (_ROW.user_id == user_id, _ROW.user_id != "")
        waits = (_ROW.hold == Hold.PAUSED, _ROW.error_code.in_([code.value for code in codes]))
        async with self._db.write() as tx:
            woken = await tx.execute(self._waking(*mine, *waits))
            await tx.execute(self._waking(*mine, _ROW.hold == Hold.NONE))
        return int(woken.rowcount)  # type: ignore[attr-defined]

    async def get(self, salesforce_order_id: str) -> FulfilmentRecord | None:
        """For looking at; it proves no hold."""
        return (await self.known([salesforce_order_id])).get(salesforce_order_id)

    async def known(self, salesforce_order_ids: Iterable[str]) -> dict[str, FulfilmentRecord]:
        """Those of these orders that have a row, for looking at."""
        found: dict[str, FulfilmentRecord] = {}
        async with self._db.read() as session:
            for some in batches(salesforce_order_ids, MOST_ROWS):
                rows = await session.scalars(select(FulfilmentRow).where(_ROW.salesforce_order_id.in_(some)))
                found |= {row.salesforce_order_id: seen(self._cipher, row) for row in rows}
        return found

    async def history(self, salesforce_order_id: str) -> list[StepRecord]:
        """Every transition of the order, the first one first (F14)."""
        names = StepRecord.__slots__
        steps = select(FulfilmentStepRow).where(_STEP.salesforce_order_id == salesforce_order_id)
        async with self._db.read() as session:
            rows = await session.scalars(steps.order_by(_STEP.step_no))
            return [StepRecord(*(getattr(row, name) for name in names)) for row in rows]

    async def progress(self, customer: Customer, salesforce_order_id: str) -> Progress | None:
        """How far the customer's own order has come; None for another's and one nobody has begun with."""
        mine = (_ROW.salesforce_order_id == salesforce_order_id, _ROW.user_id == customer.user_id)
        async with self._db.read() as session:
            row = await session.scalar(select(FulfilmentRow).where(*mine))
        return None if row is None else seen(self._cipher, row).progress()

    async def sims_of(self, user_id: str) -> list[FulfilmentRecord]:
        """This customer's orders of SIM lines whose number was settled, but for those that were taken back."""
        mine = (_ROW.user_id == user_id, _ROW.user_id != "", _ROW.sim_sealed != "")
        async with self._db.read() as session:
            rows = await session.scalars(select(FulfilmentRow).where(*mine, _ROW.state != State.CANCELLED.value))
            return [seen(self._cipher, row) for row in rows]

    async def depth(self) -> int:
        """How many orders are due or being worked on."""
        due = (_ROW.next_attempt_at <= self._clock.now(), _ROW.state.not_in(ENDED))
        async with self._db.read() as session:
            return await session.scalar(select(func.count()).select_from(FulfilmentRow).where(*due)) or 0

    async def overview(self) -> dict[tuple[State, Hold], int]:
        """How many orders there are in each state, by why they wait."""
        counted = select(_ROW.state, _ROW.hold, func.count()).group_by(_ROW.state, _ROW.hold)
        async with self._db.read() as session:
            return {(State(state), Hold(hold)): count for state, hold, count in await session.execute(counted)}

    async def held(self, limit: int = MOST_ROWS) -> list[FulfilmentRecord]:
        """Orders that wait for somebody, longest untouched first."""
        return await self._list(limit, _ROW.state.not_in(ENDED), _ROW.hold.in_([Hold.PAUSED, Hold.REVIEW]))

    async def stuck(self, older_than: timedelta) -> list[FulfilmentRecord]:
        """Orders that should move and have not for so long, or have failed for so long (F14); those that wait for
        somebody, for their day, or for the mobile network are none (F13a)."""
        before = self._clock.now() - older_than
        return await self._list(MOST_ROWS, _ROW.state.not_in(ENDED), *is_stuck(before))

    async def prune(self) -> int:
        """Forget orders that ended two years ago, with their history; how many."""
        old = (_ROW.state.in_(ENDED), _ROW.updated_at < self._clock.now() - KEEP)
        gone = select(_ROW.salesforce_order_id).where(*old)
        await delete_in_batches(
            self._db, FulfilmentStepRow, _STEP.salesforce_order_id, _STEP.salesforce_order_id.in_(gone)
        )
        return await delete_in_batches(self._db, FulfilmentRow, _ROW.salesforce_order_id, *old)

    async def _list(self, limit: int, *conditions: Any) -> list[FulfilmentRecord]:
        wanted = select(FulfilmentRow).where(*conditions).order_by(_ROW.updated_at, _ROW.salesforce_order_id)
        async with self._db.read() as session:
            rows = await session.scalars(wanted.limit(min(limit, MOST_ROWS)))
            return [seen(self._cipher, row) for row in rows]

    async def _insert(self, tx: AsyncSession, salesforce_order_id: str, correlation_id: str) -> bool:
        now = self._clock.now()
        row = FulfilmentRow(
            salesforce_order_id=salesforce_order_id,
            state=State.RECEIVED,
            next_attempt_at=now,
            correlation_id=correlation_id or correlation.current(),
            created_at=now,
            updated_at=now,
        )
        insert = insert_into(FulfilmentRow, self._db.dialect).values(**row.model_dump())
        added = await tx.execute(insert.on_conflict_do_nothing(index_elements=["salesforce_order_id"]))
        return added.rowcount == 1  # type: ignore[attr-defined]

    def _waking(self, *which: Any) -> Any:
        """The failures of what was left to somebody are counted anew."""
        now = self._clock.now()
        left = _ROW.hold.in_([Hold.PAUSED, Hold.REVIEW])
        values = {
            "wakes": _ROW.wakes + 1,
            "next_attempt_at": now,
            "attempts": case((left, 0), else_=_ROW.attempts),
            "failing_since": case((left, null()), else_=_ROW.failing_since),
        }
        return update(FulfilmentRow).where(*which, _ROW.state.not_in(ENDED)).values(**values)


def is_stuck(before: datetime) -> tuple[Any, ...]:
    """Conditions of an order that is not over: it should move, and has not since then."""
    moving = (_ROW.hold.in_([Hold.NONE, Hold.RETRY]), _ROW.next_attempt_at.is_not(None))
    patient = and_(_ROW.hold == Hold.NONE, _ROW.state.in_([state.value for state in PATIENT]))
    return (*moving, ~patient, func.coalesce(_ROW.failing_since, _ROW.updated_at) <= before)


def _standing() -> Any:
    """It does not move by itself just now: it is held, or waits without a time."""
    return and_(_ROW.state.not_in(ENDED), or_(_ROW.hold != Hold.NONE, _ROW.next_attempt_at.is_(None)))
