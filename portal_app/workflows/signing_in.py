"""Signing in with e-mail and password: lockout, verification, session, device. Every outcome is audited."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from portal_app.domain.emails import clean_email
from portal_app.errors import Busy, InvalidCredentials, InvalidInput, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions, Tokens
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.users import UserRecord, Users
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.slowing import Pause, Slowing

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


class SigningIn:
    """One try at a time per account and device, so that parallel guesses cannot outrun the count of failures."""

    def __init__(
        self,
        users: Users,
        passwords: Passwords,
        sessions: Sessions,
        lockout: Lockout,
        limits: Limits,
        devices: DeviceCookies,
        index: KeyedIndex,
        audit: Audit,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._users, self._passwords, self._sessions, self._lockout = users, passwords, sessions, lockout
        self._devices, self._index, self._audit = devices, index, audit
        self._slowing, self._lanes = Slowing(limits, pause), Lanes("sign-in")

    async def sign_in(
        self, email: str, password: str, *, device: str | None, ip: str, user_agent: str, locale: str = ""
    ) -> SignedIn:
        """A new session for the right password.

        An account that does not exist, or is disabled, costs the same work and reads the same as a wrong password.
        `locale` is one chosen by hand before signing in: it becomes the account's.
        Raises InvalidInput, InvalidCredentials, TooManyTries, Busy.
        """
        await self._slowing.of(ip)
        email = clean_email(email)
        if not password:
            raise InvalidInput("password", "sign_in.password_missing")
        email_index = self._index.of(f"account|{email}")
        device_id = self._devices.read(device, email_index)
        async with self._lanes.of(f"{email_index}|{device_id or ''}"):
            await self._unlocked(email_index, device_id, ip)
            user, upgraded = await self._verified(email, password, email_index, device_id, ip)
        keep_device = await self._lockout.device_trusted(email_index, device_id)
        await self._lockout.succeeded(email_index, device_id)
        if locale and locale != user.locale:
            await self._users.set_locale(user.user_id, locale)
        tokens = await self._sessions.start(
            user.user_id, device_label=device_label(user_agent), verified=user.password_hash, upgraded=upgraded
        )
        await self._audit.record(
            "sign_in",
            user_id=user.user_id,
            session_id=tokens.session.session_id,
            outcome="ok",
            detail={"factor": "password"},
            client_ip=ip,
        )
        return SignedIn(tokens, device if device and keep_device else self._devices.mint(email_index))

    async def _unlocked(self, email_index: str, device_id: str | None, ip: str) -> None:
        try:
            await self._lockout.check(email_index, device_id, ip)
        except TooManyTries:
            await self._audit.record("sign_in", outcome="locked", detail={"factor": "password"}, client_ip=ip)
            raise

    async def _verified(
        self, email: str, password: str, email_index: str, device_id: str | None, ip: str
    ) -> tuple[UserRecord, str]:
        """The user, and the hash to replace theirs by, "" where it may stay."""
        user = await self._users.find_by_email(email)
        verdict = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or user.disabled or not verdict.ok:
            await self._lockout.failed(email_index, device_id, ip)
            await self._audit.record(
                "sign_in",
                user_id=user.user_id if user else None,
                outcome="refused",
                detail={"factor": "password"},
                client_ip=ip,
            )
            raise InvalidCredentials
        return user, await self._upgraded(password) if verdict.needs_upgrade else ""

    async def _upgraded(self, password: str) -> str:
        try:
            return await self._passwords.hash(password)
        except Busy:
            return ""  # the old hash still works; the next sign-in tries again


def device_label(user_agent: str) -> str:
    """`Firefox on Windows`: enough for its owner to know it again, too little to track."""
    browser = next((name for mark, name in BROWSERS.items() if re.search(rf"\b{mark}", user_agent)), "Browser")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
