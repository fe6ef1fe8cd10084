"""Everything about becoming a customer on a real SQLite database, over a small WHMCS and a small Salesforce.

`again()` is the same world after a restart: new objects, the same database and the same outside.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.sign_up import SignUpDetails
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.logins import Logins
from portal_app.integrations.whmcs.profiles import ClientProfiles
from portal_app.integrations.whmcs.registration import Registration
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.security.tokens import AccessTokens, RefreshTokens
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.idempotency import IdempotencyKeys
from portal_app.storage.outbox import Outbox
from portal_app.storage.sign_in_challenges import SignInChallenges
from portal_app.storage.signups import Signups
from portal_app.storage.users import Locale, Users
from portal_app.wiring import sign_in
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.account_mails import AccountMails
from portal_app.workflows.account_writeback import AccountWriteback
from portal_app.workflows.email_change import EmailChange
from portal_app.workflows.email_change_mails import EmailChangeMails
from portal_app.workflows.email_writeback import EmailWriteback
from portal_app.workflows.linking import Linking
from portal_app.workflows.recovery import Recovery
from portal_app.workflows.signing_in import SigningIn
from portal_app.workflows.signing_up import Confirmed, SigningUp
from tests.fakes.clock import FakeClock
from tests.fakes.hasher import CountingHasher
from tests.fakes.salesforce import QUICK, Connected, FakeSalesforce, a_contact, an_account
from tests.fakes.whmcs import FakeWhmcs

NUMBER, MARKER = 198, 202
EMAIL, PASSWORD = "hanako@example.com", "harbour lantern 58"
IP, BROWSER, FIREFOX = "203.0.113.9", "browser-1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
HANAKO = SignUpDetails(
    customer_number="C-1001",
    email=EMAIL,
    first_name="Hanako",
    last_name="Yamada",
    phone="+81312345678",
    postal_code="150-0001",
    prefecture="Tokyo",
    city="Shibuya-ku",
    address1="1-2-3 Jingumae",
    birth_date=date(1990, 4, 2),
    marketing=False,
)
STRANGER = {"phone": "+819099998888", "postal_code": "999-9999", "birth_date": date(1970, 1, 1)}
DAY = timedelta(days=1)


class Crash(Exception):
    """The process is gone."""


class FragileDatabase(Database):
    """`crash_after(n)`: right after the nth commit from now; `crash_before(n)`: instead of it. Then no write works."""

    commits, _last, _gone, _before = 0, 0, False, False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._holders: list[asyncio.Task[Any] | None] = []

    def held(self) -> bool:
        """Whether the running task has a session open."""
        return asyncio.current_task() in self._holders

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with super().read() as session:
            with self._held():
                yield session

    @contextmanager
    def _held(self) -> Iterator[None]:
        task = asyncio.current_task()
        self._holders.append(task)
        try:
            yield
        finally:
            self._holders.remove(task)

    def crash_after(self, commits: int) -> None:
        self._last, self._before = self.commits + commits, False

    def crash_before(self, commits: int) -> None:
        self._last, self._before = self.commits + commits - 1, True
        self._gone = commits == 1

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        if self._gone:
            raise Crash
        async with super().write() as session:
            with self._held():
                yield session
        self.commits += 1
        if self._last and self.commits >= self._last:
            self._gone = True
            if not self._before:
                raise Crash


class Organisation(FakeSalesforce):
    """As the real one, it gives a case its first status; `decide` is what staff do."""

    def _saved(self, kind: str, values: dict[str, Any], status: int) -> Any:
        return super()._saved(kind, {"Status": "New", "IsClosed": False} | values if kind == "Case" else values, status)

    def decide(self, status: str, *, closed: bool = False) -> None:
        for case in self.records["Case"]:
            case.update(Status=status, IsClosed=closed)

    def away(self, what: str = "Query") -> None:
        self.keeps(what, requests.ConnectionError("refused"))

    def back(self) -> None:
        self.always.clear()


class BecomingWorld:
    """`whmcs` and `salesforce` are the outside; `mails` what was handed to the mail server, oldest first."""

    def __init__(self, database: Path | str, before: "BecomingWorld | None" = None) -> None:
        """`database` is the file of an SQLite one, or a URL."""
        self._database = database if isinstance(database, str) else f"sqlite:///{database}"
        self.clock = before.clock if before else FakeClock()
        self.whmcs = before.whmcs if before else FakeWhmcs()
        self.salesforce = before.salesforce if before else Organisation()
        self.mails: list[dict[str, Any]] = before.mails if before else []
        self.hasher, self.pauses = CountingHasher(), list[float]()
        self._stores()
        self._security()
        self._outside()
        self._workflows()

    def _stores(self) -> None:
        self.db = FragileDatabase(self._database)
        cipher, index = FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests")
        kept = (self.db, cipher, index, self.clock)
        self.cipher = cipher
        self.index, self.bus, self.cache = index, MemoryBus(), MemoryCache("test", self.clock)
        self.users, self.signups, self.tokens = Users(*kept), Signups(*kept), EmailTokens(*kept)
        self.idempotency = IdempotencyKeys(*kept)
        self.outbox = Outbox(self.db, cipher, self.clock)

    def _security(self) -> None:
        self.audit = Audit(self.db, self.index, self.clock)
        access = AccessTokens("access key of the tests, 32 chars", "portal", "portal", self.clock)
        refresh = RefreshTokens("refresh key of the tests, 32 char")
        self.sessions = Sessions(self.db, self.users, access, refresh, self.bus, self.clock, self.outbox, self.audit)
        self.passwords = Passwords("pepper of the tests, long enough", 4, self.hasher)
        self.limits = Limits(None, 1.0, self.clock)
        self.lockout = Lockout(self.db, self.index, self.clock, self.audit)
        self.devices = DeviceCookies("device key of the tests, 32 chars", self.clock)
        self.sign_in_challenges = SignInChallenges(self.db, self.clock)
        names = "users passwords lockout limits devices index audit sessions outbox bus cipher clock sign_in_challenges"
        parts = {name: getattr(self, name) for name in names.split()} | {"database": self.db}
        self.second_factors = sign_in.second_factors(parts, "Portal")
        made = sign_in.workflows(parts | {"second_factors": self.second_factors}, self._no_pause)
        self.signing_in: SigningIn = made["signing_in"]
        self.factor_parts = made

    def _outside(self) -> None:
        # One try and no breaker: those are proved elsewhere, and would have the tests wait.
        patient = {"read_attempts": 1, "upsert_attempts": 1, "breaker_failures": 10**6, "breaker_calls": 10**6}
        quick = replace(WHMCS, per_second=100_000, per_minute=None, **patient)
        client = self.whmcs.client(Upstream(quick, self.clock))
        fields = {"customer_number_field_id": NUMBER, "portal_user_field_id": MARKER}
        self.registration, self.logins = Registration(client, **fields), Logins(client, **fields)
        connected = Connected(self.salesforce, policy=replace(QUICK, **patient))
        self.accounts = Accounts(connected.client, FieldMap(), self.clock)
        self.cases = Cases(connected.client, FieldMap(), origin="Portal Website")
        self.contacts = Contacts(connected.client, FieldMap(), self.users)
        self.profiles = ClientProfiles(client, self.cache, customer_number_field_id=NUMBER)

    def _workflows(self) -> None:
        common: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("users", "tokens", "outbox", "db", "index", "bus", "audit", "clock", "sessions", "limits")
        }
        self.signing_up = SigningUp(
            signups=self.signups,
            idempotency=self.idempotency,
            accounts=self.accounts,
            cases=self.cases,
            registration=self.registration,
            passwords=self.passwords,
            cache=self.cache,
            **common,
        )
        self.linking = Linking(
            logins=self.logins,
            accounts=self.accounts,
            lockout=self.lockout,
            devices=self.devices,
            cache=self.cache,
            pause=self._no_pause,
            **common,
        )
        self.recovery = Recovery(
            passwords=self.passwords,
            factors=self.second_factors,
            lockout=self.lockout,
            pause=self._no_pause,
            **common,
        )
        mails = AccountMails(
            self.signups,
            self.tokens,
            self.users,
            self.registration,
            self.outbox,
            self.db,
            self.bus,
            self.audit,
            self.clock,
        )
        changing = {name: common[name] for name in common if name not in ("users", "outbox", "bus")}
        both: dict[str, Any] = {"users": self.users, "outbox": self.outbox, "bus": self.bus}
        self.email_change = EmailChange(**changing, **both)
        mailing = {name: common[name] for name in ("tokens", "db", "clock")}
        written = EmailWriteback(profiles=self.profiles, contacts=self.contacts, audit=self.audit, **both)
        handlers = {
            "email_change_mail": EmailChangeMails(registration=self.registration, **mailing, **both).deliver,
            "email_to_whmcs": written.to_whmcs,
            "email_to_salesforce": written.to_salesforce,
            "mail": self._take,
            "account_mail": mails.deliver,
            "account_writeback": AccountWriteback(self.accounts).deliver,
        }
        self.sender = OutboxSender(self.outbox, handlers)

    async def _no_pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        to = payload.get("to") or (await self.users.get(payload["user_id"])).email
        self.mails.append({**payload, "to": to})

    # What people do

    async def submit(self, details: SignUpDetails = HANAKO, password: str = PASSWORD, **changed: Any) -> None:
        """Send the sign-up form with a key of its own."""
        browser, locale = changed.pop("browser", BROWSER), changed.pop("locale", "en")
        begun = await self.idempotency.begin("anon:x", "sign_up", str(uuid.uuid4()), "fingerprint")
        details = replace(details, **changed)
        await self.signing_up.submit(details, password, key=begun.record, locale=locale, ip=IP, browser=browser)

    async def deliver(self) -> None:
        """Have the outbox emptied."""
        while await self.sender.once():
            pass

    async def sign_up(self, details: SignUpDetails = HANAKO, **changed: Any) -> str:
        """Send the form, wait for the mail; the token of its link."""
        await self.submit(details, **changed)
        await self.deliver()
        return self.token("verify_email")

    async def confirm(self, token: str, password: str = PASSWORD, locale: Locale = "en") -> Confirmed:
        """Open the mailed link and type the password."""
        return await self.signing_up.confirm(token, password, ip=IP, user_agent=FIREFOX, locale=locale)

    async def works_on(self, by: timedelta | float = 0) -> None:
        """Time passes, then the worker looks at what is due and sends what is to be sent."""
        self.clock.advance(by)
        await self.signing_up.advance_due()
        await self.deliver()

    async def until_settled(self) -> None:
        """The worker goes on until nothing is left to do."""
        for _ in range(60):
            await self.works_on(timedelta(minutes=2))
            if await self.scalar("SELECT count(*) FROM signups WHERE state NOT IN ('COMPLETED','REFUSED')") == 0:
                return
        raise AssertionError("never settled")

    # What there is

    def an_account(self, number: str = "C-1001", **changed: Any) -> str:
        """An account of Salesforce and its one contact: Hanako, or with `contact` changed. Its id."""
        contact = changed.pop("contact", {})
        count = len(self.salesforce.records["Account"]) + 1
        account_id = as_18(f"001{count:012d}")
        self.salesforce.records["Account"].append(an_account(number, account_id, **changed))
        row = a_contact(as_18(f"003{count:012d}"), account_id, **contact)
        self.salesforce.records["Contact"].append(row)
        return account_id

    def account(self) -> dict[str, Any]:
        """The first account as it is now."""
        return self.salesforce.records["Account"][0]

    def token(self, template: str) -> str:
        """What the newest mail of that kind carries."""
        return next(m for m in reversed(self.mails) if m["template"] == template)["values"]["token"]

    def sent(self) -> list[str]:
        """Templates of all mails so far."""
        return [mail["template"] for mail in self.mails]

    async def scalar(self, statement: str) -> Any:
        async with self.db.read() as session:
            return await session.scalar(text(statement))

    async def rows(self, statement: str) -> list[Any]:
        async with self.db.read() as session:
            return list(await session.execute(text(statement)))

    async def states(self) -> list[str]:
        """States of all sign-ups, oldest first."""
        return [row[0] for row in await self.rows("SELECT state FROM signups ORDER BY created_at, signup_id")]

    async def state(self) -> str:
        """Of the only sign-up, with its code."""
        [row] = await self.rows("SELECT state, error_code FROM signups")
        return f"{row[0]} {row[1]}".strip()

    async def audited(self) -> list[str]:
        """Events of the audit log with their outcome, in order."""
        return [f"{row[0]} {row[1]}" for row in await self.rows("SELECT event, outcome FROM audit_log ORDER BY seq")]

    async def again(self) -> "BecomingWorld":
        """After a restart."""
        await self.close()
        return BecomingWorld(self._database, self)

    async def close(self) -> None:
        """Let go of everything."""
        await self.signing_up.stop()
        self.sessions.close()
        await self.accounts.stop()
        await self.cache.stop()
        await self.bus.stop()
        self.passwords.close()
        await self.db.dispose()
