"""What held when: prices, and how each customer stood, so that an order is measured by its own moment."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from portal_app.domain.catalog import ProductLine

Prices = dict[str, Decimal]
GOOD_DOCUMENTS: Final = ("Submitted", "Verified")


@dataclass(frozen=True)
class Standing:
    """One customer as the outside knows them. `offering`: "" unless the address may have internet."""

    card: bool
    offering: str
    document: str
    street: str


@dataclass(frozen=True)
class Moment:
    """From `at` on. `prices`: net yen of what is for sale."""

    at: float
    prices: Prices
    people: dict[str, Standing]  # by Salesforce account id


@dataclass
class Submit:
    """One press of the button: for which cart, with which prices on the screen, and when."""

    order_key: str
    account_id: str
    line: ProductLine
    shown: Prices
    began: float
    ended: float | None = None
    outcome: str = ""
    order_id: str = ""


@dataclass
class Moments:
    """The last of `seen` is now."""

    seen: list[Moment] = field(default_factory=list)

    def note(self, prices: Prices, people: dict[str, Standing]) -> None:
        """Something may have changed."""
        self.seen.append(Moment(asyncio.get_running_loop().time(), prices, people))

    def during(self, submit: Submit) -> Iterator[Moment]:
        """What held at any time between its beginning and its end."""
        before = [moment for moment in self.seen if moment.at <= submit.began]
        ended = float("inf") if submit.ended is None else submit.ended
        yield from before[-1:]
        yield from (moment for moment in self.seen if submit.began < moment.at <= ended)
