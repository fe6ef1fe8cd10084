"""The portal's stores on a real SQLite database, over a small WHMCS, without web and without pages."""

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from portal_app.domain.customer import Customer
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.services import Services
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.inbox import Inbox
from portal_app.storage.jobs import JobRuns, Leader, ReconcileReports
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.outbox import Outbox
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.users import Users
from portal_app.worker.sync import Sync
from portal_app.workflows.billing_notices import BillingNotices
from portal_app.workflows.reconcile import Reconcile
from tests.fakes.clock import FakeClock
from tests.fakes.notices import notices_over
from tests.fakes.whmcs import FakeWhmcs


class PortalWorld:
    """`whmcs` is the outside; `heard` is everything published so far."""

    def __init__(self, database: Path) -> None:
        self.clock, self.whmcs, self.bus = FakeClock(), FakeWhmcs(), MemoryBus()
        self.db = Database(f"sqlite:///{database}")
        cipher = FieldCipher({"k1": bytes(range(32))})
        self.users = Users(self.db, cipher, KeyedIndex("index key of the tests"), self.clock)
        self.marks = FreshnessMarks(self.db, self.bus, self.clock)
        self.invoices = InvoiceMirrorStore(self.db, self.clock)
        self.service_mirror = ServiceMirrorStore(self.db, self.clock)
        self.cache = MemoryCache("test", self.clock)
        self.links = PaymentLinks(self.db, self.clock)
        self.inbox, self.outbox = Inbox(self.db, cipher, self.clock), Outbox(self.db, cipher, self.clock)
        self.runs, self.reports = JobRuns(self.db, self.clock), ReconcileReports(self.db, self.clock)
        self.leader = Leader(self.db)
        # One try and no breaker: those are proved elsewhere, and would have the tests wait.
        patient = replace(WHMCS, read_attempts=1, breaker_failures=10**6, breaker_calls=10**6)
        client = self.whmcs_client = self.whmcs.client(Upstream(patient, self.clock))
        self.billing = Billing(client, self.invoices, self.marks, self.cache, self.links, self.clock)
        self.services = Services(client, self.service_mirror, self.marks, self.cache, self.clock)
        self.heard: list[str] = []
        self.payers: list[Customer] = []

        async def payments_changed(customer: Customer) -> None:
            self.payers.append(customer)

        self.notices = notices_over(self.db, cipher, self.clock, outbox=self.outbox, bus=self.bus)
        self.billing_notices = BillingNotices(self.notices, self.clock)
        self.sync = Sync(
            self.billing,
            self.services,
            self.users,
            self.invoices,
            self.marks,
            self.cache,
            self.links,
            self.bus,
            payments_changed,
            self.billing_notices,
        )
        self.bus.subscribe("", lambda topic, _: self.heard.append(topic))

    def reconcile(self) -> Reconcile:
        """The reconciliation of this world."""
        return Reconcile(
            self.billing,
            self.services,
            self.users,
            self.invoices,
            self.service_mirror,
            self.cache,
            self.reports,
            self.bus,
            self.clock,
            self.billing_notices,
        )

    async def a_customer(self, whmcs_client_id: int = 7, *, seen: bool = True, locale: str = "en") -> Customer:
        """A linked user; `seen`: with a session in use now."""
        user_id = await self.users.create(f"client{whmcs_client_id}@example.com", "hash", locale)  # type: ignore[arg-type]
        await self.users.link(user_id, whmcs_client_id)
        if seen:
            await self._a_session(user_id)
        return Customer(user_id, whmcs_client_id)

    async def _a_session(self, user_id: str) -> None:
        now = self.clock.now()
        row = SessionRow(
            session_id=str(uuid.uuid4()),
            user_id=user_id,
            family=str(uuid.uuid4()),
            nonce="n",
            rotated_at=now,
            created_at=now,
            last_seen_at=now,
            idle_until=now + timedelta(minutes=30),
            absolute_until=now + timedelta(hours=12),
            auth_time=now,
        )
        async with self.db.write() as session:
            session.add(row)

    def heard_of(self, customer: Customer, topic: str) -> int:
        """How often the customer's pages were told to read that again."""
        return self.heard.count(f"customer:{customer.user_id}:{topic}")

    async def close(self) -> None:
        """Let go of everything."""
        await self.marks.stop()
        await self.cache.stop()
        await self.bus.stop()
        await self.leader.release()
        await self.db.dispose()
