"""From an approved order to a running service: the states on the way, what is sent to whom, and why an order waits.

The states are those of one row per order; the work itself is in `workflows`. Codes are the words written back to
Salesforce, for staff; a customer reads sentences (order_status).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.sim import PortIn, SimForm

MARKER_PREFIX: Final = "portal"


class State(StrEnum):
    """How far an order has come. Of an `*_INTENT` nobody knows whether it was done: look before doing it (F1)."""

    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    SCHEDULED = "SCHEDULED"
    ADD_INTENT = "ADD_INTENT"
    ADDED = "ADDED"
    SIM_INTENT = "SIM_INTENT"
    SIM_WAIT = "SIM_WAIT"
    SIM_ACTIVE = "SIM_ACTIVE"
    ACCEPT_INTENT = "ACCEPT_INTENT"
    ACCEPTED = "ACCEPTED"
    INVOICE_INTENT = "INVOICE_INTENT"
    INVOICED = "INVOICED"
    WRITEBACK = "WRITEBACK"
    COMPLETED = "COMPLETED"
    CANCEL_INTENT = "CANCEL_INTENT"
    CANCELLED = "CANCELLED"


class Hold(StrEnum):
    """Why an order does not move by itself just now; it goes on from the state it is in."""

    NONE = ""
    RETRY = "RETRY_WAIT"
    PAUSED = "PAUSED"
    REVIEW = "NEEDS_REVIEW"


class Code(StrEnum):
    """Why it waits, in the words written back to Salesforce."""

    PAYMENT_METHOD_MISSING = "PAYMENT_METHOD_MISSING"
    IDENTITY_NOT_VERIFIED = "IDENTITY_NOT_VERIFIED"
    SIM_STOCK_MISSING = "SIM_STOCK_MISSING"
    MARKER_FIELD_MISSING = "MARKER_FIELD_MISSING"
    MAPPING_ERROR = "MAPPING_ERROR"
    WHMCS_ERROR = "WHMCS_ERROR"
    SIM_ERROR = "SIM_ERROR"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    PROVISIONING_ERROR = "PROVISIONING_ERROR"


TERMINAL: Final = frozenset({State.COMPLETED, State.CANCELLED})
INTENTS: Final = frozenset(
    {State.ADD_INTENT, State.SIM_INTENT, State.ACCEPT_INTENT, State.INVOICE_INTENT, State.CANCEL_INTENT}
)
CUSTOMERS_TURN: Final = frozenset({Code.PAYMENT_METHOD_MISSING, Code.IDENTITY_NOT_VERIFIED})
PATIENT: Final = frozenset({State.SCHEDULED, State.SIM_WAIT})
"""May take long without being stuck (F13a)."""
_SET_UP: Final = frozenset({State.ACCEPTED, State.INVOICE_INTENT, State.INVOICED, State.WRITEBACK, State.COMPLETED})
_SIM_SET_UP: Final = _SET_UP | {State.SIM_ACTIVE, State.ACCEPT_INTENT}
NEXT: Final[dict[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.VALIDATED, State.COMPLETED, State.CANCELLED}),
    State.VALIDATED: frozenset({State.SCHEDULED, State.ADD_INTENT, State.CANCELLED}),
    State.SCHEDULED: frozenset({State.ADD_INTENT, State.VALIDATED, State.CANCELLED}),
    State.ADD_INTENT: frozenset({State.ADD_INTENT, State.ADDED, State.CANCELLED}),
    State.ADDED: frozenset({State.SIM_INTENT, State.ACCEPT_INTENT, State.CANCEL_INTENT}),
    State.SIM_INTENT: frozenset({State.SIM_INTENT, State.SIM_WAIT, State.SIM_ACTIVE}),
    State.SIM_WAIT: frozenset({State.SIM_WAIT, State.SIM_INTENT, State.SIM_ACTIVE}),
    State.SIM_ACTIVE: frozenset({State.ACCEPT_INTENT}),
    State.ACCEPT_INTENT: frozenset({State.ACCEPT_INTENT, State.ACCEPTED}),
    State.ACCEPTED: frozenset({State.INVOICE_INTENT, State.WRITEBACK}),
    State.INVOICE_INTENT: frozenset({State.INVOICE_INTENT, State.INVOICED}),
    State.INVOICED: frozenset({State.WRITEBACK}),
    State.WRITEBACK: frozenset({State.COMPLETED}),
    State.CANCEL_INTENT: frozenset({State.CANCEL_INTENT, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""An intent may be committed again: that is another attempt, with a time of its own."""


