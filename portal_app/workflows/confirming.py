"""Who has signed in shows again who they are, before something that matters: by a code where one is on (S6)."""

import asyncio
from typing import Final

from portal_app.errors import InvalidCode, InvalidCredentials, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.mfa import AMR, Factor, SecondFactors
from portal_app.security.sessions import Session, Sessions, Tokens
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import UserRecord, Users
from portal_app.workflows.factor_mails import warn_of_recovery_code
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.password_check import PasswordCheck
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.slowing import Pause, Slowing

EVENT: Final = "confirm"


class Confirming:
    """A new session takes the place of the old one, which the caller ends (S5)."""

    def __init__(
        self,
        *,
        check: PasswordCheck,
        sessions: Sessions,
        factors: SecondFactors,
        users: Users,
        db: Database,
        limits: Limits,
        outbox: Outbox,
        bus: Bus,
        audit: Audit,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._check, self._sessions, self._factors, self._users = check, sessions, factors, users
        self._db, self._outbox, self._bus, self._audit = db, outbox, bus, audit
        self._slowing, self._lanes = Slowing(limits, pause, rule="second_factor"), Lanes(EVENT)

    async def wants_code(self, user_id: str) -> bool:
        """Whether a code is asked for, and not the password."""
        return await self._factors.enabled(user_id)

    async def confirm(
        self, session: Session, *, password: str, code: str, device: str | None, ip: str, user_agent: str
    ) -> Tokens:
        """A session that has just been proven.

        Raises: InvalidCredentials for a wrong password, InvalidCode, InvalidInput, TooManyTries, Busy.
        """
        user = await self._users.get(session.user_id)
        label, upgraded = device_label(user_agent), ""
        amr: tuple[str, ...] = ("pwd",)
        if await self._factors.enabled(user.user_id):
            factor = await self._right_code(session, code, ip, label)
            amr = ("pwd", AMR[factor])
        else:
            upgraded = await self._right_password(user, password, device, ip)
        tokens = await self._sessions.start(
            user.user_id,
            device_label=label,
            amr=amr,
            verified=user.password_hash,
            upgraded=upgraded,
            replaces=session.session_id,
        )
        await self._note(tokens.session, "ok", amr[-1], ip)
        return tokens

    async def _right_password(self, user: UserRecord, password: str, device: str | None, ip: str) -> str:
        proven = await self._check.check(user.email, password, device=device, ip=ip, event=EVENT, known=user.user_id)
        if proven.user.user_id != user.user_id:  # the address changed hands this very moment
            raise InvalidCredentials
        await self._check.forgive(user, device)
        return proven.upgraded

    async def _right_code(self, session: Session, code: str, ip: str, label: str) -> Factor:
        await self._slowing.of(ip)
        async with self._lanes.of(session.user_id):
            try:
                await self._factors.count_try(session.user_id)
            except TooManyTries:
                await self._note(session, "locked", "code", ip)
                raise
            async with self._db.write() as tx:
                factor = await self._factors.verify_in(tx, session.user_id, code)
                if factor == "recovery":
                    await warn_of_recovery_code(self._outbox, tx, session.user_id, label)
        if factor is None:
            await self._note(session, "wrong_code", "code", ip)
            raise InvalidCode("mfa.wrong")
        await self._factors.succeeded(session.user_id)
        if factor == "recovery":
            await self._bus.publish("work:outbox")
        return factor

    async def _note(self, session: Session, outcome: str, factor: str, ip: str) -> None:
        await self._audit.record(
            EVENT,
            user_id=session.user_id,
            session_id=session.session_id,
            outcome=outcome,
            detail={"factor": factor},
            client_ip=ip,
        )
