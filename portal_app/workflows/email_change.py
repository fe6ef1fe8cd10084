"""Another e-mail address: asked for by who is signed in, confirmed by the link that is mailed to it (S6).

Nothing changes before the link is opened, and no answer tells whether the address is taken: the mail to it does (P5).
The old address hears of it before and after. WHMCS and Salesforce follow by the outbox, each until it is done.
"""

import uuid
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.emails import clean_email
from portal_app.errors import Conflict, InvalidInput, NotFound, TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.session import Session
from portal_app.security.sessions import Sessions
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import UserRecord, Users, normalised
from portal_app.workflows.email_change_mails import EMAIL_CHANGE_MAIL, PURPOSE
from portal_app.workflows.email_writeback import add_writebacks
from portal_app.workflows.token_problems import usable

ASKED: Final = "email.change_asked"
CHANGED: Final = "email.changed"


class EmailChange:
    """`ask` with a session that was proven within minutes; `confirm` by whoever holds the mailed link."""

    def __init__(
        self,
        *,
        users: Users,
        tokens: EmailTokens,
        sessions: Sessions,
        limits: Limits,
        outbox: Outbox,
        db: Database,
        index: KeyedIndex,
        bus: Bus,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._users, self._tokens, self._sessions, self._limits = users, tokens, sessions, limits
        self._outbox, self._db, self._index, self._bus = outbox, db, index, bus
        self._audit, self._clock = audit, clock

    async def ask(self, session: Session, email: str, *, locale: str, ip: str) -> None:
        """Have a link mailed to the new address, and a word to the old one. The same whoever has the address.

        Raises: InvalidInput("email", ...), NotSignedIn when the session ended meanwhile, TooManyTries, Busy.
        """
        email, user = clean_email(email), await self._users.get(session.user_id)
        if normalised(email) == user.email:
            raise InvalidInput("email", "email_change.same")
        await self._limits.hit("email_change", user.user_id)
        version = self._users.sign_in_version(user)
        payload = {"user_id": user.user_id, "email": email, "version": version, "locale": locale}
        wanted = await self._not_too_often(email)
        async with self._db.write() as tx:
            await self._sessions.must_live_in(tx, session.session_id)
            if wanted:
                await self._outbox.add(tx, EMAIL_CHANGE_MAIL, f"{EMAIL_CHANGE_MAIL}:{uuid.uuid4()}", payload)
            await self._tell_old(tx, user, "email_change_asked")
            await self._audit.record(
                ASKED,
                user_id=user.user_id,
                session_id=session.session_id,
                outcome="ok",
                client_ip=ip,
                session=tx,
            )
        await self._bus.publish("work:outbox")

    async def confirm(self, token: str, *, asking: Session | None, ip: str) -> None:
        """The address of the link is the user's from now on. Every session but `asking`, where it is theirs, ends.

        Raises: InvalidInput("token", ...), Busy.
        """
        found = usable(await self._tokens.find(PURPOSE, token), self._clock.now())
        user = await self._still_meant(found)
        keep = asking.session_id if asking is not None and asking.user_id == user.user_id else None
        email = str(found.payload["email"])
        async with self._db.write() as tx:
            if not await self._tokens.use(tx, found):
                raise InvalidInput("token", "token.used")
            await self._replace(tx, user, email)
            ended = await self._sessions.end_all_in(tx, user.user_id, "email_changed", keep)
            await add_writebacks(self._outbox, tx, user.user_id, before=user.email)
            await self._tell_old(tx, user, "email_changed")
            await self._audit.record(CHANGED, user_id=user.user_id, outcome="ok", client_ip=ip, session=tx)
        await self._sessions.announce(ended, "email_changed")
        await self._bus.publish("work:outbox")
        await self._bus.publish(f"customer:{user.user_id}:profile")

    async def _not_too_often(self, email: str) -> bool:
        """Whether that mailbox may get one more; left out without a word, as for a forgotten password."""
        try:
            await self._limits.hit("forgot", self._index.of(f"{PURPOSE}|{normalised(email)}"))
        except TooManyTries:
            return False
        return True

    async def _still_meant(self, found: TokenRecord) -> UserRecord:
        """The user, unless disabled or with another password or address since the link was made."""
        try:
            user = await self._users.get(found.subject)
        except NotFound:
            raise InvalidInput("token", "token.unknown") from None
        if user.disabled or found.version != self._users.sign_in_version(user):
            raise InvalidInput("token", "token.void")
        return user

    async def _replace(self, tx: AsyncSession, user: UserRecord, email: str) -> None:
        """Somebody else may have come by the address since the link was mailed: then the link is worth nothing."""
        try:
            replaced = await self._users.replace_email(tx, user.user_id, old=user.email, new=email)
        except Conflict:
            raise InvalidInput("token", "token.void") from None
        if not replaced:
            raise InvalidInput("token", "token.void")

    async def _tell_old(self, tx: AsyncSession, user: UserRecord, template: str) -> None:
        mail = {"template": template, "user_id": user.user_id, "to": user.email, "locale": user.locale, "values": {}}
        await self._outbox.add(tx, "mail", f"{template}:{uuid.uuid4()}", mail)
