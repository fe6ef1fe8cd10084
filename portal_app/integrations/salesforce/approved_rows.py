"""Rows of an approved order, as the fulfilment reads them: header, lines, and what a SIM order wishes for."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.fulfilment import ApprovedLine, ApprovedOrder, SimWishes
from portal_app.domain.sim import PortIn
from portal_app.errors import UpstreamReplyChanged
from portal_app.integrations.salesforce.fields import OrderFields, OrderItemFields, ProductFields
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.order_header import FORMS, GENDERS, JAPAN, SCHEDULED, TYPES
from portal_app.integrations.salesforce.order_rows import CYCLES
from portal_app.integrations.salesforce.product_rows import CLASSES, LARGEST_WHMCS_ID
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

GET: Final = "GetApprovedOrder"
PRODUCT: Final = ("name", "sku", "item_class", "billing_cycle", "whmcs_product_id", "sim_plan_type")
"""Of ProductFields: what is asked of a line's product."""
_NUMBERED: Final = re.compile(r".*:([0-9]{1,4})", re.ASCII | re.DOTALL)
_LINES: Final = {word: line for line, word in TYPES.items()}
_CYCLES: Final = {word: cycle for cycle, word in CYCLES.items()}
_FORMS: Final = {word: form for form, word in FORMS.items()}
_GENDERS: Final = {word: gender for gender, word in GENDERS.items()}


def read_order(row: Row, order: OrderFields, item: OrderItemFields, product: ProductFields) -> ApprovedOrder:
    """An order with the lines the query brought along. Raises: UpstreamReplyChanged."""
    scheduled = _text(row.get(order.activation_type)) == SCHEDULED
    return ApprovedOrder(
        salesforce_order_id=id_of(row.get(order.id), GET),
        number=_text(row.get(order.number)),
        salesforce_account_id=as_18(row.get(order.account_id)) or "",
        line=_LINES.get(_text(row.get(order.order_type))),
        status=_text(row.get(order.status)),
        activation=_text(row.get(order.activation_status)),
        error_code=_text(row.get(order.activation_error_code)),
        from_portal=bool(row.get(order.idempotency_key)),
        salesforce_opportunity_id=as_18(row.get(order.opportunity_id)) or "",
        is_scheduled=scheduled,
        starts_on=_day_in_japan(row.get(order.activation_scheduled_at)) if scheduled else None,
        whmcs_order_id=shown_id(row.get(order.whmcs_order_id)),
        lines=_read_lines(row, item, product),
        sim=_wishes(row, order),
    )


def shown_id(value: Any) -> str:
    """A WHMCS id as text, whether the organisation keeps it as a number or as a text; "" where there is none."""
    number = _whole(value)
    return _text(value) if number is None else str(number)


def id_of(value: Any, operation: str) -> str:
    """The 18-character id. Raises: UpstreamReplyChanged."""
    found = as_18(value)
    if found is None:
        raise UpstreamReplyChanged(SYSTEM, operation, "id")
    return found


def moment(value: Any, operation: str) -> datetime:
    """UTC. Raises: UpstreamReplyChanged."""
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError):
        raise UpstreamReplyChanged(SYSTEM, operation, "time") from None


def lines_of(row: Row, operation: str) -> Sequence[Mapping[str, Any]]:
    """The rows of the lines a query brought along. Raises: UpstreamReplyChanged, also when some are missing."""
    inside = row.get("OrderItems")
    if inside is None:
        return ()
    lines = inside.get("records") if isinstance(inside, Mapping) else None
    whole = isinstance(inside, Mapping) and inside.get("done", True) is True
    if not whole or not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise UpstreamReplyChanged(SYSTEM, operation, "lines")
    return lines


def _read_lines(row: Row, item: OrderItemFields, product: ProductFields) -> tuple[ApprovedLine, ...]:
    by_id = {id_of(line.get(item.id), GET): line for line in lines_of(row, GET)}
    numbers = _numbers({one: _text(line.get(item.line_key)) for one, line in by_id.items()})
    read = [_read_line(numbers[one], one, line, item, product) for one, line in by_id.items()]
    return tuple(sorted(read, key=lambda line: line.number))


