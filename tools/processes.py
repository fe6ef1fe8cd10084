"""Child processes: started with a log file, waited for within bounds, ended by their own id. Standard library only."""

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


class ProcessError(Exception):
    """A child did not do what was expected of it. The message names it and shows the end of its log."""


@dataclass
class Process:
    """A running child. It leads its own process group, so that ending it also ends what it started."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    end_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10  # how long it may take to end once it was asked to

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def log_tail(self, lines: int = 15) -> str:
        """The end of its log, for an error message."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def stop(self, timeout_s: float | None = None) -> None:
        """Ask it to end, wait, then end its group for certain. Does nothing when it has ended already."""
        if self.running:
            self._signal(self.end_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(self.grace_s if timeout_s is None else timeout_s)
        # Children of a leader that is gone keep its group number; nobody else can get it while one of them lives.
        self._signal(signal.SIGKILL)
        self.popen.wait(5)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    end_signal: signal.Signals = signal.SIGTERM,
    grace_s: float = 10,
) -> Process:
    """Start `command` in the background, output to `log` (appended). It ends by itself when its starter dies (Linux).

    Raises ProcessError when it cannot be started at all.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("ab") as out:
            popen = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                user=user,
                extra_groups=[] if user else None,
            )
    except OSError as broken:
        raise ProcessError(f"{name} cannot be started: {broken.strerror}: {command[0]}") from broken
    return Process(name, popen, log, end_signal, grace_s)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(ready: Callable[[], bool], process: Process, *, timeout_s: float, what: str) -> None:
    """Ask `ready` again and again until it says yes. Raises ProcessError when the child ends or the time is over."""
    end = time.monotonic() + timeout_s
    while not ready():
        if not process.running:
            raise ProcessError(f"{process.name} ended with code {process.popen.returncode}:\n{process.log_tail()}")
        if time.monotonic() > end:
            raise ProcessError(f"{process.name}: {what} not seen within {timeout_s:g} s:\n{process.log_tail()}")
        time.sleep(0.05)


def wait_for_line(process: Process, text: str, *, timeout_s: float = 20) -> None:
    """Wait until `text` stands in the child's log."""
    wait_until(lambda: text in process.log_tail(1000), process, timeout_s=timeout_s, what=repr(text))


def wait_for_url(process: Process, url: str, *, timeout_s: float = 30, status: int = 200) -> None:
    """Wait until GET `url` answers with `status`."""
    wait_until(lambda: http_status(url) == status, process, timeout_s=timeout_s, what=url)


def http_status(url: str, timeout_s: float = 5) -> int:
    """Status of GET `url`, redirects followed; 0 when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (OSError, http.client.HTTPException):
        return 0


def started_at(pid: int) -> str:
    """When the process with this id began, in its system's own words; "" when there is none.

    Together with the id it names one process for certain: ids are used again.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = stat[stat.rindex(")") + 2 :].split()
        return "" if state == "Z" else fields[18]
    except (OSError, ValueError):
        if sys.platform == "linux":
            return ""
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip()
