"""What goes wrong, and when: a process that dies, an answer that is lost, a database that says no.

A trouble is armed for one act and strikes at the nth point of its sort: a commit, a call to an outside system, the
beginning of a write. After a crash every later word of that process raises again, whatever its code does about it.
"""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from typing import Final, Literal

System = Literal["whmcs", "salesforce"]

AT_COMMIT: Final = ("crash_before_commit", "crash_after_commit", "commit_fails")
AT_CALL: Final = (
    "crash_before_call",
    "crash_after_call",
    "refused",  # no connection: surely not sent
    "lost_before",  # sent, never arrived
    "lost_after",  # arrived and done, the answer lost
    "late",  # done long after the caller gave up
    "slow",
    "busy",  # our own queue is full
    "rejected",
    "garbled",  # done, and answered with something unreadable
)
AT_WRITE: Final = ("stalls",)
KINDS: Final = (*AT_COMMIT, *AT_CALL, *AT_WRITE)
STALL_S: Final = 130.0
"""Longer than a lease."""


class Crash(BaseException):
    """The process is gone. No ordinary `except` may catch it."""


@dataclass(frozen=True)
class Trouble:
    """`kind` strikes at the `at`-th point of its sort, counted from 1. `on`: only calls of that operation count."""

    kind: str
    at: int = 1
    on: str = ""


@dataclass
class Troubles:
    """Asked at every point. `dead`: the process crashed; `struck`: every kind that ever came true."""

    dead: bool = False
    down: set[System] = field(default_factory=set)
    struck: list[str] = field(default_factory=list)
    _armed: Trouble | None = None
    _left: int = 0

    def arm(self, trouble: Trouble | None) -> None:
        """For the next act; None for none."""
        self._armed, self._left = trouble, trouble.at if trouble else 0

    def born(self) -> None:
        """Another process takes the place of the dead one."""
        self.dead = False
        self.arm(None)

    def alive(self) -> None:
        """Raises: Crash when this process is dead."""
        if self.dead:
            raise Crash

    async def before_write(self) -> None:
        """A process may stand still for longer than its lease, right before it writes."""
        self.alive()
        if self._strikes(AT_WRITE):
            await asyncio.sleep(STALL_S)
            self.alive()

    def before_commit(self) -> str:
        """What happens at this commit, "" for nothing. Raises: Crash, OperationalError; then nothing was committed."""
        self.alive()
        kind = self._strikes(AT_COMMIT)
        if kind == "commit_fails":
            raise sqlite3.OperationalError("disk I/O error (injected)")
        if kind == "crash_before_commit":
            self.crash()
        return kind

    def before_call(self, system: System, operation: str) -> str:
        """What happens to this call, "" for nothing. Raises: Crash; then nothing was sent."""
        self.alive()
        kind = self._strikes(AT_CALL, operation)
        if kind == "crash_before_call":
            self.crash()
        return kind or ("refused" if system in self.down else "")

    def crash(self) -> None:
        """Raises: Crash, from now on at every point."""
        self.dead = True
        raise Crash

    def _strikes(self, sorts: tuple[str, ...], operation: str = "") -> str:
        if self._armed is None or self._armed.kind not in sorts or self._armed.on not in ("", operation):
            return ""
        self._left -= 1
        if self._left:
            return ""
        kind, self._armed = self._armed.kind, None
        self.struck.append(kind)
        return kind
