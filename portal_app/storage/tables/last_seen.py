"""What was last seen of things that change elsewhere."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class LastSeenRow(Table, table=True):
    """One thing, by kind and id: the last that was seen of it, in words of ours. No customer data."""

    __tablename__ = "last_seen"

    subject: str = Field(primary_key=True, max_length=80)
    value: str = Field(max_length=120)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
