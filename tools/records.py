"""What `make run` has running, written down so that `make stop` and `make status` find exactly that."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.processes import started_at

SUPERVISOR = "make-run"


@dataclass(frozen=True)
class Record:
    """One process: its id is only believed together with the moment it began."""

    name: str
    pid: int
    started: str

    @property
    def alive(self) -> bool:
        return self.started != "" and started_at(self.pid) == self.started

    def signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Records:
    """A folder with one small file per process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, pid: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{name}.json").write_text(json.dumps(asdict(Record(name, pid, started_at(pid)))))

    def remove(self, name: str) -> None:
        (self._folder / f"{name}.json").unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Record]:
        for path in sorted(self._folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, TypeError):
                yield Record(**json.loads(path.read_text()))

    def supervisor(self) -> Record | None:
        """The `make run` that is running now, or None."""
        return next((r for r in self if r.name == SUPERVISOR and r.alive), None)


def wait_for_end(records: list[Record], timeout_s: float) -> list[Record]:
    """Those that still run when the time is over."""
    end = time.monotonic() + timeout_s
    while (left := [r for r in records if r.alive]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def stop_all(records: Records) -> list[str]:
    """End the supervisor, which ends its children, then whatever of them is left. Names of what ran."""
    running = [r for r in records if r.alive]
    if supervisor := records.supervisor():
        os.kill(supervisor.pid, signal.SIGTERM)
        wait_for_end(running, 25)
    for number, patience in ((signal.SIGTERM, 8), (signal.SIGKILL, 3)):
        left = [r for r in running if r.alive and r.name != SUPERVISOR]
        for record in left:
            record.signal_group(number)
        wait_for_end(left, patience)
    for record in list(records):
        if not record.alive:
            records.remove(record.name)
    return [r.name for r in running]
