"""The code after the password: this login of this browser waits for it, for five minutes and five tries (P8)."""

import asyncio
from typing import Final

from portal_app.errors import InvalidCode, InvalidInput, NotFound, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.mfa import AMR, Factor, SecondFactors
from portal_app.security.sessions import Sessions
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.sign_in_challenges import MOST_TRIES, Challenge, SignInChallenges
from portal_app.storage.users import UserRecord, Users
from portal_app.workflows.factor_mails import warn_of_recovery_code
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.password_check import PasswordCheck
from portal_app.workflows.signing_in import SignedIn
from portal_app.workflows.slowing import Pause, Slowing

OVER: Final = "mfa.over"
"""Time or tries are used up, or the password was changed: the sign-in starts over."""


class SecondFactorStep:
    """Ends a sign-in that waits for a code."""

    def __init__(
        self,
        *,
        check: PasswordCheck,
        sessions: Sessions,
        factors: SecondFactors,
        challenges: SignInChallenges,
        users: Users,
        db: Database,
        limits: Limits,
        outbox: Outbox,
        bus: Bus,
        audit: Audit,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._check, self._sessions, self._factors, self._challenges = check, sessions, factors, challenges
        self._users, self._db, self._outbox, self._bus, self._audit = users, db, outbox, bus, audit
        self._slowing, self._lanes = Slowing(limits, pause, rule="second_factor"), Lanes("sign-in")

    async def finish(self, reference: str, code: str, *, device: str | None, ip: str, locale: str = "") -> SignedIn:
        """A new session for the right code of the login behind `reference`; the code and the login are spent by it.

        Raises: InvalidCode, InvalidInput("token", OVER), TooManyTries, Busy.
        """
        await self._slowing.of(ip)
        challenge = await self._challenges.find(reference)
        if challenge is None:
            raise InvalidInput("token", OVER)
        async with self._lanes.of(challenge.user_id):
            user = await self._still_meant(challenge)
            factor = await self._tried(challenge, code, ip)
        await self._factors.succeeded(user.user_id)
        device = await self._check.forgive(user, device)
        if locale and locale != user.locale:
            await self._users.set_locale(user.user_id, locale)
        tokens = await self._sessions.start(
            user.user_id,
            device_label=challenge.device_label,
            amr=("pwd", AMR[factor]),
            verified=user.password_hash,
        )
        await self._note(user.user_id, "ok", factor, ip, tokens.session.session_id)
        return SignedIn(tokens, device)

    async def _still_meant(self, challenge: Challenge) -> UserRecord:
        """The user, unless disabled or with another password by now."""
        try:
            user = await self._users.get(challenge.user_id)
        except NotFound:
            raise InvalidInput("token", OVER) from None
        if user.disabled or self._users.sign_in_version(user) != challenge.sign_in_version:
            raise InvalidInput("token", OVER)
        return user

    async def _tried(self, challenge: Challenge, code: str, ip: str) -> Factor:
        """Which factor it was. The try is counted before the code is looked at, so that parallel ones get no more."""
        user_id = challenge.user_id
        try:
            await self._factors.count_try(user_id)
        except TooManyTries:
            await self._note(user_id, "locked", "code", ip)
            raise
        if not await self._challenges.tried(challenge):
            raise InvalidInput("token", OVER)
        async with self._db.write() as tx:
            factor = await self._factors.verify_in(tx, user_id, code)
            if factor and not await self._challenges.use(tx, challenge):
                raise InvalidInput("token", OVER)  # undoes the code's use
            if factor == "recovery":
                await warn_of_recovery_code(self._outbox, tx, user_id, challenge.device_label)
        if factor is None:
            await self._note(user_id, "wrong_code", "code", ip)
            raise InvalidInput("token", OVER) if challenge.tries + 1 >= MOST_TRIES else InvalidCode("mfa.wrong")
        if factor == "recovery":
            await self._bus.publish("work:outbox")
        return factor

    async def _note(self, user_id: str, outcome: str, factor: str, ip: str, session_id: str | None = None) -> None:
        await self._audit.record(
            "sign_in",
            user_id=user_id,
            session_id=session_id,
            outcome=outcome,
            detail={"factor": factor},
            client_ip=ip,
        )
