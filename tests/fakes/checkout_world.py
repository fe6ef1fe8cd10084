"""Ordering on a real SQLite database, over small stand-ins of the subjects of both systems.

`again()` is the same world after a restart: new objects, the same database and the same outside. Everything outside is
one `Outside`: what is sold and known, the orders there are, and the troubles planned for the next calls.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.address import Address
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog, Item, ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.orders import Order, OrderDraft, PlacedOrder
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.services import BillingCycle, Service, ServiceKind, ServiceList, ServiceStatus
from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.catalog import CatalogCopy
from portal_app.integrations.salesforce.checks import AccountChecks
from portal_app.integrations.salesforce.orders import OrdersCopy
from portal_app.security.audit import Audit
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import MemoryBus
from portal_app.storage.carts import CartRecord, Carts
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.idempotency import IdempotencyKeys
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.checkout import SETTLE, Checkout, Offer, Placement
from tests.fakes.catalog import INTERNET, SIM, a_cart, an_internet_choice, items
from tests.fakes.clock import FakeClock

TERMS = "2026-04"
ACCOUNT, OTHER_ACCOUNT = "001000000000001AAA", "001000000000002AAA"
ADDRESS = Address(postal_code="150-0001", prefecture="Tokyo", city="Shibuya-ku", address1="1-2-3 Jingumae")
ELSEWHERE = replace(ADDRESS, address1="9-9-9 Ebisu")
CARD = PayMethod(1, "card", "Visa 4242")


class Crash(BaseException):
    """The process is gone. No ordinary `except` may catch it."""


class MortalDatabase(Database):
    """`crash_at(n, after=...)`: at the nth commit from now the process dies, right before it or right after it."""

    dead, commits, _at, _after = False, 0, 0, False

    def crash_at(self, commit: int, *, after: bool) -> None:
        self._at, self._after = self.commits + commit, after

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        self._alive()
        async with super().read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        self._alive()
        async with super().write() as session:
            yield session
            self.commits += 1
            if self.commits == self._at and not self._after:
                self.die()
        if self.commits == self._at:
            self.die()

    def die(self) -> None:
        self.dead = True
        raise Crash

    def _alive(self) -> None:
        if self.dead:
            raise Crash


@dataclass
class Made:
    """An order in Salesforce."""

    order_id: str
    number: str
    key: str
    account_id: str
    draft: OrderDraft
    lines: int
    status: str = "Pending Review"


Trouble = Exception | str | Callable[[], Awaitable[None]]
"""An error instead of the call; "lost_before", "lost_after", "late" or "crash_after" for a call that makes something;
or something to happen while it is under way."""


@dataclass
class Outside:
    """Both systems. `troubles[name]` are for the next calls of that name; `down` is what fails until taken out."""

    catalog: list[Item] = field(default_factory=items)
    copy: Catalog | None = None
    address: Address | None = ADDRESS
    settling: bool = False
    moved_at: datetime | None = None
    methods: tuple[PayMethod, ...] = (CARD,)
    services: tuple[Service, ...] = ()
    stale: set[str] = field(default_factory=set)
    eligibility: Eligibility | None = field(default_factory=lambda: Eligibility(EligibilityState.ELIGIBLE, "Home 1G"))
    document: DocumentCheck | None = field(default_factory=lambda: DocumentCheck("submitted"))
    orders: list[Made] = field(default_factory=list)
    opportunities: list[tuple[str, ProductLine, str]] = field(default_factory=list)
    late: list[tuple[str, str, OrderDraft]] = field(default_factory=list)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    down: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def will(self, name: str, *troubles: Trouble) -> None:
        self.troubles.setdefault(name, []).extend(troubles)

    def price(self, sku: str, yen: int) -> None:
        self.catalog = [replace(i, unit_price=Decimal(yen)) if i.sku == sku else i for i in self.catalog]

    def make(self, account_id: str, key: str, draft: OrderDraft) -> Made:
        """The external id is unique, whoever comes first."""
        if any(one.key == key for one in self.orders):
            raise UpstreamRejected("salesforce", "PlaceOrder", "duplicate_value")
        number = len(self.orders) + 1
        made = Made(f"801{number:012d}AAA", f"{number:08d}", key, account_id, draft, len(draft.lines))
        self.orders.append(made)
        return made

    def arrive(self) -> None:
        """What was under way for long has arrived."""
        for account_id, key, draft in self.late:
            self.make(account_id, key, draft)
        self.late.clear()

    async def call(self, name: str) -> str:
        """What happens to this call beside its effect, "" for nothing."""
        self.asked.append(name)
        if name in self.down:
            raise self.down[name]
        planned = self.troubles.get(name)
        trouble = planned.pop(0) if planned else ""
        if isinstance(trouble, Exception):
            raise trouble
        if callable(trouble):
            await trouble()
            return ""
        return trouble


class Shops:
    """What Checkout asks of both systems, for one process."""

    def __init__(self, outside: Outside, clock: FakeClock, die: Callable[[], None]) -> None:
        self._outside, self._clock, self._die = outside, clock, die

    # PriceBook

    async def read_now(self, *, caller: Any = None) -> Catalog:
        await self._outside.call("catalog")
        return Catalog(tuple(self._outside.catalog))

    async def get_catalog(self) -> CatalogCopy:
        if self._outside.copy is None:
            raise UpstreamUnavailable("salesforce", "ListPrices", "connect")
        return CatalogCopy(self._outside.copy, self._clock.now() - timedelta(hours=2), stale=True)

    # Checks, PayMethods, ServiceBook, AddressBook

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountChecks:
        assert anew, "checkout never believes a copy"
        await self._outside.call("checks")
        return AccountChecks(self._outside.eligibility, self._outside.document)

    async def list_methods(self, customer: Customer, *, anew: bool = False) -> tuple[PayMethod, ...]:
        assert anew, "checkout never believes a copy"
        await self._outside.call("pay_methods")
        return self._outside.methods

    async def list(self, customer: Customer, *, wait: bool = False) -> ServiceList:
        assert wait, "checkout never believes a copy"
        await self._outside.call("services")
        return ServiceList(self._outside.services, self._clock.now(), stale="services" in self._outside.stale)

    async def is_settling(self, customer: Customer) -> bool:
        await self._outside.call("settling")
        return self._outside.settling


class FakeAddresses:
    """AddressBook."""

    def __init__(self, outside: Outside, shops: Shops) -> None:
        self._outside, self.is_settling = outside, shops.is_settling

    async def changed_since(self, customer: Customer, moment: datetime) -> bool:
        return self._outside.moved_at is not None and self._outside.moved_at >= moment

    async def get(self, customer: Customer, *, anew: bool = False) -> Address | None:
        assert anew, "checkout never believes a copy"
        await self._outside.call("address")
        return self._outside.address


class FakeOpportunities:
    """Opportunities: one is open until an order has it."""

    def __init__(self, outside: Outside, die: Callable[[], None]) -> None:
        self._outside, self._die = outside, die

    async def find_or_create(
        self, customer: Customer, *, line: ProductLine, source: str, stage: str, take_from: tuple[str, ...]
    ) -> str:
        assert (stage, take_from) == ("Ready", ("Introduction",))
        trouble = await self._outside.call("opportunity")
        taken = {one.draft.salesforce_opportunity_id for one in self._outside.orders}
        found = next((o for o in self._outside.opportunities if o[1] is line and o[0] not in taken), None)
        if found is None:
            found = (f"006{len(self._outside.opportunities) + 1:012d}AAA", line, source)
            self._outside.opportunities.append(found)
        if trouble == "lost_after":
            raise UpstreamOutcomeUnknown("salesforce", "CreateOpportunity", "timeout")
        if trouble == "crash_after":
            self._die()
        return found[0]


class FakeOrders:
    """Orders, as strict about keys as Salesforce is."""

    def __init__(self, outside: Outside, clock: FakeClock, die: Callable[[], None]) -> None:
        self._outside, self._clock, self._die = outside, clock, die
        self.cleared = 0

    async def place(self, customer: Customer, draft: OrderDraft, key: str) -> PlacedOrder:
        if there := await self.find(customer, key, lines=len(draft.lines)):
            return there
        trouble = await self._outside.call("create")
        if trouble == "lost_before":
            raise UpstreamOutcomeUnknown("salesforce", "PlaceOrder", "timeout")
        if trouble == "late":
            self._outside.late.append((customer.salesforce_account_id, key, draft))
            raise UpstreamOutcomeUnknown("salesforce", "PlaceOrder", "timeout")
        try:
            made = self._outside.make(customer.salesforce_account_id, key, draft)
        except UpstreamRejected:
            if there := await self.find(customer, key, lines=len(draft.lines)):
                return there
            raise
        if trouble == "crash_after":
            self._die()
        if trouble == "lost_after":
            raise UpstreamOutcomeUnknown("salesforce", "PlaceOrder", "timeout")
        return PlacedOrder(made.order_id, "" if trouble == "no_number" else made.number, created=True)

    async def find(self, customer: Customer, key: str, *, lines: int | None = None) -> PlacedOrder | None:
        await self._outside.call("find")
        mine = customer.salesforce_account_id
        found = [one for one in self._outside.orders if one.key == key and one.account_id == mine]
        if len(found) > 1:
            raise UpstreamRejected("salesforce", "FindOrder", "more_than_one")
        if found and lines not in (None, found[0].lines):
            raise UpstreamRejected("salesforce", "FindOrder", "lines_differ")
        return PlacedOrder(found[0].order_id, found[0].number, created=False) if found else None

    async def list_orders(self, customer: Customer, *, anew: bool = False) -> OrdersCopy:
        assert anew, "checkout never believes a copy"
        await self._outside.call("orders")
        mine = [self._order(o) for o in self._outside.orders if o.account_id == customer.salesforce_account_id]
        return OrdersCopy(tuple(mine), self._clock.now(), stale="orders" in self._outside.stale)

    async def clear(self, customer: Customer) -> None:
        self.cleared += 1

    def _order(self, made: Made) -> Order:
        return Order(made.order_id, made.number, made.draft.cart.line, made.status, "", "", self._clock.now(), None, "")


class CheckoutWorld:
    """A customer with a complete cart of every line they ask for, and everything Checkout needs."""

    def __init__(
        self, database: Path | str, before: "CheckoutWorld | None" = None, *, clock: FakeClock | None = None
    ) -> None:
        self._database = database
        self.outside = before.outside if before else Outside()
        self.clock = before.clock if before else clock or FakeClock()
        self.settle = before.settle if before else SETTLE
        self.mine = before.mine if before else Customer("", 101, ACCOUNT)
        self.db = MortalDatabase(f"sqlite:///{database}" if isinstance(database, Path) else database)
        cipher, index = FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests")
        kept = self.db, cipher, index, self.clock
        self.carts, self.users, self.idempotency = Carts(*kept), Users(*kept), IdempotencyKeys(*kept)
        self.outbox, self.audit = Outbox(self.db, cipher, self.clock), Audit(self.db, index, self.clock)
        self.order_times, self.locks = OrderTimes(self.db, self.clock), AccountLocks(self.db, self.clock, patience_s=0)
        self.bus, self.heard = MemoryBus(), list[str]()
        self.bus.subscribe("customer:", lambda topic, _: self.heard.append(topic))
        self.orders = FakeOrders(self.outside, self.clock, self.db.die)
        shops: Any = Shops(self.outside, self.clock, self.db.die)
        addresses: Any = FakeAddresses(self.outside, shops)
        opportunities: Any = FakeOpportunities(self.outside, self.db.die)
        orders: Any = self.orders
        self.checkout = Checkout(
            carts=self.carts,
            catalog=shops,
            checks=shops,
            services=shops,
            pay_methods=shops,
            orders=orders,
            opportunities=opportunities,
            addresses=addresses,
            users=self.users,
            order_times=self.order_times,
            locks=self.locks,
            outbox=self.outbox,
            db=self.db,
            bus=self.bus,
            audit=self.audit,
            clock=self.clock,
            documents_for=frozenset({SIM}),
            terms_version=TERMS,
            settle=self.settle,
        )

    # What people do

    async def a_customer(
        self, email: str = "hanako@example.com", account_id: str = ACCOUNT, client: int = 101
    ) -> Customer:
        user_id = await self.users.create(email, "hash")
        await self.users.link(user_id, client, account_id)
        return Customer(user_id, client, account_id)

    async def fill(self, line: ProductLine = SIM, **changed: Any) -> CartRecord:
        """A complete cart of that line, in place of the one there is."""
        cart = self.a_cart(line, **changed)
        return await self.carts.save(self.mine, cart, version=None)

    @staticmethod
    def a_cart(line: ProductLine, **changed: Any) -> Cart:
        if line is INTERNET:
            changed = {"internet": an_internet_choice(address_confirmed=ADDRESS.key)} | changed
        return a_cart(line, **changed)

    async def offer(self, line: ProductLine = SIM) -> Offer:
        found = await self.checkout.offer(self.mine, line)
        assert found is not None
        return found

    async def submit(self, offer: Offer, **changed: Any) -> Placement:
        """Press the button under that offer."""
        sent = {"fingerprint": offer.fingerprint, "order_key": offer.order_key} | changed
        return await self.checkout.place(self.mine, offer.line, **sent)

    async def order(self, line: ProductLine = SIM) -> Placement:
        """Look, and press the button."""
        return await self.submit(await self.offer(line))

    async def works_on(self, by: timedelta | float = 0) -> str:
        """Time passes, then the worker looks at what is due."""
        self.clock.advance(by)
        return await self.checkout.resume_due()

    # What there is

    async def record(self, line: ProductLine = SIM) -> CartRecord | None:
        return await self.carts.find(self.mine, line)

    async def state(self, line: ProductLine = SIM) -> str:
        """Of the newest cart of that line, with its code."""
        rows = await self.rows(f"SELECT state, error_code FROM carts WHERE line = '{line.value}' ORDER BY created_at")
        return " ".join(rows[-1]).strip()

    async def rows(self, statement: str) -> list[Any]:
        async with self.db.read() as session:
            return list(await session.execute(text(statement)))

    async def audited(self) -> list[str]:
        rows = await self.rows("SELECT event, outcome FROM audit_log WHERE event LIKE 'order%' ORDER BY seq")
        return [" ".join(row) for row in rows]

    async def mails(self) -> list[dict[str, Any]]:
        """What was not sent yet; it counts as sent then."""
        items = await self.outbox.claim()
        for item in items:
            await self.outbox.sent(item)
        return [item.payload for item in items]

    def keys(self) -> list[str]:
        """Of the orders there are."""
        return [one.key for one in self.outside.orders]

    async def again(self) -> "CheckoutWorld":
        """After a restart."""
        await self.close()
        return CheckoutWorld(self._database, self)

    async def close(self) -> None:
        await self.checkout.stop()
        await self.bus.stop()
        await self.db.dispose()


@asynccontextmanager
async def a_world(database: Path) -> AsyncIterator[CheckoutWorld]:
    """With one customer, who has nothing in a cart."""
    made = CheckoutWorld(database)
    made.mine = await made.a_customer()
    yield made
    await made.close()


def a_service(kind: ServiceKind, status: ServiceStatus = ServiceStatus.ACTIVE) -> Service:
    return Service(1, 101, 1, "name", "", kind, status, BillingCycle.MONTHLY, Decimal(1), None, None)
