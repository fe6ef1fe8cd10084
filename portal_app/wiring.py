"""Builds the real objects once, from settings: the one place that chooses an implementation; how tests swap one.

`async with opened(settings)` builds and closes all of them; the functions below hand them out; `use(...)` swaps some.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx

from portal_app.domain.customer import Customer
from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.upstream import MAIL, WHMCS, Upstream
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.services import Services
from portal_app.integrations.whmcs.transport import open_http
from portal_app.observability import correlation, metrics
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.security.tokens import AccessTokens, RefreshTokens
from portal_app.settings import Settings, parse_keyring
from portal_app.storage.bus import Bus, MemoryBus, RedisBus
from portal_app.storage.cache import Cache, MemoryCache, RedisCache
from portal_app.storage.clock import Clock, DatabaseClock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.flash import Flash, MemoryFlash, RedisFlash
from portal_app.storage.inbox import Inbox
from portal_app.storage.jobs import JobRuns, Leader, ReconcileReports
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.outbox import Outbox
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.redis_link import RedisLink
from portal_app.storage.users import Users
from portal_app.web.live_tabs import LiveTabs
from portal_app.workflows.signing_in import SigningIn

_parts: dict[str, Any] = {}


def _part(name: str) -> Any:
    try:
        return _parts[name]
    except KeyError:
        raise RuntimeError(f"{name} is not wired: no `wiring.opened(...)` is active") from None


def settings() -> Settings:
    """The settings of this process."""
    return _part("settings")


def clock() -> Clock:
    """The wall clock."""
    return _part("clock")


def database() -> Database:
    """The database engine."""
    return _part("database")


def bus() -> Bus:
    """The message bus between pages, doors and worker."""
    return _part("bus")


def cache() -> Cache:
    """The per-customer cache."""
    return _part("cache")


def flash() -> Flash:
    """Short-lived values handed from an HTTP answer to the next page."""
    return _part("flash")


def users() -> Users:
    """Portal users and their mapping."""
    return _part("users")


def sessions() -> Sessions:
    """Signed-in sessions."""
    return _part("sessions")


def passwords() -> Passwords:
    """Password hashing."""
    return _part("passwords")


def limits() -> Limits:
    """Rate limits."""
    return _part("limits")


def lockout() -> Lockout:
    """Sign-in lockout."""
    return _part("lockout")


def audit() -> Audit:
    """The audit log."""
    return _part("audit")


def signing_in() -> SigningIn:
    """The sign-in workflow."""
    return _part("signing_in")


def inbox() -> Inbox:
    """Events received from outside."""
    return _part("inbox")


def outbox() -> Outbox:
    """Effects to be delivered."""
    return _part("outbox")


def marks() -> FreshnessMarks:
    """Freshness of the mirrors."""
    return _part("marks")


def invoice_mirror() -> InvoiceMirrorStore:
    """The copy of WHMCS's invoices."""
    return _part("invoice_mirror")


def service_mirror() -> ServiceMirrorStore:
    """The copy of WHMCS's services."""
    return _part("service_mirror")


def payment_links() -> PaymentLinks:
    """Payments a customer went to WHMCS for."""
    return _part("payment_links")


def leader() -> Leader:
    """Leadership among workers."""
    return _part("leader")


def job_runs() -> JobRuns:
    """When each job ran."""
    return _part("job_runs")


def reconcile_reports() -> ReconcileReports:
    """What reconciling found."""
    return _part("reconcile_reports")


def whmcs_upstream() -> Upstream:
    """Throttle and breaker in front of WHMCS."""
    return _part("whmcs_upstream")


def billing() -> Billing:
    """Invoices and payments."""
    return _part("billing")


def services() -> Services:
    """Running services."""
    return _part("services")


def clients() -> Clients:
    """WHMCS client profiles."""
    return _part("clients")


def mail_sender() -> MailSender:
    """Hands mail to the SMTP server."""
    return _part("mail_sender")


def live_tabs() -> LiveTabs:
    """Which connected tabs of this process show what."""
    return _part("live_tabs")


@contextmanager
def use(**parts: Any) -> Iterator[None]:
    """Swap parts by their function's name for the length of the block. For tests."""
    before = dict(_parts)
    _parts.update(parts)
    try:
        yield
    finally:
        _parts.clear()
        _parts.update(before)


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[None]:
    """Build everything from settings, hand it out while the block runs, close it in reverse order."""
    async with AsyncExitStack() as stack:
        with use(**await _build(chosen, stack)):
            yield


async def _build(chosen: Settings, stack: AsyncExitStack) -> dict[str, Any]:
    parts = await _stores(chosen, stack)
    return parts | _sign_in(chosen, parts, stack) | _upstreams(chosen, parts, stack) | {"live_tabs": LiveTabs()}


async def _stores(chosen: Settings, stack: AsyncExitStack) -> dict[str, Any]:
    clock, cipher = DatabaseClock(), FieldCipher(parse_keyring(chosen.PORTAL_ENCRYPTION_KEYS))
    index = KeyedIndex(chosen.PORTAL_INDEX_KEY)
    db = Database(chosen.DATABASE_URL)
    stack.push_async_callback(db.dispose)
    stack.push_async_callback(_followed(clock, db))
    shared = _in_redis(chosen, clock, cipher, stack) if chosen.REDIS_URL else _in_process(chosen, clock)
    await shared["bus"].start()
    stack.push_async_callback(shared["bus"].stop)
    leader, marks = Leader(db), FreshnessMarks(db, shared["bus"], clock)
    stack.push_async_callback(leader.release)
    stack.push_async_callback(marks.stop)
    return shared | {
        "settings": chosen,
        "clock": clock,
        "database": db,
        "leader": leader,
        "index": index,
        "users": Users(db, cipher, index, clock),
        "inbox": Inbox(db, cipher, clock),
        "outbox": Outbox(db, cipher, clock),
        "marks": marks,
        "invoice_mirror": InvoiceMirrorStore(db, clock),
        "service_mirror": ServiceMirrorStore(db, clock),
        "payment_links": PaymentLinks(db, clock),
        "job_runs": JobRuns(db, clock),
        "reconcile_reports": ReconcileReports(db, clock),
        "audit": Audit(db, index, clock),
    }


