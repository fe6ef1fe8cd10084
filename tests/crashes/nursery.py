"""A warmed-up parent without threads: each child is a fork of it, so that a new process costs milliseconds.

python -m tests.crashes.nursery: one command a line on stdin, one answer a line on stdout.
"""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from tests.crashes.errand import Errand
from tools.paths import ROOT

KILLED = -signal.SIGKILL


class Nursery:
    """The handle of the parent. `start` gives a child's process id, `wait` how it ended (negative: by a signal)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._answer()

    def start(self, errand: Errand) -> int:
        return int(self._ask("start", errand.to_json()))

    def warm(self, errand: Errand) -> None:
        """The parent does one itself, so that no child is the first that imports or compiles anything."""
        assert self._ask("warm", errand.to_json()) == "0"

    def wait(self, pid: int, seconds: float = 60.0) -> int | None:
        """None when it is still alive after so long."""
        status = self._ask("wait", json.dumps([pid, seconds]))
        return None if status == "alive" else int(status)

    def stopped(self, pid: int, seconds: float = 30.0) -> bool:
        """Whether it came to stand still within that time."""
        return self._ask("stopped", json.dumps([pid, seconds])) == "yes"

    def run(self, errand: Errand) -> int:
        """How it ended; a child that does not end is killed."""
        pid = self.start(errand)
        status = self.wait(pid, errand.seconds + 20)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            self.wait(pid)
            raise AssertionError(f"a child did not end: {errand}")
        return status

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)

    def _ask(self, what: str, argument: str) -> str:
        assert self._process.stdin
        self._process.stdin.write(f"{what} {argument}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the nursery has gone"
        return line.strip()


def _fork(text: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        from tests.crashes import child

        gc.disable()  # it does not live that long
        os.close(0)
        os.dup2(2, 1)
        errand = Errand.of(text)
        if errand.log_file:
            log = os.open(errand.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
        code = child.run(errand)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _wait(pid: int, seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return str(os.waitstatus_to_exitcode(status))
        time.sleep(0.002)
    return "alive"


def _stopped(pid: int, seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T":
                return "yes"
        time.sleep(0.002)
    return "no"


def main() -> None:
    from tests.crashes import child  # all there is to import
    from tests.support.compiling import share_compiled_statements

    share_compiled_statements()
    print("ready", flush=True)
    for line in sys.stdin:
        what, _, argument = line.strip().partition(" ")
        if what == "start":
            print(_fork(argument), flush=True)
        elif what == "warm":
            print(child.run(Errand.of(argument)), flush=True)
            gc.freeze()
        else:
            print({"wait": _wait, "stopped": _stopped}[what](*json.loads(argument)), flush=True)


if __name__ == "__main__":
    main()
