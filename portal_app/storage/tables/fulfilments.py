"""Orders on their way to a running service, and every step they took."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime

_LIVE = text("state NOT IN ('COMPLETED', 'CANCELLED')")


class FulfilmentRow(Table, table=True):
    """One row per Salesforce order. `next_attempt_at` None: it waits for a person or the customer.

    `lines` is what WHMCS is asked for, as JSON, fixed when the order was validated; `whmcs_service_ids` is line number
    -> service id. `intent_at` is when the last attempt at a remote effect began. `sim_sealed` holds the number of the
    line. `report` says what Salesforce has still to be told. `wakes` counts hints that something changed, `wakes_seen`
    those its holder knew of when it decided: a hint that comes in between makes the row due again.
    """

    __tablename__ = "fulfilments"
    __table_args__ = (
        Index("ix_fulfilments_due", "next_attempt_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_fulfilments_user", "user_id"),
        Index("ix_fulfilments_updated", "updated_at"),
    )

    salesforce_order_id: str = Field(primary_key=True, max_length=18)
    order_number: str = Field(default="", max_length=30)
    user_id: str = Field(default="", max_length=36)
    whmcs_client_id: int = 0
    line: str = Field(default="", max_length=20)
    state: str = Field(max_length=20)
    hold: str = Field(default="", max_length=20)
    step_no: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    intent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expected_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str = Field(default="", max_length=60)
    error_text: str = Field(default="", max_length=255)
    report: str = Field(default="", max_length=20)
    lines: str = Field(default="[]", sa_type=Text)
    whmcs_order_id: int = 0
    whmcs_service_ids: str = Field(default="{}", sa_type=Text)
    whmcs_invoice_id: int = 0
    sim_sealed: str = Field(default="", sa_type=Text)
    correlation_id: str = Field(default="", max_length=80)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    wakes: int = 0
    wakes_seen: int = 0
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = Field(default=0, sa_type=BigInteger)


class FulfilmentStepRow(Table, table=True):
    """One transition (F14). Never changed."""

    __tablename__ = "fulfilment_steps"

    salesforce_order_id: str = Field(primary_key=True, max_length=18)
    step_no: int = Field(primary_key=True)
    from_state: str = Field(max_length=20)
    to_state: str = Field(max_length=20)
    hold: str = Field(default="", max_length=20)
    attempt: int = 0
    code: str = Field(default="", max_length=60)
    correlation_id: str = Field(default="", max_length=80)
    took_ms: int = 0
    at: datetime = Field(sa_type=UtcDateTime, index=True)
