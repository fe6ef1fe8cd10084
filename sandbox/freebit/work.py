"""Requests that were accepted: when they come due, what they do to the line, and how they ended. None is ever deleted,
so they count the effects too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import JAPAN, Clock
from sandbox.freebit import codes
from sandbox.freebit.lines import ACTIVE, FAILED, OBSOLETE, Line, Lines
from sandbox.store import Row, Store

LOCKING = ("voice", "network", "reissue", "replace")
CHANGES = ("voice", "network", "plan")
ACTIVATING = ("activation",)
# The last four digits of a reservation number decide what the old operator says to it.
PORT_IN_ENDINGS = {"9001": codes.PORT_NAME, "9002": codes.PORT_EXPIRED, "9003": codes.PORT_USED}


@dataclass(frozen=True, slots=True)
class Request:
    """`due_at` in seconds since the epoch, or None for one that waits for staff; `due_on` YYYYMMDD or "" beside it."""

    id: int
    account: str
    kind: str
    payload: dict[str, Any]
    asked_at: float
    due_at: float | None
    due_on: str
    state: str
    code: str
    ended_at: float | None

    @classmethod
    def of(cls, row: Row) -> Request:
        return cls(**(row | {"payload": json.loads(row["payload"])}))


class Work:
    def __init__(self, store: Store, clock: Clock, lines: Lines) -> None:
        self._store, self._clock, self._lines = store, clock, lines

    def accept(
        self, account: str, kind: str, payload: dict[str, Any], delay_s: float | None, due_on: str = ""
    ) -> Request:
        now = self._clock.unix()
        found = self._store.insert(
            "fb_work",
            account=account,
            kind=kind,
            payload=json.dumps(payload, ensure_ascii=False),
            asked_at=now,
            due_at=None if delay_s is None else now + delay_s,
            due_on=due_on,
            state="open",
            code="",
        )
        self.settle()
        return self.get(found)

    def get(self, request_id: int) -> Request:
        return self._rows("WHERE id = ?", request_id)[0]

    def of(self, account: str) -> list[Request]:
        """All of one line, oldest first."""
        return self._rows("WHERE account = ? ORDER BY id", account)

    def open(self, account: str, kinds: tuple[str, ...]) -> Request | None:
        return next((one for one in self.of(account) if one.state == "open" and one.kind in kinds), None)

    def all(self) -> list[Request]:
        return self._rows("ORDER BY id")

    def ended(self) -> list[Request]:
        """In the order they ended."""
        return self._rows("WHERE state != 'open' ORDER BY ended_at, id")

    def settle(self) -> None:
        """Do all that has come due, in the order it did."""
        now, today = self._clock.unix(), f"{self._clock.today():%Y%m%d}"
        sql = "WHERE state = 'open' AND due_at IS NOT NULL AND due_at <= ? AND due_on <= ? ORDER BY due_at, id"
        for request in self._rows(sql, now, today):
            self.finish(request)

    def finish(self, request: Request, code: str = "") -> None:
        """Its effect, or its failure with `code`. What it was accepted with may already say how it ends."""
        code = code or str(request.payload.get("ends_with", "")) or self._port_in(request) or codes.OK
        line = self._lines.find(request.account)
        if line is not None:
            _apply(request, line, code, f"{self._clock.today():%Y%m%d}")
            self._lines.save(line)
        state = "done" if code == codes.OK else "failed"
        ended_at = self._clock.unix()
        self._store.update("fb_work", request.id, state=state, code=code, ended_at=ended_at)

    def last_change_at(self, account: str) -> float | None:
        """When the last plan, voice or network change was accepted."""
        return max((one.asked_at for one in self.of(account) if one.kind in CHANGES), default=None)

    def notices(self) -> str:
        """The notice file: one line per activation or reissue that ended. Its layout is a placeholder."""
        kinds = (*ACTIVATING, "reissue")
        rows = [f"{self.when(one.ended_at)},{one.account},{one.code}" for one in self.ended() if one.kind in kinds]
        return "".join(row + "\r\n" for row in ["endedAt,account,resultCode", *rows])

    @staticmethod
    def when(at: float | None) -> str:
        """YYYYMMDDhhmmss in Japan."""
        return "" if at is None else f"{datetime.fromtimestamp(at, JAPAN):%Y%m%d%H%M%S}"

    def _port_in(self, request: Request) -> str:
        number = str(request.payload.get("reserve_number", ""))
        if not number:
            return ""
        sql = "WHERE state = 'done' AND json_extract(payload, '$.reserve_number') = ?"
        used = bool(self._rows(sql, number))
        return codes.PORT_USED if used else PORT_IN_ENDINGS.get(number[-4:], "")

    def _rows(self, where: str, *args: Any) -> list[Request]:
        return [Request.of(row) for row in self._store.rows(f"SELECT * FROM fb_work {where}", *args)]


def _apply(request: Request, line: Line, code: str, today: str) -> None:
    wanted = request.payload
    if code != codes.OK:
        if request.kind in ACTIVATING:
            line.status, line.code = FAILED, code
        return
    if request.kind in ACTIVATING:
        line.status, line.activated_on, line.iccid = ACTIVE, today, iccid_of(line, request.id)
    elif request.kind == "reissue":
        line.eid, line.product_number, line.form = wanted["eid"], "", "esim"
        line.iccid = iccid_of(line, request.id)
    elif request.kind == "replace":
        line.product_number, line.eid, line.form = wanted["product_number"], "", "ota"
        line.iccid = iccid_of(line, request.id)
    elif request.kind == "voice":
        line.voice |= wanted["options"]
    elif request.kind == "network":
        line.network = wanted["line"]
    elif request.kind == "plan":
        line.plan, line.next_plan, line.next_plan_on = wanted["plan"], "", ""
    elif request.kind == "cancel":
        line.status = OBSOLETE


def iccid_of(line: Line, request_id: int) -> str:
    """19 digits; a new profile or card has another one."""
    return f"8981{request_id % 10000:04d}{line.account[-11:]}"
