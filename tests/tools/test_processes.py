"""Starting, waiting for and ending child processes."""

import sys

import pytest

from portal_app.worker.runtime import GRACE_S
from tools import stack
from tools.processes import ProcessError, start, started_at, wait_for_line, wait_for_url
from tools.records import SUPERVISOR, Record, Records, stop_all, wait_for_end

FOREVER = "import signal, time; print('here', flush=True); signal.pause()"
# A child that starts a grandchild, as a web server starts its workers, and does not care to end when asked.
STUBBORN = (
    "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('grandchild', child.pid, flush=True); signal.pause()"
)


@pytest.fixture
def launch(tmp_path):
    children = []

    def body(code: str):
        children.append(start("child", [sys.executable, "-c", code], log=tmp_path / "child.log"))
        return children[-1]

    yield body
    for child in children:
        child.stop(0.1)


def test_a_child_that_dies_is_reported_with_its_last_words(launch):
    child = launch("print('no database'); raise SystemExit(3)")
    with pytest.raises(ProcessError, match="child ended with code 3:\nno database"):
        wait_for_line(child, "ready")


def test_waiting_is_bounded(launch):
    child = launch(FOREVER)
    with pytest.raises(ProcessError, match="not seen within"):
        wait_for_url(child, "http://127.0.0.1:9/", timeout_s=0.2)


def test_stop_ends_grandchildren_of_a_child_that_ignores_the_request(launch):
    child = launch(STUBBORN)
    wait_for_line(child, "grandchild")
    grandchild = int(child.log_tail().split()[-1])
    record = Record("grandchild", grandchild, started_at(grandchild))
    assert record.alive
    child.stop(0.2)
    assert not child.running
    assert wait_for_end([record], 5) == []


def test_a_process_is_known_by_its_id_and_its_beginning(launch, tmp_path):
    child = launch(FOREVER)
    records = Records(tmp_path / "run")
    records.add("child", child.pid)
    (record,) = records
    assert record.alive
    assert not Record("child", child.pid, "another time").alive, "an id used again is another process"


def test_stop_all_ends_what_is_recorded_and_spares_an_id_used_again(launch, tmp_path):
    child, stranger = launch(FOREVER), launch(FOREVER)
    records = Records(tmp_path / "run")
    records.add("child", child.pid)
    records.add("stranger", stranger.pid)
    path = tmp_path / "run" / "stranger.json"
    path.write_text(path.read_text().replace(started_at(stranger.pid), "1"))
    assert stop_all(records) == ["child"]
    assert not child.running
    assert stranger.running
    assert list(records) == []


def test_a_record_of_a_supervisor_long_gone_does_not_count(tmp_path):
    records = Records(tmp_path / "run")
    records.add(SUPERVISOR, 2**22 + 1)
    assert records.supervisor() is None


def test_g1_the_web_server_and_those_who_start_it_give_work_under_way_its_time(tmp_path):
    command = stack.granian({"PORTAL_PORT": "1"}, "app")
    patience = int(command[command.index("--workers-kill-timeout") + 1])
    assert GRACE_S < patience < stack.ENDS_WITHIN_S
