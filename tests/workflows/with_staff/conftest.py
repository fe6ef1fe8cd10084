"""Customers of the portal, a real database, and the sandbox's Salesforce in which staff decide."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from portal_app.domain.address import Address
from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.changes import Changes
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.availability import Availability
from portal_app.workflows.salesforce_changes import SalesforceChanges
from sandbox.app import Running
from sandbox.clock import JAPAN
from tests.fakes.clock import FakeClock
from tests.fakes.notices import notices_over
from tests.integrations.salesforce.selling.conftest import book as book
from tests.integrations.salesforce.selling.conftest import client as client
from tests.integrations.salesforce.selling.conftest import sandbox as sandbox
from tests.integrations.salesforce.selling.staff import BOOK, customer_of, staff

HOME = Address(postal_code="150-0002", prefecture="Tokyo", city="Shibuya-ku", address1="2-21-1 Shibuya")


@dataclass
class KnownAddresses:
    """Where the customers live; `settling` while staff do not know it yet."""

    address: Address | None = HOME
    settling: bool = False

    async def get(self, customer: Customer) -> Address | None:
        return self.address

    async def is_settling(self, customer: Customer) -> bool:
        return self.settling


@dataclass
class Office:
    """`restart()`: new objects over the same database and the same Salesforce."""

    database: Path
    client: SalesforceClient
    sandbox: Running
    clock: FakeClock
    addresses: KnownAddresses = field(default_factory=KnownAddresses)
    published: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.db = Database(f"sqlite:///{self.database}")
        cipher, index = FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests")
        self.bus, self.cache, fields = MemoryBus(), MemoryCache("test", self.clock), FieldMap()
        self.bus.subscribe("", lambda topic, payload: self.published.append(topic))
        self.users = Users(self.db, cipher, index, self.clock)
        self.outbox, self.seen = Outbox(self.db, cipher, self.clock), LastSeen(self.db, self.clock)
        self.notices = notices_over(self.db, cipher, self.clock, outbox=self.outbox, bus=self.bus)
        self.order_times = OrderTimes(self.db, self.clock)
        self.audit, self.limits = Audit(self.db, index, self.clock), Limits(None, 1.0, self.clock)
        self.changes = Changes(self.client, fields)
        self.checks = Checks(self.client, fields, self.cache, self.clock, origin="Portal Notification")
        self.orders = Orders(self.client, fields, self.cache, pricebook_id=BOOK)
        self.opportunities = Opportunities(self.client, fields, self.clock)
        self.locks = AccountLocks(self.db, self.clock)
        self.availability = Availability(
            checks=self.checks,
            addresses=self.addresses,
            opportunities=self.opportunities,
            locks=self.locks,
            seen=self.seen,
            outbox=self.outbox,
            db=self.db,
            bus=self.bus,
            audit=self.audit,
            limits=self.limits,
            index=index,
            clock=self.clock,
        )
        self.renew()

    def renew(self) -> None:
        """The worker's part, over what is there now."""
        self.news = SalesforceChanges(
            changes=self.changes,
            users=self.users,
            orders=self.orders,
            checks=self.checks,
            order_times=self.order_times,
            seen=self.seen,
            notices=self.notices,
            db=self.db,
            bus=self.bus,
            clock=self.clock,
        )

    async def restart(self) -> None:
        await self.close()
        self.__post_init__()

    async def link(self, number: str) -> Customer:
        """The customer with that number has a portal user."""
        account = await customer_of(self.client, number)
        user_id = await self.users.create(f"{number.lower()}@example.com", "hash")
        await self.users.link(user_id, int(number[-3:]) + 1000, account.salesforce_account_id)
        found = await self.users.find_customer(user_id)
        assert found is not None
        return found

    async def decide(self, customer: Customer, **body: Any) -> None:
        await staff(self.sandbox, f"accounts/{customer.salesforce_account_id}/availability", body)

    async def move(self, order_id: str, what: str) -> None:
        await staff(self.sandbox, f"orders/{order_id}/{what}", {})

    async def review(self, customer: Customer, **body: Any) -> None:
        await staff(self.sandbox, f"accounts/{customer.salesforce_account_id}/document", body)

    async def mails(self) -> list[tuple[str, str, dict[str, str]]]:
        """Send what waits: template, user and values, oldest first."""
        items = await self.outbox.claim(200)
        for item in items:
            await self.outbox.sent(item)
        return [(one.payload["template"], one.payload["user_id"], one.payload["values"]) for one in items]

    def topics(self) -> list[str]:
        """What was published since the last look, without the queue's own."""
        found = [topic for topic in self.published if topic.startswith("customer:")]
        self.published.clear()
        return found

    async def close(self) -> None:
        await self.db.dispose()


@pytest.fixture
async def office(migrated_file: Path, tmp_path: Path, client: Any, sandbox: Any) -> AsyncIterator[Office]:
    database = tmp_path / "office.db"
    shutil.copy(migrated_file, database)
    clock = FakeClock(sandbox.world.clock.local().replace(tzinfo=JAPAN).astimezone(UTC))
    made = Office(database, client, sandbox, clock)
    yield made
    await made.close()


@pytest.fixture
async def customer(office: Office) -> Customer:
    return await office.link("C-100001")
