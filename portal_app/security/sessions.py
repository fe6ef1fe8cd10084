"""Sign-in sessions. The row in the database is the truth; cookies only point at it."""

import logging
import secrets
import uuid
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound
from portal_app.security.audit import Audit
from portal_app.security.pruning import delete_in_batches
from portal_app.security.tokens import AccessTokens, Presented, RefreshTokens
from portal_app.storage.bus import RECONNECTED, Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
GRACE: Final = timedelta(seconds=10)  # the predecessor of a refresh token still works so long: lost replies, two tabs
MOST_LIVE: Final = 10
KEPT: Final = timedelta(seconds=5)  # how long `find` may answer from memory
TOUCH_EVERY: Final = timedelta(minutes=1)
MOST_KEPT: Final = 10_000
FORGOTTEN_AFTER: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Session:
    """A live session and who it belongs to. `customer` is None for a user who is not linked to a billing account.

    `must_set_password`: the user came by linking and has none yet. Such a session may only set one or sign out (P11);
    it belongs to no customer until then, so whatever forgets to ask finds nobody.
    """

    session_id: str
    user_id: str
    customer: Customer | None
    locale: str
    auth_time: datetime
    amr: tuple[str, ...]
    idle_until: datetime
    absolute_until: datetime
    created_at: datetime
    must_set_password: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What goes into the cookies, and the session they stand for."""

    access: str
    refresh: str
    session: Session


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who a request is from. `tokens` are new cookies to set; `clear` says the ones presented are worthless."""

    session: Session | None
    tokens: Tokens | None = None
    clear: bool = False


NOBODY: Final = Resolved(None)
WORTHLESS: Final = Resolved(None, clear=True)


