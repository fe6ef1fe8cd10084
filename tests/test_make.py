"""What the make targets promise."""

import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal_app.workflows import demo_users
from tests.support.portal import clean_environment
from tools.environment import DEMO_PORTS
from tools.frontend import ensure_built
from tools.processes import Process, start, wait_for_line
from tools.records import Records
from tools.run import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parent.parent
RUNNING = ["run", "stop", "status", "logs", "reset", "migrate"]
CHECKING = ["test", "lint", "types", "format", "screenshots", "bench", "soak"]


@pytest.fixture
def environment(tmp_path, free_ports) -> dict[str, str]:
    """A place and ports of its own for one `make run`."""
    ports = {name: str(free_ports.take()) for name in DEMO_PORTS}
    return clean_environment(PORTAL_DATA=str(tmp_path / "data"), SANDBOX_SEED_SIZE="6", BCRYPT_ROUNDS="4", **ports)


def tool(name: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"tools.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_every_promised_target_with_a_sentence():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = dict(re.findall(r"^  make (\w+) +(\S.+)$", listed, re.MULTILINE))
    assert {"help", *RUNNING, *CHECKING} <= set(named)


def test_every_target_calls_something_that_exists():
    recipes = re.findall(r"\$\(VENV\) -m ([\w.]+)", (ROOT / "Makefile").read_text())
    ours = {name for name in recipes if name.startswith(("tools.", "bench."))}
    assert [name for name in ours if not (ROOT / (name.replace(".", "/") + ".py")).exists()] == []


@pytest.mark.parametrize("name", DEMO_PORTS)
def test_a_busy_port_is_named_before_anything_starts(environment, name):
    with socket.create_server(("127.0.0.1", int(environment[name]))):
        refused = tool("run", environment)
    assert refused.returncode == 1
    assert f"port {environment[name]} ({name})" in refused.stderr
    assert not (Path(environment["PORTAL_DATA"]) / "logs").exists()


def test_bad_settings_are_listed_before_anything_starts(environment):
    refused = tool("run", environment | {"LOG_LEVEL": "LOUD", "WHMCS_QUEUE_CONCURRENCY": "0"})
    assert refused.returncode == 1
    assert "LOG_LEVEL" in refused.stderr
    assert "WHMCS_QUEUE_CONCURRENCY" in refused.stderr
    assert not (Path(environment["PORTAL_DATA"]) / "logs").exists()


def test_stop_and_status_are_calm_when_nothing_runs(environment):
    assert tool("control", environment, "stop").stdout == "Nothing was running.\n"
    idle = tool("control", environment, "status")
    assert (idle.returncode, "not ready" in idle.stdout) == (1, True)


def test_reset_refuses_production(environment):
    data = Path(environment["PORTAL_DATA"])
    data.mkdir()
    (data / "portal.db").write_text("precious")
    assert tool("control", environment | {"PORTAL_ENV": "prod"}, "reset").returncode == 1
    assert (data / "portal.db").exists()
    assert tool("control", environment, "reset").returncode == 0
    assert not (data / "portal.db").exists()


def test_tests_name_one_command_when_system_packages_are_missing(environment, tmp_path):
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "python").symlink_to(sys.executable)
    refused = tool("check", environment | {"PATH": str(bare), "CHROMIUM": ""}, "browser")
    assert refused.returncode == 1
    assert "apt-get install -y chromium php-cli php-curl fonts-noto-cjk" in refused.stderr


class MakeRun:
    """One `make run` from outside: its own process, its own data."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.data = Path(environment["PORTAL_DATA"])
        self.url = f"http://localhost:{environment['PORTAL_PORT']}"
        self.begun = 0

    def begin(self) -> Process:
        command = [sys.executable, "-m", "tools.run"]
        self.begun += 1  # each has a log of its own
        log = self.data.parent / f"run-{self.begun}.log"
        return start("make run", command, log=log, env=self.environment, cwd=ROOT)

    def children(self) -> list[str]:
        return [record.name for record in Records(self.data / "run") if record.alive]

    def listening(self) -> list[str]:
        return [name for name in DEMO_PORTS if _accepts(int(self.environment[name]))]


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def make_run(environment) -> Iterator[MakeRun]:
    ensure_built(environment)
    runner = MakeRun(environment)
    yield runner
    tool("control", environment, "stop")
    shutil.rmtree(runner.data, ignore_errors=True)


READY = "Ctrl-C, or `make stop`"


def test_run_starts_a_demo_that_ctrl_c_ends_completely(make_run):
    began = make_run.begin()
    wait_for_line(began, READY, timeout_s=40)
    told = began.log_tail()
    for word in (make_run.url, "demo@example.com", "second@example.com", "legacy@example.com", "demo-portal-2026"):
        assert word in told
    assert httpx.get(f"{make_run.url}/api/health/ready").status_code == 200
    assert make_run.children() == ["make-run", "portal", "sandbox"]
    began.popen.send_signal(signal.SIGINT)
    assert began.popen.wait(20) == 0
    assert (make_run.children(), make_run.listening()) == ([], [])


def test_stop_from_elsewhere_ends_it_a_second_start_does_not_build_and_ends_when_a_child_dies(make_run):
    first = make_run.begin()
    wait_for_line(first, READY, timeout_s=40)
    again = tool("run", make_run.environment)
    assert "running already" in again.stderr
    stopped = tool("control", make_run.environment, "stop")
    assert stopped.stdout == "Stopped: portal, sandbox.\n"
    assert first.popen.wait(5) == 0
    assert make_run.listening() == []

    second = make_run.begin()
    wait_for_line(second, READY, timeout_s=40)
    assert "Building" not in second.log_tail()

    sandbox = next(record for record in Records(make_run.data / "run") if record.name == "sandbox")
    sandbox.signal_group(signal.SIGKILL)
    assert second.popen.wait(20) == 1, "a child that dies stops the rest"
    assert "sandbox ended by itself" in second.log_tail()
    assert (make_run.children(), make_run.listening()) == ([], [])


def test_children_end_even_when_make_run_is_killed_outright(make_run):
    began = make_run.begin()
    wait_for_line(began, READY, timeout_s=40)
    records = [record for record in Records(make_run.data / "run") if record.name != "make-run"]
    began.popen.kill()
    began.popen.wait(5)
    tool("control", make_run.environment, "stop")
    assert [record.name for record in records if record.alive] == []
    assert make_run.listening() == []


def test_the_password_it_prints_is_the_one_demo_users_get():
    assert DEMO_PASSWORD == demo_users.PASSWORD
