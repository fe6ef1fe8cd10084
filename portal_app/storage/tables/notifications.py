"""What the bell shows, and which of it a customer wants by mail."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class NotificationRow(Table, table=True):
    """One thing that happened, once per source. `values_sealed`: JSON of what its sentence needs."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "source_id", name="uq_notifications_source"),
        Index("ix_notifications_user_created", "user_id", "created_at"),
    )

    notification_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36)
    kind: str = Field(max_length=40)
    source_id: str = Field(max_length=80)
    subject: str = Field(default="", index=True, max_length=80)
    values_sealed: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dismissed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NotificationPreferenceRow(Table, table=True):
    """A customer's own choice for one event; without a row the event's default holds."""

    __tablename__ = "notification_preferences"

    user_id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(primary_key=True, max_length=40)
    mail: bool
    changed_at: datetime = Field(sa_type=UtcDateTime)
