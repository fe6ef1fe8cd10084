"""What one order on its way is, as read from its row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from portal_app.domain.fulfilment import TERMINAL, BilledLine, Hold, Progress, State, is_set_up
from portal_app.storage.encryption import DecryptionFailed, FieldCipher

_LINES: Final = TypeAdapter(tuple[BilledLine, ...])
_SIM: Final = ("fulfilments", "sim")


@dataclass(frozen=True, slots=True)
class FulfilmentRecord:
    """An order as it was when read. `lines`: what WHMCS is asked for; `whmcs_service_ids`: line number -> service.

    `next_attempt_at` None: it waits for somebody. `intent_at`: when the last attempt began whose outcome may be
    unknown; None when surely none is under way. `report`: what Salesforce has still to be told. `lease_owner`, `fence`
    and `step_no` prove the hold of whoever got this record from a claim.
    """

    salesforce_order_id: str
    order_number: str
    user_id: str
    whmcs_client_id: int
    line: str
    state: State
    hold: Hold
    step_no: int
    attempts: int
    next_attempt_at: datetime | None
    intent_at: datetime | None
    failing_since: datetime | None
    expected_by: datetime | None
    error_code: str
    error_text: str
    report: str
    lines: tuple[BilledLine, ...]
    whmcs_order_id: int
    whmcs_service_ids: Mapping[int, int]
    whmcs_invoice_id: int
    sim_number: str = field(repr=False)
    correlation_id: str
    created_at: datetime
    updated_at: datetime
    wakes: int
    wakes_seen: int
    lease_owner: str
    fence: int

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.state in TERMINAL

    @property
    def is_woken(self) -> bool:
        """Whether something was heard of it since its holder last decided."""
        return self.wakes > self.wakes_seen

    def progress(self) -> Progress:
        """How far it has come, for the customer."""
        return Progress(
            self.state,
            self.hold,
            self.error_code,
            billed=self.whmcs_order_id > 0,
            set_up=is_set_up(self.state, self.line),
            updated_at=self.updated_at,
        )


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One transition, as it happened (F14). `took_ms`: since the one before it in the same run."""

    step_no: int
    from_state: str
    to_state: str
    hold: str
    attempt: int
    code: str
    correlation_id: str
    took_ms: int
    at: datetime


_CONVERTED: Final = ("state", "hold", "lines", "whmcs_service_ids", "sim_number")
_COPIED: Final = tuple(name for name in FulfilmentRecord.__slots__ if name not in _CONVERTED)


def to_columns(cipher: FieldCipher, order_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of a record as its columns keep them."""
    values = dict(changes)
    if "lines" in values:
        values["lines"] = _LINES.dump_json(values["lines"]).decode()
    if "whmcs_service_ids" in values:
        values["whmcs_service_ids"] = json.dumps({str(n): i for n, i in values["whmcs_service_ids"].items()})
    if "sim_number" in values:
        number = values.pop("sim_number")
        values["sim_sealed"] = cipher.seal(*_SIM, order_id, number) if number else ""
    return values


def opened(cipher: FieldCipher, row: Any) -> FulfilmentRecord:
    """The record of a row. Raises: DecryptionFailed."""
    number = cipher.open(*_SIM, row.salesforce_order_id, row.sim_sealed) if row.sim_sealed else ""
    return _record(row, number)


def seen(cipher: FieldCipher, row: Any) -> FulfilmentRecord:
    """A record that proves no hold; a number that cannot be opened is left out."""
    try:
        number = cipher.open(*_SIM, row.salesforce_order_id, row.sim_sealed) if row.sim_sealed else ""
    except DecryptionFailed:
        number = ""
    return _record(row, number, lease_owner="")


def unopened(row: Any) -> FulfilmentRecord:
    """The record of a row whose number does not open."""
    return _record(row, "")


def _record(row: Any, number: str, **other: Any) -> FulfilmentRecord:
    copied = {name: getattr(row, name) for name in _COPIED} | other
    return FulfilmentRecord(
        state=State(row.state),
        hold=Hold(row.hold),
        lines=_LINES.validate_json(row.lines),
        whmcs_service_ids={int(number): int(held) for number, held in json.loads(row.whmcs_service_ids).items()},
        sim_number=number,
        **copied,
    )
