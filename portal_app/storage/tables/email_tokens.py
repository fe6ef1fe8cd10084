"""What was mailed to prove that somebody reads an address (P6)."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime

_OPEN = text("used_at IS NULL AND voided_at IS NULL")


class EmailTokenRow(Table, table=True):
    """One link or code. Only its hash is kept; a purpose has one open token for each subject.

    The payload is emptied once the token is worth nothing.
    """

    __tablename__ = "email_tokens"
    __table_args__ = (
        Index("uq_email_tokens_open", "purpose", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_email_tokens_subject_created", "purpose", "subject", "created_at"),
    )

    token_id: str = Field(primary_key=True, max_length=36)
    purpose: str = Field(max_length=20)
    subject: str = Field(max_length=36)
    token_hash: str = Field(unique=True, max_length=64)
    code_hash: str = Field(default="", max_length=64)
    version: str = Field(default="", max_length=64)
    payload_sealed: str = Field(default="", sa_type=Text)
    tries: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
