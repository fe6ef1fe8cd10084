"""Sign-ups on their way to an account."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime

_SCHEDULED = text("next_attempt_at IS NOT NULL")


class SignupRow(Table, table=True):
    """The recovery point of one sign-up. `user_id` is the id its user will have; no such user exists before the end.

    `claimed_account` is the Salesforce account this sign-up alone may take, NULL unless it was claimed.
    `next_attempt_at` is NULL where the worker has nothing to do. The payload is emptied at the end.
    """

    __tablename__ = "signups"
    __table_args__ = (
        Index("ix_signups_due", "next_attempt_at", sqlite_where=_SCHEDULED, postgresql_where=_SCHEDULED),
        Index("ix_signups_state_updated", "state", "updated_at"),
    )

    signup_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(unique=True, max_length=36)
    state: str = Field(max_length=20)
    payload_sealed: str = Field(sa_type=Text)
    locale: str = Field(default="en", max_length=2)
    email_index: str = Field(index=True, max_length=64)
    number_index: str = Field(max_length=64)
    sf_account_id: str = Field(max_length=18)
    sf_contact_id: str = Field(default="", max_length=18)
    claimed_account: str | None = Field(default=None, unique=True, max_length=18)
    case_id: str = Field(default="", max_length=18)
    whmcs_client_id: int = 0
    attempts: int = 0
    last_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = Field(default=0, sa_type=BigInteger)
