"""Two hundred first looks at once by one customer, from one process and from two: WHMCS is asked for each page once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import Console
from tests.support.portal import running_portal

READERS = 200


@pytest.fixture(params=["sqlite alone", "sqlite and redis", "postgresql and redis"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Console, dict[str, str], int]]:
    """(console, environment of the portal, how many processes share it)."""
    changes = {}
    if "redis" in request.param:
        changes["REDIS_URL"] = request.getfixturevalue("fresh_redis")
    if "postgresql" in request.param:
        changes["DATABASE_URL"] = request.getfixturevalue("fresh_postgres")
    with running_portal(tmp_path, **changes) as portal:
        yield portal.console, portal.processes.demo.env, 2 if changes else 1


def test_h2_every_page_of_whmcs_is_fetched_exactly_once(world) -> None:
    console, env, processes = world
    console.forget_calls()
    command = [sys.executable, "-m", "tests.support.crowd", str(READERS // processes)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": os.environ | env}
    crowd = [subprocess.Popen(command, **pipes) for _ in range(processes)]
    try:
        for process in crowd:
            assert process.stdout.readline() == "ready\n"
        for process in crowd:
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=60)[0] for process in crowd]
    finally:
        for process in crowd:
            process.kill()
            process.wait()
    assert outputs == ["[59]\n"] * processes
    calls = [call for call in console.calls() if call["system"] == "whmcs"]
    asked = Counter((call["action"], call["params"].get("limitstart", "")) for call in calls)
    assert asked == {("GetInvoices", "0"): 1, ("GetTransactions", ""): 1}
