"""When scheduled work ran and what reconciling found."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from portal_app.storage.clock import Clock
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.leader import Leader
from portal_app.storage.pruning import delete_in_batches
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

    async def newest(self) -> list[Report]:
        """The last report of each kind, by kind."""
        last = select(func.max(ReconcileReport.finished_at)).group_by(ReconcileReport.kind)
        found = {report.kind: report for report in reversed(await self._read(ReconcileReport.finished_at.in_(last)))}  # type: ignore[attr-defined]
        return [found[kind] for kind in sorted(found)]

    async def prune(self, older_than: timedelta = timedelta(days=180)) -> int:
        """Forget old reports but each kind's newest, in short transactions; how many."""
        last = select(func.max(ReconcileReport.finished_at)).group_by(ReconcileReport.kind)
        at: Any = ReconcileReport.finished_at
        old = (at < self._clock.now() - older_than, at.not_in(last))
        return await delete_in_batches(self._db, ReconcileReport, ReconcileReport.report_id, *old)

    async def latest(self, kind: str | None = None, limit: int = 20) -> list[Report]:
        """Newest first."""
        return await self._read(*(() if kind is None else (ReconcileReport.kind == kind,)), limit=limit)

    async def _read(self, *conditions: Any, limit: int | None = None) -> list[Report]:
        at: Any = ReconcileReport.finished_at
        statement = select(ReconcileReport).where(*conditions).order_by(at.desc()).limit(limit)
        async with self._db.read() as session:
            rows = await session.scalars(statement)
            return [
                Report(r.kind, r.started_at, r.finished_at, r.compared, r.drift, r.repaired, r.left, r.notes)
                for r in rows
            ]
