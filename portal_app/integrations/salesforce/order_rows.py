"""Rows of orders and their lines, as the portal speaks of them."""

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.catalog import Cycle, ProductLine
from portal_app.domain.orders import AddressSnapshot, Order, OrderedItem, PlacedOrder
from portal_app.errors import NotFound, UpstreamReplyChanged
from portal_app.integrations.salesforce.fields import OrderFields, OrderItemFields, ProductFields
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.order_header import JAPAN, TYPES
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

SERVICE: Final = "Service"
"""The class of the item an order is about."""
LINES: Final = "ListOrderLines"
CYCLES: Final = {Cycle.MONTHLY: "Monthly", Cycle.ONETIME: "Onetime"}
_BY_TYPE: Final = {word: line for line, word in TYPES.items()}
log = logging.getLogger(__name__)


def read_placed(row: Row, names: OrderFields, account_id: str, operation: str) -> PlacedOrder:
    """An order that was there already. Raises: NotFound for another account's, UpstreamReplyChanged."""
    _own(row, names, account_id, operation)
    return PlacedOrder(_id(row, names, operation), _text(row.get(names.number)), created=False)


def read_order(row: Row, names: OrderFields, account_id: str, operation: str) -> Order:
    """One order of that account. Raises: NotFound for another account's, UpstreamReplyChanged."""
    _own(row, names, account_id, operation)
    return Order(
        salesforce_order_id=_id(row, names, operation),
        number=_text(row.get(names.number)),
        line=_BY_TYPE.get(_text(row.get(names.order_type)), ProductLine.OTHER),
        status=_text(row.get(names.status)),
        activation=_text(row.get(names.activation_status)),
        error_code=_text(row.get(names.activation_error_code)),
        placed_at=_moment(row.get(names.placed_at), operation),
        starts_on=_day(row.get(names.activation_scheduled_at), operation),
        whmcs_order_id=_text(row.get(names.whmcs_order_id)),
    )


def read_plan(row: Row, product: ProductFields) -> str:
    """The name of the order's service, which the query brought along; "" where it has none."""
    inside = row.get("OrderItems")
    lines = inside.get("records") if isinstance(inside, Mapping) else None
    first = lines[0] if isinstance(lines, list) and lines and isinstance(lines[0], Mapping) else {}
    item = first.get(product.kind)
    return _text(item.get(product.name)) if isinstance(item, Mapping) else ""


def read_address(row: Row, names: OrderFields) -> AddressSnapshot:
    """The address as it was when the order was placed; missing parts are empty."""
    return AddressSnapshot(
        street=_text(row.get(names.street)),
        city=_text(row.get(names.city)),
        state=_text(row.get(names.state)),
        postal_code=_text(row.get(names.postal_code)),
        country=_text(row.get(names.country)),
    )


def read_line(row: Row, names: OrderItemFields, product: ProductFields) -> OrderedItem:
    """One line with the name of its product. Raises: UpstreamReplyChanged."""
    inside, cycle = row.get(product.kind), _text(row.get(names.billing_cycle))
    if not isinstance(inside, Mapping):
        raise UpstreamReplyChanged(SYSTEM, LINES, "row")
    return OrderedItem(
        name=_text(inside.get(product.name)),
        sku=_text(inside.get(product.sku)),
        quantity=int(_number(row.get(names.quantity))),
        unit_price=_number(row.get(names.unit_price)),
        cycle=next((ours for ours, theirs in CYCLES.items() if theirs == cycle), None),
    )


def _own(row: Row, names: OrderFields, account_id: str, operation: str) -> None:
    """O2: the answer names its owner, too."""
    if as_18(row.get(names.account_id)) != account_id:
        log.error("an answer about another account", extra={"system": SYSTEM, "operation": operation})
        raise NotFound("order")


def _id(row: Row, names: OrderFields, operation: str) -> str:
    found = as_18(row.get(names.id))
    if found is None:
        raise UpstreamReplyChanged(SYSTEM, operation, "id")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise UpstreamReplyChanged(SYSTEM, LINES, "number")
    number = Decimal(value)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _moment(value: Any, operation: str) -> datetime:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError):
        raise UpstreamReplyChanged(SYSTEM, operation, "time") from None


def _day(value: Any, operation: str) -> date | None:
    return None if value is None else _moment(value, operation).astimezone(JAPAN).date()
