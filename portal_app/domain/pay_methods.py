"""How a customer pays, as far as the portal may know: enough to recognise a card, never enough to use one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

PayMethodKind = Literal["card", "bank", "other"]
SOON = timedelta(days=60)
"""How long before its last day a customer is told: a new card takes a while to come."""


@dataclass(frozen=True, slots=True)
class PayMethod:
    """One stored in WHMCS. `label` is brand and last four digits, or the bank; "" when WHMCS tells neither.

    `brand` is the first half of that, `last_four` the other. `gateway` is what it is charged through, "" for what WHMCS
    keeps itself.
    `expires_on` is the last day it can be used; None for what does not expire, or says no day that can be read.
    """

    whmcs_id: int
    kind: PayMethodKind
    label: str = field(repr=False)
    expires_on: date | None = None
    is_default: bool = False
    brand: str = field(default="", repr=False)
    last_four: str = field(default="", repr=False)
    gateway: str = ""

    def usable(self, today: date) -> bool:
        """Whether it has not expired on this Japanese day."""
        return self.expires_on is None or today <= self.expires_on

    def expiring(self, today: date) -> bool:
        """Whether it can be used now but not much longer: its last day is at most 60 days away."""
        return self.expires_on is not None and today <= self.expires_on <= today + SOON


@dataclass(frozen=True, slots=True)
class PayMethodsCopy:
    """All of a customer's, the default first, with the time of the copy (UTC)."""

    items: tuple[PayMethod, ...]
    as_of: datetime


def first_usable(methods: Iterable[PayMethod], today: date) -> PayMethod | None:
    """The one an order would be paid with: the default where it can be used, else the first that can."""
    return next((one for one in sorted(methods, key=lambda one: not one.is_default) if one.usable(today)), None)
