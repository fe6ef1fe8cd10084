"""Linking an existing WHMCS account: its password once, a mailed code where WHMCS wants a second factor, one mapping.

The user is made without a password; nothing but the page that sets one opens until it is set (P11).
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.emails import clean_email
from portal_app.errors import Conflict, InvalidCredentials, InvalidInput, TooManyTries
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.logins import BillingAccount, LoginCheck, Logins
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.sessions import Sessions, Tokens
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Locale, Users
from portal_app.workflows.account_writeback import MIGRATED, add_writeback
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.link_accounts import LinkAccounts
from portal_app.workflows.link_codes import LinkCodes
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.slowing import Pause, Slowing

LINK_S: Final = 20.0
AMR: Final = ("whmcs",)
TAKEN: Final = {"users.account_taken": "link.account_taken"}
"""What the mapping's own guards say when somebody was quicker; anything else is `link.already_linked`."""

_SHORT: Final[dict[type[Exception], str]] = {InvalidCredentials: "refused", TooManyTries: "locked"}


@dataclass(frozen=True, slots=True)
class Linked:
    """The session of the new user, which may only set a password."""

    tokens: Tokens


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """A code is on its way to the billing account's e-mail. `reference` is for this browser's cookie alone."""

    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Who:
    """Who tries: for lockout, audit and the session."""

    email_index: str
    device_id: str | None
    ip: str
    device_label: str


class Linking:
    """`link` with e-mail and WHMCS password; `finish` with the mailed code."""

    def __init__(
        self,
        *,
        logins: Logins,
        accounts: Accounts,
        users: Users,
        tokens: EmailTokens,
        outbox: Outbox,
        db: Database,
        sessions: Sessions,
        lockout: Lockout,
        limits: Limits,
        devices: DeviceCookies,
        index: KeyedIndex,
        bus: Bus,
        audit: Audit,
        cache: Cache,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._logins, self._users, self._tokens, self._outbox = logins, users, tokens, outbox
        self._db, self._sessions, self._lockout = db, sessions, lockout
        self._devices, self._index, self._bus, self._audit = devices, index, bus, audit
        self._cache, self._slowing = cache, Slowing(limits, pause)
        self._accounts = LinkAccounts(logins, accounts, users)
        self._codes = LinkCodes(tokens, outbox, db, bus, clock)
        self._lanes = Lanes("linking")

    async def link(
        self, email: str, password: str, *, ip: str, user_agent: str, device: str | None, locale: Locale
    ) -> Linked | CodeNeeded:
        """Link the one billing account this WHMCS login owns. The password is asked of WHMCS once and kept nowhere.

        A wrong password and an unknown e-mail read the same, and count like failed sign-ins.
        Raises: InvalidInput, InvalidCredentials, TooManyTries, Conflict("link. ..."), UpstreamError, Busy.
        """
        await self._slowing.of(ip)
        email = clean_email(email)
        if not password:
            raise InvalidInput("password", "sign_in.password_missing")
        who = self._who(email, device, ip, user_agent)
        async with self._lanes.of(who.email_index), self._audited(who):
            with deadline(LINK_S):
                login = await self._proven(email, password, who)
                account = await self._accounts.billing_account(email, login.whmcs_user_id)
                if login.second_factor:
                    return CodeNeeded(await self._codes.send(account, email, locale))
                return await self._link(account, email, locale, who)

    async def finish(self, reference: str, code: str, *, ip: str, user_agent: str, device: str | None = None) -> Linked:
        """Link with the code that was mailed for this `reference`, within ten minutes and five tries.

        Raises: InvalidInput("code", "link.code_wrong" | "link.code_expired"), TooManyTries, Conflict("link. ..."),
        UpstreamError, Busy; after the last two the same code may be tried again.
        """
        await self._slowing.of(ip)
        async with self._lanes.of(self._index.of(f"code|{reference}")):
            pending = await self._codes.pending(reference)
            email = str(pending.payload["email"])
            who = self._who(email, device, ip, user_agent)
            async with self._audited(who):
                await self._right_code(pending, code, who)
                with deadline(LINK_S):
                    account = await self._accounts.open_account(int(pending.payload["whmcs_client_id"]))
                    return await self._link(account, email, pending.payload["locale"], who, pending)

    def _who(self, email: str, device: str | None, ip: str, user_agent: str) -> _Who:
        # Failures have buckets of their own: the right WHMCS password must not forgive guesses at the portal's.
        device_id = self._devices.read(device, self._index.of(f"account|{email}"))
        return _Who(self._index.of(f"link|{email}"), device_id, ip, device_label(user_agent))

    async def _proven(self, email: str, password: str, who: _Who) -> LoginCheck:
        await self._lockout.check(who.email_index, who.device_id, who.ip)
        try:
            return await self._logins.check(email, password)
        except InvalidCredentials:
            await self._lockout.failed(who.email_index, who.device_id, who.ip)
            raise

    async def _right_code(self, pending: TokenRecord, code: str, who: _Who) -> None:
        await self._lockout.check(who.email_index, who.device_id, who.ip)
        if not self._codes.matches(pending, code):
            await self._lockout.failed(who.email_index, who.device_id, who.ip)
            raise await self._codes.failed(pending)

    async def _link(
        self, account: BillingAccount, email: str, locale: Locale, who: _Who, pending: TokenRecord | None = None
    ) -> Linked:
        salesforce_account_id = await self._accounts.salesforce_account(account)
        user_id = str(uuid.uuid4())
        try:
            async with self._db.write() as tx:
                await self._linked(tx, user_id, account, email, locale, salesforce_account_id)
                if pending is not None and not await self._tokens.use(tx, pending):
                    raise InvalidInput("code", "link.code_expired")
        except Conflict as taken:
            raise Conflict(TAKEN.get(taken.reason, "link.already_linked")) from None
        await self._cache.clear(user_id)
        await self._bus.publish("work:outbox")
        await self._lockout.succeeded(who.email_index, who.device_id)
        return Linked(await self._sessions.start(user_id, device_label=who.device_label, amr=AMR))

    async def _linked(
        self,
        tx: AsyncSession,
        user_id: str,
        account: BillingAccount,
        email: str,
        locale: Locale,
        salesforce_account_id: str,
    ) -> None:
        """User, mapping, write-back and audit in the caller's transaction. Raises: Conflict."""
        await self._users.create_linked(
            tx,
            user_id=user_id,
            email=email,
            password_hash="",
            locale=locale,
            whmcs_client_id=account.whmcs_client_id,
            sf_account_id=salesforce_account_id,
        )
        await add_writeback(
            self._outbox,
            tx,
            reference=user_id,
            salesforce_account_id=salesforce_account_id,
            whmcs_client_id=account.whmcs_client_id,
            first_name=account.first_name,
            last_name=account.last_name,
            source=MIGRATED,
        )
        detail = {"whmcs_client": account.whmcs_client_id}
        await self._audit.record("link", user_id=user_id, outcome="ok", detail=detail, session=tx)

    @asynccontextmanager
    async def _audited(self, who: _Who) -> AsyncIterator[None]:
        """Writes down every refusal inside, then lets it through."""
        try:
            yield
        except (InvalidCredentials, InvalidInput, TooManyTries, Conflict) as refused:
            outcome = getattr(refused, "reason", "") or _SHORT[type(refused)]
            await self._audit.record("link", outcome=outcome.removeprefix("link."), client_ip=who.ip)
            raise