def _followed(clock: DatabaseClock, db: Database) -> Callable[[], Awaitable[None]]:
    """Leases and expiry go by the database's time in every process (G5), until the function returned is called."""
    ending = asyncio.Event()

    async def follow() -> None:
        while not ending.is_set():
            with suppress(Exception):  # while the database is away the old reckoning goes on
                await clock.follow(db)
            with suppress(TimeoutError):
                async with asyncio.timeout(60):
                    await ending.wait()

    following = asyncio.create_task(follow(), name="database-clock")

    async def end() -> None:
        ending.set()
        await following  # its question ends in order: the database is closed next

    return end


def _in_process(chosen: Settings, clock: Clock) -> dict[str, Any]:
    """One web process: bus, cache and flash live in it."""
    return {
        "bus": MemoryBus(),
        "cache": MemoryCache(chosen.PORTAL_ENV, clock, on_event=metrics.cache_event),
        "flash": MemoryFlash(clock),
    }


def _in_redis(chosen: Settings, clock: Clock, cipher: FieldCipher, stack: AsyncExitStack) -> dict[str, Any]:
    """Several processes: they share bus, cache and flash."""
    link = RedisLink(chosen.REDIS_URL, clock)
    stack.push_async_callback(link.close)
    return {
        "bus": RedisBus(link, chosen.PORTAL_ENV),
        "cache": RedisCache(link, chosen.PORTAL_ENV, clock, cipher, on_event=metrics.cache_event),
        "flash": RedisFlash(link, chosen.PORTAL_ENV, cipher, clock),
    }


def _sign_in(chosen: Settings, parts: dict[str, Any], stack: AsyncExitStack) -> dict[str, Any]:
    clock, db, audit, index = parts["clock"], parts["database"], parts["audit"], parts["index"]
    sessions = Sessions(
        db=db,
        users=parts["users"],
        access=AccessTokens(chosen.JWT_SECRET, chosen.PORTAL_BASE_URL, chosen.PORTAL_BASE_URL, clock),
        refresh=RefreshTokens(chosen.JWT_REFRESH_SECRET),
        bus=parts["bus"],
        clock=clock,
        outbox=parts["outbox"],
        audit=audit,
    )
    stack.callback(sessions.close)
    passwords = Passwords(chosen.PORTAL_PEPPER, chosen.BCRYPT_ROUNDS)
    stack.callback(passwords.close)
    limits = Limits(chosen.REDIS_URL or None, chosen.RATE_LIMIT_SCALE, clock)
    stack.push_async_callback(limits.close)
    lockout = Lockout(db, index, clock, audit, chosen.RATE_LIMIT_SCALE)
    devices = DeviceCookies(chosen.JWT_SECRET, clock)
    signing_in = SigningIn(parts["users"], passwords, sessions, lockout, limits, devices, index, audit)
    return {
        "sessions": sessions,
        "passwords": passwords,
        "limits": limits,
        "lockout": lockout,
        "signing_in": signing_in,
    }


def _upstreams(chosen: Settings, parts: dict[str, Any], stack: AsyncExitStack) -> dict[str, Any]:
    clock = parts["clock"]
    http = open_http(chosen.WHMCS_QUEUE_CONCURRENCY, event_hooks={"request": [_with_correlation]})
    stack.push_async_callback(http.aclose)
    policy = replace(
        WHMCS,
        concurrency=chosen.WHMCS_QUEUE_CONCURRENCY,
        per_second=chosen.WHMCS_QUEUE_INTERVAL_CAP,
        queue_wait_s=chosen.WHMCS_QUEUE_TIMEOUT_MS / 1000,
    )
    upstream = Upstream(policy, clock, on_event=metrics.upstream_called)
    identity = chosen.WHMCS_API_IDENTIFIER, chosen.WHMCS_API_SECRET
    whmcs = WhmcsClient(http, chosen.WHMCS_BASE_URL, *identity, upstream)
    marks, cache = parts["marks"], parts["cache"]
    alarm = _foreign_alarm(parts["audit"])
    mail = Upstream(MAIL, clock, on_event=metrics.upstream_called)
    return {
        "whmcs_upstream": upstream,
        "billing": Billing(
            whmcs, parts["invoice_mirror"], marks, cache, parts["payment_links"], clock, on_foreign=alarm
        ),
        "services": Services(whmcs, parts["service_mirror"], marks, cache, clock, on_foreign=alarm),
        "clients": Clients(whmcs, cache, on_foreign=alarm),
        "mail_sender": MailSender(chosen.SMTP_URL, chosen.MAIL_FROM, mail, clock),
    }


async def _with_correlation(request: httpx.Request) -> None:
    """The id of our own log lines, for whoever reads the other side's (R1)."""
    request.headers["x-correlation-id"] = correlation.current()


def _foreign_alarm(audit: Audit) -> Callable[[Customer, str, int], None]:
    """Audits a customer's reach for somebody else's record without making the answer wait for it (O1)."""
    running: set[asyncio.Task[None]] = set()

    def alarm(customer: Customer, kind: str, whmcs_id: int) -> None:
        row = audit.record("foreign_record", user_id=customer.user_id, outcome="denied", detail={"kind": kind})
        task = asyncio.get_running_loop().create_task(row)
        running.add(task)
        task.add_done_callback(running.discard)

    return alarm
