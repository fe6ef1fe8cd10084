"""What held when: prices, and how each customer stood, so that an order is measured by its own moment."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from portal_app.domain.catalog import ProductLine

Prices = dict[str, Decimal]
GOOD_DOCUMENTS: Final = ("Submitted", "Verified")


@dataclass(frozen=True)
class Standing:
    """One customer as the outside knows them. `offering`: "" unless the address may have internet.

    `checked`: the street staff meant when they said so.
    """

    card: bool
    offering: str
    document: str
    street: str
    checked: str


@dataclass(frozen=True)
class Moment:
    """`prices`: net yen of what is for sale."""

    prices: Prices
    people: dict[str, Standing]  # by Salesforce account id


@dataclass
class Submit:
    """One press of the button: for which cart, with which prices on the screen; from which moment to which."""

    order_key: str
    account_id: str
    line: ProductLine
    shown: Prices
    street: str
    began: int
    ended: int | None = None
    outcome: str = ""
    order_id: str = ""


@dataclass
class Moments:
    """In the order they came; the last of `seen` is now. (Much happens without any time passing.)"""

    seen: list[Moment] = field(default_factory=list)

    @property
    def now(self) -> int:
        """Where it stands in `seen`."""
        return len(self.seen) - 1

    def during(self, submit: Submit) -> list[Moment]:
        """What held at any time between its beginning and its end."""
        ended = self.now if submit.ended is None else submit.ended
        return self.seen[submit.began : ended + 1]
