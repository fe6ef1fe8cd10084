"""Payments a customer went to WHMCS for."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class PaymentLink(Table, table=True):
    """The last time a user was sent to pay an invoice. The link itself is never stored."""

    __tablename__ = "payment_links"

    user_id: str = Field(primary_key=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    whmcs_invoice_id: int = Field(primary_key=True, index=True)
    whmcs_client_id: int
    minted_at: datetime = Field(sa_type=UtcDateTime, index=True)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
