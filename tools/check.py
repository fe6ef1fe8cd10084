"""`make test`: lint, types and every test. Exit code 0 only when all of it ran and passed.

python -m tools.check [lint types tests browser]     only these steps
"""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.paths import ROOT
from tools.system import missing_packages

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q"]
TWO = ["-n", "2", "--dist", "worksteal"]
"""Whoever is done takes over half of what the other still has to do."""
STEPS: dict[str, list[list[str]]] = {
    "lint": [[str(BIN / "ruff"), "check", "."], [str(BIN / "ruff"), "format", "--check", "."]],
    "types": [[sys.executable, "-m", "mypy"]],
    # Two at a time, each with servers of its own.
    "tests": [[*PYTEST, "-m", "not browser", "--ignore", "tests/browser", *TWO]],
    # Beside the others, for it waits half of the time. Each of the two has a portal and a browser of its own.
    # Named by their folder, so that nobody reads ten thousand others to leave them out.
    "browser": [[*PYTEST, "tests/browser", "-m", "browser", *TWO, "-p", "no:cacheprovider"]],
}
LIVE = "tests"
"""Takes longest: it shows how far it is. What the others say is printed when they have ended."""
GIVEN = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
"""Servers that serve one test process only."""
_printing = threading.Lock()


def run_step(name: str, *, live: bool) -> bool:
    """Run one step's commands; whether all ended well. Its output comes as it is said, or whole at the end."""
    began = time.monotonic()
    environment = os.environ | {"PORTAL_TESTS_NO_SKIPS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what was compiled once is kept
    if name != LIVE:
        environment = {key: value for key, value in environment.items() if key not in GIVEN}
    if live:
        _say(f"== {name}")
    pipe = None if live else subprocess.PIPE
    ended = [
        subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=pipe, stderr=subprocess.STDOUT)
        for command in STEPS[name]
    ]
    good = all(one.returncode == 0 for one in ended)
    told = "".join((one.stdout or b"").decode(errors="replace") for one in ended)
    _say(f"{told}== {name}: {'ok' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    return good


def _say(text: str) -> None:
    with _printing:
        print(f"\n{text}" if "\n" in text else text, flush=True)


def main() -> int:
    chosen = sys.argv[1:] or list(STEPS)
    if {"tests", "browser"} & set(chosen) and (missing := missing_packages()):
        print(f"The tests need system packages. Run: apt-get install -y {' '.join(missing)}", file=sys.stderr)
        return 1
    live = LIVE if LIVE in chosen else chosen[-1]
    with ThreadPoolExecutor(len(chosen)) as together:
        ended = {name: together.submit(run_step, name, live=name == live) for name in chosen}
    failed = [name for name in chosen if not ended[name].result()]
    print(f"FAILED: {', '.join(failed)}" if failed else "Everything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # the steps have heard it, too
        sys.exit("Stopped.")
