"""One process of the shop in virtual time, which may die at any commit and any call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.integrations.whmcs.services import Services
from portal_app.security.audit import Audit
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.carts import Carts
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import ServiceMirrorStore
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.address import AddressBook
from portal_app.workflows.checkout import Checkout
from portal_app.workflows.service_book import ServiceBook
from portal_app.workflows.shopping import Shopping
from sandbox.config import DEMO_SF_PRICEBOOK_ID
from tests.fakes.salesforce import QUICK, QUICK_LONG
from tests.properties.ordering.market import SITE, WHMCS_ROOT, Market
from tests.properties.ordering.seed import CUSTOMERS, private_key
from tests.properties.ordering.wires import Corridor
from tests.properties.process import LoopClock

TERMS: Final = "2026-11"
CIPHER: Final = FieldCipher({"k1": bytes(range(32))})
INDEX: Final = KeyedIndex("index key of the tests")
QUICK_WHMCS: Final = replace(WHMCS, per_second=100_000, per_minute=None)


async def registered(file: Path) -> None:
    """Write the customers of every scene into a database."""
    db = Database(f"sqlite:///{file}")
    async with db.write() as session:
        for one in CUSTOMERS:
            await Users(db, CIPHER, INDEX, LoopClock()).create_linked(
                session,
                user_id=one.user_id,
                email=f"{one.user_id}@example.com",
                password_hash="",
                locale="en",
                whmcs_client_id=one.whmcs_client_id,
                sf_account_id=one.salesforce_account_id,
            )
    await db.dispose()


class Process:
    """All objects ordering needs, over the market; every write passes by its troubles."""

    def __init__(self, database: Path, market: Market, mails: list[dict[str, Any]]) -> None:
        self._market, self._troubles, self.mails = market, market.troubles, mails
        self.clock = LoopClock()
        self._stores(database)
        self._salesforce()
        self._whmcs()
        self._workflows()

    def _stores(self, database: Path) -> None:
        self.db = Database(f"sqlite:///{database}")
        self.bus, self.cache = MemoryBus(), MemoryCache("test", self.clock)
        self.users, self.carts = (made(self.db, CIPHER, INDEX, self.clock) for made in (Users, Carts))
        self.outbox, self.audit = Outbox(self.db, CIPHER, self.clock), Audit(self.db, INDEX, self.clock)
        self.order_times, self.locks = OrderTimes(self.db, self.clock), AccountLocks(self.db, self.clock)
        write = self.db.write

        @asynccontextmanager
        async def passing() -> AsyncIterator[AsyncSession]:
            await self._troubles.before_write()
            async with write() as session:
                yield session

        self.db.write = passing  # type: ignore[method-assign]

    def _salesforce(self) -> None:
        fields, usage, config = FieldMap(), ApiUsage(), self._market.org.config
        threads = Threads(14, lambda: SfSession(usage.note, self._market), Corridor(self._market))
        tokens = Tokens(threads, SITE, config.sf_client_id, config.sf_username, private_key(), self.clock)
        upstreams = Upstream(QUICK, self.clock), Upstream(QUICK_LONG, self.clock)
        client = SalesforceClient(tokens, threads, *upstreams, usage)
        self.catalog = PriceBook(client, fields, self.cache, self.clock, pricebook_id=DEMO_SF_PRICEBOOK_ID)
        self.checks = Checks(client, fields, self.cache, self.clock, origin="Portal")
        self.orders = Orders(client, fields, self.cache, pricebook_id=DEMO_SF_PRICEBOOK_ID)
        self.opportunities = Opportunities(client, fields, self.clock)
        self.contacts = Contacts(client, fields, self.users)

    def _whmcs(self) -> None:
        config = self._market.org.config
        identity = config.whmcs_identifier, config.whmcs_secret
        client = WhmcsClient(self._market.http(), WHMCS_ROOT, *identity, Upstream(QUICK_WHMCS, self.clock))
        marks = FreshnessMarks(self.db, self.bus, self.clock)
        self.services = Services(client, ServiceMirrorStore(self.db, self.clock), marks, self.cache, self.clock)
        self.pay_methods = PayMethods(client, self.cache)
        self.addresses = Addresses(client, self.cache)

    def _workflows(self) -> None:
        common: dict[str, Any] = {
            "outbox": self.outbox,
            "db": self.db,
            "bus": self.bus,
            "audit": self.audit,
            "clock": self.clock,
            "checks": self.checks,
        }
        self.shopping = Shopping(self.carts, self.catalog, self.bus, self.clock)
        kept = {name: part for name, part in common.items() if name != "clock"}
        self.book = AddressBook(whmcs_addresses=self.addresses, contacts=self.contacts, locks=self.locks, **kept)
        self.checkout = Checkout(
            carts=self.carts,
            catalog=self.catalog,
            services=ServiceBook(self.services, self.catalog, self.orders),
            pay_methods=self.pay_methods,
            orders=self.orders,
            opportunities=self.opportunities,
            addresses=self.book,
            users=self.users,
            order_times=self.order_times,
            locks=self.locks,
            documents_for=frozenset({ProductLine.SIM}),
            terms_version=TERMS,
            **common,
        )
        handlers = {"mail": self._take, "address_writeback": self.book.deliver}
        self.sender = OutboxSender(self.outbox, handlers)

    async def confirm_address(self, customer: Customer, line: ProductLine) -> None:
        """The tick at the address that is on file."""
        if address := await self.addresses.get(customer, anew=True):
            await self.checkout.confirm_address(customer, line, address.key)

    async def deliver(self) -> None:
        """Have the outbox emptied."""
        while await self.sender.once():
            pass

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        self.mails.append({**payload, "reference": reference})
