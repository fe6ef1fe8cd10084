"""Runs the jobs of this portal on time, in one process: the leader (E9). A new leader catches up what was missed.

What else only the leader does (`Duty`) begins when it leads and ends the moment that cannot be proven any more.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from portal_app.observability import correlation, logs, metrics
from portal_app.storage.clock import Clock
from portal_app.storage.jobs import OK, JobRuns, Leader
from portal_app.worker.drain import finish_or_cancel

log = logging.getLogger(__name__)

CHECK_LEADERSHIP_S: Final = 5.0
ASKED_S: Final = 5.0
"""A database that does not answer may hold up the end of the process so long, no longer."""
FIRST_RUN_AFTER: Final = timedelta(minutes=10)
"""A job that never ran waits so long after the start: a new portal has customers to serve first."""

LOOK_BACK: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the schedule. `run` returns one short line about what it did, without customer data.

    With `recorded` each run leaves a row and a missed one is caught up; frequent looks leave none.
    """

    name: str
    trigger: BaseTrigger
    run: Callable[[], Awaitable[str]]
    recorded: bool = True


class Duty(Protocol):
    """Something that goes on as long as this process leads. May begin again after it ended."""

    async def begin(self) -> None:
        """This process leads now. Returns at once."""
        ...

    async def end(self) -> None:
        """It does not any more; safe to repeat. Returns when nothing of it goes on, soon in any case."""
        ...


class Scheduler:
    """Asks for leadership until it has it, and stands down the moment it cannot prove it any more.

    `duties` begin in order and end before anything else does.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        leader: Leader,
        runs: JobRuns,
        clock: Clock,
        *,
        duties: Sequence[Duty] = (),
        check_every_s: float = CHECK_LEADERSHIP_S,
    ) -> None:
        self._jobs, self._leader, self._runs, self._clock = jobs, leader, runs, clock
        self._duties, self._check_every_s = duties, check_every_s
        self._timer: AsyncIOScheduler | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def leading(self) -> bool:
        """Whether this process runs the schedule now."""
        return self._timer is not None

    def start(self) -> None:
        """Begin to ask for leadership."""
        self._task = asyncio.create_task(self._lead(), name="leadership")

    async def stop(self, grace_s: float) -> None:
        """Start nothing new; runs under way may end within the grace (G1). Then another process may lead.

        The grace is for all of it: what ending the duties takes, the runs do not get on top.
        """
        ends_at = asyncio.get_running_loop().time() + grace_s
        self._stopping.set()
        if self._task is not None:
            await finish_or_cancel({self._task}, ASKED_S)
        self._end_timer()
        await self._end_duties()
        await finish_or_cancel(set(self._running.values()), max(0.0, ends_at - asyncio.get_running_loop().time()))
        with contextlib.suppress(TimeoutError):  # then the lock ends with the connection
            async with asyncio.timeout(ASKED_S):
                await self._leader.release()

    async def soon(self, name: str) -> None:
        """Run that job now, beside its schedule, if this process leads and it is not running."""
        for job in self._jobs:
            if job.name == name and self.leading:
                await self._launch(job)

    async def _lead(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._take_or_keep()
            except Exception:
                log.exception("leadership_unknown")
                await self._stand_down()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._check_every_s):
                    await self._stopping.wait()

    async def _take_or_keep(self) -> None:
        if self._timer is not None:
            if not await self._leader.still_leader():
                log.warning("leadership_lost")
                await self._stand_down()
        elif await self._leader.try_acquire():
            log.info("leadership_taken")
            self._timer = self._start_timer()
            for duty in self._duties:
                await duty.begin()
            await self._catch_up(self._timer)

    def _start_timer(self) -> AsyncIOScheduler:
        timer = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        )
        for job in self._jobs:
            timer.add_job(self._launch, job.trigger, args=[job], id=job.name)
        timer.start()
        return timer

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.shutdown(wait=False)
            self._timer = None

    async def _stand_down(self) -> None:
        # Another process may lead already: what runs here must not go on beside it.
        self._end_timer()
        await self._end_duties()
        await finish_or_cancel(set(self._running.values()), 0)

    async def _end_duties(self) -> None:
        await asyncio.gather(*(duty.end() for duty in self._duties), return_exceptions=True)

    async def _catch_up(self, timer: AsyncIOScheduler) -> None:
        now = self._clock.now()
        for job in self._jobs:
            if not job.recorded:
                continue
            last = await self._runs.last_success(job.name)
            if last is None:
                timer.add_job(self._launch, DateTrigger(datetime.now(UTC) + FIRST_RUN_AFTER), args=[job])
            elif (due := last_due(job.trigger, now)) and last < due:
                log.info("missed_run_caught_up", extra={"job": job.name})
                await self._launch(job)

    async def _launch(self, job: Job) -> None:
        """Start a run in a task of its own: the timer would cancel it when it is shut down."""
        if job.name not in self._running and not self._stopping.is_set():
            task = asyncio.create_task(self._run(job), name=f"job-{job.name}")
            self._running[job.name] = task
            task.add_done_callback(lambda _: self._running.pop(job.name, None))

    async def _run(self, job: Job) -> None:
        correlation.bind(correlation.new())
        try:
            if await self._leader.still_leader():
                await (self._recorded(job) if job.recorded else job.run())
                metrics.job_done(job.name, OK)
        except Exception:
            metrics.job_done(job.name, "failed")
            log.exception("job_failed", extra={"job": job.name})

    async def _recorded(self, job: Job) -> None:
        run_id = await self._runs.started(job.name)
        try:
            detail = await job.run()
        except asyncio.CancelledError:
            await self._runs.finished(run_id, "cancelled")
            raise
        except Exception as failure:
            facts = logs.described(failure)
            await self._runs.finished(run_id, "failed", f"{facts['error']} {facts.get('code', '')}".strip())
            raise
        await self._runs.finished(run_id, OK, detail)


def last_due(trigger: BaseTrigger, now: datetime) -> datetime | None:
    """When the trigger should have fired last, None if not within two days."""
    due, found = trigger.get_next_fire_time(None, now - LOOK_BACK), None
    while due is not None and due <= now:
        found, due = due, trigger.get_next_fire_time(due, due + timedelta(microseconds=1))
    return found
