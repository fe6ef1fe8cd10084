"""`make run`: everything a demo needs, from an empty checkout to a portal that answers; ends all of it on Ctrl-C.

What is missing is made (secrets, database, front end), upstreams without an address are played by the sandbox.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from portal_app import routes, settings
from portal_app.errors import ConfigError
from tools import stack
from tools.environment import Demo, demo_environment, given_environment
from tools.frontend import BuildFailed, ensure_built, is_current
from tools.paths import ROOT, data_folder, logs_folder
from tools.ports import is_free
from tools.processes import Process, ProcessError
from tools.records import SUPERVISOR, Records

DEMO_PASSWORD = "demo-portal-2026"


class CannotStart(Exception):
    """The message tells the reader what to do."""


class Supervisor:
    """Starts the processes in order, watches them, ends them in reverse order."""

    def __init__(self, records: Records, logs: Path) -> None:
        self._records = records
        self._logs = logs
        self._children: list[Process] = []

    def start(self, child: Callable[[Path], Process]) -> Process:
        """Start one and write it down."""
        process = child(self._logs)
        self._children.append(process)
        self._records.add(process.name, process.pid)
        return process

    def watch(self) -> None:
        """Until a child ends. Raises ProcessError then."""
        while True:
            for child in self._children:
                if not child.running:
                    how = f"{child.name} ended by itself (code {child.popen.returncode})"
                    raise ProcessError(f"{how}; the rest is stopped. Its last lines:\n{child.log_tail()}")
            time.sleep(0.2)

    def stop(self) -> None:
        for child in reversed(self._children):
            child.stop()
            self._records.remove(child.name)


def check_ports(demo: Demo) -> None:
    """Raises CannotStart naming every port that somebody else listens on."""
    busy = {name: port for name, port in demo.ports.items() if not is_free(port) or _answers_on_ipv6(port)}
    if busy:
        listed = " and ".join(f"port {port} ({name})" for name, port in busy.items())
        raise CannotStart(f"In use already: {listed}. Stop what listens there, or choose others, e.g. {_other(busy)}")


def _other(busy: dict[str, int]) -> str:
    return " ".join(f"{name}={port + 10}" for name, port in busy.items()) + " make run"


def _answers_on_ipv6(port: int) -> bool:
    """A browser may try ::1 first for `localhost`: whoever listens there would get its requests."""
    try:
        with socket.create_connection(("::1", port), timeout=0.2):
            return True
    except OSError:
        return False


def bring_up(demo: Demo, supervisor: Supervisor) -> None:
    """Everything in order; returns when the portal is ready for customers."""
    sandbox = supervisor.start(lambda logs: stack.start_sandbox(demo, logs)) if demo.sandbox else None
    stack.migrate(demo.env)
    if not is_current(demo.env):
        print("Building the front end (about half a minute, only when its sources changed) ...", flush=True)
    ensure_built(demo.env)
    if sandbox:
        stack.wait_for_sandbox(sandbox, demo)
    if demo.whmcs and demo.env.get("PORTAL_ENV", "demo") == "demo":
        stack.make_demo_users(demo.env)
    if demo.env.get("PORTAL_WORKER") == "external":
        supervisor.start(lambda logs: stack.start_worker(demo.env, logs))
    stack.wait_for_portal(supervisor.start(lambda logs: stack.start_portal(demo.env, logs)), demo.env)


def welcome(demo: Demo) -> str:
    """What a person needs to know once it runs."""
    url = demo.portal_url
    lines = ["", f"  Portal            {url}"]
    if demo.whmcs:
        lines += [
            f"  Sign in           demo@example.com or second@example.com, password {DEMO_PASSWORD}",
            f"  Link at           {url}{routes.LINK} legacy@example.com, legacy-whmcs-pass (its WHMCS login)",
        ]
    if demo.whmcs and demo.salesforce:
        lines.append(f"  Sign up at        {url}{routes.SIGN_UP} with number C-200001 and signup@example.com")
    if demo.sandbox:
        lines.append(f"  Sandbox console   {demo.console_url}/console/   (pay, approve, make a system fail, see calls)")
    if demo.mail:
        lines.append(f"  Mail sent         {demo.console_url}/mail/")
    return "\n".join([*lines, "  Stop              Ctrl-C, or `make stop`      Logs: `make logs`", ""])


def run() -> None:
    """Raises CannotStart, ConfigError, ProcessError, BuildFailed; KeyboardInterrupt is the ordinary end."""
    data = data_folder()
    records = Records(data / "run")
    if running := records.supervisor():
        raise CannotStart(f"`make run` is running already here (process {running.pid}); `make stop` ends it.")
    demo = demo_environment(data, given_environment(ROOT))
    settings.load(demo.env)
    check_ports(demo)
    records.add(SUPERVISOR, os.getpid())
    for old in logs_folder().glob("*.log"):
        old.unlink()
    supervisor = Supervisor(records, logs_folder())
    try:
        bring_up(demo, supervisor)
        print(welcome(demo), flush=True)
        supervisor.watch()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        records.remove(SUPERVISOR)


def main() -> int:
    # SIGINT too: what a script starts in its background begins with that one ignored, and could not be interrupted.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
    except ConfigError as bad:
        print("These settings are missing or bad:\n  " + "\n  ".join(bad.problems), file=sys.stderr)
    except (CannotStart, ProcessError, BuildFailed) as broken:
        print(str(broken), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