class Sessions:
    """Begin, resolve, find and end sessions. Any database error is raised: a caller that cannot ask must deny."""

    def __init__(
        self,
        db: Database,
        users: Users,
        access: AccessTokens,
        refresh: RefreshTokens,
        bus: Bus,
        clock: Clock,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._db, self._users, self._access, self._refresh = db, users, access, refresh
        self._bus, self._clock, self._outbox, self._audit = bus, clock, outbox, audit
        self._kept: OrderedDict[str, tuple[datetime, Session | None]] = OrderedDict()
        self._touched: OrderedDict[str, datetime] = OrderedDict()
        self._endings = 0
        self._unsubscribe = (bus.subscribe("session:", self._heard), bus.subscribe(RECONNECTED, self._deaf_for_a_while))

    def close(self) -> None:
        """Stop listening to the bus."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    async def start(
        self,
        user_id: str,
        *,
        device_label: str,
        amr: tuple[str, ...] = ("pwd",),
        verified: str | None = None,
        upgraded: str = "",
    ) -> Tokens:
        """A new session with a new id. Of more than ten live ones the oldest end.

        `verified`: the stored hash that let the user in; `upgraded` takes its place where given. Raises: Busy when the
        password was changed since, or a session of the old one would outlive the end of all sessions (S6).
        """
        now = self._clock.now()
        session_id = str(uuid.uuid4())
        row = SessionRow(
            session_id=session_id,
            user_id=user_id,
            family=session_id,
            nonce=secrets.token_hex(16),
            rotated_at=now,
            device_label=device_label[:100],
            created_at=now,
            last_seen_at=now,
            idle_until=now + IDLE,
            absolute_until=now + ABSOLUTE,
            auth_time=now,
            amr=" ".join(amr),
        )
        async with self._db.write() as tx:
            if verified is not None and not await self._users.replace_password_hash(
                tx, user_id, old=verified, new=upgraded or verified
            ):
                raise Busy("sign-in", retry_after=1)
            tx.add(row)
            live = await self._live_ids(tx, user_id)
            surplus = live[: max(0, len(live) - MOST_LIVE)]
            await self._revoke(tx, surplus, "too_many")
            await self._audit.record(
                "session.started",
                user_id=user_id,
                session_id=session_id,
                outcome="ok",
                detail={"amr": row.amr},
                session=tx,
            )
        await self.announce(surplus, "too_many")
        session = await self._with_owner(row)
        if session is None:
            raise NotFound("user", user_id)
        return self._tokens(session, row.generation, row.nonce)

    async def resolve(self, access: str | None, refresh: str | None, *, rotate: bool) -> Resolved:
        """Who presents these cookies.

        A valid access token of a live session is enough. Else the refresh token decides: with `rotate` it is exchanged
        for its one successor, without (a socket handshake, where no cookie can be set) it only identifies.
        """
        if not access and not refresh:
            return NOBODY
        if access and (claims := self._access.verify(access)):
            session = await self.find(claims.session_id)
            if session is not None and session.user_id == claims.user_id:
                return Resolved(session)
        presented = self._refresh.parse(refresh) if refresh else None
        return await self._present(presented, rotate) if presented else WORTHLESS

    async def find(self, session_id: str) -> Session | None:
        """The live session of that id. From memory for at most 5 s, and never after its end was announced."""
        now = self._clock.now()
        kept = self._kept.get(session_id)
        if kept is None or now - kept[0] >= KEPT:
            endings = self._endings
            async with self._db.read() as db:
                row = await db.get(SessionRow, session_id)
            kept = (now, await self._with_owner(row) if row is not None else None)
            if endings == self._endings:  # else it may have ended while we read it
                self._keep(session_id, kept)
        session = kept[1]
        return session if session is not None and _alive(session, now) else None

    async def touch(self, session_id: str) -> None:
        """The user did something: push the idle end back. At most one write a minute; a push never calls it."""
        now = self._clock.now()
        last = self._touched.get(session_id)
        if last is not None and now - last < TOUCH_EVERY:
            return
        _remember(self._touched, session_id, now)
        try:
            async with self._db.write() as tx:
                await tx.execute(
                    update(SessionRow)
                    .where(*_live(now), SessionRow.session_id == session_id)  # type: ignore[arg-type]
                    .values(last_seen_at=now, idle_until=now + IDLE)
                )
        except (SQLAlchemyError, OSError) as failure:
            # Disk full, a lock held too long: reading goes on (G5), and the session ends sooner, never later.
            log.warning("session_not_touched", extra={"error": type(failure).__name__})
            return
        kept = self._kept.get(session_id)
        if kept is not None and kept[1] is not None and _alive(kept[1], now):
            self._kept[session_id] = (kept[0], replace(kept[1], idle_until=now + IDLE))

    async def end(self, session_id: str, reason: str) -> None:
        """End one session, on every page that shows it. Nothing happens when it is over already."""
        async with self._db.write() as tx:
            row = await tx.get(SessionRow, session_id)
            if row is not None and row.revoked_at is None:
                await self._revoke(tx, [session_id], reason)
                await self._audit.record(
                    "session.ended", user_id=row.user_id, session_id=session_id, outcome=reason, session=tx
                )
        await self.announce([session_id], reason)

    async def end_all(self, user_id: str, reason: str, keep: str | None = None) -> None:
        """End every live session of a user but `keep`."""
        async with self._db.write() as tx:
            ids = await self.end_all_in(tx, user_id, reason, keep)
        await self.announce(ids, reason)

    async def end_all_in(self, tx: AsyncSession, user_id: str, reason: str, keep: str | None = None) -> list[str]:
        """Like `end_all`, in the caller's transaction; `announce` the ids it gives once that is committed."""
        ids = [i for i in await self._live_ids(tx, user_id) if i != keep]
        await self._revoke(tx, ids, reason)
        await self._audit.record(
            "session.ended_all", user_id=user_id, outcome=reason, detail={"sessions": len(ids)}, session=tx
        )
        return ids

    async def prune(self) -> int:
        """Forget sessions that ended more than thirty days ago, in short transactions; how many."""
        old = SessionRow.absolute_until < self._clock.now() - FORGOTTEN_AFTER
        return await delete_in_batches(self._db, SessionRow, SessionRow.session_id, old)

    async def _present(self, presented: Presented, rotate: bool) -> Resolved:
        """Weigh a refresh token against its session row."""
        now = self._clock.now()
        async with self._db.read() as db:
            row = await db.get(SessionRow, presented.session_id)
        # A forged token says nothing about the real one, so it ends nothing.
        if row is None or not self._refresh.genuine(presented, row.nonce) or not _row_alive(row, now):
            return WORTHLESS
        current = presented.generation == row.generation
        if current and rotate and not await self._advance(row):
            return await self._present(presented, rotate)  # somebody was quicker: now it is the predecessor
        if not current and not (presented.generation == row.generation - 1 and now - row.rotated_at <= GRACE):
            await self._reused(row)
            return WORTHLESS
        session = await self._with_owner(row)
        if session is None:
            return WORTHLESS
        if not rotate:
            return Resolved(session)
        generation = presented.generation + 1
        session = replace(session, idle_until=now + IDLE) if current else session
        return Resolved(session, self._tokens(session, generation, row.nonce))

    async def _advance(self, row: SessionRow) -> bool:
        """Take the row from this generation to the next; False when it is there already."""
        now = self._clock.now()
        async with self._db.write() as tx:
            done = await tx.execute(
                update(SessionRow)
                .where(*_live(now), SessionRow.session_id == row.session_id, SessionRow.generation == row.generation)  # type: ignore[arg-type]
                .values(generation=row.generation + 1, rotated_at=now, last_seen_at=now, idle_until=now + IDLE)
            )
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def _reused(self, row: SessionRow) -> None:
        """A retired refresh token came back: one of the two holders is a thief, so both lose it."""
        async with self._db.write() as tx:
            found = await tx.scalars(select(SessionRow.session_id).where(SessionRow.family == row.family))  # type: ignore[call-overload]
            family = list(found)
            await self._revoke(tx, family, "token_reuse")
            await self._audit.record(
                "session.token_reuse", user_id=row.user_id, session_id=row.session_id, outcome="revoked", session=tx
            )
            await self._outbox.add(
                tx,
                "mail",
                f"token-reuse:{row.family}",
                {
                    "template": "token_reuse",
                    "user_id": row.user_id,
                    "locale": "",
                    "values": {"device": row.device_label},
                },
            )
        await self.announce(family, "token_reuse")
        await self._bus.publish("work:outbox")

    async def _live_ids(self, tx: AsyncSession, user_id: str) -> list[str]:
        """Ids of a user's live sessions, oldest first."""
        found = await tx.scalars(
            select(SessionRow.session_id)  # type: ignore[call-overload]
            .where(*_live(self._clock.now()), SessionRow.user_id == user_id)
            .order_by(SessionRow.created_at, SessionRow.session_id)
        )
        return list(found)

    async def _revoke(self, tx: AsyncSession, session_ids: list[str], reason: str) -> None:
        if session_ids:
            await tx.execute(
                update(SessionRow)
                .where(SessionRow.session_id.in_(session_ids), SessionRow.revoked_at.is_(None))  # type: ignore[attr-defined, union-attr]
                .values(revoked_at=self._clock.now(), revoked_reason=reason)
            )

    async def announce(self, session_ids: list[str], reason: str) -> None:
        """Have every page of these sessions told that they ended."""
        for session_id in session_ids:
            self._forget(session_id)
            await self._bus.publish(f"session:{session_id}:ended", reason)

    async def _with_owner(self, row: SessionRow) -> Session | None:
        """The row with its user and customer; None when it is over or its user may not come in."""
        if not _row_alive(row, self._clock.now()):
            return None
        try:
            user = await self._users.get(row.user_id)
        except NotFound:
            return None
        if user.disabled:
            return None
        must_set_password = user.password_hash == ""
        return Session(
            session_id=row.session_id,
            user_id=row.user_id,
            customer=None if must_set_password else await self._users.find_customer(row.user_id),
            locale=user.locale,
            auth_time=row.auth_time,
            amr=tuple(row.amr.split()),
            idle_until=row.idle_until,
            absolute_until=row.absolute_until,
            created_at=row.created_at,
            must_set_password=must_set_password,
        )

    def _tokens(self, session: Session, generation: int, nonce: str) -> Tokens:
        return Tokens(self._access.mint(session), self._refresh.derive(session.session_id, generation, nonce), session)

    def _keep(self, session_id: str, kept: tuple[datetime, Session | None]) -> None:
        _remember(self._kept, session_id, kept)

    def _forget(self, session_id: str) -> None:
        self._endings += 1
        self._kept.pop(session_id, None)

    def _heard(self, topic: str, payload: str) -> None:
        session_id, _, what = topic.removeprefix("session:").partition(":")
        if what == "ended":
            self._forget(session_id)

    def _deaf_for_a_while(self, topic: str, payload: str) -> None:
        self._endings += 1
        self._kept.clear()


def _remember(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _live(now: datetime) -> tuple[Any, ...]:
    return (SessionRow.revoked_at.is_(None), SessionRow.idle_until > now, SessionRow.absolute_until > now)  # type: ignore[union-attr]


def _row_alive(row: SessionRow, now: datetime) -> bool:
    return row.revoked_at is None and now < row.idle_until and now < row.absolute_until


def _alive(session: Session, now: datetime) -> bool:
    return now < session.idle_until and now < session.absolute_until
