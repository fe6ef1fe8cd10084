"""What customers and visitors have chosen, until it is an order."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime

_LIVE = text("state NOT IN ('PLACED', 'DROPPED')")
_WAITING = text("state IN ('PLACING', 'UNSURE')")


class CartRow(Table, table=True):
    """One cart and the recovery point of the order it becomes. It has a user or a guest, never both.

    An owner has one live cart of a line. `cart_hash` is what `order_key` is bound to, keyed, since a cart holds
    personal data that a plain hash would let somebody guess. Cart and draft are emptied at the end.
    """

    __tablename__ = "carts"
    __table_args__ = (
        Index("uq_carts_user_line", "user_id", "line", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("uq_carts_guest_line", "guest_index", "line", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_carts_waiting", "next_attempt_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_carts_state_updated", "state", "updated_at"),
    )

    cart_id: str = Field(primary_key=True, max_length=36)
    user_id: str | None = Field(default=None, max_length=36)
    guest_index: str | None = Field(default=None, max_length=64)
    line: str = Field(max_length=20)
    state: str = Field(max_length=20)
    version: int
    payload_sealed: str = Field(sa_type=Text)
    draft_sealed: str = Field(default="", sa_type=Text)
    order_key: str = Field(unique=True, max_length=36)
    cart_hash: str = Field(max_length=64)
    salesforce_order_id: str = Field(default="", max_length=18)
    order_number: str = Field(default="", max_length=30)
    attempts: int = 0
    error_code: str = Field(default="", max_length=60)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = Field(default=0, sa_type=BigInteger)
