"""Attachments on their way from a browser into a case. The bytes are in Salesforce, never here."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class CaseFileRow(Table, table=True):
    """One file of one customer. `post_id` is "" until a message takes it; what no message takes is deleted again."""

    __tablename__ = "case_files"
    __table_args__ = (Index("ix_case_files_user_created", "user_id", "created_at"),)

    file_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36)
    state: str = Field(max_length=10)
    name_sealed: str = Field(sa_type=Text)
    kind: str = Field(max_length=10)
    size: int = 0
    salesforce_document_id: str = Field(default="", index=True, max_length=18)
    post_id: str = Field(default="", index=True, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
