"""The processes of a running portal, as `make run`, the browser tests, the screenshots and the bench start them."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.environment import Demo
from tools.paths import ROOT
from tools.processes import Process, ProcessError, start, wait_for_url

ENDS_WITHIN_S = 30
"""Portal and worker end what is under way before they end themselves (G1)."""


def start_sandbox(demo: Demo, logs: Path) -> Process:
    """The stand-ins. Ready when `wait_for_sandbox` returns."""
    return start("sandbox", [sys.executable, "-m", "sandbox"], log=logs / "sandbox.log", env=demo.sandbox_env, cwd=ROOT)


def wait_for_sandbox(process: Process, demo: Demo) -> None:
    """Wait until its console answers; the first start writes the seed data."""
    wait_for_url(process, f"http://127.0.0.1:{demo.sandbox_env['SANDBOX_PORT']}/", timeout_s=60)


def migrate(env: Mapping[str, str]) -> None:
    """Bring the database to the newest schema. Raises ProcessError."""
    _run_to_end("the migration", ["migrate"], env)


def make_demo_users(env: Mapping[str, str]) -> None:
    """Portal users for the sandbox's customers; those that exist stay as they are. Raises ProcessError."""
    _run_to_end("making the demo users", ["demo-users"], env)


def _run_to_end(what: str, arguments: list[str], env: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "portal_app.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(env), capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise ProcessError(f"{what} failed:\n{(done.stdout + done.stderr).strip()[-3000:]}")


def serve_environment(env: Mapping[str, str]) -> dict[str, str]:
    """How Reflex serves what is built already: no compiling, no telemetry."""
    return {
        **env,
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "__REFLEX_SKIP_COMPILE": "true",
    }


def granian(env: Mapping[str, str], target: str) -> list[str]:
    """The command that serves the Reflex app `target` on PORTAL_PORT."""
    options = {
        "--interface": "asgi",
        "--host": env.get("GRANIAN_HOST", "127.0.0.1"),
        "--port": env["PORTAL_PORT"],
        "--workers": env.get("PORTAL_WEB_WORKERS", "1"),
        # Told to stop, it closes its sockets at once; requests and jobs under way end. One that hangs is killed.
        "--workers-kill-timeout": str(ENDS_WITHIN_S - 1),
        # Of a file on its way up so much lies ready; its own choice is 408 kB, of each of 20 files at once.
        "--http1-buffer-size": "65536",
    }
    flags = ["--factory", "--respawn-failed-workers"]  # without the second, one killed worker stops the whole server
    return [sys.executable, "-m", "granian", *flags, *(part for pair in options.items() for part in pair), target]


def start_portal(env: Mapping[str, str], logs: Path) -> Process:
    """Web processes on PORTAL_PORT, serving the built front end, the doors and the sockets."""
    command = granian(env, "portal_app.portal_app:app")
    return start(
        "portal", command, log=logs / "portal.log", env=serve_environment(env), cwd=ROOT, grace_s=ENDS_WITHIN_S
    )


def wait_for_portal(process: Process, env: Mapping[str, str]) -> None:
    """Wait until it says that it is ready for customers."""
    wait_for_url(process, f"http://127.0.0.1:{env['PORTAL_PORT']}/api/health/ready", timeout_s=60)


def start_worker(env: Mapping[str, str], logs: Path) -> Process:
    """Background work as its own process, for PORTAL_WORKER=external."""
    command = [sys.executable, "-m", "portal_app.worker"]
    return start("worker", command, log=logs / "worker.log", env=env, cwd=ROOT, grace_s=ENDS_WITHIN_S)
