"""What stands between a cart and its order, as the checkout shows it: each with the way that mends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Fix, Missing
from portal_app.state.returning import with_return
from portal_app.text import say

Way = Literal["page", "here", "payment", "retry", "none"]
"""How a missing thing is mended: another page, further down, WHMCS's own page, asking again, by nobody here."""

Part = Literal["what", "where", "pay", "document", "terms"]

_PART_OF: Final[dict[Fix, Part]] = {
    "availability": "where",
    "address": "where",
    "payment": "pay",
    "document": "document",
    "terms": "terms",
}
_PART_OF_WORDS: Final[dict[str, Part]] = {
    "checkout.address_unknown": "where",
    "checkout.availability_unknown": "where",
    "checkout.payment_unknown": "pay",
    "checkout.document_unknown": "document",
}
_LABELS: Final[dict[Fix, str]] = {
    "plan": "checkout.fix.plan",
    "configure": "checkout.fix.configure",
    "link": "checkout.fix.link",
    "payment": "checkout.fix.payment",
    "availability": "checkout.fix.availability",
    "address": "checkout.fix.address",
    "document": "checkout.fix.document",
    "terms": "checkout.fix.terms",
    "orders": "checkout.fix.orders",
    "retry": "common.retry",
}
_CONFIRM: Final = "checkout.address_confirm"
_UNREACHABLE: Final = "checkout.unreachable"
_LIKEWISE: Final = {"checkout.availability_unknown", "checkout.document_unknown", "checkout.orders_unknown"}
_MISFIT: Final = {"checkout.offering_dwelling", "checkout.offering_speed"}


@dataclass(frozen=True)
class GateRow:
    """One missing thing: the sentence, and the way that mends it with its words."""

    key: str
    sentence: str
    way: Way
    label: str = ""
    href: str = ""


@dataclass(frozen=True)
class Parts:
    """Which parts of the page something is missing in."""

    what: bool = False
    where: bool = False
    pay: bool = False
    document: bool = False
    terms: bool = False


def gate_rows(found: Iterable[Missing], line: ProductLine, locale: str) -> list[GateRow]:
    """Everything missing, in a language; a sentence that holds for two fields stands once.

    Where Salesforce cannot be reached that is said once, and asking again asks for all of it.
    """
    rows = {(one.words, one.fix): one for one in found}
    away = any(one.words == _UNREACHABLE for one in rows.values())
    return [_gate(one, line, locale) for one in rows.values() if not (away and one.words in _LIKEWISE)]


def _gate(one: Missing, line: ProductLine, locale: str) -> GateRow:
    label = "checkout.fix.confirm" if one.words == _CONFIRM else _LABELS.get(one.fix, "")
    return GateRow(
        key=f"{one.words}-{one.fix}",
        sentence=say(locale, one.words),
        way=_way(one),
        label=say(locale, label) if label else "",
        href=_href(one, line),
    )


def _way(one: Missing) -> Way:
    if one.fix == "terms" or one.words == _CONFIRM:
        return "here"
    ways: dict[Fix, Way] = {"payment": "payment", "retry": "retry", "support": "none"}
    return ways.get(one.fix, "page")


def _href(one: Missing, line: ProductLine) -> str:
    back = routes.checkout(line.value)
    if one.words == _CONFIRM:
        return "#confirm-address"
    if one.words in _MISFIT:
        return routes.AVAILABILITY  # which lists the plans that fit
    places: dict[Fix, str] = {
        "plan": routes.order_wizard(line.value),
        "configure": routes.order_wizard(line.value),
        "link": routes.LINK,
        "availability": with_return(routes.AVAILABILITY, back),
        "address": with_return(routes.ADDRESS, back),
        "document": with_return(routes.VERIFICATION, back),
        "terms": "#terms",
        "orders": routes.ORDERS,
    }
    return places.get(one.fix, "")


def parts_of(found: Iterable[Missing]) -> Parts:
    """Where something is missing."""
    names = {_PART_OF_WORDS.get(one.words, _PART_OF.get(one.fix, "what")) for one in found}
    return Parts(**dict.fromkeys(names, True))
