"""Sign-in sessions (S3)."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class SessionRow(Table, table=True):
    """The truth about one session. `generation` and `nonce` are what its refresh tokens derive from."""

    __tablename__ = "sessions"

    session_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(index=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    family: str = Field(index=True, max_length=36)
    generation: int = 0
    nonce: str = Field(max_length=64)
    rotated_at: datetime = Field(sa_type=UtcDateTime)
    device_label: str = Field(default="", max_length=100)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
    idle_until: datetime = Field(sa_type=UtcDateTime)
    absolute_until: datetime = Field(sa_type=UtcDateTime)
    auth_time: datetime = Field(sa_type=UtcDateTime)
    amr: str = Field(default="", max_length=100)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_reason: str = Field(default="", max_length=40)
