"""Fulfilment on a real database, over small stand-ins of what it asks of Salesforce, WHMCS and the mobile network.

`again()` is the same world after a restart: new objects, the same database and the same outside. Everything outside is
one `Outside`, strict about what the real systems are strict about: every effect that is asked for twice happens twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.fulfilment import ApprovedLine, ApprovedOrder, BilledLine, SimWishes, marker, read_marker
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.sims import Activation, ActivationFound, Receipt, Sim, judge_activation
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected
from portal_app.integrations.salesforce.approved_orders import OpenOrder, Report
from portal_app.integrations.salesforce.checks import AccountChecks
from portal_app.integrations.upstream.deadline import remaining
from portal_app.integrations.whmcs.orders import AddedOrder, BillingOrder, FoundService
from portal_app.security.audit import Audit
from portal_app.storage.bus import MemoryBus
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments, StepRecord
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.fulfilment import Fulfilment
from portal_app.workflows.fulfilment_sims import SimSteps
from tests.fakes.checkout_world import Crash, MortalDatabase
from tests.fakes.clock import FakeClock
from tests.fakes.notices import notices_over

INTERNET, SIM, VPN = ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN
ACCOUNT, OTHER_ACCOUNT = "001000000000001AAA", "001000000000002AAA"
CLIENT, OTHER_CLIENT = 101, 102
ACTIVATION_TAKES = timedelta(minutes=10)
EID = "89049032000001000000000000000074"
NUMBER, TYPED = "+819012345678", "090-1234-5678"
PRODUCT_NUMBER = "PT0123456789012"
CARD = PayMethod(1, "card", "Visa 4242")
SKUS = {INTERNET: "INTERNET-GOLD-1G", SIM: "SIM-5G-VOICE", VPN: "VPN-USA"}

Trouble = Exception | str | Callable[[], Awaitable[None]]
"""An error instead of the call; "lost_before", "lost_after", "late" or "crash_after" for one that does something; or
something to happen while it is under way."""


@dataclass
class Placed:
    """A service in WHMCS. `mark` is what stands in its custom field."""

    service_id: int
    order_id: int
    client_id: int
    product_id: int
    mark: str
    status: str = "Pending"
    number: str = ""


@dataclass
class Outside:
    """All three systems. `troubles[name]` are for the next calls of that name; `down` is what fails until taken out."""

    orders: dict[str, ApprovedOrder] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    services: list[Placed] = field(default_factory=list)
    billing_orders: dict[int, str] = field(default_factory=dict)
    invoices: dict[int, tuple[int, ...]] = field(default_factory=dict)
    paid: set[int] = field(default_factory=set)
    noted: dict[int, str] = field(default_factory=dict)
    keeps_marks: bool = True
    sims: dict[str, Sim] = field(default_factory=dict)
    activations: list[str] = field(default_factory=list)
    activates_at_once: bool = False
    methods: tuple[PayMethod, ...] = (CARD,)
    document: DocumentCheck | None = field(default_factory=lambda: DocumentCheck("verified"))
    late: list[Callable[[], object]] = field(default_factory=list)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    down: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    time_left: dict[str, float] = field(default_factory=dict)

    def will(self, name: str, *troubles: Trouble) -> None:
        self.troubles.setdefault(name, []).extend(troubles)

    def arrive(self) -> None:
        """What was under way for long has arrived."""
        for effect in self.late:
            effect()
        self.late.clear()

    def change(self, order_id: str, **changes: Any) -> None:
        """Staff, or we, change the order in Salesforce."""
        self.orders[order_id] = replace(self.orders[order_id], **changes)

    async def call(self, name: str) -> str:
        """What happens to this call beside its effect, "" for nothing."""
        self.asked.append(name)
        self.time_left[name] = remaining()
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

    async def effect(self, name: str, act: Callable[[], Any], die: Callable[[], None]) -> Any:
        """A call that does something, whatever happens to it on the way."""
        trouble = await self.call(name)
        if trouble in ("lost_before", "late"):
            if trouble == "late":
                self.late.append(act)
            raise UpstreamOutcomeUnknown("outside", name, "timeout")
        done = act()
        if trouble == "crash_after":
            die()
        if trouble == "lost_after":
            raise UpstreamOutcomeUnknown("outside", name, "timeout")
        return done


class FakeApprovedOrders:
    """Salesforce's side: forward only, never over what is called off."""

    def __init__(self, outside: Outside, die: Callable[[], None]) -> None:
        self._outside, self._die = outside, die

    async def read(self, salesforce_order_id: str) -> ApprovedOrder | None:
        await self._outside.call("read")
        return self._outside.orders.get(salesforce_order_id)

    async def find(self, salesforce_order_ids: Iterable[str]) -> dict[str, OpenOrder]:
        await self._outside.call("find")
        known = self._outside.orders
        return {one: _in_brief(known[one]) for one in salesforce_order_ids if one in known}

    async def tell(self, salesforce_order_id: str, report: Report) -> bool:
        def act() -> bool:
            order = self._outside.orders.get(salesforce_order_id)
            if order is None or order.is_over or (order.is_activated and report.activation != "Activated"):
                return False
            said = (order.activation, order.error_code, order.whmcs_order_id)
            wanted = (report.activation, report.error_code, report.whmcs_order_id or order.whmcs_order_id)
            if said == wanted:
                return False
            activation, code, whmcs_order_id = wanted
            self._outside.change(
                salesforce_order_id, activation=activation, error_code=code, whmcs_order_id=whmcs_order_id
            )
            self._outside.told.append((report.activation, report.error_code, report.error_text))
            return True

        name = "write_order" if report.activation == "Activated" else "report"
        return bool(await self._outside.effect(name, act, self._die))

    async def tell_services(self, salesforce_order_id: str, ids: Mapping[str, int]) -> None:
        def act() -> None:
            lines = self._outside.orders[salesforce_order_id].lines
            named = tuple(
                replace(line, whmcs_service_id=str(ids.get(line.salesforce_item_id, line.whmcs_service_id)))
                for line in lines
            )
            self._outside.change(salesforce_order_id, lines=named)

        await self._outside.effect("write_services", act, self._die)


