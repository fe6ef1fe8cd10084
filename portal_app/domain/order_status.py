"""What a customer is told of an order: Salesforce's two statuses and the portal's own record to words, and the steps.

Words are keys of `text`. A pair nobody has thought of reads as "in progress": true, if not much, and worth a log line.
Salesforce decides whether an order is approved and whether it is over; between the two the portal's own record is
newer than any copy of Salesforce, which is told of each step afterwards.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from portal_app.domain.fulfilment import CUSTOMERS_TURN, Code, Hold, Progress, State

PAYMENT_METHOD_MISSING: Final = Code.PAYMENT_METHOD_MISSING.value
IDENTITY_NOT_VERIFIED: Final = Code.IDENTITY_NOT_VERIFIED.value

STATUSES: Final = ("Draft", "Pending Review", "Approved", "Processed", "Activated", "Cancelled", "Rejected")
ACTIVATIONS: Final = ("", "Not Started", "Scheduled", "Activating", "Activated", "Failed")


class Shown(StrEnum):
    """What the customer sees; `order.status.<value>` and `order.next.<value>` are its words."""

    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    ACTION_NEEDED = "action_needed"
    SETTING_UP = "setting_up"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    DELAYED = "delayed"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in_progress"

    @property
    def words(self) -> str:
        """Key of its name."""
        return f"order.status.{self.value}"

    @property
    def next_words(self) -> str:
        """Key of the sentence about what comes next."""
        return f"order.next.{self.value}"


ENDED: Final = frozenset({Shown.ACTIVE, Shown.CANCELLED})
_BY_STATUS: Final[dict[str, dict[str, Shown]]] = {
    "draft": {"": Shown.DRAFT, "not started": Shown.DRAFT},
    "pending review": {"": Shown.UNDER_REVIEW, "not started": Shown.UNDER_REVIEW},
    "approved": {
        "": Shown.SETTING_UP,
        "not started": Shown.SETTING_UP,
        "activating": Shown.SETTING_UP,
        "scheduled": Shown.SCHEDULED,
        "activated": Shown.ACTIVE,
    },
    "processed": {"activated": Shown.ACTIVE, "activating": Shown.SETTING_UP, "scheduled": Shown.SCHEDULED},
    "activated": {"": Shown.ACTIVE, "not started": Shown.ACTIVE, "activated": Shown.ACTIVE},
}
_OVER: Final = frozenset({"cancelled", "rejected"})
_APPROVED: Final = frozenset({"approved", "processed", "activated"})
_UNBEGUN: Final = frozenset({State.RECEIVED, State.VALIDATED})
_UNDONE: Final = frozenset({State.CANCEL_INTENT, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class OrderView:
    """How an order stands, in words. `known` False: nobody has thought of this pair, so it should be logged.

    `code`: what it waits for, where the customer can do or has done something about it; never any other code.
    """

    shown: Shown
    known: bool = True
    code: str = ""


def order_view(
    status: str,
    activation: str,
    *,
    error_code: str = "",
    starts_on: date | None = None,
    today: date | None = None,
    progress: Progress | None = None,
    document_with_staff: bool = False,
) -> OrderView:
    """The words for a pair of statuses. With a start day still ahead, an order that is being set up is scheduled.

    What is over is over, whatever its activation says; what failed is delayed, unless it waits for the customer.
    `progress` is the portal's own record: it never makes an order look less far than Salesforce says it is. An order
    that waits for a document the customer has sent already (`document_with_staff`) is under review.
    """
    outer, inner = status.strip().casefold(), activation.strip().casefold()
    ahead = bool(starts_on and today and starts_on > today)
    view = _of_salesforce(outer, inner, error_code, ahead)
    if (
        progress is not None
        and view.shown not in ENDED
        and (progress.state is not State.RECEIVED or outer in _APPROVED)
    ):
        view = replace(_of_record(progress, ahead), known=view.known)
    if document_with_staff and view.code == IDENTITY_NOT_VERIFIED:
        view = replace(view, shown=Shown.UNDER_REVIEW)
    return view


def _of_salesforce(outer: str, inner: str, error_code: str, ahead: bool) -> OrderView:
    if outer in _OVER:
        return OrderView(Shown.CANCELLED)
    if error_code in CUSTOMERS_TURN and inner != "activated":
        return OrderView(Shown.ACTION_NEEDED, code=error_code)
    if inner == "failed":
        return OrderView(Shown.DELAYED)
    shown = _BY_STATUS.get(outer, {}).get(inner)
    if shown is None:
        return OrderView(Shown.IN_PROGRESS, known=False)
    if shown is Shown.SETTING_UP and ahead:
        return OrderView(Shown.SCHEDULED)
    return OrderView(shown)


def _of_record(progress: Progress, ahead: bool) -> OrderView:
    """What tries again by itself is no delay worth telling."""
    if progress.state is State.COMPLETED:
        return OrderView(Shown.ACTIVE)
    if progress.state in _UNDONE:
        return OrderView(Shown.CANCELLED)
    if progress.hold is Hold.PAUSED and progress.code in CUSTOMERS_TURN:
        return OrderView(Shown.ACTION_NEEDED, code=progress.code)
    if progress.hold in (Hold.PAUSED, Hold.REVIEW):
        return OrderView(Shown.DELAYED)
    waits = progress.state is State.SCHEDULED or (progress.state in _UNBEGUN and ahead)
    return OrderView(Shown.SCHEDULED if waits else Shown.SETTING_UP)


def is_approved(status: str) -> bool:
    """Whether staff have said yes to an order with that status."""
    return status.strip().casefold() in _APPROVED


StepName = Literal["placed", "review", "approved", "billing", "set_up", "active"]
StepState = Literal["done", "now", "later", "waiting", "delayed", "ahead", "stopped"]
STEPS: Final[tuple[StepName, ...]] = ("placed", "review", "approved", "billing", "set_up", "active")

_AT: Final[dict[Shown, StepState]] = {
    Shown.ACTION_NEEDED: "waiting",
    Shown.DELAYED: "delayed",
    Shown.SCHEDULED: "later",
    Shown.CANCELLED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline.

    "waiting": for the customer. "later": for a day that is set. "stopped": the order ended before it.
    """

    name: StepName
    state: StepState


def steps(view: OrderView, *, approved: bool, billed: bool, set_up: bool = False) -> tuple[Step, ...]:
    """The timeline. `approved`: staff have approved it. `billed`: WHMCS has its copy. `set_up`: its line works."""
    if view.shown is Shown.ACTIVE:
        return tuple(Step(name, "done") for name in STEPS)
    reached = 1
    if approved:
        reached = 3 + billed + (billed and set_up)
    if view.shown is Shown.DRAFT:
        reached = 0
    at = _AT.get(view.shown, "now")
    after: StepState = "stopped" if at == "stopped" else "ahead"
    return tuple(
        Step(name, "done" if place < reached else at if place == reached else after) for place, name in enumerate(STEPS)
    )
