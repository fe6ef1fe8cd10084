"""The second factor of those who want one (P7-P9)."""

from datetime import datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class TotpRow(Table, table=True):
    """An authenticator. It counts once `confirmed_at` is set; `last_step` is the newest time step that was accepted.

    `password_short`: the password was chosen since and would be too short without it.
    """

    __tablename__ = "totp"

    user_id: str = Field(primary_key=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    secret_sealed: str = Field(sa_type=Text)
    last_step: int = Field(default=0, sa_type=BigInteger)
    password_short: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCodeRow(Table, table=True):
    """One code for the day the authenticator is lost; only its keyed hash."""

    __tablename__ = "recovery_codes"

    code_id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(index=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    code_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInChallengeRow(Table, table=True):
    """A password was right and a code is waited for (P8). `sign_in_version`: of what was right."""

    __tablename__ = "sign_in_challenges"

    challenge_id: str = Field(primary_key=True, max_length=36)
    token_hash: str = Field(unique=True, max_length=64)
    user_id: str = Field(index=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    sign_in_version: str = Field(default="", max_length=64)
    device_label: str = Field(default="", max_length=100)
    tries: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
