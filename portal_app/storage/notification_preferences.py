"""Which events a customer wants by mail, where they chose."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.notifications import NotificationPreferenceRow
from portal_app.storage.upsert import upsert

_ROW: Any = NotificationPreferenceRow


class NotificationPreferences:
    """By the name of the choice (`domain.notices.CHOICES`); without a row its default holds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def of(self, user_id: str) -> dict[str, bool]:
        """What they chose, by name; nothing about the rest."""
        question = select(_ROW.kind, _ROW.mail).where(_ROW.user_id == user_id)
        async with self._db.read() as session:
            return {row[0]: row[1] for row in await session.execute(question)}

    async def find_in(self, session: AsyncSession, user_id: str, name: str) -> bool | None:
        """In the caller's transaction: what they chose; None when they did not."""
        question = select(_ROW.mail).where(_ROW.user_id == user_id, _ROW.kind == name)
        found: bool | None = await session.scalar(question)
        return found

    async def put(self, user_id: str, name: str, mail: bool) -> None:
        """They choose, whatever they chose before."""
        row = {"user_id": user_id, "kind": name, "mail": mail, "changed_at": self._clock.now()}
        async with self._db.write() as session:
            await session.execute(upsert(NotificationPreferenceRow, self._db.dialect, [row], ["user_id", "kind"]))
