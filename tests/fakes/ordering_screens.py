"""What the ordering pages ask, with the answers in the open: set a fake's attributes, run a handler, read the state."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from portal_app.domain.address import Address
from portal_app.domain.cart import Cart, charges, lines
from portal_app.domain.catalog import Catalog, Cycle, ProductLine
from portal_app.domain.checkout import Standing, missing
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.fulfilment import Hold, Progress, State
from portal_app.domain.orders import AddressSnapshot, Order, OrderDetail, OrderedItem
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.pricing import totals
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.orders import OrderCopy, OrdersCopy
from portal_app.workflows.checkout_offer import Offer, fingerprint_of
from tests.fakes.catalog import a_catalog
from tests.fakes.screens import AS_OF, TODAY

TERMS = "2026-04"
HOME = Address(
    postal_code="150-0001", prefecture="Tokyo", city="Shibuya-ku", address1="1-2-3 Jingumae", address2="Sun Heights 201"
)
CARD = PayMethod(1, "card", "Visa-4242", datetime(2027, 12, 31).date(), is_default=True)
ORDER_ID = "801000000000001AAA"


@dataclass
class ScreenCheckout:
    """One cart and what is known about its owner; `failure` is raised instead. Remembers what it was asked to do."""

    cart: Cart | None = None
    catalog: Catalog = field(default_factory=a_catalog)
    address: Address | None = HOME
    pay_method: PayMethod | None = CARD
    eligibility: Eligibility | None = field(
        default_factory=lambda: Eligibility(EligibilityState.ELIGIBLE, offering="Home 1G")
    )
    document: DocumentCheck | None = field(default_factory=lambda: DocumentCheck("submitted"))
    unread: frozenset[str] = frozenset()  # names of Standing that could not be asked
    state: str = "open"
    notice: str = ""
    unreachable: bool = False
    failure: Exception | None = None
    refusal: Exception | None = None
    done: list[tuple[Any, ...]] = field(default_factory=list)

    async def offer(self, customer: Customer, line: ProductLine) -> Offer | None:
        if self.failure:
            raise self.failure
        if self.cart is None or self.cart.line is not line:
            return None
        held = lines(self.cart, self.catalog)
        return Offer(
            line=line,
            cart=self.cart,
            lines=held,
            totals=totals(charges(held)),
            missing=() if self.state != "open" else missing(self.cart, self.catalog, self._standing()),
            address=self.address,
            pay_method=self.pay_method,
            eligibility=self.eligibility,
            document=self.document,
            order_key=f"key-{self.cart.key()[:16]}",
            fingerprint=fingerprint_of(self.cart, held, self.address.key if self.address else ""),
            state=self.state,  # type: ignore[arg-type]
            unreachable=self.unreachable,
            catalog_as_of=AS_OF,
            terms_version=TERMS,
            notice=self.notice,
        )

    async def accept_terms(self, customer: Customer, line: ProductLine) -> None:
        self._do("terms", customer.user_id, line)
        assert self.cart is not None
        self.cart = replace(self.cart, terms_version=TERMS, terms_at=AS_OF)

    async def confirm_address(self, customer: Customer, line: ProductLine, address_key: str) -> None:
        self._do("address", customer.user_id, line, address_key)
        assert self.cart is not None
        self.cart = replace(self.cart, internet=replace(self.cart.internet, address_confirmed=address_key))

    def price(self, sku: str, yen: int) -> None:
        """Staff changed a price."""
        items = tuple(
            replace(item, unit_price=Decimal(yen)) if item.sku == sku else item for item in self.catalog.items
        )
        self.catalog = Catalog(items)

    def _do(self, *what: Any) -> None:
        if self.refusal:
            raise self.refusal
        self.done.append(what)

    def _standing(self) -> Standing:
        known: dict[str, Any] = {
            "payment_method": self.pay_method is not None,
            "address_key": self.address.key if self.address else "",
            "eligibility": self.eligibility,
            "document": self.document.state if self.document else None,
            "internet_here": False,
            "sim_active": False,
            "open_order": False,
        }
        known |= dict.fromkeys(self.unread)
        return Standing(linked=True, terms_version=TERMS, today=TODAY, **known)


@dataclass
class ScreenPayMethods:
    """Remembers whose copy was thrown away."""

    cleared: list[str] = field(default_factory=list)

    async def clear(self, customer: Customer) -> None:
        self.cleared.append(customer.user_id)


@dataclass
class ScreenOrders:
    """Orders from a list; `failure` is raised instead."""

    orders: list[Order] = field(default_factory=list)
    items: tuple[OrderedItem, ...] = ()
    address_changed: bool = False
    stale: bool = False
    failure: Exception | None = None
    anew: list[bool] = field(default_factory=list)

    async def list_orders(self, customer: Customer, *, anew: bool = False) -> OrdersCopy:
        self._asked(anew)
        return OrdersCopy(tuple(self.orders), AS_OF, self.stale)

    async def get_order(self, customer: Customer, salesforce_order_id: str, *, anew: bool = False) -> OrderCopy:
        self._asked(anew)
        found = next((one for one in self.orders if one.salesforce_order_id == salesforce_order_id), None)
        if found is None:
            raise NotFound("order")
        address = AddressSnapshot("1-2-3 Jingumae\nSun Heights 201", "Shibuya-ku", "Tokyo", "150-0001")
        return OrderCopy(OrderDetail(found, self.items, address, self.address_changed), AS_OF, self.stale)

    def _asked(self, anew: bool) -> None:
        self.anew.append(anew)
        if self.failure:
            raise self.failure


@dataclass
class ScreenOrderTimes:
    """When an order was seen at its steps."""

    times: dict[str, datetime] = field(default_factory=dict)

    async def of(self, customer: Customer, salesforce_order_id: str) -> dict[str, datetime]:
        return self.times


@dataclass
class ScreenFulfilment:
    """What the portal's own record says, by Salesforce id; remembers which were asked for."""

    known: dict[str, Progress] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def progress(self, customer: Customer, order_id: str) -> Progress | None:
        self.asked.append(order_id)
        return self.known.get(order_id)


def a_progress(state: State = State.RECEIVED, hold: Hold = Hold.NONE, code: str = "", **changed: Any) -> Progress:
    """An order the portal has begun with a moment ago."""
    after_adding = {*State} - {State.RECEIVED, State.VALIDATED, State.SCHEDULED, State.ADD_INTENT}
    values: dict[str, Any] = {"billed": state in after_adding, "set_up": state is State.COMPLETED, "updated_at": AS_OF}
    return Progress(state, hold, code, **(values | changed))


def screen_settings() -> SimpleNamespace:
    """Only SIM orders need a document."""
    return SimpleNamespace(documented_lines=lambda: frozenset({"sim"}))


def an_order(number: int = 1, status: str = "Pending Review", activation: str = "Not Started", **changed: Any) -> Order:
    """An internet order placed on the morning FakeClock starts on, an hour before."""
    values: dict[str, Any] = {
        "salesforce_order_id": f"80100000000000{number}AAA",
        "number": f"0000010{number}",
        "line": ProductLine.INTERNET,
        "status": status,
        "activation": activation,
        "error_code": "",
        "placed_at": datetime(2026, 1, 15, 2, 0, tzinfo=UTC),
        "starts_on": None,
        "whmcs_order_id": "",
    }
    return Order(**(values | changed))


def an_ordered_item(sku: str, price: int, cycle: Cycle | None = Cycle.MONTHLY, quantity: int = 1) -> OrderedItem:
    """One line of an order, net of tax."""
    return OrderedItem(sku.replace("-", " ").title(), sku, quantity, Decimal(price), cycle)
