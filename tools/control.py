"""`make stop`, `make status`, `make logs`, `make reset`: about what `make run` started in this checkout."""

import contextlib
import shutil
import subprocess
import sys

from tools import stack
from tools.environment import demo_environment, given_environment
from tools.paths import ROOT, data_folder, logs_folder
from tools.processes import http_status
from tools.records import SUPERVISOR, Records, stop_all


def stop() -> int:
    """End everything `make run` started."""
    names = [name for name in stop_all(Records(data_folder() / "run")) if name != SUPERVISOR]
    print(f"Stopped: {', '.join(names)}." if names else "Nothing was running.")
    return 0


def status() -> int:
    """Which processes run, and whether the portal is ready. Exit code 1 when it is not."""
    for record in Records(data_folder() / "run"):
        print(f"{record.name:<10} {'running' if record.alive else 'ended'}   process {record.pid}")
    url = f"http://127.0.0.1:{given_environment(ROOT).get('PORTAL_PORT') or 3000}/api/health/ready"
    ready = http_status(url) == 200
    print(f"portal     {'ready' if ready else 'not ready'}   {url}")
    return 0 if ready else 1


def logs() -> int:
    """Follow the logs of all processes until Ctrl-C."""
    files = sorted(str(path) for path in logs_folder().glob("*.log"))
    if not files:
        print("There are no logs yet: start with `make run`.")
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "40", "-F", *files], check=False)
    return 0


def reset() -> int:
    """Stop, then forget the demo's database, secrets, sandbox data and logs. The built front end stays."""
    if given_environment(ROOT).get("PORTAL_ENV") == "prod":
        print("PORTAL_ENV=prod: reset is for demos only.", file=sys.stderr)
        return 1
    stop()
    data = data_folder()
    for made in ("sandbox", "logs", "run"):
        shutil.rmtree(data / made, ignore_errors=True)
    for file in (data / "demo.env", *data.glob("portal.db*")):
        file.unlink(missing_ok=True)
    print("Forgotten: the demo's database, secrets, sandbox data and logs.")
    return 0


def migrate() -> int:
    """Bring the database of this checkout's demo, or the one DATABASE_URL names, to the newest schema."""
    env = demo_environment(data_folder(), given_environment(ROOT)).env
    stack.migrate(env)
    return 0


COMMANDS = {command.__name__: command for command in (stop, status, logs, reset, migrate)}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]]())
