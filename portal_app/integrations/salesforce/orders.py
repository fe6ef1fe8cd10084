"""Orders in Salesforce: placed once for each key, read by their own account only.

An order and its lines are made in one request, so there is never an order without its lines. What is shown is a copy
that events and our own writes clear; what decides (`place`, `find`, `anew`) is always asked.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from portal_app.domain.customer import Customer
from portal_app.domain.orders import Order, OrderDetail, OrderDraft, PlacedOrder
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamOutcomeUnknown, UpstreamRejected
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.composite import create_family
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.integrations.salesforce.order_header import header
from portal_app.integrations.salesforce.order_rows import (
    CYCLES,
    LINES,
    SERVICE,
    read_address,
    read_line,
    read_order,
    read_placed,
    read_plan,
)
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.integrations.upstream import deadline
from portal_app.storage.cache import Cache, Cached

T = TypeVar("T")

TTL: Final = timedelta(hours=12)
"""Events clear it long before; this is for the event that never came."""
STALE_IF_ERROR: Final = timedelta(hours=24)
PAGE_S: Final = 14
TAG: Final = "orders"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OrdersCopy:
    """Newest first, 200 at most, with the time of the copy (UTC); `stale` when Salesforce did not answer."""

    items: tuple[Order, ...]
    as_of: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class OrderCopy:
    """One order with the time of the copy (UTC); `stale` when Salesforce did not answer."""

    detail: OrderDetail
    as_of: datetime
    stale: bool = False


class Orders:
    """What the portal asks of orders."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, cache: Cache, *, pricebook_id: str) -> None:
        self._client, self._cache = client, cache
        self._pricebook_id = checked_id("Pricebook2", pricebook_id)
        self._order, self._item, self._product = fields.order, fields.order_item, fields.product

    async def place(self, customer: Customer, draft: OrderDraft, key: str) -> PlacedOrder:
        """The order with that key: the one that is there, or a new one with all its lines (F8, F8a).

        The same key gives the same order, however often and after whatever lost answer. Prices are the draft's own.
        Raises: UpstreamOutcomeUnknown (it may still appear: look with `find` after a while, then call again),
        UpstreamRejected ("lines_differ", "more_than_one", "duplicate_value": for a human), InvalidInput, NotFound for
        a customer without an account; UpstreamError, Busy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        values, lines = self._values(account_id, draft, key), self._lines(draft, key)
        try:
            return await self._place(customer, key, values, lines)
        finally:
            await self.clear(customer)

    async def _place(
        self, customer: Customer, key: str, values: dict[str, Any], lines: list[dict[str, Any]]
    ) -> PlacedOrder:
        if there := await self.find(customer, key, lines=len(lines)):
            return there
        try:
            order_id, _ = await create_family(
                self._client,
                self._order.kind,
                values,
                self._item.kind,
                self._item.order_id,
                lines,
                caller=_buyer(customer),
            )
        except UpstreamOutcomeUnknown:
            there = await self._look(customer, key, len(lines))
            if there is None:
                raise
            return there
        except UpstreamRejected as refused:
            # Somebody with the same key was faster, or the key is another account's.
            there = await self._look(customer, key, len(lines)) if refused.code == "duplicate_value" else None
            if there is None:
                raise
            return there
        return PlacedOrder(order_id, await self._number(customer, order_id), created=True)

    async def find(self, customer: Customer, key: str, *, lines: int | None = None) -> PlacedOrder | None:
        """This customer's order with that key. `lines`: how many it must have.

        Raises: UpstreamRejected ("more_than_one", "lines_differ"); UpstreamError, Busy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        rows = await self._client.query(
            soql(
                "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal} FROM {o.kind:literal} "
                "WHERE {o.idempotency_key:literal} = {} AND {o.account_id:literal} = {} LIMIT 2",
                key,
                account_id,
                o=self._order,
            ),
            operation="FindOrder",
            caller=_buyer(customer),
        )
        if len(rows) > 1:
            raise UpstreamRejected(SYSTEM, "FindOrder", "more_than_one")
        if not rows:
            return None
        found = read_placed(rows[0], self._order, account_id, "FindOrder")
        if lines is not None and len(await self._read_lines(account_id, found.salesforce_order_id)) != lines:
            log.error("an order with other lines", extra={"system": SYSTEM, "operation": "FindOrder"})
            raise UpstreamRejected(SYSTEM, "FindOrder", "lines_differ")
        return found

    async def list_orders(self, customer: Customer, *, anew: bool = False) -> OrdersCopy:
        """This account's orders, from the copy, or `anew` from Salesforce: that answer is never a stale one (H4).

        Raises: NotFound without an account; UpstreamError, Busy when there is no copy of the last day.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        found = await self._fetch(
            customer, "orders", lambda: self._load_list(customer, account_id), tuple[Order, ...], anew
        )
        return OrdersCopy(found.value, found.as_of, found.stale)

    async def get_order(self, customer: Customer, salesforce_order_id: str, *, anew: bool = False) -> OrderCopy:
        """One order with its lines, from the copy, or `anew` from Salesforce: that answer is never a stale one.

        Raises: NotFound for unknown and somebody else's alike; UpstreamError, Busy when there is no copy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        order_id = checked_id(self._order.kind, salesforce_order_id)
        found = await self._fetch(
            customer, f"order:{order_id}", lambda: self._load(customer, account_id, order_id), OrderDetail, anew
        )
        return OrderCopy(found.value, found.as_of, found.stale)

    async def clear(self, customer: Customer | str) -> None:
        """Something about this customer's orders changed: the next who asks reads them anew."""
        await self._cache.clear(customer, TAG)

    async def _fetch(
        self, customer: Customer, name: str, load: Callable[[], Awaitable[T]], model: type[T], anew: bool
    ) -> Cached[T]:
        stale = None if anew else STALE_IF_ERROR

        async def timed() -> T:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                return await load()

        return await self._cache.fetch(
            customer,
            name,
            timed,
            model=model,
            ttl=TTL,
            stale_if_error=stale,
            keep_for=STALE_IF_ERROR,
            tags=(TAG,),
            anew=anew,
        )

    async def _load_list(self, customer: Customer, account_id: str) -> tuple[Order, ...]:
        statement = soql(
            "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal}, {o.order_type:literal}, "
            "{o.status:literal}, {o.activation_status:literal}, {o.activation_error_code:literal}, "
            "{o.placed_at:literal}, {o.activation_scheduled_at:literal}, {o.whmcs_order_id:literal}, "
            "(SELECT {p[name]:literal} FROM OrderItems WHERE {p[item_class]:literal} = {} LIMIT 1) "
            "FROM {o.kind:literal} WHERE {o.account_id:literal} = {} "
            "ORDER BY {o.placed_at:literal} DESC, {o.id:literal} DESC LIMIT 200",
            SERVICE,
            account_id,
            o=self._order,
            p=self._of_product("name", "item_class"),
        )
        rows = await self._client.query(statement, operation="ListOrders", caller=Caller(customer.user_id))
        return tuple(
            replace(read_order(row, self._order, account_id, "ListOrders"), plan=read_plan(row, self._product))
            for row in rows
        )

    def _of_product(self, *names: str) -> dict[str, str]:
        """Fields of a line's product, as a query names them."""
        return {name: f"{self._product.kind}.{getattr(self._product, name)}" for name in names}

    async def _load(self, customer: Customer, account_id: str, order_id: str) -> OrderDetail:
        statement = soql(
            "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal}, {o.order_type:literal}, "
            "{o.status:literal}, {o.activation_status:literal}, {o.activation_error_code:literal}, "
            "{o.placed_at:literal}, {o.activation_scheduled_at:literal}, {o.whmcs_order_id:literal}, "
            "{o.address_changed:literal}, {o.street:literal}, {o.city:literal}, {o.state:literal}, "
            "{o.postal_code:literal}, {o.country:literal} "
            "FROM {o.kind:literal} WHERE {o.account_id:literal} = {} AND {o.id:literal} = {}",
            account_id,
            order_id,
            o=self._order,
        )
        rows = await self._client.query(statement, operation="GetOrder", caller=Caller(customer.user_id))
        if not rows:
            raise NotFound("order")
        lines = await self._read_lines(account_id, order_id)
        return OrderDetail(
            read_order(rows[0], self._order, account_id, "GetOrder"),
            tuple(read_line(row, self._item, self._product) for row in lines),
            read_address(rows[0], self._order),
            rows[0].get(self._order.address_changed) is True,
        )

    async def _look(self, customer: Customer, key: str, lines: int) -> PlacedOrder | None:
        """After a lost answer. Raises: UpstreamOutcomeUnknown when looking fails, too."""
        try:
            return await self.find(customer, key, lines=lines)
        except UpstreamRejected:
            raise
        except (UpstreamError, Busy):
            raise UpstreamOutcomeUnknown(SYSTEM, "FindOrder", "read_back") from None

    async def _number(self, customer: Customer, order_id: str) -> str:
        """The number Salesforce gave it, "" when that cannot be read just now: the order is placed all the same."""
        names = self._order
        statement = soql("SELECT {o.number:literal} FROM {o.kind:literal} WHERE {o.id:literal} = {}", order_id, o=names)
        try:
            rows = await self._client.query(statement, operation="GetOrderNumber", caller=_buyer(customer))
        except (UpstreamError, Busy):
            return ""
        number = rows[0].get(names.number) if rows else None
        return number if isinstance(number, str) else ""

    async def _read_lines(self, account_id: str, order_id: str) -> tuple[Row, ...]:
        item, order = self._item, self._order
        names = self._of_product("name", "sku") | {"owner": f"{order.kind}.{order.account_id}"}
        return await self._client.query(
            soql(
                "SELECT {i.id:literal}, {i.quantity:literal}, {i.unit_price:literal}, {i.billing_cycle:literal}, "
                "{n[name]:literal}, {n[sku]:literal} FROM {i.kind:literal} "
                "WHERE {i.order_id:literal} = {} AND {n[owner]:literal} = {} ORDER BY {i.line_key:literal}",
                order_id,
                account_id,
                i=item,
                n=names,
            ),
            operation=LINES,
            caller=Caller(checkout=True),
        )

    def _values(self, account_id: str, draft: OrderDraft, key: str) -> dict[str, Any]:
        own = {"account_id": account_id, "pricebook_id": self._pricebook_id, "idempotency_key": key}
        return {getattr(self._order, ours): value for ours, value in (own | header(draft)).items()}

    def _lines(self, draft: OrderDraft, key: str) -> list[dict[str, Any]]:
        """One for each item. The number in the key sorts as text: there are never a hundred."""
        names = self._item
        return [
            {
                names.price_id: line.item.salesforce_price_id,
                names.quantity: line.quantity,
                names.unit_price: line.item.unit_price,
                names.billing_cycle: CYCLES[line.item.cycle],
                names.line_key: f"{key}:{number:02d}",
            }
            for number, line in enumerate(draft.lines, 1)
        ]


def _buyer(customer: Customer) -> Caller:
    return Caller(customer.user_id, checkout=True)
