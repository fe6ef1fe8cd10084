"""Requests that must not run twice (K2, K3)."""

from datetime import datetime

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class IdempotencyKeyRow(Table, table=True):
    """One request as its sender named it, and its answer.

    `key_index` is a keyed hash: whoever chooses a key may put anything into it. `expires_at` is NULL until the end.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("scope", "operation", "key_index", name="uq_idempotency_keys_scope_operation_key"),
    )

    key_id: str = Field(primary_key=True, max_length=36)
    scope: str = Field(max_length=80)
    operation: str = Field(max_length=40)
    key_index: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64)
    state: str = Field(max_length=20)
    recovery_point: str = Field(default="", max_length=40)
    resource_ref: str = Field(default="", max_length=100)
    response_status: int = 0
    response_sealed: str = Field(default="", sa_type=Text)
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_run_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
