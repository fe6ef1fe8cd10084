"""Forgotten passwords and unverified addresses: links by mail, asked for without learning anything (P5, P6).

A reset consults no lockout and ends it: whoever holds the mailbox is never shut out by somebody else's guessing (L2).
"""

import asyncio
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.emails import clean_email
from portal_app.errors import Conflict, InvalidInput, NotFound, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.mfa import SecondFactors
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Session, Sessions, Tokens
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Locale, UserRecord, Users
from portal_app.workflows.account_mails import ask_for_mail
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.slowing import Pause, Slowing
from portal_app.workflows.token_problems import usable


class Recovery:
    """Nothing here says whether an address is known."""

    def __init__(
        self,
        *,
        users: Users,
        tokens: EmailTokens,
        passwords: Passwords,
        factors: SecondFactors,
        sessions: Sessions,
        lockout: Lockout,
        limits: Limits,
        outbox: Outbox,
        db: Database,
        index: KeyedIndex,
        bus: Bus,
        audit: Audit,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._users, self._tokens, self._sessions = users, tokens, sessions
        self._passwords, self._factors = passwords, factors
        self._lockout, self._limits, self._outbox, self._db = lockout, limits, outbox, db
        self._index, self._bus, self._audit, self._clock = index, bus, audit, clock
        self._slowing = Slowing(limits, pause)

    async def forgot(self, email: str, *, locale: Locale, ip: str) -> None:
        """Have a reset link mailed if there is such a user. The same work either way; too many are left out silently.

        Raises: InvalidInput for what is no address, Busy.
        """
        await self._ask("reset", clean_email(email), locale, ip)

    async def resend(self, email: str, *, locale: Locale, ip: str) -> None:
        """Have a new verification link mailed if a sign-up waits for one; the earlier link then ends.

        Raises: InvalidInput for what is no address, Busy.
        """
        await self._ask("resend", clean_email(email), locale, ip)

    async def reset(self, token: str, password: str, *, ip: str) -> None:
        """Set a new password by the mailed link; every session of the user ends, and nobody is signed in.

        A second factor stays on: whoever signs in next is asked for it (P6).

        Raises: InvalidInput("token" | "password", ...), Busy.
        """
        found = usable(await self._tokens.find("reset", token), self._clock.now())
        user = await self._still_meant(found)
        self._passwords.check_new(password, user.email, minimum=await self._factors.minimum_password(user.user_id))
        new_hash = await self._passwords.hash(password)
        async with self._db.write() as tx:
            if not await self._tokens.use(tx, found):
                raise InvalidInput("token", "token.used")
            ended = await self._change(tx, user, new_hash, "password.reset_used", "password_reset", ip)
            await self._factors.note_password(tx, user.user_id, password)
        await self._announce(ended, "password_reset")
        await self._lockout.succeeded(self._index.of(f"account|{user.email}"), None)

    async def set_first_password(self, session: Session, password: str, *, user_agent: str) -> Tokens:
        """The password of a user who came by linking and has none; a new session takes the place of all others (S5).

        Raises: Conflict("password.already_set"), InvalidInput("password", ...), Busy.
        """
        user = await self._users.get(session.user_id)
        if user.password_hash:
            raise Conflict("password.already_set")
        self._passwords.check_new(password, user.email)
        new_hash = await self._passwords.hash(password)
        async with self._db.write() as tx:
            ended = await self._change(tx, user, new_hash, "password.set", "password_set", "")
        await self._announce(ended, "password_set")
        return await self._sessions.start(user.user_id, device_label=device_label(user_agent), verified=new_hash)

    async def unlock(self, email: str) -> None:
        """For operators: forget the failed tries at signing in with that address and at linking it.

        Raises: InvalidInput for what is no address.
        """
        address = clean_email(email)
        for purpose in ("account", "link"):
            await self._lockout.succeeded(self._index.of(f"{purpose}|{address}"), None)
        user = await self._users.find_by_email(address)
        await self._audit.record("lockout.cleared", user_id=user.user_id if user else None, outcome="ok")

    async def _ask(self, purpose: str, email: str, locale: Locale, ip: str) -> None:
        await self._slowing.of(ip)
        try:
            await self._limits.hit("forgot", self._index.of(f"{purpose}|{email}"))
        except TooManyTries:
            return
        async with self._db.write() as tx:
            await ask_for_mail(self._outbox, tx, purpose, email=email, locale=locale)
        await self._bus.publish("work:outbox")

    async def _still_meant(self, found: TokenRecord) -> UserRecord:
        """The user, unless the password was changed or the user disabled since the link was made."""
        try:
            user = await self._users.get(found.subject)
        except NotFound:
            raise InvalidInput("token", "token.unknown") from None
        if user.disabled or found.version != self._users.sign_in_version(user):
            raise InvalidInput("token", "token.void")
        return user

    async def _change(
        self, tx: AsyncSession, user: UserRecord, new_hash: str, event: str, reason: str, ip: str
    ) -> list[str]:
        """Password, end of all sessions, audit and the mail that tells the owner, in one transaction (S6).

        The ids of the ended sessions. Raises: InvalidInput when the password was changed by somebody else meanwhile.
        """
        if not await self._users.replace_password_hash(tx, user.user_id, old=user.password_hash, new=new_hash):
            raise InvalidInput("token", "token.void")
        ended = await self._sessions.end_all_in(tx, user.user_id, reason)
        await self._audit.record(event, user_id=user.user_id, outcome="ok", client_ip=ip, session=tx)
        # Their first one completes the linking of their account.
        template = "password_changed" if user.password_hash else "welcome"
        mail = {"template": template, "user_id": user.user_id, "locale": "", "values": {}}
        await self._outbox.add(tx, "mail", f"{template}:{uuid.uuid4()}", mail)
        return ended

    async def _announce(self, ended: list[str], reason: str) -> None:
        await self._sessions.announce(ended, reason)
        await self._bus.publish("work:outbox")
