"""What a reconciliation saw: how much it compared, what differed, what is left for a person."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal_app.errors import Busy, NotFound, PortalError, UpstreamError, UpstreamRejected
from portal_app.observability import logs, metrics
from portal_app.storage.jobs import ReconcileReports
from portal_app.storage.mirrors import Drift

log = logging.getLogger(__name__)

Stopping = Callable[[], bool]

LONGEST_LEFT: Final = 200
MOST_FAILURES: Final = 5
"""So many in a row cannot be read: the system itself is in trouble."""


class Stopped(PortalError):
    """The process ends, or WHMCS cannot be asked now; what was proved so far is in the report."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Findings:
    """What one run saw. `left` are differences nobody but a person can settle, as ids and a reason."""

    kind: str
    started_at: datetime
    compared: int = 0
    drift: Drift = field(default_factory=Drift)
    repaired: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0  # in a row
    missed: int = 0  # in all: what could not be compared
    refusals: int = 0  # in a row; whoever counts on the next being accepted sets it back
    refusal: str = ""  # why the last one was refused

    def found(self, drift: Drift) -> None:
        """Differences that are repaired now."""
        self.drift += drift
        self.repaired += drift.total

    def leave(self, why: str, **ids: int | str) -> None:
        """One difference for a person."""
        self.left.append({**ids, "why": why})

    @contextmanager
    def one_client(self, whmcs_client_id: int) -> Iterator[None]:
        """What goes wrong with one client does not keep the others from being read, unless WHMCS is gone altogether."""
        with self.one("client_unknown", whmcs_client_id=whmcs_client_id):
            yield

    @contextmanager
    def one(self, unknown: str, **ids: int | str) -> Iterator[None]:
        """What goes wrong with one of them does not keep the others from being compared; `unknown`: it is not there.

        Raises: UpstreamError, Busy after so many in a row that a system is gone altogether.
        """
        try:
            yield
        except NotFound:
            self.leave(unknown, **ids)
        except UpstreamRejected as refused:
            # It answers, and says no to this one: however many it refuses, the others are to be compared.
            self.refusal = code_of(refused)
            self.leave(self.refusal, **ids)
            self.refusals, self.failures = self.refusals + 1, 0
        except (UpstreamError, Busy) as failure:
            self.leave(code_of(failure), **ids)
            self.missed += 1
            self.failures += 1
            if self.failures >= MOST_FAILURES:
                raise
        else:
            self.failures = 0


async def reported(run: Findings, reports: ReconcileReports, work: Awaitable[None]) -> str:
    """Do the work and keep what it found, also of a run that ended early; one line about it.

    Raises: Stopped, after the report was saved.
    """
    notes, why = "", None
    try:
        await work
    except (UpstreamError, Busy, Stopped) as failure:
        notes, why = code_of(failure), failure
    await reports.save(
        run.kind,
        run.started_at,
        run.compared,
        {"added": run.drift.added, "changed": run.drift.changed, "removed": run.drift.removed},
        run.repaired,
        run.left[:LONGEST_LEFT],
        f"stopped early: {notes}" if why else "",
    )
    noun = run.kind.partition(".")[0]
    metrics.drift_found(noun, run.drift.total)
    metrics.left_over(noun, len(run.left))
    facts = {"kind": run.kind, "compared": run.compared, "changed": run.drift.total, "left": len(run.left)}
    log.info("reconciled", extra=facts)
    if why:
        raise Stopped(notes) from why
    return f"{run.kind}: {run.compared} compared, {run.drift.total} drift, {len(run.left)} left"


def go_on(stopping: Stopping) -> None:
    """Raises: Stopped when the process ends."""
    if stopping():
        raise Stopped("stopping")


def difference(before: dict[int, Any], after: dict[int, Any]) -> Drift:
    """What has to be added, changed and removed to get from one copy to the other."""
    return Drift(
        added=len(after.keys() - before.keys()),
        changed=sum(1 for key in before.keys() & after.keys() if before[key] != after[key]),
        removed=len(before.keys() - after.keys()),
    )


def code_of(failure: Exception) -> str:
    """A short word for it, never its text."""
    return logs.described(failure).get("code") or type(failure).__name__
