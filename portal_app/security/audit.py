"""The audit trail: who did what, with which outcome. Rows are only added, and hold ids and codes, nothing personal."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.safety import Activity
from portal_app.observability import correlation
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.tables.audit import AuditRow
from portal_app.storage.tables.sessions import SessionRow

LONGEST = 200
FOR_OWNERS: Final = frozenset(
    {
        "sign_in",
        "confirm",
        "session.ended",
        "session.token_reuse",
        "password.changed",
        "password.reset_used",
        "password.set",
        "email.change_asked",
        "email.changed",
        "mfa_on",
        "mfa_off",
        "mfa_codes_renewed",
        "mfa_reset",
        "link",
        "sign_up.completed",
        "profile.changed",
        "address.changed",
        "order.placed",
    }
)
"""What the owner of an account may read of it; the rest concerns staff."""

Detail = Mapping[str, str | int | bool | None]


class Audit:
    """Written in the same transaction as the act where there is one."""

    def __init__(self, db: Database, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._index, self._clock = db, index, clock

    async def record(
        self,
        event: str,
        *,
        outcome: str,
        user_id: str | None = None,
        session_id: str | None = None,
        detail: Detail | None = None,
        client_ip: str = "",
        session: AsyncSession | None = None,
    ) -> None:
        """Add one row. `detail` takes short codes and numbers; `client_ip` is stored as a keyed hash.

        With `session` it joins that transaction, else it commits its own.
        """
        row = AuditRow(
            at=self._clock.now(),
            event=event,
            user_id=user_id,
            session_id=session_id,
            outcome=outcome,
            detail=json.dumps(_codes(detail or {}), sort_keys=True),
            correlation_id=correlation.current(),
            client_hash=self._index.of(f"client|{client_ip}") if client_ip else "",
        )
        if session is not None:
            session.add(row)
            return
        async with self._db.write() as own:
            own.add(row)

    async def list_of(self, user_id: str, limit: int = 50) -> tuple[Activity, ...]:
        """What happened in the user's account lately, newest first: of FOR_OWNERS only."""
        row: Any = AuditRow
        session: Any = SessionRow
        statement = (
            select(row.at, row.event, row.outcome, session.device_label)
            .outerjoin(session, (session.session_id == row.session_id) & (session.user_id == row.user_id))
            .where(row.user_id == user_id, row.event.in_(sorted(FOR_OWNERS)))
            .order_by(row.seq.desc())
            .limit(limit)
        )
        async with self._db.read() as db:
            found = await db.execute(statement)
            return tuple(Activity(at, event, outcome, device or "") for at, event, outcome, device in found)


def _codes(detail: Detail) -> dict[str, Any]:
    # An address in an audit row could never be erased again, so anything that looks like one is dropped here.
    return {k: "-" if isinstance(v, str) and ("@" in v or len(v) > LONGEST) else v for k, v in detail.items()}
