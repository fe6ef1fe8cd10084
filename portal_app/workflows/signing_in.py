"""Signing in with e-mail and password, and on to a code where the user wants one. Every outcome is audited."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from portal_app.errors import Busy
from portal_app.security.audit import Audit
from portal_app.security.mfa import SecondFactors
from portal_app.security.sessions import Sessions, Tokens
from portal_app.storage.engine import Database
from portal_app.storage.sign_in_challenges import SignInChallenges
from portal_app.storage.users import Users
from portal_app.workflows.password_check import PasswordCheck, Proven

BROWSERS: Final = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS: Final = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of the new session, and the device cookie to set beside them."""

    tokens: Tokens
    device: str


@dataclass(frozen=True, slots=True)
class FactorNeeded:
    """The password was right; a code of the second factor opens the session. `reference` is for this browser alone."""

    reference: str = field(repr=False)


class SigningIn:
    """The password first, for everybody alike; whether a second factor is on shows only once it was right (P5)."""

    def __init__(
        self,
        *,
        check: PasswordCheck,
        sessions: Sessions,
        factors: SecondFactors,
        challenges: SignInChallenges,
        users: Users,
        db: Database,
        audit: Audit,
    ) -> None:
        self._check, self._sessions, self._factors, self._challenges = check, sessions, factors, challenges
        self._users, self._db, self._audit = users, db, audit

    async def sign_in(
        self, email: str, password: str, *, device: str | None, ip: str, user_agent: str, locale: str = ""
    ) -> SignedIn | FactorNeeded:
        """A new session for the right password, or the reference under which a code is waited for.

        `locale` is one chosen by hand before signing in: it becomes the account's.
        Raises InvalidInput, InvalidCredentials, TooManyTries, Busy.
        """
        proven = await self._check.check(email, password, device=device, ip=ip)
        user, label = proven.user, device_label(user_agent)
        if await self._factors.enabled(user.user_id):
            return await self._ask_for_code(proven, label, ip)
        device = await self._check.forgive(user, device)
        if locale and locale != user.locale:
            await self._users.set_locale(user.user_id, locale)
        tokens = await self._sessions.start(
            user.user_id, device_label=label, verified=user.password_hash, upgraded=proven.upgraded
        )
        await self._audit.record(
            "sign_in",
            user_id=user.user_id,
            session_id=tokens.session.session_id,
            outcome="ok",
            detail={"factor": "password"},
            client_ip=ip,
        )
        return SignedIn(tokens, device)

    async def _ask_for_code(self, proven: Proven, label: str, ip: str) -> FactorNeeded:
        user, new_hash = proven.user, proven.upgraded or proven.user.password_hash
        version = self._users.sign_in_version(replace(user, password_hash=new_hash))
        async with self._db.write() as tx:
            if not await self._users.replace_password_hash(tx, user.user_id, old=user.password_hash, new=new_hash):
                raise Busy("sign-in", retry_after=1)
            reference = await self._challenges.begin(tx, user.user_id, sign_in_version=version, device_label=label)
            await self._audit.record(
                "sign_in",
                user_id=user.user_id,
                outcome="code_asked",
                detail={"factor": "password"},
                client_ip=ip,
                session=tx,
            )
        return FactorNeeded(reference)


def device_label(user_agent: str) -> str:
    """`Firefox on Windows`: enough for its owner to know it again, too little to track."""
    browser = next((name for mark, name in BROWSERS.items() if re.search(rf"\b{mark}", user_agent)), "Browser")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
