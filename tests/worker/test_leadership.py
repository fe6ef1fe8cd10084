"""Two workers on one PostgreSQL, as processes: one leads, and when it is killed or stands still the other does (E9)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal_app.storage.migrate import ROOT

CHECK_S, LIMIT_S = 0.1, 30
WORKER = """
import asyncio, os, sys
from datetime import timedelta
from apscheduler.triggers.interval import IntervalTrigger
from portal_app.storage import leader
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.jobs import Leader
from portal_app.worker.scheduler import Job, Scheduler

url, diary, check_s, leader.FROZEN_S = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])

def note(word):
    with open(diary, "a") as file:
        file.write(f"{os.getpid()} {word}\\n")

class Listening:
    async def begin(self):
        note("listens")
    async def end(self):
        note("ends")

async def job():
    note("runs")
    await asyncio.sleep(0.01)
    note("ran")
    return ""

async def main():
    work = Job("work", IntervalTrigger(seconds=0.05), job, recorded=False)
    lock = Leader(Database(url))
    Scheduler([work], lock, None, Clock(), duties=[Listening()], check_every_s=check_s).start()
    note("up")
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Diary:
    """What the workers wrote, in order: (process, word)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[tuple[int, str]]:
        found = self.path.read_text().splitlines() if self.path.exists() else []
        return [(int(who), word) for who, word in (line.split() for line in found)]

    def said(self, who: int, word: str) -> int:
        return self.lines().count((who, word))

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + LIMIT_S
        while not true():
            assert time.monotonic() < end, self.lines()[-20:]
            time.sleep(0.02)

    def leader(self) -> int:
        """Who listens now."""
        self.until(lambda: any(word == "listens" for _, word in self.lines()))
        return next(who for who, word in reversed(self.lines()) if word == "listens")


@pytest.fixture
def diary(tmp_path) -> Diary:
    return Diary(tmp_path / "diary")


@pytest.fixture
def pair(request, fresh_postgres, diary) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Two workers by process id; the parameter is after how many seconds of silence a leader leads no more."""
    command = [sys.executable, "-c", WORKER, fresh_postgres, str(diary.path), str(CHECK_S), str(request.param)]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    workers = {one.pid: one for one in started}
    diary.until(lambda: all(diary.said(who, "up") for who in workers))
    yield workers
    for one in started:
        one.kill()
        one.wait()


def runs_beside_each_other(lines: list[tuple[int, str]]) -> bool:
    """Whether one process began a job before that of another had ended; a killed one's last run never does."""
    open_runs: set[int] = set()
    for who, word in lines:
        if word == "runs":
            if open_runs - {who}:
                return True
            open_runs.add(who)
        elif word == "ran":
            open_runs.discard(who)
    return False


@pytest.mark.parametrize("pair", [20], indirect=True)
def test_e9_a_killed_leader_is_replaced_and_nothing_ran_twice(pair, diary):
    first = diary.leader()
    (second,) = set(pair) - {first}
    diary.until(lambda: diary.said(first, "ran") >= 5)
    assert (diary.said(second, "runs"), diary.said(second, "listens")) == (0, 0)
    before = diary.lines()
    pair[first].kill()
    pair[first].wait()
    diary.until(lambda: diary.said(second, "ran") >= 3)
    assert not runs_beside_each_other(before)
    after = [who for who, word in diary.lines() if word == "listens"]
    assert after == [first, second]
    taken = diary.lines().index((second, "listens"))
    assert all(who == second for who, _ in diary.lines()[taken:]), "the dead say nothing"


@pytest.mark.parametrize("pair", [2], indirect=True)
def test_e9_a_leader_that_stands_still_is_replaced_and_stands_down_when_it_goes_on(pair, diary):
    first = diary.leader()
    (second,) = set(pair) - {first}
    os.kill(first, signal.SIGSTOP)
    diary.until(lambda: diary.said(second, "ran") >= 2)
    os.kill(first, signal.SIGCONT)
    diary.until(lambda: diary.said(first, "ends") == 1)
    runs = diary.said(first, "runs")
    so_far = diary.said(second, "ran")
    diary.until(lambda: diary.said(second, "ran") >= so_far + 3)
    assert diary.said(first, "runs") == runs
    assert diary.leader() == second
