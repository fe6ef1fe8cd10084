"""What is sold: items of the portal's price book, how they belong together, and which of them cannot be sold.

Prices are whole yen, net of consumption tax; `pricing` makes them tax-inclusive.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal


class ProductLine(StrEnum):
    """What an order is about; one order, one line."""

    INTERNET = "internet"
    SIM = "sim"
    VPN = "vpn"
    OTHER = "other"


class ItemClass(StrEnum):
    """The part an item plays in an order. An add-on's own installation is an ADD_ON too."""

    SERVICE = "service"
    INSTALLATION = "installation"
    ADD_ON = "add_on"
    ACTIVATION = "activation"


class Cycle(StrEnum):
    """How an item is billed."""

    MONTHLY = "monthly"
    ONETIME = "onetime"


ProblemCode = Literal[
    "unreadable",  # a value is missing or is none we know; `detail` names our field
    "no_whmcs_product",
    "no_term",  # a monthly installation that does not say when it ends
    "sku_twice",
    "pair_flag",  # half of the pair's two marks is set
    "pair_gone",  # its other half is not for sale
    "pair_one_sided",  # its other half does not point back
    "pair_lines",
    "pair_cycles",  # not one monthly and one one-time item
    "instalments_differ",  # the instalments do not come to the single payment; the item is sold all the same
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one item, for the operator. `detail` is a field or another item's SKU."""

    sku: str
    code: ProblemCode
    detail: str = ""

    @property
    def hides(self) -> bool:
        """Whether the item is kept from customers for it."""
        return self.code != "instalments_differ"


@dataclass(frozen=True, slots=True)
class Item:
    """One product with its price. Empty texts where a field does not apply."""

    salesforce_product_id: str
    salesforce_price_id: str
    sku: str
    name: str
    line: ProductLine
    item_class: ItemClass
    cycle: Cycle
    unit_price: Decimal  # net yen, once or a month
    whmcs_product_id: int | None
    position: int  # smaller first
    listed: bool  # shown in the catalogue
    orderable: bool  # may be ordered, listed or not
    facts: tuple[str, ...] = ()
    is_default: bool = False
    auto_add: bool = False
    is_paired: bool = False
    partner_id: str = ""  # Salesforce product id of the pair's other half
    tier: str = ""
    offering: str = ""
    data_size: str = ""
    sim_use: str = ""
    family_discount: bool = False
    region: str = ""

    @property
    def months(self) -> int | None:
        """How many months a monthly installation is billed; None for everything else, and where none is said."""
        if self.item_class is not ItemClass.INSTALLATION or self.cycle is not Cycle.MONTHLY:
            return None
        return term_of(self.sku, self.name)

    @property
    def needs_visit(self) -> bool:
        """Whether a technician comes: every installation but those marked otherwise."""
        return self.item_class is ItemClass.INSTALLATION and _NO_VISIT not in self.sku.upper()

    @property
    def is_weekend_fee(self) -> bool:
        """The surcharge for an installation on a Saturday, Sunday or holiday."""
        return self.line is ProductLine.INTERNET and self.sku.upper().endswith(_WEEKEND)

    @property
    def needs_voice(self) -> bool:
        """Whether this add-on makes sense only with a plan that may be called on."""
        return self.line is ProductLine.SIM and any(mark in self.sku.upper() for mark in _FOR_CALLS)

    @property
    def has_voice(self) -> bool:
        """Whether a SIM plan may be called on, and so may take a number along."""
        return self.line is ProductLine.SIM and "voice" in self.sim_use.casefold()


# Product2 has no field for these facts; an installation names its products so.
_TERM: Final = re.compile(r"(?:^|-)(12|24)M(?:-|$)|\b(12|24)\s*(?:months|回|か月|ヶ月)")
_NO_VISIT: Final = "NO-VISIT"
INSTALLED: Final = "-INSTALL"
_WEEKEND: Final = "-WEEKEND"
_FOR_CALLS: Final = ("-VOICE-MAIL", "-CALL-", "-CALLS")


def term_of(sku: str, name: str = "") -> int | None:
    """The number of months an installation's SKU, or its name, says it is billed; None where neither says."""
    found = _TERM.search(sku) or _TERM.search(name)
    return int(found[1] or found[2]) if found else None


@dataclass(frozen=True, slots=True)
class Catalog:
    """The items that may be sold, in display order, and what is wrong with the others."""

    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, sku: str) -> Item | None:
        """The item with exactly that SKU."""
        return next((item for item in self.items if item.sku == sku), None)

    def partner(self, item: Item) -> Item | None:
        """The other half of a pair; None for what stands alone."""
        if not item.is_paired:
            return None
        return next((one for one in self.items if one.salesforce_product_id == item.partner_id), None)

    def of(self, line: ProductLine, item_class: ItemClass) -> tuple[Item, ...]:
        """Everything of that kind that may be ordered, listed or not."""
        return tuple(i for i in self.items if i.line is line and i.item_class is item_class and i.orderable)

    def plans(self, line: ProductLine, *, family: bool = False) -> tuple[Item, ...]:
        """The plans a page lists, also those that cannot be ordered yet. `family`: with those for families."""
        return tuple(
            item
            for item in self.items
            if item.line is line
            and item.item_class is ItemClass.SERVICE
            and item.listed
            and (family or not item.family_discount)
        )

    def add_ons(self, line: ProductLine) -> tuple[tuple[Item, Item | None], ...]:
        """What may be added, one entry for a choice: the monthly item with the one-time item that goes with it.

        The weekend fee is no choice of its own: it comes with the day of the installation.
        """
        found = []
        for item in self.of(line, ItemClass.ADD_ON):
            partner = self.partner(item)
            if item.is_weekend_fee:
                continue
            if partner is None or item.cycle is Cycle.MONTHLY:
                found.append((item, partner))
        return tuple(found)

    def activation_fee(self, plan: Item) -> Item | None:
        """The fee that is added by itself when there is none: the plan's own, else the line's, the default first."""
        partner = self.partner(plan)
        if partner is not None and partner.item_class is ItemClass.ACTIVATION:
            return partner
        fees = [fee for fee in self.of(plan.line, ItemClass.ACTIVATION) if fee.auto_add and not fee.is_paired]
        return min(fees, key=lambda fee: (not fee.is_default, fee.position, fee.sku), default=None)


