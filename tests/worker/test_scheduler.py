"""One leader, jobs on time, missed runs caught up, an orderly end: E9, G1."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import text

from portal_app.storage.clock import JAPAN
from portal_app.storage.jobs import OK, Leader
from portal_app.worker.scheduler import Job, Scheduler, last_due
from tests.fakes.clock import FakeClock
from tests.integrations.virtual_time import in_virtual_time

NEVER = CronTrigger(year=2000)
DAILY = CronTrigger(hour=3, minute=20, timezone=JAPAN)


class Work:
    """A job that can be watched and held."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.runs, self.failure = 0, failure
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()
        self.cancelled = False

    async def __call__(self) -> str:
        self.runs += 1
        self.began.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.failure:
            raise self.failure
        return "3 rows"


class Lock:
    """A leader's lock that can be taken away."""

    def __init__(self, free: bool = True) -> None:
        self.free, self.held, self.asked = free, False, 0

    async def try_acquire(self) -> bool:
        self.held, self.asked = self.free, self.asked + 1
        return self.held

    async def still_leader(self) -> bool:
        return self.held

    async def release(self) -> None:
        self.held = False


@pytest.fixture
async def running():
    """Starts schedulers and stops what is left of them."""
    started: list[Scheduler] = []

    def start(scheduler: Scheduler) -> Scheduler:
        started.append(scheduler)
        scheduler.start()
        return scheduler

    yield start
    await asyncio.gather(*(scheduler.stop(0) for scheduler in started))


def now_job(work: Work, **more) -> Job:
    return Job("work", DateTrigger(datetime.now(UTC)), work, **more)


async def until(condition, limit_s: float = 5) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.005)


async def outcomes(world) -> list[tuple[str, str]]:
    async with world.db.read() as session:
        rows = await session.execute(text("SELECT outcome, detail FROM job_runs ORDER BY started_at"))
        return [tuple(row) for row in rows]


async def test_the_leader_runs_a_job_when_it_is_due_and_records_it(world, running):
    work = Work()
    running(Scheduler([now_job(work)], world.leader, world.runs, world.clock))
    await until(lambda: work.runs == 1)
    async with asyncio.timeout(5):
        while await outcomes(world) != [(OK, "3 rows")]:
            await asyncio.sleep(0.005)


async def test_a_failed_run_is_recorded_by_type_and_code_and_the_schedule_goes_on(world, running):
    work = Work(failure=ValueError("secret text"))
    scheduler = running(Scheduler([now_job(work)], world.leader, world.runs, world.clock))
    async with asyncio.timeout(5):
        while await outcomes(world) != [("failed", "ValueError")]:
            await asyncio.sleep(0.005)
    assert scheduler.leading


async def test_e9_of_two_schedulers_only_one_leads(world, running):
    first, second = Work(), Work()
    one = running(
        Scheduler([now_job(first, recorded=False)], world.leader, world.runs, world.clock, check_every_s=0.01)
    )
    await until(lambda: one.leading)
    two = running(
        Scheduler([now_job(second, recorded=False)], Leader(world.db), world.runs, world.clock, check_every_s=0.01)
    )
    await until(lambda: first.runs == 1)
    assert (two.leading, second.runs) == (False, 0)
    await one.stop(1)
    await until(lambda: two.leading)


async def test_e9_a_leader_that_lost_the_lock_stops_what_it_runs(world, running):
    work, lock = Work(), Lock()
    work.may_end.clear()
    scheduler = running(Scheduler([now_job(work, recorded=False)], lock, world.runs, world.clock, check_every_s=0.01))
    await work.began.wait()
    lock.held = lock.free = False
    await until(lambda: work.cancelled)
    assert not scheduler.leading


async def test_e9_a_leader_that_cannot_ask_stands_down(world, running):
    class Broken(Lock):
        broken = False

        async def still_leader(self) -> bool:
            if self.broken:
                raise ConnectionError
            return await super().still_leader()

    lock = Broken()
    scheduler = running(Scheduler([], lock, world.runs, world.clock, check_every_s=0.01))
    await until(lambda: scheduler.leading)
    lock.broken, lock.free = True, False
    await until(lambda: not scheduler.leading)
    lock.broken, lock.free = False, True
    await until(lambda: scheduler.leading)


class Watch:
    """A duty that remembers. `failing`: it cannot begin."""

    def __init__(self, failing: bool = False) -> None:
        self.failing, self.steps = failing, list[str]()

    async def begin(self) -> None:
        self.steps.append("begin")
        if self.failing:
            raise OSError

    async def end(self) -> None:
        self.steps.append("end")


async def test_e9_duties_go_on_as_long_as_the_process_leads(world, running):
    lock, duty = Lock(free=False), Watch()
    scheduler = running(Scheduler([], lock, world.runs, world.clock, duties=[duty], check_every_s=0.01))
    await until(lambda: lock.asked >= 2)
    assert duty.steps == []
    lock.free = True
    await until(lambda: duty.steps == ["begin"])
    lock.held = lock.free = False
    await until(lambda: duty.steps == ["begin", "end"])
    assert not scheduler.leading
    lock.free = True
    await until(lambda: duty.steps == ["begin", "end", "begin"])
    await scheduler.stop(0)
    assert duty.steps == ["begin", "end", "begin", "end"]


async def test_e9_a_duty_that_cannot_begin_ends_the_lead_for_this_turn(world, running):
    duty, other = Watch(failing=True), Watch()
    scheduler = running(Scheduler([], Lock(), world.runs, world.clock, duties=[other, duty], check_every_s=0.01))
    await until(lambda: duty.steps[:2] == ["begin", "end"])
    assert other.steps[:2] == ["begin", "end"]
    duty.failing = False
    await until(lambda: scheduler.leading and duty.steps[-1] == "begin")


