"""A new password for somebody who knows the old one: other sessions end, and the owner gets a mail (S6)."""

import uuid
from typing import Final

from portal_app.errors import Busy, InvalidCredentials, InvalidInput
from portal_app.security.audit import Audit
from portal_app.security.mfa import SecondFactors
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Session, Sessions, Tokens
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.password_check import PasswordCheck
from portal_app.workflows.signing_in import device_label

EVENT: Final = "password.changed"


class PasswordChange:
    """The caller has made sure that the session was proven within minutes, and ends it when the new one is there."""

    def __init__(
        self,
        *,
        check: PasswordCheck,
        passwords: Passwords,
        factors: SecondFactors,
        sessions: Sessions,
        users: Users,
        db: Database,
        outbox: Outbox,
        bus: Bus,
        audit: Audit,
    ) -> None:
        self._check, self._passwords, self._factors, self._sessions = check, passwords, factors, sessions
        self._users, self._db, self._outbox, self._bus, self._audit = users, db, outbox, bus, audit

    async def change(
        self, session: Session, current: str, new: str, *, device: str | None, ip: str, user_agent: str
    ) -> Tokens:
        """A new session, the one that asked being the only other that lives on.

        Raises: InvalidCredentials for a wrong current password, InvalidInput("current_password" | "password", ...),
        NotSignedIn when the session ended meanwhile, TooManyTries, Busy.
        """
        if not current:
            raise InvalidInput("current_password", "sign_in.password_missing")
        user = await self._users.get(session.user_id)
        self._passwords.check_new(new, user.email, minimum=await self._factors.minimum_password(user.user_id))
        proven = await self._check.check(user.email, current, device=device, ip=ip, event=EVENT, known=user.user_id)
        if proven.user.user_id != user.user_id:
            raise InvalidCredentials
        new_hash = await self._passwords.hash(new)
        async with self._db.write() as tx:
            if not await self._users.replace_password_hash(tx, user.user_id, old=user.password_hash, new=new_hash):
                raise Busy("sign-in", retry_after=1)  # somebody changed it this very moment
            await self._sessions.must_live_in(tx, session.session_id)
            await self._factors.note_password(tx, user.user_id, new)
            ended = await self._sessions.end_all_in(tx, user.user_id, "password_changed", keep=session.session_id)
            await self._audit.record(
                EVENT,
                user_id=user.user_id,
                session_id=session.session_id,
                outcome="ok",
                client_ip=ip,
                session=tx,
            )
            mail = {"template": "password_changed", "user_id": user.user_id, "locale": "", "values": {}}
            await self._outbox.add(tx, "mail", f"password-changed:{uuid.uuid4()}", mail)
        await self._check.forgive(user, device)
        await self._sessions.announce(ended, "password_changed")
        await self._bus.publish("work:outbox")
        return await self._sessions.start(
            user.user_id,
            device_label=device_label(user_agent),
            amr=session.amr,
            verified=new_hash,
            replaces=session.session_id,
            auth_time=session.auth_time,  # of a second factor, the password says nothing
        )
