"""Where each stream of events stands (E2), and the events nobody could read (E6)."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class ReplayCursorRow(Table, table=True):
    """`replay_id` is opaque: stored and sent back. `from_earliest`: it was refused, begin with all that is retained.

    `gap_since`: from then on, up to `gap_until` or as long as there is none, events may be missing, until the
    reconciler has looked. `stored_at` is when a cursor was last stored, or the first try. `fence` grows with everybody
    who begins to listen.
    """

    __tablename__ = "replay_cursors"

    topic: str = Field(primary_key=True, max_length=100)
    replay_id: bytes = Field(default=b"", sa_type=LargeBinary)
    from_earliest: bool = False
    gap_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gap_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stored_at: datetime = Field(sa_type=UtcDateTime)
    fence: int = Field(default=0, sa_type=BigInteger)


class QuarantinedEventRow(Table, table=True):
    """An event that could not be decoded, with its bytes, sealed, for a person."""

    __tablename__ = "quarantined_events"
    __table_args__ = (UniqueConstraint("topic", "event_id", name="uq_quarantined_events_topic_event"),)

    quarantine_id: str = Field(primary_key=True, max_length=36)
    topic: str = Field(max_length=100)
    event_id: str = Field(max_length=200)
    reason: str = Field(max_length=60)
    schema_id: str = Field(default="", max_length=100)
    replay_id: bytes = Field(default=b"", sa_type=LargeBinary)
    payload_sealed: str = Field(default="", sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
