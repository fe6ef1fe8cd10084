"""What a checkout page shows, and what a submit must still agree with."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter

from portal_app.domain.address import Address
from portal_app.domain.cart import Cart, CartLine
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Missing
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.domain.orders import OrderDraft
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.pricing import Totals
from portal_app.errors import PortalError

CHANGED: Final = "checkout.changed"
IN_PROGRESS: Final = "checkout.in_progress"
NOT_PLACED: Final = "checkout.not_placed"
UNREACHABLE: Final = Missing("checkout.unreachable", "retry")
_DRAFTS: Final = TypeAdapter(OrderDraft)

State = Literal["open", "placing", "unsure"]


class CheckoutRefused(PortalError):
    """The order is not placed: all of this is missing, in the order a customer would mend it."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(one.words for one in missing))
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Placement:
    """What became of a submit. "unsure": it may be an order already, nobody need order again. `number` may be ""."""

    outcome: Literal["placed", "unsure"]
    salesforce_order_id: str = ""
    number: str = ""


UNSURE_YET: Final = Placement("unsure")


@dataclass(frozen=True, slots=True)
class Offer:
    """A cart with today's prices and everything that stands between it and an order.

    `fingerprint` and `order_key` go with the submit: it is refused when either is no longer today's. `unreachable`:
    Salesforce does not answer, the prices are a copy of `catalog_as_of` (UTC). Once submitted, lines and totals are
    those that were submitted, and nothing is missing. `notice`: key of a sentence about an earlier try, or "".
    """

    line: ProductLine
    cart: Cart = field(repr=False)
    lines: tuple[CartLine, ...]
    totals: Totals
    missing: tuple[Missing, ...]
    address: Address | None
    pay_method: PayMethod | None
    eligibility: Eligibility | None
    document: DocumentCheck | None
    order_key: str
    fingerprint: str
    state: State
    unreachable: bool
    catalog_as_of: datetime
    terms_version: str
    notice: str = ""


def fingerprint_of(cart: Cart, lines: Sequence[CartLine], address_key: str) -> str:
    """SHA-256 in hex of what a customer agrees to: the choices, each item with its price, and where it goes."""
    priced = [
        (
            line.item.sku,
            line.item.salesforce_price_id,
            line.item.name,  # says for how many months an installation is paid
            format(line.item.unit_price.normalize(), "f"),
            line.item.cycle.value,
            line.quantity,
        )
        for line in lines
    ]
    text = json.dumps([cart.key(), address_key, priced], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def draft_text(draft: OrderDraft) -> str:
    """The draft as a cart keeps it, sealed, until it is an order."""
    return _DRAFTS.dump_json(draft).decode()


def read_draft(text: str) -> OrderDraft:
    """Raises: ValueError for what is none."""
    return _DRAFTS.validate_json(text)
