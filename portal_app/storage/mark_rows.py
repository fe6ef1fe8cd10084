"""The rows behind the freshness marks. Every change is one compare-and-set, so it works alike on both databases."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update

from portal_app.errors import (
    Busy,
    PortalError,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.marks import MirrorMark
from portal_app.storage.upsert import insert_into

LEASE: Final = timedelta(seconds=10)
FAILURE_KEPT: Final = timedelta(seconds=15)
C: Any = MirrorMark.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the row said when it was read."""

    as_of: datetime | None = None
    fresh_until: datetime | None = None
    generation: int = 0
    failure: str = ""
    failed_until: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether the last refresh failed, however long ago."""
        return bool(self.failure)

    def fresh(self, now: datetime) -> bool:
        """Whether nobody needs to ask."""
        return self.fresh_until is not None and now < self.fresh_until

    def just_failed(self, now: datetime) -> bool:
        """Whether it is too early to try again."""
        return self.failed_until is not None and now < self.failed_until


class MarkRows:
    """One row per kind and client; it is made by whoever writes it first."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def read(self, kind: str, whmcs_client_id: int) -> Mark:
        """The mark; an empty one when there is no row."""
        columns = (C.as_of, C.fresh_until, C.generation, C.failure, C.failed_until)
        async with self._db.read() as session:
            row = (await session.execute(select(*columns).where(*_of(kind, whmcs_client_id)))).one_or_none()
        return Mark() if row is None else Mark(*row)

    async def take_lease(self, kind: str, whmcs_client_id: int) -> str | None:
        """A lease when the mark is neither fresh nor just failed and nobody holds a living one."""
        now, lease = self._clock.now(), str(uuid.uuid4())
        free = [or_(column.is_(None), column <= now) for column in (C.lease_until, C.fresh_until, C.failed_until)]
        async with self._db.write() as session:
            await session.execute(self._made(kind, whmcs_client_id))
            done = await session.execute(
                update(MirrorMark)
                .where(*_of(kind, whmcs_client_id), *free)
                .values(lease_owner=lease, lease_until=now + LEASE)
            )
        return lease if done.rowcount == 1 else None  # type: ignore[attr-defined]

    async def renew(self, kind: str, whmcs_client_id: int, lease: str) -> bool:
        """Still at it. False when the lease is somebody else's by now."""
        return await self._set(kind, whmcs_client_id, C.lease_owner == lease, lease_until=self._clock.now() + LEASE)

    async def give_back(self, kind: str, whmcs_client_id: int, lease: str) -> bool:
        """End the lease without an outcome."""
        return await self._set(kind, whmcs_client_id, C.lease_owner == lease, **_FREE)

    async def landed(
        self, kind: str, whmcs_client_id: int, lease: str, generation: int, began: datetime, ttl: timedelta
    ) -> bool:
        """A refresh of that generation landed. False when it was cleared meanwhile or the lease was lost."""
        values = {"as_of": began, "fresh_until": self._clock.now() + ttl, **_FREE, **_NO_FAILURE}
        same = C.generation == generation
        return await self._set(kind, whmcs_client_id, C.lease_owner == lease, same, **values)

    async def landed_under_change(self, kind: str, whmcs_client_id: int, lease: str, began: datetime) -> bool:
        """There is a complete copy, but something changed under it: the next reader asks again."""
        values = {"as_of": began, "fresh_until": None, **_FREE, **_NO_FAILURE}
        return await self._set(kind, whmcs_client_id, C.lease_owner == lease, **values)

    async def failed(self, kind: str, whmcs_client_id: int, lease: str, failure: str) -> bool:
        """A refresh failed; the copy stays as it was."""
        values = {"failure": failure, "failed_until": self._clock.now() + FAILURE_KEPT, **_FREE}
        return await self._set(kind, whmcs_client_id, C.lease_owner == lease, **values)

    async def clear(self, kind: str, whmcs_client_id: int) -> None:
        """No longer fresh, and one generation on. A failure is not waited out: the change may be its end."""
        values = {"generation": C.generation + 1, "fresh_until": None, "failed_until": None}
        await self._set(kind, whmcs_client_id, make=True, **values)

    async def touch(self, kind: str, whmcs_client_id: int, ttl: timedelta, generation: int | None) -> bool:
        """Fresh from now on, without a refresh."""
        now = self._clock.now()
        values = {"as_of": now, "fresh_until": now + ttl, **_NO_FAILURE}
        same = [] if generation is None else [C.generation == generation]
        return await self._set(kind, whmcs_client_id, *same, make=True, **values)

    async def _set(self, kind: str, whmcs_client_id: int, *conditions: Any, make: bool = False, **values: Any) -> bool:
        async with self._db.write() as session:
            if make:
                await session.execute(self._made(kind, whmcs_client_id))
            done = await session.execute(
                update(MirrorMark).where(*_of(kind, whmcs_client_id), *conditions).values(**values)
            )
        return done.rowcount == 1  # type: ignore[attr-defined]

    def _made(self, kind: str, whmcs_client_id: int) -> Any:
        row = MirrorMark(kind=kind, whmcs_client_id=whmcs_client_id).model_dump()
        return insert_into(MirrorMark, self._db.dialect).values(**row).on_conflict_do_nothing()


_FREE: Final[dict[str, Any]] = {"lease_owner": "", "lease_until": None}
_NO_FAILURE: Final[dict[str, Any]] = {"failure": "", "failed_until": None}
_KINDS: Final = (UpstreamUnavailable, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamReplyChanged)


def _of(kind: str, whmcs_client_id: int) -> tuple[Any, ...]:
    return (C.kind == kind, C.whmcs_client_id == whmcs_client_id)


def describe(broken: Exception, kind: str) -> str:
    """A failure as text that says nothing of its cause's data: type, system, operation, our own code."""
    if isinstance(broken, UpstreamError):
        return "|".join((type(broken).__name__, broken.system, broken.operation, broken.code))[:200]
    code = "busy" if isinstance(broken, Busy) else type(broken).__name__
    return f"UpstreamUnavailable|whmcs|refresh {kind}|{code}"[:200]


def failure_of(text: str) -> PortalError:
    """The error that `describe` described, for those who only read about it."""
    name, system, operation, code = [*text.split("|", 3), "", "", ""][:4]
    kinds = {kind.__name__: kind for kind in _KINDS}
    return kinds.get(name, UpstreamUnavailable)(system or "whmcs", operation or "refresh", code)
