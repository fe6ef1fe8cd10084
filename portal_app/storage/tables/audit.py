"""Who did what (A3). Triggers of the first migration refuse every UPDATE and DELETE."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class AuditRow(Table, table=True):
    """One act. Holds ids and codes, never personal data: a row can not be erased."""

    __tablename__ = "audit_log"
    __table_args__ = {"sqlite_autoincrement": True}

    # SQLite counts up only in a column it calls INTEGER.
    seq: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite"))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    event: str = Field(max_length=60)
    user_id: str | None = Field(default=None, index=True, max_length=36)
    session_id: str | None = Field(default=None, max_length=36)
    outcome: str = Field(max_length=60)
    detail: str = Field(default="{}", sa_type=Text)
    correlation_id: str = Field(default="", max_length=40)
    client_hash: str = Field(default="", max_length=64)
