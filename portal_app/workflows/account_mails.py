"""Which mail an address gets: decided here, after the answer was given, so no answer tells whether it is known (P5).

Deciding, the token and the mail's outbox row are one transaction; the mail leaves by itself.
"""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.whmcs.registration import Registration
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import AWAITING_EMAIL, SignupRecord, Signups
from portal_app.storage.users import Users

ACCOUNT_MAIL: Final = "account_mail"
VERIFY_TTL: Final = timedelta(hours=24)
RESET_TTL: Final = timedelta(minutes=30)
DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 5
"""Mails of one purpose to one account; more are left out without a word (P6)."""


async def ask_for_mail(outbox: Outbox, tx: AsyncSession, purpose: str, **payload: str) -> None:
    """Have the right mail sent to an address. `purpose`: signup (signup_id), resend or reset (email, locale)."""
    reference = payload.get("signup_id") or str(uuid.uuid4())
    await outbox.add(tx, ACCOUNT_MAIL, f"{ACCOUNT_MAIL}:{purpose}:{reference}", {"purpose": purpose, **payload})


class AccountMails:
    """Delivers outbox rows of kind `account_mail`."""

    def __init__(
        self,
        signups: Signups,
        tokens: EmailTokens,
        users: Users,
        registration: Registration,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._signups, self._tokens, self._users, self._registration = signups, tokens, users, registration
        self._outbox, self._db, self._bus, self._audit, self._clock = outbox, db, bus, audit, clock

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Decide and hand on; a repeat of the same `reference` hands on nothing more.

        Raises: KeyError for an unknown purpose; UpstreamError, Busy when WHMCS cannot say whether it knows the address.
        """
        if payload["purpose"] == "signup":
            await self._signed_up(await self._signups.get(payload["signup_id"]), reference)
        elif payload["purpose"] == "resend":
            if record := await self._signups.waiting_for_mail(payload["email"]):
                await self._signed_up(record, reference)
        elif payload["purpose"] == "reset":
            await self._forgotten(payload["email"], payload["locale"], reference)
        else:
            raise KeyError("purpose")
        await self._bus.publish("work:outbox")

    async def _signed_up(self, record: SignupRecord, reference: str) -> None:
        if record.state != AWAITING_EMAIL or record.payload is None:
            return
        email, template = record.payload.email, "verify_email"
        if await self._users.find_by_email(email) is not None:
            template = "have_account"
        elif await self._known_to_whmcs(email):
            template = "link_instead"
        async with self._once() as tx:
            # Made for every mail and put into one kind only: so all are counted, and an older link ends with each.
            token = await self._tokens.mint(tx, "verify", record.signup_id, ttl=VERIFY_TTL)
            await self._not_too_many(tx, "verify", record.signup_id)
            values = {"token": token} if template == "verify_email" else {}
            await self._add(tx, reference, template, record.locale, values, to=email)

    async def _known_to_whmcs(self, email: str) -> bool:
        try:
            return await self._registration.find_by_email(email, background=True) is not None
        except UpstreamRejected as refused:
            # About our credential, never about this address: the mail waits until an operator has put it right.
            raise UpstreamUnavailable(refused.system, refused.operation, refused.code) from None

    async def _forgotten(self, email: str, locale: str, reference: str) -> None:
        user = await self._users.find_by_email(email)
        if user is None or user.disabled:
            return
        version = self._users.sign_in_version(user)
        async with self._once() as tx:
            token = await self._tokens.mint(tx, "reset", user.user_id, ttl=RESET_TTL, version=version)
            await self._not_too_many(tx, "reset", user.user_id)
            await self._add(tx, reference, "reset_password", locale, {"token": token}, user_id=user.user_id)
            await self._audit.record("password.reset_asked", user_id=user.user_id, outcome="ok", session=tx)

    async def _not_too_many(self, tx: AsyncSession, purpose: str, subject: str) -> None:
        """Asked after minting, which makes those who mint for one subject wait for each other."""
        if await self._tokens.count_since(purpose, subject, self._clock.now() - DAY, session=tx) > MOST_A_DAY:
            raise _NothingToSend

    async def _add(
        self, tx: AsyncSession, reference: str, template: str, locale: str, values: dict[str, str], **address: str
    ) -> None:
        payload = {"template": template, "locale": locale, "values": values, **address}
        if not await self._outbox.add(tx, "mail", f"{ACCOUNT_MAIL}:mail:{reference}", payload):
            raise _NothingToSend

    @asynccontextmanager
    async def _once(self) -> AsyncIterator[AsyncSession]:
        """A transaction that is undone, token and all, when no mail is to carry it."""
        with suppress(_NothingToSend):
            async with self._db.write() as tx:
                yield tx


class _NothingToSend(Exception):
    """The mail is on its way already, or was sent too often: a new token would only make the last one worthless."""
