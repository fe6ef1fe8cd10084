"""What customers write to support, from the moment they send it until Salesforce has it (K2, E7)."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime

_OPEN = text("state = 'WAITING'")


class CasePostRow(Table, table=True):
    """One intent: a new case, a comment, closing or reopening. Of one text for one case only one waits at a time.

    `body_sealed` is emptied once Salesforce has it. `salesforce_case_id` is "" for a new case until there is one.
    """

    __tablename__ = "case_posts"
    __table_args__ = (
        Index(
            "uq_case_posts_waiting",
            "user_id",
            "salesforce_case_id",
            "body_hash",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_case_posts_user_created", "user_id", "created_at"),
        Index("ix_case_posts_case", "salesforce_case_id", "created_at"),
    )

    post_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36)
    salesforce_case_id: str = Field(default="", max_length=18)
    kind: str = Field(max_length=10)
    state: str = Field(max_length=10)
    body_hash: str = Field(max_length=64)
    body_sealed: str = Field(default="", sa_type=Text)
    error_code: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
    intent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
