"""The identity document of an account: where it stands. Staff decide; the file itself lies in Salesforce."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

DocumentState = Literal["not_submitted", "submitted", "verified", "rejected"]
_STATES: Final[dict[str, DocumentState]] = {
    "": "not_submitted",
    "not submitted": "not_submitted",
    "submitted": "submitted",
    "verified": "verified",
    "rejected": "rejected",
}


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """Times are UTC. `reason`: the staff's words to the customer, only while rejected."""

    state: DocumentState = "not_submitted"
    submitted_at: datetime | None = None
    verified_at: datetime | None = None
    reason: str = ""

    @property
    def may_upload(self) -> bool:
        """Whether another file is wanted: one that is being looked at, or was accepted, is enough."""
        return self.state in ("not_submitted", "rejected")


def read_document(
    status: str, *, submitted_at: datetime | None = None, verified_at: datetime | None = None, reason: str = ""
) -> DocumentCheck | None:
    """The account's fields as a check; None for a status that is none we know."""
    state = _STATES.get(status.strip().casefold())
    if state is None:
        return None
    return DocumentCheck(
        state,
        submitted_at if state != "not_submitted" else None,
        verified_at if state == "verified" else None,
        reason.strip() if state == "rejected" else "",
    )
