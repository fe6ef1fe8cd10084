"""A whole demo for a while: its own ports and data, the build `make run` uses. For tests, screenshots and the bench."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from portal_app.settings import Settings
from tools import stack
from tools.environment import DEMO_PORTS, Demo, demo_environment
from tools.frontend import ensure_built
from tools.ports import FreePorts
from tools.processes import Process

# Nobody waits for slow password hashes or meets a rate limit here.
SPEED = {
    "RATE_LIMIT_SCALE": "1000",
    "FIRST_DATA_BUDGET_MS": "5000",  # a busy machine answers with all it has, too
    "BCRYPT_ROUNDS": "4",
    "SANDBOX_SEED_SIZE": "12",
    "SF_POLL_SECONDS": "2",
    "SANDBOX_FREEBIT_ACTIVATION_S": "1",
}


@dataclass
class Running:
    """The processes may be looked at, and stopped by whoever wants to see what happens then."""

    demo: Demo
    logs: Path
    sandbox: Process
    portal: Process
    worker: Process | None = None


def clean_environment(**changes: str) -> dict[str, str]:
    """This process's environment without any setting of a portal, so that a developer's own do not interfere."""
    ours = {*Settings.model_fields, "PORTAL_DATA", *(f"{name}_FILE" for name in Settings.model_fields)}
    return {name: value for name, value in os.environ.items() if name not in ours} | changes


class Prepares(Protocol):
    """What makes a database fit for the demo; `tools.stack` does it by the command line."""

    def migrate(self, env: Mapping[str, str]) -> None:
        """Bring it to the newest schema."""

    def make_demo_users(self, env: Mapping[str, str]) -> None:
        """Portal users for the sandbox's customers."""


@contextmanager
def running(data: Path, by: Prepares = stack, /, **changes: str) -> Iterator[Running]:
    """Build when needed, start everything with settings `changes`, stop everything at the end."""
    with ExitStack() as cleanup:
        ports = FreePorts()
        cleanup.callback(ports.release)
        listening = {name: str(ports.take()) for name in DEMO_PORTS}
        demo = demo_environment(data, clean_environment(**listening) | SPEED | changes)
        ensure_built(demo.env)
        logs = data / "logs"

        def started(process: Process) -> Process:
            cleanup.callback(process.stop)
            return process

        sandbox = started(stack.start_sandbox(demo, logs))
        by.migrate(demo.env)
        stack.wait_for_sandbox(sandbox, demo)
        by.make_demo_users(demo.env)
        external = demo.env.get("PORTAL_WORKER") == "external"
        worker = started(stack.start_worker(demo.env, logs)) if external else None
        portal = started(stack.start_portal(demo.env, logs))
        stack.wait_for_portal(portal, demo.env)
        yield Running(demo, logs, sandbox, portal, worker)
