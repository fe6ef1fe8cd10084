"""One call as the operations see it: its JSON, checked field by field. Raises Refusal with the field's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.freebit import codes
from sandbox.freebit.codes import Refusal
from sandbox.freebit.lines import ACTIVE, Line
from sandbox.freebit.network import Freebit
from sandbox.freebit.work import LOCKING

ACCOUNT = re.compile(r"\d{11,14}", re.ASCII)
EID = re.compile(r"\d{32}", re.ASCII)
PRODUCT_NUMBER = re.compile(r"[A-Z]{2}\d{13}", re.ASCII)
RESERVATION = re.compile(r"\d{10}", re.ASCII)
ON, OFF = "10", "20"
Reply = dict[str, Any]


def day_text(text: object, about: str) -> str:
    """YYYYMMDD of a day that exists."""
    try:
        if not isinstance(text, str) or not re.fullmatch(r"\d{8}", text, re.ASCII):
            raise ValueError
        return f"{date.fromisoformat(text):%Y%m%d}"
    except ValueError:
        raise Refusal(codes.MALFORMED, about) from None


@dataclass(frozen=True, slots=True)
class Asked:
    freebit: Freebit
    body: dict[str, Any]

    @property
    def today(self) -> str:
        return f"{self.freebit.clock.today():%Y%m%d}"

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        """A field that must be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not (pattern.fullmatch(value) if pattern else value):
            raise Refusal(codes.MALFORMED, name)
        return value

    def optional(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        return "" if self.body.get(name) in (None, "") else self.text(name, pattern)

    def one_of(self, name: str, *words: str, default: str = "") -> str:
        value = self.body.get(name, default)
        if value not in words:
            raise Refusal(codes.MALFORMED, name)
        return str(value)

    def block(self, name: str) -> Asked:
        """An object inside the request."""
        value = self.body.get(name)
        if not isinstance(value, dict):
            raise Refusal(codes.MALFORMED, name)
        return Asked(self.freebit, value)

    def only_one(self) -> Asked:
        """The one entry of requestDatas."""
        entries = self.body.get("requestDatas")
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries) or not entries:
            raise Refusal(codes.MALFORMED, "requestDatas")
        if len(entries) > 1:
            raise Refusal(codes.ONE_AT_A_TIME)
        return Asked(self.freebit, entries[0])

    def day(self, name: str, *, today_is_late: bool = False) -> str:
        """YYYYMMDD, not in the past; "" when absent."""
        if self.body.get(name) in (None, ""):
            return ""
        day = day_text(self.body[name], name)
        if day < self.today or (today_is_late and day == self.today):
            raise Refusal(codes.MALFORMED, name)
        return day

    def plan(self) -> str:
        plan = self.text("planCode", re.compile(r"[!-~]{1,32}"))
        if self.freebit.behaviour.plans and plan not in self.freebit.behaviour.plans:
            raise Refusal(codes.PLAN_UNKNOWN)
        return plan

    def account(self) -> str:
        return self.text("account", ACCOUNT)

    def line(self) -> Line:
        """The line of `account`, as far as the reseller can see it."""
        line = self.freebit.lines.find(self.account())
        if line is None or (not line.activated_on and not self.freebit.behaviour.shows_pending):
            raise Refusal(codes.NOT_FOUND)
        return line

    def active_line(self, *, change: bool = False) -> Line:
        """One that can be changed now. `change`: the kinds between which some time must pass."""
        line = self.line()
        if self.freebit.work.open(line.account, LOCKING):
            raise Refusal(codes.LOCKED)
        if line.status != ACTIVE:
            raise Refusal(codes.WRONG_STATE)
        last = self.freebit.work.last_change_at(line.account) if change else None
        if last is not None and self.freebit.clock.unix() - last < self.freebit.behaviour.spacing_s:
            raise Refusal(codes.TOO_SOON)
        return line