def _in_brief(order: ApprovedOrder) -> OpenOrder:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    told = (order.status, order.activation, order.whmcs_order_id, order.from_portal, at)
    return OpenOrder(order.salesforce_order_id, order.salesforce_account_id, *told)


class FakeOpportunities:
    """Opportunities."""

    def __init__(self, outside: Outside, die: Callable[[], None]) -> None:
        self._outside, self._die = outside, die

    async def serve(self, customer: Customer, opportunity_id: str, whmcs_service_id: int) -> None:
        if opportunity_id:
            act = lambda: self._outside.served.update({opportunity_id: whmcs_service_id})  # noqa: E731
            await self._outside.effect("write_opportunity", act, self._die)


class FakeBillingOrders:
    """WHMCS's side: adding twice makes two orders, billing twice two invoices."""

    def __init__(self, outside: Outside, die: Callable[[], None]) -> None:
        self._outside, self._die = outside, die

    async def find_services(self, customer: Customer, order_id: str) -> Mapping[int, tuple[FoundService, ...]]:
        await self._outside.call("find_services")
        found: dict[int, tuple[FoundService, ...]] = {}
        for one in self._outside.services:
            mark = read_marker(one.mark)
            if mark is not None and mark[0] == order_id and one.client_id == customer.whmcs_client_id:
                service = FoundService(one.service_id, one.order_id, one.product_id, one.status)
                found[mark[1]] = (*found.get(mark[1], ()), service)
        return found

    async def find_unmarked(
        self, customer: Customer, whmcs_product_ids: Collection[int], *, since: datetime
    ) -> tuple[int, ...]:
        await self._outside.call("find_unmarked")
        mine = [one for one in self._outside.services if one.client_id == customer.whmcs_client_id]
        unmarked = [one for one in mine if not one.mark and one.product_id in whmcs_product_ids]
        return tuple(one.service_id for one in unmarked if one.status != "Cancelled")

    async def add(
        self, customer: Customer, order_id: str, lines: Sequence[BilledLine], *, opportunity_id: str, invoice: bool
    ) -> AddedOrder:
        def act() -> AddedOrder:
            return self.make(customer.whmcs_client_id, order_id, lines, invoice=invoice)

        added: AddedOrder = await self._outside.effect("add_order", act, self._die)
        return added

    def make(self, client_id: int, order_id: str, lines: Sequence[BilledLine], *, invoice: bool) -> AddedOrder:
        """As AddOrder does."""
        outside = self._outside
        whmcs_order_id = 9000 + len(outside.billing_orders) + 1
        outside.billing_orders[whmcs_order_id] = "Pending"
        ids = {}
        for line in lines:
            mark = marker(order_id, line.number) if outside.keeps_marks else ""
            service_id = 500 + len(outside.services) + 1
            outside.services.append(Placed(service_id, whmcs_order_id, client_id, line.whmcs_product_id, mark))
            ids[line.number] = service_id
        return AddedOrder(whmcs_order_id, ids, self._bill(tuple(ids.values())) if invoice else 0)

    async def read_order(self, customer: Customer, whmcs_order_id: int) -> BillingOrder:
        await self._outside.call("read_order")
        if whmcs_order_id not in self._outside.billing_orders:
            raise NotFound("order", whmcs_order_id)
        ids = {one.service_id for one in self._outside.services if one.order_id == whmcs_order_id}
        invoice = next((n for n, billed in self._outside.invoices.items() if ids & set(billed)), 0)
        is_paid = whmcs_order_id in self._outside.paid
        return BillingOrder(whmcs_order_id, self._outside.billing_orders[whmcs_order_id], invoice, is_paid)

    async def accept(self, customer: Customer, whmcs_order_id: int) -> None:
        await self._outside.effect("accept_order", lambda: self._move(whmcs_order_id, "Active"), self._die)

    async def cancel(self, customer: Customer, whmcs_order_id: int) -> None:
        await self._outside.effect("cancel_order", lambda: self._move(whmcs_order_id, "Cancelled"), self._die)

    async def find_invoice(self, customer: Customer, ids: Collection[int]) -> int:
        await self._outside.call("find_invoice")
        return max((n for n, billed in self._outside.invoices.items() if set(ids) & set(billed)), default=0)

    async def generate_invoice(self, customer: Customer, ids: Collection[int]) -> None:
        await self._outside.effect("gen_invoices", lambda: self._bill(tuple(ids)), self._die)

    async def note_number(self, customer: Customer, service_id: int, number: str) -> None:
        def act() -> None:
            next(one for one in self._outside.services if one.service_id == service_id).number = number

        await self._outside.effect("sim_number", act, self._die)

    async def note_opportunity(self, customer: Customer, ids: Collection[int], opportunity_id: str) -> None:
        act = lambda: self._outside.noted.update(dict.fromkeys(ids, opportunity_id))  # noqa: E731
        await self._outside.effect("note_opportunity", act, self._die)

    def _bill(self, ids: tuple[int, ...]) -> int:
        number = 7000 + len(self._outside.invoices) + 1
        self._outside.invoices[number] = ids
        return number

    def _move(self, whmcs_order_id: int, status: str) -> None:
        if self._outside.billing_orders[whmcs_order_id] != "Pending":
            raise UpstreamRejected("whmcs", "AcceptOrder", "ambiguous_state")
        self._outside.billing_orders[whmcs_order_id] = status
        for one in self._outside.services:
            if one.order_id == whmcs_order_id:
                one.status = status


