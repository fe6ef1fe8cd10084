"""`make soak`, first part: thousands of random lives, with crashes and lost answers, of each kind there is.

python -m bench.sequences [--sequences 10000]

Plays tests/properties on every core: becoming a customer, ordering, and orders on their way to a running service. Ends
with exit code 1 and the scene, made short, when a rule was broken.
"""

import argparse
import os
import subprocess
import sys

from tools.paths import ROOT


def main(sequences: int) -> int:
    print(f"{sequences} sequences of becoming a customer, of ordering, and orders fulfilled ...", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() or 2), "tests/properties"]
    environment = os.environ | {"PORTAL_SEQUENCES": str(sequences), "PORTAL_ORDERS": str(sequences)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Random lives of sign-ups and of orders.")
    parser.add_argument("--sequences", type=int, default=10_000)
    sys.exit(main(**vars(parser.parse_args())))
