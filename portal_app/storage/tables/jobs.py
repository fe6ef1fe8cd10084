"""When scheduled work ran and what reconciling found."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import JsonText, UtcDateTime


class JobRun(Table, table=True):
    """One run of one job. `finished_at` stays empty when the process died under it."""

    __tablename__ = "job_runs"
    __table_args__ = (Index("ix_job_runs_name_started", "name", "started_at"),)

    run_id: str = Field(primary_key=True, max_length=36)
    name: str = Field(max_length=60)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = Field(default="", max_length=20)
    detail: str = Field(default="", sa_type=Text)


class ReconcileReport(Table, table=True):
    """What one reconcile run compared, found different and repaired. Ids only, no customer data."""

    __tablename__ = "reconcile_reports"

    report_id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=30)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime = Field(sa_type=UtcDateTime, index=True)
    compared: int = 0
    drift: dict[str, Any] = Field(default_factory=dict, sa_type=JsonText)
    repaired: int = 0
    left: list[Any] = Field(default_factory=list, sa_type=JsonText)
    notes: str = Field(default="", sa_type=Text)
