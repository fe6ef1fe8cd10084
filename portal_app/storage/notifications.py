"""What customers were told: once per source, whoever brought the news, and what they did with it."""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.notices import Bell, NoticeKind, Told
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.notifications import NotificationRow
from portal_app.storage.upsert import insert_into

KEEP: Final = timedelta(days=180)
_ROW: Any = NotificationRow
_COLUMNS: Any = NotificationRow.__table__.c  # type: ignore[attr-defined]
log = logging.getLogger(__name__)


class Notifications:
    """Every question names whose they are (O1). `subject` and `source_id` hold ids only; values are sealed."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock

    async def add_in(
        self,
        session: AsyncSession,
        user_id: str,
        kind: NoticeKind,
        source_id: str,
        *,
        subject: str = "",
        values: Mapping[str, str],
    ) -> bool:
        """Join the caller's transaction. Whether it is new: of several who bring the same news, one hears yes."""
        notification_id = str(uuid.uuid4())
        row = NotificationRow(
            notification_id=notification_id,
            user_id=user_id,
            kind=kind.value,
            source_id=source_id,
            subject=subject,
            values_sealed=self._sealed(notification_id, values),
            created_at=self._clock.now(),
        )
        added = await session.execute(
            insert_into(NotificationRow, self._db.dialect)
            .values(**row.model_dump())
            .on_conflict_do_nothing(index_elements=["user_id", "kind", "source_id"])
        )
        return added.rowcount == 1  # type: ignore[attr-defined]

    async def knows(self, user_id: str, kind: NoticeKind, source_id: str) -> bool:
        """Whether it was told already, dismissed or not; writes nothing."""
        told = (_ROW.user_id == user_id, _ROW.kind == kind.value, _ROW.source_id == source_id)
        async with self._db.read() as session:
            return await session.scalar(select(_ROW.notification_id).where(*told)) is not None

    async def list(self, user_id: str, *, limit: int, before: str | None = None) -> tuple[Told, ...]:
        """Newest first, without what was dismissed; those behind the notification `before`, if that is theirs."""
        conditions = _of(user_id)
        async with self._db.read() as session:
            if before is not None:
                last = await session.scalar(select(NotificationRow).where(*_mine(user_id, before)))
                if last is None:
                    return ()
                conditions += (_behind(last),)
            found = await session.scalars(select(NotificationRow).where(*conditions).order_by(*_NEWEST).limit(limit))
            return self._told(found)

    async def bell(self, user_id: str, *, latest: int) -> Bell:
        """How many are unread and the newest ones, in one question."""
        waiting = select(func.count()).where(*_of(user_id), _ROW.read_at.is_(None)).scalar_subquery()
        question = select(NotificationRow, waiting).where(*_of(user_id)).order_by(*_NEWEST).limit(latest)
        async with self._db.read() as session:
            found = (await session.execute(question)).all()
        return Bell(found[0][1] if found else 0, self._told(row[0] for row in found))

    async def unread(self, user_id: str) -> int:
        """How many nobody has opened."""
        question = select(func.count()).where(*_of(user_id), _ROW.read_at.is_(None))
        async with self._db.read() as session:
            return await session.scalar(question) or 0

    async def unread_subjects(self, user_id: str, prefix: str) -> set[str]:
        """The subjects beginning so of which something is unread."""
        theirs = (*_of(user_id), _ROW.read_at.is_(None), _ROW.subject.startswith(prefix, autoescape=True))
        async with self._db.read() as session:
            return set(await session.scalars(select(_ROW.subject).where(*theirs).distinct()))

    async def read(self, user_id: str, notification_id: str) -> bool:
        """It was opened; the first time counts. Whether it is theirs."""
        now = func.coalesce(_ROW.read_at, self._clock.now())
        return await self._change(_mine(user_id, notification_id), read_at=now) == 1

    async def read_all(self, user_id: str) -> int:
        """All were seen; how many were unread."""
        return await self._change((*_of(user_id), _ROW.read_at.is_(None)), read_at=self._clock.now())

    async def read_subject(self, user_id: str, subject: str) -> int:
        """What it is about was opened; how many were unread."""
        about = (_ROW.user_id == user_id, _ROW.subject == subject, _ROW.read_at.is_(None))
        return await self._change(about, read_at=self._clock.now())

    async def dismiss(self, user_id: str, notification_id: str) -> bool:
        """It is not shown again. Whether it is theirs."""
        now = self._clock.now()
        at = {name: func.coalesce(getattr(_ROW, name), now) for name in ("read_at", "dismissed_at")}
        return await self._change(_mine(user_id, notification_id), **at) == 1

    async def prune(self) -> int:
        """Forget what is older than 180 days, read or not; how many."""
        old = _ROW.created_at < self._clock.now() - KEEP
        return await delete_in_batches(self._db, NotificationRow, _ROW.notification_id, old)

    async def _change(self, which: tuple[Any, ...], **values: Any) -> int:
        async with self._db.write() as session:
            done = await session.execute(update(NotificationRow).where(*which).values(**values))
        return done.rowcount  # type: ignore[attr-defined]

    def _sealed(self, notification_id: str, values: Mapping[str, str]) -> str:
        text = json.dumps(dict(values), ensure_ascii=False)
        return self._cipher.seal("notifications", "values", notification_id, text)

    def _told(self, rows: Any) -> tuple[Told, ...]:
        return tuple(told for row in rows if (told := self._opened(row)) is not None)

    def _opened(self, row: NotificationRow) -> Told | None:
        """None for what this program cannot read: it must not keep the others from being shown."""
        try:
            text = self._cipher.open("notifications", "values", row.notification_id, row.values_sealed)
            kind, values = NoticeKind(row.kind), json.loads(text)
        except (DecryptionFailed, ValueError) as unreadable:
            log.warning("a notification cannot be read", extra={"error": type(unreadable).__name__})
            return None
        return Told(
            notification_id=row.notification_id,
            kind=kind,
            subject=row.subject,
            values=values,
            at=row.created_at,
            read=row.read_at is not None,
        )


_NEWEST: Final = (_COLUMNS.created_at.desc(), _COLUMNS.notification_id.desc())


def _of(user_id: str) -> tuple[Any, ...]:
    return (_ROW.user_id == user_id, _ROW.dismissed_at.is_(None))


def _mine(user_id: str, notification_id: str) -> tuple[Any, ...]:
    return (_ROW.user_id == user_id, _ROW.notification_id == notification_id)


def _behind(last: NotificationRow) -> Any:
    earlier = _ROW.created_at < last.created_at
    return or_(earlier, and_(_ROW.created_at == last.created_at, _ROW.notification_id < last.notification_id))