async def test_a_job_can_be_asked_for_beside_its_schedule(world, running):
    work, lock = Work(), Lock(free=False)
    job = Job("work", NEVER, work, recorded=False)
    scheduler = running(Scheduler([job], lock, world.runs, world.clock, check_every_s=0.01))
    await scheduler.soon("work")
    assert work.runs == 0, "who does not lead runs nothing"
    lock.free = True
    await until(lambda: scheduler.leading)
    await scheduler.soon("other")
    await scheduler.soon("work")
    await until(lambda: work.runs == 1)


async def test_e9_leadership_is_asked_again_right_before_a_run(world, running):
    work, lock = Work(), Lock()
    scheduler = running(Scheduler([Job("work", NEVER, work)], lock, world.runs, world.clock, check_every_s=60))
    await until(lambda: scheduler.leading)
    lock.held = False
    await scheduler._launch(Job("work", NEVER, work))
    await until(lambda: not scheduler._running)
    assert work.runs == 0


async def test_a_new_leader_catches_up_a_missed_run_once(world, running):
    work = Work()
    await world.runs.finished(await world.runs.started("nightly"), OK)
    world.clock.advance(timedelta(days=1))
    running(Scheduler([Job("nightly", DAILY, work)], world.leader, world.runs, world.clock))
    await until(lambda: work.runs == 1)


async def test_a_new_leader_repeats_nothing_that_ran(world, running):
    work, after = Work(), Work()
    world.clock.at = datetime(2026, 1, 15, 19, 0, tzinfo=UTC)  # 04:00 in Japan
    await world.runs.finished(await world.runs.started("nightly"), OK)
    world.clock.advance(timedelta(hours=3))
    jobs = [Job("nightly", DAILY, work), now_job(after, recorded=False)]
    running(Scheduler(jobs, world.leader, world.runs, world.clock))
    await until(lambda: after.runs == 1)
    assert work.runs == 0


async def test_a_failed_run_is_caught_up_too(world, running):
    work = Work()
    world.clock.at = datetime(2026, 1, 15, 18, 30, tzinfo=UTC)
    await world.runs.finished(await world.runs.started("nightly"), OK)
    world.clock.advance(timedelta(days=1))
    await world.runs.finished(await world.runs.started("nightly"), "failed")
    running(Scheduler([Job("nightly", DAILY, work)], world.leader, world.runs, world.clock))
    await until(lambda: work.runs == 1)


async def test_a_run_that_is_under_way_is_not_started_beside_itself(world, running):
    work = Work()
    work.may_end.clear()
    job = Job("work", NEVER, work)
    scheduler = running(Scheduler([job], world.leader, world.runs, world.clock))
    await until(lambda: scheduler.leading)
    await scheduler._launch(job)
    await work.began.wait()
    await scheduler._launch(job)
    work.may_end.set()
    await until(lambda: not scheduler._running)
    assert work.runs == 1


async def test_g1_stopping_lets_a_run_end_and_hands_the_lead_on(world, running):
    work = Work()
    work.may_end.clear()
    scheduler = running(Scheduler([now_job(work)], world.leader, world.runs, world.clock))
    await work.began.wait()
    stopping = asyncio.create_task(scheduler.stop(5))
    await until(lambda: not scheduler.leading)
    work.may_end.set()
    await stopping
    assert not work.cancelled
    assert await outcomes(world) == [(OK, "3 rows")]
    assert await Leader(world.db).try_acquire()


async def test_g1_a_run_that_does_not_end_within_the_grace_is_cut_off_and_counts_as_missed(world, running):
    work = Work()
    work.may_end.clear()
    scheduler = running(Scheduler([now_job(work)], world.leader, world.runs, world.clock))
    await work.began.wait()
    await scheduler.stop(0.05)
    assert work.cancelled
    assert await outcomes(world) == [("cancelled", "")]
    assert await world.runs.last_success("work") is None


@in_virtual_time
async def test_g1_the_grace_is_for_everything_together():
    class Slow(Watch):
        async def end(self) -> None:
            await asyncio.sleep(10)

    class Silent(Lock):
        """It takes the lead, and then the database says nothing any more."""

        async def still_leader(self) -> bool:
            if asyncio.current_task().get_name() == "leadership":
                await asyncio.Event().wait()
            return True

        async def release(self) -> None:
            await asyncio.Event().wait()

    work, loop = Work(), asyncio.get_running_loop()
    work.may_end.clear()
    job = Job("work", NEVER, work, recorded=False)
    scheduler = Scheduler([job], Silent(), None, FakeClock(), duties=[Slow()])
    scheduler.start()
    await asyncio.sleep(1)
    await scheduler.soon("work")
    await asyncio.sleep(10)
    assert work.runs == 1
    told = loop.time()
    await scheduler.stop(25)
    assert work.cancelled and loop.time() - told <= 30


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 1, 15, 18, 19, 59, tzinfo=UTC), datetime(2026, 1, 14, 18, 20, tzinfo=UTC)),
        (datetime(2026, 1, 15, 18, 20, tzinfo=UTC), datetime(2026, 1, 15, 18, 20, tzinfo=UTC)),
        (datetime(2026, 1, 16, 3, 0, tzinfo=UTC), datetime(2026, 1, 15, 18, 20, tzinfo=UTC)),
    ],
)
def test_the_last_due_time_of_a_nightly_job(now, due):
    assert last_due(DAILY, now) == due


def test_a_trigger_that_did_not_fire_within_two_days_was_not_missed():
    assert last_due(NEVER, datetime(2026, 1, 15, tzinfo=UTC)) is None
