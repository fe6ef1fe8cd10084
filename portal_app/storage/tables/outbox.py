"""Effects to be delivered (E7)."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class OutboxRow(Table, table=True):
    """One mail or the like, written with the act that causes it. The payload is emptied once it is sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "next_attempt_at",
            sqlite_where=text("sent_at IS NULL AND gave_up_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND gave_up_at IS NULL"),
        ),
    )

    outbox_id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=30)
    dedupe_key: str = Field(unique=True, max_length=200)
    payload_sealed: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    gave_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str = Field(default="", max_length=60)
