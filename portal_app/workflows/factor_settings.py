"""Switching the second factor on and off, and new recovery codes: other sessions end, a mail tells (S6, P9)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import InvalidCode, NotFound, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.mfa import Enrolment, SecondFactors
from portal_app.security.sessions import Session, Sessions
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.factor_mails import Change, tell_of_change
from portal_app.workflows.lanes import Lanes


class FactorSettings:
    """The caller has made sure that the session was proven within minutes. That session goes on."""

    def __init__(
        self,
        *,
        factors: SecondFactors,
        sessions: Sessions,
        users: Users,
        db: Database,
        outbox: Outbox,
        bus: Bus,
        audit: Audit,
    ) -> None:
        self._factors, self._sessions, self._users = factors, sessions, users
        self._db, self._outbox, self._bus, self._audit = db, outbox, bus, audit
        self._lanes = Lanes("second-factor")

    async def begin(self, session: Session) -> Enrolment:
        """What an authenticator needs. Nothing changes until it has shown one good code. Raises: Conflict, NotFound."""
        enrolment = await self._factors.begin(session.user_id)
        await self._audit.record("mfa.begun", user_id=session.user_id, session_id=session.session_id, outcome="ok")
        return enrolment

    async def switch_on(self, session: Session, code: str) -> tuple[str, ...]:
        """The recovery codes, told this once. Raises: InvalidCode, Conflict("mfa. ..."), TooManyTries, Busy."""
        async with self._changed(session, "mfa_on") as tx:
            codes = await self._factors.confirm_in(tx, session.user_id, code)
            await self._sessions.proven_by_in(tx, session.session_id, "otp")
        return codes

    async def switch_off(self, session: Session, code: str) -> None:
        """Wants a code of the factor itself. Raises: InvalidCode, Conflict("mfa. ..."), TooManyTries, Busy."""
        async with self._changed(session, "mfa_off") as tx:
            await self._factors.remove_in(tx, session.user_id, code)

    async def renew_codes(self, session: Session, code: str) -> tuple[str, ...]:
        """Ten new recovery codes, told this once. Raises: as switch_off."""
        async with self._changed(session, "mfa_codes_renewed") as tx:
            return await self._factors.new_codes_in(tx, session.user_id, code)

    async def reset(self, email: str) -> bool:
        """For staff, who have made sure whom they speak with: all of it ends, and every session; whether it was on.

        Raises: NotFound for an unknown address.
        """
        user = await self._users.find_by_email(email)
        if user is None:
            raise NotFound("user")
        async with self._db.write() as tx:
            was_on = await self._factors.forget_in(tx, user.user_id)
            ended = await self._sessions.end_all_in(tx, user.user_id, "mfa_reset")
            await tell_of_change(self._outbox, tx, user.user_id, "mfa_reset")
            await self._audit.record(
                "mfa_reset", user_id=user.user_id, outcome="ok", detail={"by": "staff", "was_on": was_on}, session=tx
            )
        await self._announce(ended, user.user_id, "mfa_reset")
        return was_on

    @asynccontextmanager
    async def _changed(self, session: Session, change: Change) -> AsyncIterator[AsyncSession]:
        """Counts the try, then act, end of the other sessions, audit and mail in one transaction."""
        user_id = session.user_id
        async with self._lanes.of(user_id):
            try:
                await self._factors.count_try(user_id)
                async with self._db.write() as tx:
                    await self._users.hold(tx, user_id)  # whoever signs in now does so before this, or knows of it
                    await self._sessions.must_live_in(tx, session.session_id)
                    yield tx
                    ended = await self._sessions.end_all_in(tx, user_id, change, keep=session.session_id)
                    await self._note(session, change, "ok", tx)
                    await tell_of_change(self._outbox, tx, user_id, change)
            except (InvalidCode, TooManyTries) as refused:
                await self._note(session, change, "wrong_code" if isinstance(refused, InvalidCode) else "locked")
                raise
        await self._factors.succeeded(user_id)
        await self._announce(ended, user_id, change)

    async def _note(self, session: Session, event: str, outcome: str, tx: AsyncSession | None = None) -> None:
        await self._audit.record(
            event, user_id=session.user_id, session_id=session.session_id, outcome=outcome, session=tx
        )

    async def _announce(self, ended: list[str], user_id: str, reason: str) -> None:
        await self._sessions.announce(ended, reason)
        await self._bus.publish("work:outbox")
        await self._bus.publish(f"customer:{user_id}:security")