def checked(items: Iterable[Item], problems: Iterable[Problem] = ()) -> Catalog:
    """Only what can be sold as it is meant: a broken item takes the other half of its pair with it.

    `problems` are those known already.
    """
    found, sound = list(problems), list(items)
    for check in (_twice, _unmapped, _endless, _broken_pairs):  # pairs last: a half that is hidden breaks the other
        new = check(sound)
        found += new
        sound = _without(sound, new)
    found += _unequal_instalments(sound)
    sound.sort(key=lambda item: (item.position, item.sku))
    return Catalog(tuple(sound), tuple(sorted(found, key=lambda problem: (problem.sku, problem.code))))


def _without(items: list[Item], problems: list[Problem]) -> list[Item]:
    hidden = {problem.sku for problem in problems}
    return [item for item in items if item.sku not in hidden]


def _twice(items: list[Item]) -> list[Problem]:
    counts = Counter(item.sku for item in items)
    return [Problem(sku, "sku_twice") for sku, count in counts.items() if count > 1]


def _unmapped(items: list[Item]) -> list[Problem]:
    return [Problem(item.sku, "no_whmcs_product") for item in items if item.whmcs_product_id is None]


def _endless(items: list[Item]) -> list[Problem]:
    monthly = [i for i in items if i.item_class is ItemClass.INSTALLATION and i.cycle is Cycle.MONTHLY]
    return [Problem(item.sku, "no_term") for item in monthly if item.months is None]


def _broken_pairs(items: list[Item]) -> list[Problem]:
    by_id = {item.salesforce_product_id: item for item in items}
    return [problem for item in items if (problem := _pair_problem(item, by_id))]


def _pair_problem(item: Item, by_id: dict[str, Item]) -> Problem | None:
    if not item.is_paired and not item.partner_id:
        return None
    if not item.is_paired or not item.partner_id:
        return Problem(item.sku, "pair_flag")
    other = by_id.get(item.partner_id)
    if other is None or other is item:
        return Problem(item.sku, "pair_gone")
    if not other.is_paired or other.partner_id != item.salesforce_product_id:
        return Problem(item.sku, "pair_one_sided", other.sku)
    if other.line is not item.line:
        return Problem(item.sku, "pair_lines", other.sku)
    if other.cycle is item.cycle:
        return Problem(item.sku, "pair_cycles", other.sku)
    return None


def _unequal_instalments(items: list[Item]) -> list[Problem]:
    """A single payment and its instalments are the same money: each month its share, rounded down."""
    installations = [item for item in items if item.item_class is ItemClass.INSTALLATION]
    problems = []
    for item in installations:
        single = single_payment(item, installations)
        if item.months and single and item.unit_price != single.unit_price // item.months:
            problems.append(Problem(item.sku, "instalments_differ", single.sku))
    return problems


def single_payment(item: Item, installations: Iterable[Item]) -> Item | None:
    """The one-time item whose price these instalments come to: the one with the same name less the term."""
    stem = _stem(item)
    return next((one for one in installations if one.cycle is Cycle.ONETIME and _stem(one) == stem), None)


def _stem(item: Item) -> tuple[ProductLine, str]:
    return item.line, re.sub(r"-(SINGLE|12M|24M)$", "", item.sku.upper())
