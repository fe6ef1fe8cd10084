"""What a customer is told of an order: Salesforce's two statuses to words, and the steps on the way.

Words are keys of `text`. A pair nobody has thought of reads as "in progress": true, if not much, and worth a log line.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

PAYMENT_METHOD_MISSING: Final = "PAYMENT_METHOD_MISSING"
IDENTITY_NOT_VERIFIED: Final = "IDENTITY_NOT_VERIFIED"

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
_CUSTOMERS_TURN: Final = frozenset({PAYMENT_METHOD_MISSING, IDENTITY_NOT_VERIFIED})


@dataclass(frozen=True, slots=True)
class OrderView:
    """One pair in words. `known` False: nobody has thought of this pair, so it should be logged."""

    shown: Shown
    known: bool = True


def order_view(
    status: str, activation: str, *, error_code: str = "", starts_on: date | None = None, today: date | None = None
) -> OrderView:
    """The words for a pair of statuses. With a start day still ahead, an order that is being set up is scheduled.

    What is over is over, whatever its activation says; what failed is delayed, unless it waits for the customer.
    """
    outer, inner = status.strip().casefold(), activation.strip().casefold()
    if outer in _OVER:
        return OrderView(Shown.CANCELLED)
    if error_code in _CUSTOMERS_TURN and inner != "activated":
        return OrderView(Shown.ACTION_NEEDED)
    if inner == "failed":
        return OrderView(Shown.DELAYED)
    shown = _BY_STATUS.get(outer, {}).get(inner)
    if shown is None:
        return OrderView(Shown.IN_PROGRESS, known=False)
    if shown is Shown.SETTING_UP and starts_on and today and starts_on > today:
        return OrderView(Shown.SCHEDULED)
    return OrderView(shown)


def is_approved(status: str) -> bool:
    """Whether staff have said yes to an order with that status."""
    return status.strip().casefold() in _APPROVED


StepName = Literal["placed", "review", "approved", "billing", "set_up", "active"]
StepState = Literal["done", "now", "waiting", "delayed", "ahead", "stopped"]
STEPS: Final[tuple[StepName, ...]] = ("placed", "review", "approved", "billing", "set_up", "active")

_AT: Final[dict[Shown, StepState]] = {
    Shown.ACTION_NEEDED: "waiting",
    Shown.DELAYED: "delayed",
    Shown.CANCELLED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline. "waiting": for the customer. "stopped": the order ended before it."""

    name: StepName
    state: StepState


def steps(view: OrderView, *, approved: bool, billed: bool) -> tuple[Step, ...]:
    """The timeline. `approved`: staff have approved it. `billed`: WHMCS has its copy."""
    if view.shown is Shown.ACTIVE:
        return tuple(Step(name, "done") for name in STEPS)
    reached = 1 + (2 if approved else 0) + (1 if approved and billed else 0)
    if view.shown is Shown.DRAFT:
        reached = 0
    at = _AT.get(view.shown, "now")
    after: StepState = "stopped" if at == "stopped" else "ahead"
    return tuple(
        Step(name, "done" if place < reached else at if place == reached else after) for place, name in enumerate(STEPS)
    )
