"""Where things are kept."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

from portal_app.observability import metrics
from portal_app.security.audit import Audit
from portal_app.settings import Settings, parse_keyring
from portal_app.storage.bus import MemoryBus, RedisBus
from portal_app.storage.cache import MemoryCache, RedisCache
from portal_app.storage.clock import Clock, DatabaseClock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.flash import MemoryFlash, RedisFlash
from portal_app.storage.inbox import Inbox
from portal_app.storage.invoice_services import InvoiceServices
from portal_app.storage.jobs import JobRuns, Leader, ReconcileReports
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.outbox import Outbox
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.quarantine import Quarantine
from portal_app.storage.redis_link import RedisLink
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.storage.users import Users
from portal_app.wiring.events import topics
from portal_app.wiring.parts import Parts


async def build(chosen: Settings, stack: AsyncExitStack) -> Parts:
    """Database, clock, and what lives in them; bus, cache and flash in this process or in Redis."""
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
        "upstreams": (),
        "clock": clock,
        "database": db,
        "leader": leader,
        "cipher": cipher,
        "index": index,
        "users": Users(db, cipher, index, clock),
        "inbox": Inbox(db, cipher, clock),
        "outbox": Outbox(db, cipher, clock),
        "marks": marks,
        "invoice_mirror": InvoiceMirrorStore(db, clock),
        "service_mirror": ServiceMirrorStore(db, clock),
        "invoice_services": InvoiceServices(db, InvoiceMirrorStore(db, clock), clock),
        "payment_links": PaymentLinks(db, clock),
        "job_runs": JobRuns(db, clock),
        "reconcile_reports": ReconcileReports(db, clock),
        "replay_cursors": ReplayCursors(db, clock, listened=[topic.name for topic in topics(chosen)]),
        "quarantine": Quarantine(db, cipher, clock),
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


def _in_process(chosen: Settings, clock: Clock) -> Parts:
    """One web process: bus, cache and flash live in it."""
    return {
        "redis_link": None,
        "bus": MemoryBus(),
        "cache": MemoryCache(chosen.PORTAL_ENV, clock, on_event=metrics.cache_event),
        "flash": MemoryFlash(clock),
    }


def _in_redis(chosen: Settings, clock: Clock, cipher: FieldCipher, stack: AsyncExitStack) -> Parts:
    """Several processes: they share bus, cache and flash."""
    link = RedisLink(chosen.REDIS_URL, clock)
    stack.push_async_callback(link.close)
    return {
        "redis_link": link,
        "bus": RedisBus(link, chosen.PORTAL_ENV),
        "cache": RedisCache(link, chosen.PORTAL_ENV, clock, cipher, on_event=metrics.cache_event),
        "flash": RedisFlash(link, chosen.PORTAL_ENV, cipher, clock),
    }
