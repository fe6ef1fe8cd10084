"""The WHMCS subjects over a fake WHMCS and the real storage on SQLite."""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal_app.domain.customer import Customer
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.integrations.whmcs.billed_services import BilledServices
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.integrations.whmcs.services import Services
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.invoice_services import InvoiceServices
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.migrate import upgrade
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.users import Users
from tests.fakes.clock import FakeClock
from tests.fakes.whmcs import FakeWhmcs, a_wire_client
from tests.fakes.whmcs_orders import GOLD, QUICK, REFERENCE, SETUP, SIM, FakeOrders


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whmcs") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@dataclass
class Desk:
    """Everything a subject needs, and what the tests look at."""

    db: Database
    clock: FakeClock
    bus: MemoryBus
    client: WhmcsClient
    upstream: Upstream
    marks: FreshnessMarks = field(init=False)
    foreign: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        def audit(customer: Customer, kind: str, whmcs_id: int) -> None:
            self.foreign.append((customer.user_id, kind, whmcs_id))

        self.marks = FreshnessMarks(self.db, self.bus, self.clock)
        self.cache = MemoryCache("test", self.clock)
        self.links = PaymentLinks(self.db, self.clock)
        self.invoices = InvoiceMirrorStore(self.db, self.clock)
        self.services_mirror = ServiceMirrorStore(self.db, self.clock)
        self.billing = Billing(
            self.client, self.invoices, self.marks, self.cache, self.links, self.clock, on_foreign=audit
        )
        self.services = Services(
            self.client, self.services_mirror, self.marks, self.cache, self.clock, on_foreign=audit
        )
        self.kept = InvoiceServices(self.db, self.invoices, self.clock)
        self.billed = BilledServices(
            self.client, self.billing, self.kept, self.marks, self.bus, self.clock, on_foreign=audit
        )
        self.clients = Clients(self.client, self.cache, on_foreign=audit)
        self.pay_methods = PayMethods(self.client, self.cache, on_foreign=audit)
        self.addresses = Addresses(self.client, self.cache, on_foreign=audit)

    async def a_customer(self, email: str, whmcs_client_id: int) -> Customer:
        users = Users(
            self.db, FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of 32 characters or so"), self.clock
        )
        user_id = await users.create(email, "hash")
        await users.link(user_id, whmcs_client_id)
        return Customer(user_id, whmcs_client_id)

    async def close(self) -> None:
        await self.billed.stop()
        await self.marks.stop()
        await self.cache.stop()
        await self.db.dispose()


@pytest.fixture
def whmcs() -> FakeWhmcs:
    return FakeWhmcs()


@pytest.fixture
def clock() -> FakeClock:
    """Noon of 15 January 2026 in Japan."""
    return FakeClock()


@pytest.fixture
async def desk(migrated: Path, tmp_path: Path, whmcs: FakeWhmcs, clock: FakeClock) -> AsyncIterator[Desk]:
    copy = tmp_path / "portal.db"
    shutil.copyfile(migrated, copy)
    upstream = Upstream(WHMCS, clock)
    desk = Desk(Database(f"sqlite:///{copy}"), clock, MemoryBus(), whmcs.client(upstream), upstream)
    yield desk
    await desk.close()


@pytest.fixture
async def customer(desk: Desk) -> Customer:
    """Owner of WHMCS client 7."""
    return await desk.a_customer("hanako@example.com", 7)


@pytest.fixture
async def other_customer(desk: Desk) -> Customer:
    """Owner of WHMCS client 8."""
    return await desk.a_customer("kenichi@example.com", 8)


@pytest.fixture
def shop() -> FakeOrders:
    """Two clients; every product has the two hidden fields, and somebody else has a service of each already."""
    fake = FakeOrders(clients=[a_wire_client(7), a_wire_client(8)])
    for place, pid in enumerate((GOLD, SETUP, SIM)):
        fake.sells(pid, REFERENCE, "OpportunityId", "Phone Number|電話番号")
        fake.sold(31 + place, 8, pid)
    return fake


@pytest.fixture
def make_orders(shop: FakeOrders, clock: FakeClock) -> Callable[..., BillingOrders]:
    """Orders in the shop, with other settings by name."""

    def made(**chosen: object) -> BillingOrders:
        client = shop.client(Upstream(QUICK, clock))
        return BillingOrders(client, Gateways(client, clock), clock, **{"reference_field": REFERENCE} | chosen)

    return made


@pytest.fixture
def orders(make_orders: Callable[..., BillingOrders]) -> BillingOrders:
    return make_orders()
