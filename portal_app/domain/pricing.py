"""Yen: tax-inclusive prices with the tax in them, instalments, and what an order comes to.

The yen has no smaller part. Tax is cut down to the yen once for each rate of a bill, so a sum of shown prices may be a
few yen less than the total: the total is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

CONSUMPTION_TAX: Final = Decimal(10)
_YEN: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum with its tax, whole yen. `gross` is what the customer pays."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """Tax included."""
        return self.net + self.tax

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.net + other.net, self.tax + other.tax)


ZERO: Final = Amount(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class TaxRule:
    """`percent` 0 for what is exempt. `included`: the price list is gross already. Rounds down unless told to halve."""

    percent: Decimal = CONSUMPTION_TAX
    included: bool = False
    half_up: bool = False

    def amount(self, listed: Decimal) -> Amount:
        """A listed price, or a sum of them, with its tax. Raises: ValueError for parts of a yen."""
        listed = whole_yen(listed)
        share = listed * self.percent
        rest = share / (100 + self.percent) if self.included else share / 100
        tax = rest.quantize(_YEN, ROUND_HALF_UP if self.half_up else ROUND_FLOOR)
        return Amount(listed - tax if self.included else listed, tax)


STANDARD: Final = TaxRule()


def tax_in(gross: Decimal, percent: Decimal = CONSUMPTION_TAX) -> Decimal:
    """The tax a tax-inclusive sum holds, rounded down."""
    return TaxRule(percent, included=True).amount(gross).tax


def whole_yen(value: Decimal) -> Decimal:
    """The same sum without its `.00`. Raises: ValueError when there are parts of a yen, or none at all."""
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError("an amount in yen has no smaller part")
    return value.quantize(_YEN)


@dataclass(frozen=True, slots=True)
class Instalments:
    """`months` payments of `regular`, the last one of `last`; together `total`. Net or gross as what it was made of."""

    months: int
    regular: Decimal
    last: Decimal

    @property
    def total(self) -> Decimal:
        """All of them."""
        return self.regular * (self.months - 1) + self.last

    def payments(self) -> tuple[Decimal, ...]:
        """Each of them, in order."""
        return (*(self.regular,) * (self.months - 1), self.last)


def instalments(total: Decimal, months: int) -> Instalments:
    """`total` in equal whole yen, the rest with the last one. No interest. Raises: ValueError."""
    whole = whole_yen(total)
    if months < 1 or whole < 0:
        raise ValueError("no instalments of that")
    regular = (whole / months).quantize(_YEN, ROUND_FLOOR)
    return Instalments(months, regular, whole - regular * (months - 1))


def schedule(monthly: Decimal, months: int, single: Decimal | None = None) -> Instalments:
    """The payments of a monthly line that ends. `single`: what the same costs when it is paid at once.

    Where both agree the last payment brings the rest, so that they come to the same; else all are equal.
    Raises: ValueError.
    """
    if single is not None and months > 0 and instalments(single, months).regular == monthly:
        return instalments(single, months)
    return instalments(whole_yen(monthly) * months, months)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of an order: listed price times quantity. `ends_after` months for a monthly line that ends."""

    listed: Decimal
    monthly: bool
    quantity: int = 1
    ends_after: int | None = None

    @property
    def sum(self) -> Decimal:
        """Listed price of them all."""
        return self.listed * self.quantity


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order comes to. Nothing is charged before staff approve it.

    `once`: with the first bill only. `monthly`: each month while all lines run. `later`: each month once the
    instalments have ended. `first_bill`: what the first bill comes to when the first month is a whole one.
    """

    once: Amount
    monthly: Amount
    later: Amount
    first_bill: Amount


def totals(charges: Iterable[Charge], rule: TaxRule = STANDARD) -> Totals:
    """The sums, each taxed once as a bill is."""
    lines = tuple(charges)
    once = sum((line.sum for line in lines if not line.monthly), Decimal(0))
    monthly = sum((line.sum for line in lines if line.monthly), Decimal(0))
    later = sum((line.sum for line in lines if line.monthly and line.ends_after is None), Decimal(0))
    return Totals(rule.amount(once), rule.amount(monthly), rule.amount(later), rule.amount(once + monthly))
