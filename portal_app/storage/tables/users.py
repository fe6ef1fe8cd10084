"""Who can sign in."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class UserRow(Table, table=True):
    """A portal user. The address is sealed; `email_index` is the keyed hash it is found by."""

    __tablename__ = "users"

    user_id: str = Field(primary_key=True, max_length=36)
    email_sealed: str = Field(sa_type=Text)
    email_index: str = Field(unique=True, max_length=64)
    password_hash: str = Field(max_length=200)
    locale: str = Field(default="en", max_length=2)
    disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
