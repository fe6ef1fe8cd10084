"""Orders on their way, counted: for health and metrics. No record is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from portal_app.domain.fulfilment import Hold, State
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.fulfilment_leases import ENDED
from portal_app.storage.fulfilments import is_stuck
from portal_app.storage.tables.fulfilments import FulfilmentRow

_ROW: Any = FulfilmentRow


@dataclass(frozen=True, slots=True)
class Counts:
    """`orders` by state and why they wait, the ended ones too; `held` by code, those that wait for somebody.

    `due_since` is when the order that is due for longest became so; None when none is due.
    """

    orders: Mapping[tuple[State, Hold], int]
    held: Mapping[str, int]
    stuck: int
    due: int
    due_since: datetime | None


class FulfilmentCounts:
    """`stuck_after`: for how long an order that should move may stand still."""

    def __init__(self, db: Database, clock: Clock, *, stuck_after: timedelta) -> None:
        self._db, self._clock, self._stuck_after = db, clock, stuck_after

    async def get(self) -> Counts:
        """All of them, as they are now."""
        now = self._clock.now()
        live = _ROW.state.not_in(ENDED)
        waits = (live, _ROW.hold.in_([Hold.PAUSED.value, Hold.REVIEW.value]))
        stuck = select(func.count()).select_from(FulfilmentRow).where(live, *is_stuck(now - self._stuck_after))
        due = select(func.count(), func.min(_ROW.next_attempt_at)).where(live, _ROW.next_attempt_at <= now)
        async with self._db.read() as session:
            held = await session.execute(_by(_ROW.error_code).where(*waits))
            orders = await session.execute(_by(_ROW.state, _ROW.hold))
            number, since = (await session.execute(due)).one()
            return Counts(
                orders={(State(state), Hold(hold)): count for state, hold, count in orders},
                held={code or "none": count for code, count in held},
                stuck=await session.scalar(stuck) or 0,
                due=number,
                due_since=since,
            )


def _by(*columns: Any) -> Select[Any]:
    return select(*columns, func.count()).group_by(*columns)
