"""Events received from outside (E1)."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class InboxRow(Table, table=True):
    """One event, stored before it is acknowledged. `gave_up_at` is set when it needs a person."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        UniqueConstraint("source", "event_id", name="uq_inbox_events_source_event"),
        Index(
            "ix_inbox_events_waiting",
            "next_attempt_at",
            sqlite_where=text("processed_at IS NULL AND gave_up_at IS NULL"),
            postgresql_where=text("processed_at IS NULL AND gave_up_at IS NULL"),
        ),
    )

    inbox_id: str = Field(primary_key=True, max_length=36)
    source: str = Field(max_length=20)
    event_id: str = Field(max_length=200)
    event_type: str = Field(sa_type=Text)
    body_sealed: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    processed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gave_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str = Field(default="", max_length=60)
