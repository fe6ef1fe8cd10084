"""When scheduled work ran and what reconciling found."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from portal_app.storage.clock import Clock
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.leader import Leader
from portal_app.storage.tables.jobs import JobRun, ReconcileReport

__all__ = ["OK", "JobRuns", "Leader", "ReconcileReports", "Report"]

OK: Final = "ok"
"""The outcome that counts as a success."""


class JobRuns:
    """One row for each run, so that a new leader can catch up what was missed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def started(self, name: str) -> str:
        """The id of a run that begins now."""
        run_id = str(uuid.uuid4())
        async with self._db.write() as session:
            session.add(JobRun(run_id=run_id, name=name, started_at=self._clock.now()))
        return run_id

    async def finished(self, run_id: str, outcome: str, detail: str = "") -> None:
        """The run ended with `OK` or an error code; `detail` is one short line without customer data."""
        values = {"finished_at": self._clock.now(), "outcome": outcome[:20], "detail": detail[:2000]}
        async with self._db.write() as session:
            await session.execute(update(JobRun).where(JobRun.run_id == run_id).values(**values))  # type: ignore[arg-type]

    async def last_success(self, name: str) -> datetime | None:
        """When the newest successful run of that job finished."""
        async with self._db.read() as session:
            return await session.scalar(
                select(func.max(JobRun.finished_at)).where(JobRun.name == name, JobRun.outcome == OK)  # type: ignore[arg-type]
            )

    async def prune(self, older_than: timedelta = timedelta(days=14)) -> int:
        """Forget old runs but each job's newest, in short transactions; how many."""
        newest = select(func.max(JobRun.started_at)).group_by(JobRun.name)
        old = (
            select(JobRun.run_id)  # type: ignore[call-overload]
            .where(JobRun.started_at < self._clock.now() - older_than, JobRun.started_at.not_in(newest))  # type: ignore[attr-defined]
            .limit(MOST_ROWS)
        )
        gone = 0
        while True:
            async with self._db.write() as session:
                done = await session.execute(delete(JobRun).where(JobRun.run_id.in_(old)))  # type: ignore[attr-defined]
            gone += done.rowcount  # type: ignore[attr-defined]
            if done.rowcount < MOST_ROWS:  # type: ignore[attr-defined]
                return gone


@dataclass(frozen=True, slots=True)
class Report:
    """One reconcile run. `drift` counts differences by kind, `left` names (ids only) what could not be repaired."""

    kind: str
    started_at: datetime
    finished_at: datetime
    compared: int
    drift: dict[str, int]
    repaired: int
    left: list[Any]
    notes: str


class ReconcileReports:
    """What reconciling compared, found and repaired."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def save(
        self,
        kind: str,
        started_at: datetime,
        compared: int,
        drift: dict[str, int],
        repaired: int,
        left: list[Any],
        notes: str = "",
    ) -> None:
        """Keep the report of a run that ends now. Ids and counts only."""
        row = ReconcileReport(
            report_id=str(uuid.uuid4()),
            kind=kind,
            started_at=started_at,
            finished_at=self._clock.now(),
            compared=compared,
            drift=drift,
            repaired=repaired,
            left=left,
            notes=notes,
        )
        async with self._db.write() as session:
            session.add(row)

    async def latest(self, kind: str | None = None, limit: int = 20) -> list[Report]:
        """Newest first."""
        statement = select(ReconcileReport).order_by(ReconcileReport.finished_at.desc()).limit(limit)  # type: ignore[attr-defined]
        if kind is not None:
            statement = statement.where(ReconcileReport.kind == kind)  # type: ignore[arg-type]
        async with self._db.read() as session:
            rows = await session.scalars(statement)
            return [
                Report(r.kind, r.started_at, r.finished_at, r.compared, r.drift, r.repaired, r.left, r.notes)
                for r in rows
            ]
