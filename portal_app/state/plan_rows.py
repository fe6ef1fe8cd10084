"""Plans as a page shows them. Numbers are written the same in both languages; the words around them are the page's."""

from dataclasses import dataclass
from typing import Literal

from portal_app.domain.catalog import Catalog, Cycle, Item, ItemClass, ProductLine
from portal_app.domain.eligibility import OPEN, Eligibility, EligibilityState
from portal_app.domain.offering import read_offering, refusal
from portal_app.domain.pricing import STANDARD
from portal_app.format import count

Availability = Literal["", "check", "checking", "here", "available", "unavailable", "not_sold", "unknown"]
Reason = Literal["", "dwelling", "speed", "no_service"]
Use = Literal["", "home", "apartment", "data", "data_voice", "voice"]
USES: dict[str, Use] = {"dataonly": "data", "datasmsvoice": "data_voice", "voiceonly": "voice"}


NEVER_ASKED = Eligibility()


@dataclass(frozen=True)
class Standing:
    """What decides about one customer's plans. A visitor is one who never asked.

    `known` False: the check is being read, or cannot be. `family`: plans for families are shown.
    """

    check: Eligibility | None = NEVER_ASKED
    known: bool = True
    reading: bool = False
    family: bool = False


@dataclass(frozen=True)
class PlanRow:
    """One plan. Amounts are yen with tax, without a sign; "" where there is none."""

    sku: str
    name: str
    price: str
    tax: str
    setup: str
    setup_tax: str
    spread: str
    spread_months: str
    fact_1: str
    fact_2: str
    fact_3: str
    use: Use
    family: bool
    availability: Availability
    reason: Reason

    @classmethod
    def of(cls, plan: Item, catalog: Catalog, standing: Standing) -> "PlanRow":
        """A row for a customer, or for a visitor."""
        price, setup, spread = STANDARD.amount(plan.unit_price), _setup(plan, catalog), _spread(plan, catalog)
        once = STANDARD.amount(setup.unit_price) if setup else None
        facts = (*plan.facts, "", "", "")
        availability, reason = _availability(plan, standing)
        return cls(
            sku=plan.sku,
            name=plan.name,
            price=_yen(price.gross),
            tax=_yen(price.tax),
            setup=_yen(once.gross) if once else "",
            setup_tax=_yen(once.tax) if once else "",
            spread=_yen(STANDARD.amount(spread.unit_price).gross) if spread else "",
            spread_months=str(spread.months) if spread else "",
            fact_1=facts[0],
            fact_2=facts[1],
            fact_3=facts[2],
            use=_use(plan),
            family=plan.family_discount,
            availability=availability,
            reason=reason,
        )


def plan_rows(catalog: Catalog, line: ProductLine, standing: Standing) -> list[PlanRow]:
    """The plans of a line a customer may see, in the catalogue's order; those that cannot be had come last."""
    rows = [PlanRow.of(plan, catalog, standing) for plan in catalog.plans(line, family=standing.family)]
    return sorted(rows, key=lambda row: row.availability in {"unavailable", "not_sold"})


def cheapest(catalog: Catalog, line: ProductLine) -> str:
    """The lowest price of a plan that anybody may order, with tax; "" when there is none."""
    prices = [plan.unit_price for plan in catalog.plans(line) if plan.orderable]
    return _yen(STANDARD.amount(min(prices)).gross) if prices else ""


def _yen(amount: object) -> str:
    return count(int(str(amount)), "en")


def _setup(plan: Item, catalog: Catalog) -> Item | None:
    """What is paid once: the fee of the plan, or for internet the installation that is chosen unless told otherwise."""
    fee = catalog.activation_fee(plan)
    if fee is not None or plan.line is not ProductLine.INTERNET:
        return fee
    once = [i for i in catalog.of(plan.line, ItemClass.INSTALLATION) if i.cycle is Cycle.ONETIME and i.needs_visit]
    return min(once, key=lambda item: (not item.is_default, item.position), default=None)


def _spread(plan: Item, catalog: Catalog) -> Item | None:
    """The installation in the smallest instalments."""
    if plan.line is not ProductLine.INTERNET:
        return None
    monthly = [item for item in catalog.of(plan.line, ItemClass.INSTALLATION) if item.months]
    return max(monthly, key=lambda item: item.months or 0, default=None)


def _use(plan: Item) -> Use:
    if plan.line is ProductLine.SIM:
        return USES.get(plan.sim_use.casefold(), "")
    offering = read_offering(plan.offering)
    return offering.dwelling if offering else ""


def _availability(plan: Item, standing: Standing) -> tuple[Availability, Reason]:
    if not plan.orderable:
        return "not_sold", ""
    if plan.line is not ProductLine.INTERNET:
        return "available", ""
    if standing.reading:
        return "", ""
    if standing.check is None or not standing.known:
        return "unknown", ""
    return _at_the_address(plan, standing.check)


def _at_the_address(plan: Item, check: Eligibility) -> tuple[Availability, Reason]:
    if check.state in OPEN:
        return "checking", ""
    if check.state is EligibilityState.INELIGIBLE:
        return "unavailable", "no_service"
    if check.state is not EligibilityState.ELIGIBLE:
        return "check", ""
    why = refusal(plan.offering, check.offering)
    if why == "unknown":
        return "unknown", ""
    return ("unavailable", why) if why else ("here", "")
