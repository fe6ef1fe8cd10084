"""`make test`: lint, types and every test. Exit code 0 only when all of it ran and passed.

python -m tools.check [lint types tests browser]     only these steps
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools.paths import ROOT
from tools.system import missing_packages

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q"]
STEPS: dict[str, list[list[str]]] = {
    "lint": [[str(BIN / "ruff"), "check", "."], [str(BIN / "ruff"), "format", "--check", "."]],
    "types": [[sys.executable, "-m", "mypy"]],
    # Two at a time. What drives a browser follows, each of the two with a portal and a browser of its own.
    "tests": [[*PYTEST, "-m", "not browser", "-n", "2"]],
    "browser": [[*PYTEST, "-m", "browser", "-n", "2"]],
}


def run_step(name: str) -> bool:
    """Run one step's commands; whether all ended well."""
    print(f"== {name}", flush=True)
    began = time.monotonic()
    environment = os.environ | {"PORTAL_TESTS_NO_SKIPS": "1"}
    good = all(subprocess.run(c, cwd=ROOT, env=environment, check=False).returncode == 0 for c in STEPS[name])
    print(f"== {name}: {'ok' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    return good


def main() -> int:
    chosen = sys.argv[1:] or list(STEPS)
    if {"tests", "browser"} & set(chosen) and (missing := missing_packages()):
        print(f"The tests need system packages. Run: apt-get install -y {' '.join(missing)}", file=sys.stderr)
        return 1
    failed = [name for name in chosen if not run_step(name)]
    print(f"FAILED: {', '.join(failed)}" if failed else "Everything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
