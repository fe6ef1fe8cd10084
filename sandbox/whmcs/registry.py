"""The actions this stand-in knows, by lower-case name, and what each of them is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.store import Row
from sandbox.whmcs import forms
from sandbox.whmcs.encode import Reply
from sandbox.world import World


class Refusal(Exception):
    """A business error: HTTP 200 with result=error, unless the reference says another status."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.message, self.status = message, status


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its parameters as PHP reads them, and the address it was sent to."""

    world: World
    params: forms.Params
    site: str

    def text(self, name: str) -> str:
        return forms.text(self.params, name)

    def number(self, name: str, default: int = 0) -> int:
        return forms.number(self.params, name, default)

    def flag(self, name: str) -> bool:
        return forms.flag(self.params, name)

    def row_or_refuse(self, table: str, parameter: str, message: str) -> Row:
        found = self.world.store.get(table, self.number(parameter))
        if found is None:
            raise Refusal(message)
        return found

    def page(self) -> tuple[int, int]:
        """limitstart and limitnum, default 25; no snapshot is kept between pages."""
        size = self.number("limitnum", 25)
        return max(0, self.number("limitstart")), size if size > 0 else 25


Handler = Callable[[Call], Reply]
Announcement = tuple[str, dict[str, Any]]
ACTIONS: dict[str, Handler] = {}
BEFORE: dict[str, Callable[[Call], Announcement]] = {}


def action(name: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        ACTIONS[name.lower()] = handler
        return handler

    return register


def announced_first(name: str) -> Callable[[Callable[[Call], Announcement]], Callable[[Call], Announcement]]:
    """The hook that WHMCS runs BEFORE the action changes anything: whoever reads on hearing it sees the old state."""

    def register(check: Callable[[Call], Announcement]) -> Callable[[Call], Announcement]:
        BEFORE[name.lower()] = check
        return check

    return register


def failed_midway(message: str) -> Reply:
    """A refusal that keeps what was done before it, as WHMCS does where a module fails. A Refusal undoes everything."""
    return {"result": "error", "message": message}


def paging(total: int, start: int, rows: list[Any]) -> Reply:
    return {"totalresults": total, "startnumber": start, "numreturned": len(rows)}
