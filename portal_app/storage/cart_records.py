"""What one cart is, as read from its row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.storage.encryption import DecryptionFailed, FieldCipher

OPEN: Final = "OPEN"
PLACING: Final = "PLACING"
UNSURE: Final = "UNSURE"
PLACED: Final = "PLACED"
DROPPED: Final = "DROPPED"

SUBMITTED: Final = (PLACING, UNSURE)
"""It may be an order already, so that nobody changes it."""
TERMINAL: Final = (PLACED, DROPPED)
"""Nothing happens any more: no cart, no draft, no lease."""

_CARTS: Final = TypeAdapter(Cart)
_PAYLOAD: Final = ("carts", "payload")
_DRAFT: Final = ("carts", "draft")


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser in which nobody signed in yet: the random text its cookie holds."""

    guest_id: str = field(repr=False)


Owner = Customer | Guest


@dataclass(frozen=True, slots=True)
class CartRecord:
    """A cart as it was when read. `user_id` is "" for a guest's; `cart` is an empty one once it ended.

    `order_key` becomes the order's key in Salesforce; it stays as long as the cart would make the same order (K12).
    `draft_json`: what was submitted, "" before. `fence` and `lease_owner` prove the hold of whoever got this record
    from `take` or `claim_due`.
    """

    cart_id: str
    user_id: str
    line: ProductLine
    cart: Cart = field(repr=False)
    version: int
    state: str
    order_key: str
    cart_hash: str
    draft_json: str = field(repr=False)
    salesforce_order_id: str
    order_number: str
    attempts: int
    error_code: str
    submitted_at: datetime | None
    next_attempt_at: datetime | None
    lease_owner: str
    fence: int
    created_at: datetime
    updated_at: datetime


_CONVERTED: Final = ("user_id", "line", "cart", "draft_json")
_COPIED: Final = tuple(name for name in CartRecord.__slots__ if name not in _CONVERTED)


def sealed(cipher: FieldCipher, cart_id: str, cart: Cart) -> str:
    """The cart as its column keeps it."""
    return cipher.seal(*_PAYLOAD, cart_id, _CARTS.dump_json(cart).decode())


def sealed_draft(cipher: FieldCipher, cart_id: str, draft_json: str) -> str:
    """The draft as its column keeps it; none stays none."""
    return cipher.seal(*_DRAFT, cart_id, draft_json) if draft_json else ""


def opened(cipher: FieldCipher, row: Any) -> CartRecord:
    """The record of a row. Raises: DecryptionFailed."""
    cart, draft = Cart(ProductLine(row.line)), ""
    if row.payload_sealed:
        cart = _cart(cipher.open(*_PAYLOAD, row.cart_id, row.payload_sealed))
    if row.draft_sealed:
        draft = cipher.open(*_DRAFT, row.cart_id, row.draft_sealed)
    return without_payload(row, cart, draft)


def without_payload(row: Any, cart: Cart | None = None, draft_json: str = "") -> CartRecord:
    """The record of a row whose sealed columns are not needed."""
    line = ProductLine(row.line)
    copied = {name: getattr(row, name) for name in _COPIED}
    return CartRecord(user_id=row.user_id or "", line=line, cart=cart or Cart(line), draft_json=draft_json, **copied)


def _cart(text: str) -> Cart:
    try:
        return _CARTS.validate_json(text)
    except ValueError:
        raise DecryptionFailed("carts.payload: shape") from None
