"""What is asked of all sign-ups at once: how many, which wait for a person, which are over."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select, update

from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.leases import FREED, is_free
from portal_app.storage.pruning import delete_in_batches, in_batches
from portal_app.storage.signup_records import (
    AWAITING_EMAIL,
    EXPIRED,
    NEEDS_REVIEW,
    TERMINAL,
    SignupRecord,
    without_payload,
)
from portal_app.storage.tables.signups import SignupRow

UNVERIFIED_FOR: Final = timedelta(days=7)
KEEP_ENDED: Final = timedelta(days=90)
_ROW: Any = SignupRow


class SignupOverview:
    """The part of `Signups` that needs no keys."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def counts_by_state(self) -> dict[str, int]:
        """How many rows are in each state that occurs."""
        async with self._db.read() as session:
            counted = await session.execute(select(_ROW.state, func.count()).group_by(_ROW.state))
            return {row[0]: row[1] for row in counted}

    async def needing_review(self) -> list[SignupRecord]:
        """What waits for a person, oldest first, without what was typed."""
        waiting = select(SignupRow).where(_ROW.state == NEEDS_REVIEW).order_by(_ROW.created_at, _ROW.signup_id)
        async with self._db.read() as session:
            return [without_payload(row) for row in await session.scalars(waiting)]

    async def prune(self) -> int:
        """End sign-ups unverified for seven days and forget those that ended 90 days ago; how many of both."""
        return await self._expire() + await self._forget()

    async def _expire(self) -> int:
        now = self._clock.now()
        old = (_ROW.state == AWAITING_EMAIL, _ROW.created_at <= now - UNVERIFIED_FOR, is_free(SignupRow, now))
        values = {"state": EXPIRED, "payload_sealed": "", "updated_at": now, **FREED}
        # The conditions once more for the row itself: somebody may have taken it while this waited for it.
        return await in_batches(
            self._db, _ROW.signup_id, old, lambda which: update(SignupRow).where(which, *old).values(**values)
        )

    async def _forget(self) -> int:
        over = (_ROW.state.in_(TERMINAL), _ROW.updated_at <= self._clock.now() - KEEP_ENDED)
        return await delete_in_batches(self._db, SignupRow, _ROW.signup_id, *over)
