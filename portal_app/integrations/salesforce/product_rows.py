"""A row of the portal's price book, as an item of the catalogue or as what is wrong with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.catalog import Cycle, Item, ItemClass, Problem, ProductLine
from portal_app.domain.pricing import whole_yen
from portal_app.errors import UpstreamReplyChanged
from portal_app.integrations.salesforce.fields import PriceFields, ProductFields
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.usage import SYSTEM

OPERATION: Final = "GetCatalog"
MOST_FACTS: Final = 3
LONGEST_FACT: Final = 200
LONGEST_SKU: Final = 180
LAST: Final = 1_000_000
LARGEST_WHMCS_ID: Final = 2**31 - 1
DEAREST: Final = Decimal(10_000_000)
"""Yen. What costs more than that was typed wrong."""

LINES: Final = {
    "Internet": ProductLine.INTERNET,
    "SIM": ProductLine.SIM,
    "VPN": ProductLine.VPN,
    "Other": ProductLine.OTHER,
}
CLASSES: Final = {
    "Service": ItemClass.SERVICE,
    "Installation": ItemClass.INSTALLATION,
    "Add-on": ItemClass.ADD_ON,
    "Activation": ItemClass.ACTIVATION,
}
CYCLES: Final = {"Monthly": Cycle.MONTHLY, "Onetime": Cycle.ONETIME}
# Of ProductFields, in the order they are asked for.
COLUMNS: Final = (
    "name",
    "description",
    "sku",
    "category",
    "in_catalog",
    "may_be_ordered",
    "item_class",
    "billing_cycle",
    "catalog_order",
    "is_default",
    "auto_add",
    "bundled_addon",
    "is_bundled_addon",
    "internet_tier",
    "internet_offering",
    "sim_data_size",
    "sim_plan_type",
    "sim_family_discount",
    "vpn_region",
    "whmcs_product_id",
)


def read_item(row: Mapping[str, Any], price: PriceFields, product: ProductFields) -> Item | Problem:
    """The item, or the first of our field names that cannot be read. Raises: UpstreamReplyChanged for another shape."""
    inside = row.get(product.kind)
    entry_id, product_id = as_18(row.get(price.id)), as_18(row.get(price.product_id))
    if not isinstance(inside, Mapping) or entry_id is None or product_id is None:
        raise UpstreamReplyChanged(SYSTEM, OPERATION, "row")
    values = {ours: inside.get(getattr(product, ours)) for ours in COLUMNS}
    sku = _text(values["sku"])
    try:
        return _item(values, sku, entry_id, product_id, row.get(price.unit_price))
    except _Unknown as unknown:
        return Problem(sku or product_id, "unreadable", str(unknown))


class _Unknown(ValueError):
    """`str` is our name of the field."""


def _item(values: Mapping[str, Any], sku: str, entry_id: str, product_id: str, unit_price: Any) -> Item:
    if not 0 < len(sku) <= LONGEST_SKU:
        raise _Unknown("sku")
    if not _text(values["name"]):
        raise _Unknown("name")
    return Item(
        salesforce_product_id=product_id,
        salesforce_price_id=entry_id,
        sku=sku,
        name=_text(values["name"]),
        line=_one_of(LINES, values, "category"),
        item_class=_one_of(CLASSES, values, "item_class"),
        cycle=_one_of(CYCLES, values, "billing_cycle"),
        unit_price=_price(unit_price),
        whmcs_product_id=_whmcs_id(values["whmcs_product_id"]),
        position=_position(values["catalog_order"]),
        listed=values["in_catalog"] is True,
        orderable=values["may_be_ordered"] is True,
        facts=_facts(values["description"]),
        is_default=values["is_default"] is True,
        auto_add=values["auto_add"] is True,
        is_paired=values["is_bundled_addon"] is True,
        partner_id=as_18(values["bundled_addon"]) or "",
        tier=_text(values["internet_tier"]),
        offering=_text(values["internet_offering"]),
        data_size=_text(values["sim_data_size"]),
        sim_use=_text(values["sim_plan_type"]),
        family_discount=values["sim_family_discount"] is True,
        region=_text(values["vpn_region"]),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _one_of(known: Mapping[str, Any], values: Mapping[str, Any], name: str) -> Any:
    found = known.get(_text(values[name]))
    if found is None:
        raise _Unknown(name)
    return found


def _number(value: Any) -> Decimal | None:
    """Whole JSON numbers come as int, all others as Decimal."""
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _price(value: Any) -> Decimal:
    number = _number(value)
    try:
        yen = whole_yen(number) if number is not None else None
    except ValueError:
        yen = None
    if yen is None or not 0 <= yen <= DEAREST:
        raise _Unknown("unit_price")
    return yen


def _whmcs_id(value: Any) -> int | None:
    if value is None:
        return None
    number = _number(value)
    if number is None or number != number.to_integral_value() or not 0 < number <= LARGEST_WHMCS_ID:
        raise _Unknown("whmcs_product_id")
    return int(number)


def _position(value: Any) -> int:
    number = _number(value)
    return LAST if number is None or abs(number) > LAST else int(number)


def _facts(value: Any) -> tuple[str, ...]:
    lines = (line.strip()[:LONGEST_FACT] for line in _text(value).splitlines())
    return tuple(line for line in lines if line)[:MOST_FACTS]