class NotFulfillable(Exception):
    """This order cannot go on as it is. `text` is for staff, in English, without personal data."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class NeedsReview(NotFulfillable):
    """Going on could do something twice, or undo what a person did: it is left as it is until somebody has looked."""


@dataclass(frozen=True, slots=True)
class ApprovedLine:
    """A line of an order as Salesforce has it. `number` counts from 1 by line key; `unit_price` net yen.

    `sim_use`: the type of a SIM plan, in Salesforce's words.
    """

    number: int
    salesforce_item_id: str
    name: str
    sku: str
    item_class: ItemClass | None
    quantity: Decimal
    unit_price: Decimal
    cycle: Cycle | None
    whmcs_product_id: int | None
    whmcs_service_id: str = ""
    sim_use: str = ""


@dataclass(frozen=True, slots=True)
class SimWishes:
    """What a SIM order asks for, and what staff filled in. Numbers as they were typed."""

    form: SimForm = ""
    eid: str = field(default="", repr=False)
    product_number: str = field(default="", repr=False)
    phone_number: str = field(default="", repr=False)
    voice_mail: bool = False
    call_waiting: bool = False
    port_in: PortIn | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ApprovedOrder:
    """An order as it stands in Salesforce, whoever's it is: read again before every step that counts (E5, F13).

    `status`, `activation`, `error_code`: Salesforce's words. `line` None: a type nobody knows. `starts_on`: a day in
    Japan, for scheduled ones only; `is_scheduled` without it: staff forgot the day. `from_portal`: placed here.
    """

    salesforce_order_id: str
    number: str
    salesforce_account_id: str
    line: ProductLine | None
    status: str
    activation: str
    error_code: str
    from_portal: bool
    salesforce_opportunity_id: str
    starts_on: date | None
    whmcs_order_id: str
    lines: tuple[ApprovedLine, ...]
    sim: SimWishes = SimWishes()
    is_scheduled: bool = False

    @property
    def is_over(self) -> bool:
        """Whether staff have cancelled or rejected it."""
        return self.status.strip().casefold() in ("cancelled", "rejected")

    @property
    def is_approved(self) -> bool:
        """Whether staff have said yes."""
        return self.status.strip().casefold() in ("approved", "processed", "activated")

    @property
    def is_activating(self) -> bool:
        """Whether Salesforce says that it is being set up, which is how it asks for it."""
        return self.activation.strip().casefold() == "activating"

    @property
    def is_activated(self) -> bool:
        """Whether Salesforce says that it is done."""
        return self.activation.strip().casefold() == "activated"


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One product of an order as WHMCS is asked for it. `unit_price` net yen, as the order has it."""

    number: int
    salesforce_item_id: str
    sku: str
    whmcs_product_id: int
    cycle: Literal["monthly", "onetime"]
    unit_price: Decimal
    is_service: bool


def marker(salesforce_order_id: str, line_number: int) -> str:
    """What a service in WHMCS carries so that it is recognised: from the order alone, never from a clock (F2)."""
    return f"{MARKER_PREFIX}:{salesforce_order_id}:{line_number}"


def read_marker(text: str) -> tuple[str, int] | None:
    """Order id and line number of a marker; None for what is none."""
    parts = text.strip().split(":")
    if len(parts) != 3 or parts[0] != MARKER_PREFIX or not (parts[2].isascii() and parts[2].isdecimal()):
        return None
    return parts[1], int(parts[2])


def billed_lines(order: ApprovedOrder) -> tuple[BilledLine, ...]:
    """What WHMCS is to be asked for, in the order of the lines. Raises: NotFulfillable naming the line."""
    if order.line not in (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN):
        raise NotFulfillable(Code.VALIDATION_ERROR, "The type of the order is not Internet, SIM or VPN.")
    if order.is_scheduled and order.starts_on is None:
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order is scheduled, but has no day.")
    if not order.lines:
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order has no lines.")
    found = tuple(_billed(line) for line in order.lines)
    if sum(line.is_service for line in found) != 1:
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order must have exactly one line of class Service.")
    return found


def _billed(line: ApprovedLine) -> BilledLine:
    name = f"Line {line.number} ({line.sku or line.salesforce_item_id})"
    if not line.whmcs_product_id or line.whmcs_product_id < 1:
        raise NotFulfillable(Code.MAPPING_ERROR, f"{name}: its product names no WHMCS product.")
    if line.cycle is None:
        raise NotFulfillable(Code.MAPPING_ERROR, f"{name}: its billing cycle is neither Monthly nor Onetime.")
    if line.quantity != 1:
        raise NotFulfillable(Code.VALIDATION_ERROR, f"{name}: the quantity must be 1.")
    if line.unit_price < 0:
        raise NotFulfillable(Code.VALIDATION_ERROR, f"{name}: the price is negative.")
    return BilledLine(
        line.number,
        line.salesforce_item_id,
        line.sku,
        line.whmcs_product_id,
        "monthly" if line.cycle is Cycle.MONTHLY else "onetime",
        line.unit_price,
        line.item_class is ItemClass.SERVICE,
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order has come, for the customer's own page. Times are UTC."""

    state: State
    hold: Hold
    code: str
    billed: bool
    set_up: bool
    updated_at: datetime


def is_set_up(state: State, line: str) -> bool:
    """Whether the service itself is there: a SIM once it is active, everything else once WHMCS has accepted it."""
    return state in (_SIM_SET_UP if line == ProductLine.SIM else _SET_UP)
