"""What a reconciliation saw: how much it compared, what differed, what is left for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal_app.errors import Busy, NotFound, PortalError, UpstreamError
from portal_app.observability import logs
from portal_app.storage.mirrors import Drift

MOST_FAILURES: Final = 5
"""So many clients in a row cannot be read: WHMCS itself is in trouble."""


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

    def found(self, drift: Drift) -> None:
        """Differences that are repaired now."""
        self.drift += drift
        self.repaired += drift.total

    def leave(self, why: str, **ids: int) -> None:
        """One difference for a person."""
        self.left.append({**ids, "why": why})

    @contextmanager
    def one_client(self, whmcs_client_id: int) -> Iterator[None]:
        """What goes wrong with one client does not keep the others from being read, unless WHMCS is gone altogether."""
        try:
            yield
        except NotFound:
            self.leave("client_unknown", whmcs_client_id=whmcs_client_id)
        except (UpstreamError, Busy) as failure:
            self.leave(code_of(failure), whmcs_client_id=whmcs_client_id)
            self.failures += 1
            if self.failures >= MOST_FAILURES:
                raise
        else:
            self.failures = 0


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
