"""A whole portal for tests: its own ports, data and sandbox; the build is the one `make run` uses."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal_app.settings import Settings
from tests.support.console import Console
from tools import stack
from tools.environment import Demo, demo_environment
from tools.frontend import ensure_built
from tools.ports import FreePorts
from tools.processes import Process

SEED_SIZE = "12"


@dataclass
class RunningPortal:
    """`url` says localhost. The processes may be looked at, and stopped by a test that is about that."""

    url: str
    console: Console
    demo: Demo
    logs: Path
    portal: Process
    sandbox: Process


def clean_environment(**changes: str) -> dict[str, str]:
    """This process's environment without any setting of a portal, so that a developer's own never reach a test."""
    ours = {*Settings.model_fields, "PORTAL_DATA", *(f"{name}_FILE" for name in Settings.model_fields)}
    return {name: value for name, value in os.environ.items() if name not in ours} | changes


@contextmanager
def running_portal(data: Path, **changes: str) -> Iterator[RunningPortal]:
    """Build when needed, start sandbox and portal with settings `changes`, stop both at the end."""
    with ExitStack() as cleanup:
        ports = FreePorts()
        cleanup.callback(ports.release)
        listening = {name: str(ports.take()) for name in ("PORTAL_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT")}
        speed = {"RATE_LIMIT_SCALE": "1000", "BCRYPT_ROUNDS": "4", "SANDBOX_SEED_SIZE": SEED_SIZE}
        demo = demo_environment(data, clean_environment(**listening, **speed) | changes)
        ensure_built(demo.env)
        logs = data / "logs"
        sandbox = stack.start_sandbox(demo, logs)
        cleanup.callback(sandbox.stop)
        stack.migrate(demo.env)
        stack.wait_for_sandbox(sandbox, demo)
        stack.make_demo_users(demo.env)
        if demo.env.get("PORTAL_WORKER") == "external":
            cleanup.callback(stack.start_worker(demo.env, logs).stop)
        portal = stack.start_portal(demo.env, logs)
        cleanup.callback(portal.stop)
        stack.wait_for_portal(portal, demo.env)
        console = Console(demo.console_url)
        cleanup.callback(console.close)
        yield RunningPortal(demo.portal_url, console, demo, logs, portal, sandbox)
