"""What an order comes to, as pages show it: lines with tax, sums, and the schedule of what is paid in instalments."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from portal_app.domain.cart import CartLine
from portal_app.domain.catalog import Catalog, Cycle, Item, ItemClass, single_payment
from portal_app.domain.orders import OrderedItem
from portal_app.domain.pricing import STANDARD, Charge, Totals, schedule, totals
from portal_app.format import yen

Paid = Literal["once", "monthly", "instalments", "unknown"]
ZERO_YEN = Decimal(0)


@dataclass(frozen=True)
class ItemRow:
    """One line of an order with tax in it. `months`: of the instalments."""

    sku: str
    name: str
    amount: str
    paid: Paid
    months: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class PriceBox:
    """The sums of an order, tax in them. "" where there is nothing to say; all are "" while nothing is known."""

    nothing: str = ""  # what is due today
    once: str = ""
    first_bill: str = ""
    first_bill_tax: str = ""
    monthly: str = ""
    monthly_tax: str = ""
    later: str = ""  # each month once the instalments have ended
    later_tax: str = ""
    months: str = ""  # of the instalments; all but the last are `instalment`
    others: str = ""
    instalment: str = ""
    last_instalment: str = ""


def cart_rows(lines: Iterable[CartLine], locale: str) -> list[ItemRow]:
    """The lines of a cart in a language."""
    return [_row(line.item, line.quantity, line.item.months, locale, automatic=line.automatic) for line in lines]


def cart_box(lines: Iterable[CartLine], sums: Totals, catalog: Catalog | None, locale: str) -> PriceBox:
    """The sums of a cart. Without the catalogue all instalments are shown as equal."""
    ending = next((line.item for line in lines if line.item.months), None)
    if ending is None:
        return _box(sums, locale)
    return _box(sums, locale, ending.unit_price, ending.months, _single(ending, catalog))


def ordered_rows(items: Iterable[OrderedItem], locale: str) -> list[ItemRow]:
    """The lines of an order in a language."""
    return [_row(item, item.quantity, item.ends_after, locale) for item in items]


def ordered_box(items: tuple[OrderedItem, ...], catalog: Catalog | None, locale: str) -> PriceBox:
    """The sums of an order; empty where a line cannot be added up, for a wrong sum is worse than none."""
    try:
        sums = totals(_charge(item) for item in items)
    except ValueError:
        return PriceBox()
    ending = next((item for item in items if item.ends_after), None)
    known = catalog.find(ending.sku) if catalog and ending else None
    if ending is None:
        return _box(sums, locale)
    return _box(sums, locale, ending.unit_price, ending.ends_after, _single(known, catalog))


def _charge(item: OrderedItem) -> Charge:
    if item.cycle is None:
        raise ValueError("nobody knows how this is paid")
    return Charge(item.unit_price, item.cycle is Cycle.MONTHLY, item.quantity, item.ends_after)


def _row(
    item: Item | OrderedItem, quantity: int, months: int | None, locale: str, *, automatic: bool = False
) -> ItemRow:
    name = item.name if quantity == 1 else f"{item.name} × {quantity}"
    paid: Paid = "unknown" if item.cycle is None else "once" if item.cycle is Cycle.ONETIME else "monthly"
    return ItemRow(
        sku=item.sku,
        name=name,
        amount=_with_tax(item.unit_price * quantity, locale),
        paid="instalments" if months else paid,
        months=str(months or ""),
        automatic=automatic,
    )


def _with_tax(listed: Decimal, locale: str) -> str:
    try:
        return yen(STANDARD.amount(listed).gross, locale)
    except ValueError:
        return ""


def _single(item: Item | None, catalog: Catalog | None) -> Decimal | None:
    if item is None or catalog is None:
        return None
    found = single_payment(item, catalog.of(item.line, ItemClass.INSTALLATION))
    return found.unit_price if found else None


def _box(
    sums: Totals, locale: str, monthly: Decimal = ZERO_YEN, months: int | None = None, single: Decimal | None = None
) -> PriceBox:
    spread = schedule(monthly, months, single) if months else None
    ends = sums.later != sums.monthly
    return PriceBox(
        nothing=yen(ZERO_YEN, locale),
        once=yen(sums.once.gross, locale) if sums.once.net else "",
        first_bill=yen(sums.first_bill.gross, locale),
        first_bill_tax=yen(sums.first_bill.tax, locale),
        monthly=yen(sums.monthly.gross, locale) if sums.monthly.net else "",
        monthly_tax=yen(sums.monthly.tax, locale) if sums.monthly.net else "",
        later=yen(sums.later.gross, locale) if ends else "",
        later_tax=yen(sums.later.tax, locale) if ends else "",
        months=str(spread.months) if spread else "",
        others=str(spread.months - 1) if spread else "",
        instalment=_with_tax(spread.regular, locale) if spread else "",
        last_instalment=_with_tax(spread.last, locale) if spread and spread.last != spread.regular else "",
    )