class FakeSims:
    """The mobile network: accepted is not done."""

    def __init__(self, outside: Outside, clock: FakeClock, die: Callable[[], None]) -> None:
        self._outside, self._clock, self._die = outside, clock, die

    async def request_activation(self, customer: Customer, wanted: Activation) -> Receipt:
        def act() -> Receipt:
            number, now = wanted.line.freebit_line_number, self._clock.now()
            self._outside.activations.append(number)
            state = "active" if self._outside.activates_at_once else "pending"
            self._outside.sims[number] = a_sim(wanted, state)
            return Receipt(now, now + ACTIVATION_TAKES, done=self._outside.activates_at_once)

        receipt: Receipt = await self._outside.effect("sim_activation", act, self._die)
        return receipt

    async def find_activation(self, customer: Customer, wanted: Activation) -> ActivationFound:
        await self._outside.call("find_sim")
        return judge_activation(wanted, self._outside.sims.get(wanted.line.freebit_line_number))


class FakeChecks:
    """Checks, PayMethods: nothing here is ever believed from a copy."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountChecks:
        assert anew, "fulfilment never believes a copy"
        await self._outside.call("checks")
        return AccountChecks(None, self._outside.document)

    async def list_methods(self, customer: Customer, *, anew: bool = False) -> tuple[PayMethod, ...]:
        assert anew, "fulfilment never believes a copy"
        await self._outside.call("pay_methods")
        return self._outside.methods


class FakeCopies:
    """Orders, Services, Billing: which copies were forgotten."""

    def __init__(self, name: str, forgotten: list[str]) -> None:
        self._name, self._forgotten, self.broken = name, forgotten, False

    async def clear(self, customer: Customer | str) -> None:
        self._forget()

    async def refresh(self, customer: Customer) -> None:
        self._forget()

    def _forget(self) -> None:
        self._forgotten.append(self._name)
        if self.broken:
            raise ConnectionError("the cache is away")


class Hooks:
    """What the checkpoints were told. `die_at(name)`: the process is gone there."""

    def __init__(self, db: MortalDatabase) -> None:
        self.seen: list[str] = []
        self._db, self._deadly = db, ""

    def die_at(self, name: str) -> None:
        self._deadly = name

    def __call__(self, name: str) -> None:
        self.seen.append(name)
        if name == self._deadly:
            self._deadly = ""
            self._db.die()


class FulfilmentWorld:
    """A linked customer with a card and a verified document, and everything Fulfilment needs."""

    def __init__(
        self,
        database: Path | str,
        before: "FulfilmentWorld | None" = None,
        *,
        settle: timedelta = timedelta(seconds=60),
        lease: timedelta = timedelta(seconds=90),
        clock: FakeClock | None = None,
    ) -> None:
        self._database, self.settle, self.lease = database, settle, lease
        self.outside = before.outside if before else Outside()
        self.clock = before.clock if before else clock or FakeClock()
        self.mine = before.mine if before else Customer("", CLIENT, ACCOUNT)
        self.db = MortalDatabase(f"sqlite:///{database}" if isinstance(database, Path) else database)
        self.hooks = Hooks(self.db)
        cipher, index = FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests")
        self.users = Users(self.db, cipher, index, self.clock)
        self.fulfilments = Fulfilments(self.db, cipher, self.clock, lease=lease)
        self.outbox, self.audit = Outbox(self.db, cipher, self.clock), Audit(self.db, index, self.clock)
        self.order_times, self.bus, self.heard = OrderTimes(self.db, self.clock), MemoryBus(), list[str]()
        self.bus.subscribe("", lambda topic, _: self.heard.append(topic))
        self.notices = notices_over(self.db, cipher, self.clock, outbox=self.outbox, bus=self.bus)
        self.forgotten: list[str] = []
        self.copies = {name: FakeCopies(name, self.forgotten) for name in ("orders", "services", "billing")}
        approved: Any = FakeApprovedOrders(self.outside, self.db.die)
        opportunities: Any = FakeOpportunities(self.outside, self.db.die)
        self.billing_orders: Any = FakeBillingOrders(self.outside, self.db.die)
        sims: Any = FakeSims(self.outside, self.clock, self.db.die)
        checks: Any = FakeChecks(self.outside)
        copies: Any = self.copies
        sim_steps = SimSteps(
            sims, checks, self.clock, plan_codes={}, documents_for=frozenset({SIM}), settle=timedelta(minutes=10)
        )
        self.fulfilment = Fulfilment(
            fulfilments=self.fulfilments,
            approved_orders=approved,
            billing_orders=self.billing_orders,
            sim_steps=sim_steps,
            opportunities=opportunities,
            users=self.users,
            pay_methods=checks,
            services=copies["services"],
            billing=copies["billing"],
            orders=copies["orders"],
            order_times=self.order_times,
            notices=self.notices,
            db=self.db,
            bus=self.bus,
            audit=self.audit,
            clock=self.clock,
            settle=settle,
            checkpoint=self.hooks,
        )

    # What people and systems do

    async def a_customer(
        self, email: str = "hanako@example.com", account_id: str = ACCOUNT, client: int = CLIENT
    ) -> Customer:
        user_id = await self.users.create(email, "hash")
        await self.users.link(user_id, client, account_id)
        return Customer(user_id, client, account_id)

    def approve(self, line: ProductLine = INTERNET, **changes: Any) -> str:
        """An order that staff have approved a moment ago: its id."""
        n = len(self.outside.orders) + 1
        order = an_order(n, line)
        self.outside.orders[order.salesforce_order_id] = replace(order, **changes)
        return order.salesforce_order_id

    async def begin(self, line: ProductLine = INTERNET, **changes: Any) -> str:
        """Approved, and the event of it has come."""
        order_id = self.approve(line, **changes)
        await self.fulfilment.requested(order_id)
        return order_id

    async def works(self, by: timedelta | float = 0) -> int:
        """Time passes, then the worker does what is due; how many orders it took up."""
        self.clock.advance(by)
        taken = 0
        while now := await self.fulfilment.once():
            taken += now
        return taken

    async def ends(self, order_id: str, within: timedelta = timedelta(hours=2)) -> str:
        """Time passes until the order is over or waits for somebody: its state."""
        until = self.clock.now() + within
        while True:
            await self.works()
            record = await self.record(order_id)
            if record.next_attempt_at is None or self.clock.now() >= until:
                return await self.state(order_id)
            self.clock.advance(max(record.next_attempt_at - self.clock.now(), timedelta(seconds=1)))

    async def runs(self, line: ProductLine = INTERNET, **changes: Any) -> str:
        """From the approval as far as it goes by itself at once."""
        order_id = await self.begin(line, **changes)
        await self.works()
        return order_id

    def network_activates(self, state: Any = "active", **facts: Any) -> None:
        """Everything that was asked of the network is done, or has failed."""
        sims = self.outside.sims
        sims |= {number: replace(sim, state=state, **facts) for number, sim in sims.items()}

    # What there is

    async def record(self, order_id: str) -> FulfilmentRecord:
        record = await self.fulfilments.get(order_id)
        assert record is not None
        return record

    async def state(self, order_id: str) -> str:
        """State, hold and code of the order's row."""
        record = await self.record(order_id)
        return " ".join(filter(None, (record.state, record.hold, record.error_code)))

    async def history(self, order_id: str) -> list[str]:
        """The states it went through, with holds in brackets."""
        steps: list[StepRecord] = await self.fulfilments.history(order_id)
        return [f"{one.to_state}({one.hold})" if one.hold else one.to_state for one in steps]

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

    def salesforce(self, order_id: str) -> tuple[str, str]:
        """Activation and error code."""
        order = self.outside.orders[order_id]
        return order.activation, order.error_code

    def effects(self) -> tuple[int, int, int]:
        """WHMCS orders that count, activations, invoices."""
        orders = [status for status in self.outside.billing_orders.values() if status != "Cancelled"]
        return len(orders), len(self.outside.activations), len(self.outside.invoices)

    async def again(self) -> "FulfilmentWorld":
        """After a restart."""
        await self.close()
        return FulfilmentWorld(self._database, self, settle=self.settle, lease=self.lease)

    async def close(self) -> None:
        await self.bus.stop()
        await self.db.dispose()


