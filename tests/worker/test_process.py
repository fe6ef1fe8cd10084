"""`python -m portal_app.worker` as an operator sees it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from portal_app.storage import migrate
from tests.fakes.settings import a_settings


@pytest.fixture
def environment(sqlite_url) -> dict[str, str]:
    migrate.upgrade(sqlite_url)
    values = a_settings(DATABASE_URL=sqlite_url, SF_EVENTS_ENABLED="false").model_dump(mode="json")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {name: str(value) for name, value in values.items()}


def the_worker(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "portal_app.worker"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_g1_it_starts_speaks_json_and_ends_in_order_on_sigterm(environment):
    worker = the_worker(environment)
    said = []
    try:
        for line in worker.stdout:
            said.append(json.loads(line))
            if said[-1]["message"] == "leadership_taken":
                worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
    finally:
        worker.kill()
    assert [entry["message"] for entry in said if entry["level"] != "info"] == []
    assert [entry["message"] for entry in said][-1] == "worker_stopped"


def test_it_refuses_to_start_without_its_settings_and_names_them(environment):
    del environment["JWT_SECRET"]
    worker = the_worker(environment)
    out, err = worker.communicate(timeout=30)
    assert worker.returncode == 1
    assert "JWT_SECRET: is missing" in err
    assert environment["WHMCS_API_SECRET"] not in out + err
