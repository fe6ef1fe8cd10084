"""Orders as the portal speaks of them: what one is made from, and what Salesforce keeps of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal_app.domain.cart import Cart, CartLine
from portal_app.domain.catalog import INSTALLED, Cycle, Item, ItemClass, ProductLine, term_of


@dataclass(frozen=True, slots=True)
class AddressSnapshot:
    """The address an order was placed with; it never follows a later move. `street` may have several lines."""

    street: str
    city: str
    state: str
    postal_code: str
    country: str = "Japan"


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """Everything an order is made from, prices as read from the price book just now.

    `address_changed`: the customer changed the address during checkout, so staff look twice.
    """

    cart: Cart
    lines: tuple[CartLine, ...]
    address: AddressSnapshot
    placed_on: date  # in Japan
    address_changed: bool = False
    salesforce_opportunity_id: str = ""

    @property
    def plan(self) -> Item:
        """The service that is ordered. Raises: ValueError unless there is exactly one."""
        services = [line.item for line in self.lines if line.item.item_class is ItemClass.SERVICE]
        if len(services) != 1:
            raise ValueError("an order has exactly one service")
        return services[0]

    @property
    def installation(self) -> Item | None:
        """The kind of installation, where there is one."""
        found = (line.item for line in self.lines if line.item.item_class is ItemClass.INSTALLATION)
        return next(found, None)

    def has(self, mark: str) -> bool:
        """Whether one of the SKUs says that."""
        return any(mark in line.item.sku.upper() for line in self.lines)


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order that is in Salesforce. `created` False: it was there before."""

    salesforce_order_id: str
    number: str
    created: bool


@dataclass(frozen=True, slots=True)
class Order:
    """One order as a list shows it. `status` and `activation` are Salesforce's words: see order_status."""

    salesforce_order_id: str
    number: str
    line: ProductLine
    status: str
    activation: str
    error_code: str
    placed_at: datetime  # UTC
    starts_on: date | None  # in Japan
    whmcs_order_id: str
    plan: str = ""  # the name of its service, in lists only


@dataclass(frozen=True, slots=True)
class OrderedItem:
    """One line as it was ordered; `unit_price` net yen, once or a month."""

    name: str
    sku: str
    quantity: int
    unit_price: Decimal
    cycle: Cycle | None  # None where Salesforce says none that we know

    @property
    def ends_after(self) -> int | None:
        """The months an installation in instalments is billed; None for everything else."""
        if self.cycle is not Cycle.MONTHLY or INSTALLED not in self.sku:
            return None
        return term_of(self.sku, self.name)


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with its lines and the address it was placed with."""

    order: Order
    items: tuple[OrderedItem, ...]
    address: AddressSnapshot
    address_changed: bool
