"""Locks by name."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class AccountLockRow(Table, table=True):
    """Held while the row is there and its lease lasts; gone with its release."""

    __tablename__ = "account_locks"

    name: str = Field(primary_key=True, max_length=100)
    lease_owner: str = Field(max_length=36)
    lease_until: datetime = Field(sa_type=UtcDateTime)
