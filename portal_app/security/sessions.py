"""Sign-in sessions. The row in the database is the truth; cookies only point at it."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.safety import LiveSession
from portal_app.errors import Busy, NotFound, NotSignedIn
from portal_app.security import session_rows as rows
from portal_app.security.audit import Audit
from portal_app.security.pruning import delete_in_batches
from portal_app.security.session import NOBODY, WORTHLESS
from portal_app.security.session import Resolved as Resolved
from portal_app.security.session import Session as Session
from portal_app.security.session import Tokens as Tokens
from portal_app.security.session_memory import SessionMemory
from portal_app.security.session_owners import SessionOwners
from portal_app.security.token_reuse import end_family
from portal_app.security.tokens import AccessTokens, Presented, RefreshTokens
from portal_app.storage.bus import RECONNECTED, Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

GRACE: Final = timedelta(seconds=10)  # the predecessor of a refresh token still works so long: lost replies, two tabs
MOST_LIVE: Final = 10
FORGOTTEN_AFTER: Final = timedelta(days=30)
SECOND_FACTORS: Final = frozenset({"otp", "recovery"})
"""What `amr` says of a sign-in that was proven twice."""


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
        self._memory, self._owners = SessionMemory(), SessionOwners(users)
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
        replaces: str = "",
        auth_time: datetime | None = None,
    ) -> Tokens:
        """A new session with a new id. Of more than ten live ones the oldest end.

        `verified`: the stored hash that let the user in; `upgraded` takes its place where given. `replaces`: the id of
        the session before, which the caller ends once the browser has this one. `auth_time`: when the user last showed
        who they are, where that is not now.
        Raises: Busy when the password was changed since, or a session of the old one would outlive the end of all
        sessions (S6); and when the user has a second factor that `amr` does not speak of: whatever door forgets to ask
        opens nothing. NotFound.
        """
        row = rows.new_row(user_id, device_label, amr, self._clock.now())
        row.auth_time = auth_time or row.auth_time
        async with self._db.write() as tx:
            if verified is not None and not await self._users.replace_password_hash(
                tx, user_id, old=verified, new=upgraded or verified
            ):
                raise Busy("sign-in", retry_after=1)
            if not SECOND_FACTORS & set(amr) and await rows.wants_second_factor(tx, user_id):
                raise Busy("sign-in", retry_after=1)
            if replaces:
                await rows.replace(tx, replaces, row.created_at)
            surplus = await self._add(tx, row)
        self._memory.forget(replaces)
        await self.announce(surplus, "too_many")
        await self._tell(user_id)
        session = await self._owners.session_of(row, self._clock.now())
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
        now, endings = self._clock.now(), self._memory.endings
        kept = self._memory.recent(session_id, now)
        if kept is None:
            async with self._db.read() as db:
                row = await db.get(SessionRow, session_id)
            kept = (now, await self._owners.session_of(row, self._clock.now()) if row is not None else None)
            self._memory.keep(session_id, kept, endings)
        session = kept[1]
        return session if session is not None and rows.alive(session, now) else None

    async def touch(self, session_id: str) -> None:
        """The user did something: push the idle end back. At most one write a minute; a push never calls it."""
        now = self._clock.now()
        if not self._memory.due(session_id, now):
            return
        try:
            async with self._db.write() as tx:
                await rows.touch(tx, session_id, now)
        except (SQLAlchemyError, OSError) as failure:
            # Disk full, a lock held too long: reading goes on (G5), and the session ends sooner, never later.
            log.warning("session_not_touched", extra={"error": type(failure).__name__})
            return
        self._memory.touched(session_id, now)

    async def list_live(self, user_id: str, *, current: str = "") -> tuple[LiveSession, ...]:
        """The user's live sessions, the one used last first; `current` is the id of the one that asks."""
        async with self._db.read() as db:
            mine = await rows.live_rows(db, user_id, self._clock.now())
        shown = [self._shown(row, current) for row in sorted(mine, key=lambda row: row.last_seen_at, reverse=True)]
        return tuple(sorted(shown, key=lambda one: not one.current))

    async def end_by_handle(self, user_id: str, handle: str, *, reason: str) -> None:
        """End the user's own session of that handle. Raises: NotFound for anybody else's, and for one that is over."""
        async with self._db.read() as db:
            mine = await rows.live_ids(db, user_id, self._clock.now())
        found = next((one for one in mine if self._refresh.handle(one) == handle), None)
        if found is None:
            raise NotFound("session")
        await self.end(found, reason)

    async def end(self, session_id: str, reason: str) -> None:
        """End one session, on every page that shows it. Nothing happens when it is over already."""
        async with self._db.write() as tx:
            row = await tx.get(SessionRow, session_id)
            if row is not None and row.revoked_at is None:
                await rows.revoke(tx, [session_id], reason, self._clock.now())
                await self._audit.record(
                    "session.ended", user_id=row.user_id, session_id=session_id, outcome=reason, session=tx
                )
        await self.announce([session_id], reason)
        if row is not None:
            await self._tell(row.user_id)

    async def end_all(self, user_id: str, reason: str, keep: str | None = None) -> None:
        """End every live session of a user but `keep`."""
        async with self._db.write() as tx:
            ids = await self.end_all_in(tx, user_id, reason, keep)
        await self.announce(ids, reason)
        await self._tell(user_id)

    async def end_all_in(self, tx: AsyncSession, user_id: str, reason: str, keep: str | None = None) -> list[str]:
        """Like `end_all`, in the caller's transaction; `announce` the ids it gives once that is committed."""
        now = self._clock.now()
        ids = [i for i in await rows.live_ids(tx, user_id, now) if i != keep]
        await rows.revoke(tx, ids, reason, now)
        await self._audit.record(
            "session.ended_all", user_id=user_id, outcome=reason, detail={"sessions": len(ids)}, session=tx
        )
        return ids

    async def must_live_in(self, tx: AsyncSession, session_id: str) -> None:
        """Asked again in the transaction of what matters: whoever was ended meanwhile changes nothing (S6).

        Raises: NotSignedIn.
        """
        row = await tx.get(SessionRow, session_id, populate_existing=True)
        if row is None or not rows.row_alive(row, self._clock.now()):
            raise NotSignedIn

    async def proven_by_in(self, tx: AsyncSession, session_id: str, amr: str) -> None:
        """This session's user has shown that factor just now, in the caller's transaction."""
        await rows.add_amr(tx, session_id, amr)
        self._memory.forget(session_id)

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
        if row is None or not self._refresh.genuine(presented, row.nonce) or not rows.row_alive(row, now):
            return WORTHLESS
        current = presented.generation == row.generation
        if current and rotate and not await self._advance(row):
            return await self._present(presented, rotate)  # somebody was quicker: now it is the predecessor
        if not current and not (presented.generation == row.generation - 1 and now - row.rotated_at <= GRACE):
            await self._reused(row)
            return WORTHLESS
        session = await self._owners.session_of(row, self._clock.now())
        if session is None:
            return WORTHLESS
        if not rotate:
            return Resolved(session)
        generation = presented.generation + 1
        session = replace(session, idle_until=now + rows.IDLE) if current else session
        return Resolved(session, self._tokens(session, generation, row.nonce))

    async def _advance(self, row: SessionRow) -> bool:
        async with self._db.write() as tx:
            return await rows.advance(tx, row, self._clock.now())

    async def _add(self, tx: AsyncSession, row: SessionRow) -> list[str]:
        """The ids of those that end for it."""
        tx.add(row)
        live = await rows.live_ids(tx, row.user_id, row.created_at)
        surplus = live[: max(0, len(live) - MOST_LIVE)]
        await rows.revoke(tx, surplus, "too_many", row.created_at)
        await self._audit.record(
            "session.started",
            user_id=row.user_id,
            session_id=row.session_id,
            outcome="ok",
            detail={"amr": row.amr},
            session=tx,
        )
        return surplus

    async def _reused(self, row: SessionRow) -> None:
        """A retired refresh token came back: one of the two holders is a thief, so both lose it."""
        async with self._db.write() as tx:
            family = await end_family(tx, row, self._audit, self._outbox, self._clock.now())
        await self.announce(family, "token_reuse")
        await self._bus.publish("work:outbox")

    async def announce(self, session_ids: list[str], reason: str) -> None:
        """Have every page of these sessions told that they ended."""
        for session_id in session_ids:
            self._memory.forget(session_id)
            await self._bus.publish(f"session:{session_id}:ended", reason)

    async def _tell(self, user_id: str) -> None:
        """Pages that list the user's sessions read them again."""
        await self._bus.publish(f"customer:{user_id}:security")

    def _tokens(self, session: Session, generation: int, nonce: str) -> Tokens:
        return Tokens(self._access.mint(session), self._refresh.derive(session.session_id, generation, nonce), session)

    def _shown(self, row: SessionRow, current: str) -> LiveSession:
        mine = row.session_id == current
        return LiveSession(
            self._refresh.handle(row.session_id), row.device_label, row.created_at, row.last_seen_at, mine
        )

    def _heard(self, topic: str, payload: str) -> None:
        session_id, _, what = topic.removeprefix("session:").partition(":")
        if what == "ended":
            self._memory.forget(session_id)

    def _deaf_for_a_while(self, topic: str, payload: str) -> None:
        self._memory.forget_all()