@asynccontextmanager
async def a_fulfilment_world(database: Path | str, **settings: Any) -> AsyncIterator[FulfilmentWorld]:
    """With one customer, who has ordered nothing."""
    made = FulfilmentWorld(database, **settings)
    made.mine = await made.a_customer()
    yield made
    await made.close()


def an_order(n: int, line: ProductLine = INTERNET, account_id: str = ACCOUNT) -> ApprovedOrder:
    """The nth order, approved a moment ago: a service and, but for VPN, one more line."""
    lines = [a_line(1, line, n)]
    if line is not VPN:
        lines.append(a_line(2, line, n))
    wishes = SimWishes(form="esim", eid=EID, phone_number=TYPED) if line is SIM else SimWishes()
    return ApprovedOrder(
        salesforce_order_id=f"801{n:012d}AAA",
        number=f"{n:08d}",
        salesforce_account_id=account_id,
        line=line,
        status="Approved",
        activation="Activating",
        error_code="",
        from_portal=True,
        salesforce_opportunity_id=f"006{n:012d}AAA",
        starts_on=None,
        whmcs_order_id="",
        lines=tuple(lines),
        sim=wishes,
    )


def a_line(number: int, line: ProductLine, n: int = 1) -> ApprovedLine:
    """The service, or as number 2 what is paid once."""
    first = number == 1
    return ApprovedLine(
        number=number,
        salesforce_item_id=f"802{n:09d}{number:03d}AAA",
        name="Service" if first else "Activation",
        sku=SKUS[line] if first else f"{line.upper()}-ACTIVATION",
        item_class=ItemClass.SERVICE if first else ItemClass.ACTIVATION,
        quantity=Decimal(1),
        unit_price=Decimal(4500 if first else 3000),
        cycle=Cycle.MONTHLY if first else Cycle.ONETIME,
        whmcs_product_id=10 + number,
    )


def a_sim(wanted: Activation, state: Any) -> Sim:
    """The line that comes of an activation."""
    return Sim(
        number=wanted.line.freebit_line_number,
        state=state,
        form=wanted.form,
        use=wanted.use,
        plan_code=wanted.plan_code,
        network=wanted.network,
        eid=wanted.eid,
        product_number=wanted.product_number,
    )


def at_noon(day: date) -> datetime:
    """In Japan, as UTC."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=FakeClock().now().tzinfo)


__all__ = ["Crash", "FulfilmentWorld", "a_fulfilment_world", "an_order"]
