"""Whether a password is right: slowed, locked and counted alike wherever one is asked for; refusals are audited."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from portal_app.domain.emails import clean_email
from portal_app.errors import Busy, InvalidCredentials, InvalidInput, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.users import UserRecord, Users
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.slowing import Pause, Slowing

SIGN_IN: Final = "sign_in"


@dataclass(frozen=True, slots=True)
class Proven:
    """A user whose password was right. `upgraded`: the hash to replace theirs by, "" where it may stay."""

    user: UserRecord
    upgraded: str = field(repr=False)


class PasswordCheck:
    """One try at a time per account and device, so that parallel guesses cannot outrun the count of failures."""

    def __init__(
        self,
        *,
        users: Users,
        passwords: Passwords,
        lockout: Lockout,
        limits: Limits,
        devices: DeviceCookies,
        index: KeyedIndex,
        audit: Audit,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._users, self._passwords, self._lockout = users, passwords, lockout
        self._devices, self._index, self._audit = devices, index, audit
        self._slowing, self._lanes = Slowing(limits, pause), Lanes("sign-in")

    async def check(
        self, email: str, password: str, *, device: str | None, ip: str, event: str = SIGN_IN, known: str | None = None
    ) -> Proven:
        """Whose password this is. `known`: the user who signed in here already, written down with a refusal.

        An account that does not exist, or is disabled, costs the same work and reads the same as a wrong password.
        Raises: InvalidInput, InvalidCredentials, TooManyTries, Busy.
        """
        await self._slowing.of(ip)
        email = clean_email(email)
        if not password:
            raise InvalidInput("password", "sign_in.password_missing")
        email_index = self._email_index(email)
        device_id = self._devices.read(device, email_index)
        async with self._lanes.of(f"{email_index}|{device_id or ''}"):
            try:
                await self._lockout.check(email_index, device_id, ip)
            except TooManyTries:
                await self._refused(event, "locked", known, ip)
                raise
            user = await self._users.find_by_email(email)
            verdict = await self._passwords.verify(password, user.password_hash if user else None)
            if user is None or user.disabled or not verdict.ok:
                await self._lockout.failed(email_index, device_id, ip)
                await self._refused(event, "refused", user.user_id if user else None, ip)
                raise InvalidCredentials
            return Proven(user, await self._upgraded(password) if verdict.needs_upgrade else "")

    async def forgive(self, user: UserRecord, device: str | None) -> str:
        """The user is in: failures are forgotten. The device cookie to hold from now on."""
        email_index = self._email_index(user.email)
        device_id = self._devices.read(device, email_index)
        keep = await self._lockout.device_trusted(email_index, device_id)
        await self._lockout.succeeded(email_index, device_id)
        return device if device and keep else self._devices.mint(email_index)

    async def _refused(self, event: str, outcome: str, user_id: str | None, ip: str) -> None:
        detail = {"factor": "password"}
        await self._audit.record(event, user_id=user_id, outcome=outcome, detail=detail, client_ip=ip)

    async def _upgraded(self, password: str) -> str:
        try:
            return await self._passwords.hash(password)
        except Busy:
            return ""  # the old hash still works; the next sign-in tries again

    def _email_index(self, email: str) -> str:
        return self._index.of(f"account|{email}")