def _numbers(keys: Mapping[str, str]) -> dict[str, int]:
    """Line id -> its number: that of its key, and after those in order of id, so that it is the same at every read.

    Staff's own lines have no key. Lines of an approved order are neither added nor taken away.
    """
    found: dict[str, int] = {}
    for one in sorted(keys, key=lambda one: (keys[one], one)):
        suffix = _NUMBERED.fullmatch(keys[one])
        if suffix and int(suffix[1]) and int(suffix[1]) not in found.values():
            found[one] = int(suffix[1])
    free = max(found.values(), default=0) + 1
    without = (one for one in sorted(keys) if one not in found)
    return found | {one: number for number, one in enumerate(without, free)}


def _read_line(
    number: int, item_id: str, row: Mapping[str, Any], item: OrderItemFields, product: ProductFields
) -> ApprovedLine:
    inside = row.get(product.kind)
    of = inside if isinstance(inside, Mapping) else {}
    return ApprovedLine(
        number=number,
        salesforce_item_id=item_id,
        name=_text(of.get(product.name)),
        sku=_text(of.get(product.sku)),
        item_class=CLASSES.get(_text(of.get(product.item_class))),
        quantity=_amount(row.get(item.quantity)),
        unit_price=_amount(row.get(item.unit_price)),
        cycle=_CYCLES.get(_text(row.get(item.billing_cycle)) or _text(of.get(product.billing_cycle))),
        whmcs_product_id=_product_id(of.get(product.whmcs_product_id)),
        whmcs_service_id=shown_id(row.get(item.whmcs_service_id)),
        sim_use=_text(of.get(product.sim_plan_type)),
    )


def _wishes(row: Row, names: OrderFields) -> SimWishes:
    return SimWishes(
        form=_FORMS.get(_text(row.get(names.sim_type)), ""),
        eid=_text(row.get(names.eid)),
        product_number=_text(row.get(names.sim_product_number)),
        phone_number=_text(row.get(names.sim_phone_number)),
        voice_mail=row.get(names.sim_voice_mail) is True,
        call_waiting=row.get(names.sim_call_waiting) is True,
        port_in=_port_in(row, names) if row.get(names.mnp_application) is True else None,
    )


def _port_in(row: Row, names: OrderFields) -> PortIn:
    return PortIn(
        reservation_number=_text(row.get(names.mnp_reservation_number)),
        expires_on=_day(row.get(names.mnp_expires_on)),
        phone_number=_text(row.get(names.mnp_phone_number)),
        last_name=_text(row.get(names.porting_last_name)),
        first_name=_text(row.get(names.porting_first_name)),
        last_name_kana=_text(row.get(names.porting_last_name_katakana)),
        first_name_kana=_text(row.get(names.porting_first_name_katakana)),
        gender=_GENDERS.get(_text(row.get(names.porting_gender)), ""),
        birth_date=_day(row.get(names.porting_birth_date)),
        account_number=_text(row.get(names.mvno_account_number)),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    """A positive whole number that WHMCS could have given out."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    fits = number.is_finite() and 0 < number <= LARGEST_WHMCS_ID and number == number.to_integral_value()
    return int(number) if fits else None


def _product_id(value: Any) -> int | None:
    """Also where an organisation keeps it as a text."""
    text = _text(value)
    return _whole(int(text)) if text.isascii() and text.isdecimal() and len(text) <= 10 else _whole(value)


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise UpstreamReplyChanged(SYSTEM, GET, "number")
    number = Decimal(value)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _day(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UpstreamReplyChanged(SYSTEM, GET, "date") from None


def _day_in_japan(value: Any) -> date | None:
    return None if value is None else moment(value, GET).astimezone(JAPAN).date()
