"""What a wizard shows of the catalogue: its steps, and what can be chosen in each. Amounts are yen, tax included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal_app import routes
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog, Cycle, Item, ItemClass, single_payment
from portal_app.domain.pricing import STANDARD, schedule
from portal_app.domain.wizard import StepName, offered, reached, steps
from portal_app.format import yen
from portal_app.state.plan_rows import PlanRow

NO_PLAN = PlanRow("", "", "", "", "", "", "", "", "", "", "", use="", family=False, availability="", reason="")


@dataclass(frozen=True)
class StepRow:
    """One step. `href` is "" where it may not be opened yet, and for the one that is shown."""

    name: StepName
    number: str
    state: Literal["done", "now", "open", "ahead"]
    href: str


@dataclass(frozen=True)
class PaymentRow:
    """One way to have the installation done and paid. `amount` is that of one payment; `last` differs from the others.

    The `net` ones are without tax: they are what the instalments are cut from.
    """

    sku: str
    kind: Literal["single", "instalments", "no_visit"]
    amount: str
    months: str = ""
    others: str = ""
    last: str = ""
    net: str = ""
    net_last: str = ""


@dataclass(frozen=True)
class OptionRow:
    """One add-on with the work that comes with it; "" where it costs nothing of that kind. `field` names its box."""

    field: str
    sku: str
    name: str
    monthly: str
    once: str
    chosen: bool


@dataclass(frozen=True)
class RegionRow:
    """One plan of the VPN line."""

    sku: str
    name: str
    region: str
    amount: str
    tax: str


def step_href(line: str, step: str) -> str:
    """The address of a step."""
    return f"{routes.order_wizard(line)}?step={step}"


def step_rows(cart: Cart, catalog: Catalog, shown: StepName, today: date) -> list[StepRow]:
    """The steps in order. Behind the one that is shown they are done, before it they may be open already."""
    names, may = steps(cart, catalog), reached(cart, catalog, today)
    here = names.index(shown)
    rows = []
    for place, name in enumerate(names):
        state: Literal["done", "now", "open", "ahead"] = (
            "now" if place == here else "ahead" if name not in may else "done" if place < here else "open"
        )
        href = step_href(cart.line, name) if state in ("done", "open") else ""
        rows.append(StepRow(name, str(place + 1), state, href))
    return rows


def payment_rows(cart: Cart, catalog: Catalog, locale: str) -> list[PaymentRow]:
    """Everything an installation can be: paid at once, spread, or without a visit."""
    sold = catalog.of(cart.line, ItemClass.INSTALLATION)
    return [_payment(item, sold, locale) for item in sold]


def _payment(item: Item, sold: Iterable[Item], locale: str) -> PaymentRow:
    if not item.months:
        return PaymentRow(item.sku, "single" if item.needs_visit else "no_visit", _gross(item, locale))
    single = single_payment(item, sold)
    spread = schedule(item.unit_price, item.months, single.unit_price if single else None)
    uneven = spread.last != spread.regular
    return PaymentRow(
        sku=item.sku,
        kind="instalments",
        amount=_gross(item, locale),
        months=str(spread.months),
        others=str(spread.months - 1),
        last=yen(STANDARD.amount(spread.last).gross, locale) if uneven else "",
        net=yen(spread.regular, locale) if uneven else "",
        net_last=yen(spread.last, locale) if uneven else "",
    )


def option_rows(cart: Cart, catalog: Catalog, locale: str) -> list[OptionRow]:
    """What may be added to the plan."""
    return [_option(item, work, cart, locale) for item, work in offered(cart, catalog)]


def _option(item: Item, work: Item | None, cart: Cart, locale: str) -> OptionRow:
    parts = [item, work] if work else [item]
    paid = {part.cycle: _gross(part, locale) for part in parts}
    return OptionRow(
        field=f"option:{item.sku}",
        sku=item.sku,
        name=item.name,
        monthly=paid.get(Cycle.MONTHLY, ""),
        once=paid.get(Cycle.ONETIME, ""),
        chosen=item.sku in cart.add_ons,
    )


def region_rows(cart: Cart, catalog: Catalog, locale: str) -> list[RegionRow]:
    """The plans of a line with a region each: those of the catalogue, and the one in the cart."""
    sold = [plan for plan in catalog.of(cart.line, ItemClass.SERVICE) if plan.region]
    return [_region(plan, locale) for plan in sold if plan.listed or plan.sku == cart.plan]


def _region(plan: Item, locale: str) -> RegionRow:
    tax = STANDARD.amount(plan.unit_price).tax
    return RegionRow(plan.sku, plan.name, plan.region, _gross(plan, locale), yen(tax, locale))


def weekend_fee(catalog: Catalog, locale: str) -> str:
    """What a weekend costs; "" where none is sold."""
    fee = next((item for item in catalog.items if item.is_weekend_fee and item.orderable), None)
    return _gross(fee, locale) if fee else ""


def _gross(item: Item, locale: str) -> str:
    return yen(STANDARD.amount(item.unit_price).gross, locale)
