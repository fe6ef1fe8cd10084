"""Failed sign-ins, counted (L1)."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class LoginFailure(Table, table=True):
    """One bucket. Its name is a keyed hash: neither account nor address can be read from it."""

    __tablename__ = "login_failures"

    bucket: str = Field(primary_key=True, max_length=64)
    failures: int = 0
    window_started_at: datetime = Field(sa_type=UtcDateTime)
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    consecutive: int = 0
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)
