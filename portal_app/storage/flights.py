"""In-process single flight: whoever asks while the answer is on its way waits for the same one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from typing import Any, Final, Generic, TypeVar

from portal_app.storage.kept import NotKept, only_kept

log = logging.getLogger(__name__)

T = TypeVar("T")

# A flight serves many, so it must not inherit the deadline (or anything else) of the one who happened to be first;
# only the id that ties its log lines together goes along.
CARRIED: Final = frozenset({"correlation_id"})


class Flights(Generic[T]):
    """One task per key. A waiter that gives up or is cancelled does not end it.

    `inside`: they ask nobody but our own database, so whoever reads only what is kept may wait for them, too.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._began: dict[asyncio.Task[T], float] = {}
        self._parted: set[asyncio.Task[T]] = set()

    def join(self, key: Hashable, depart: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """The flight of that key, begun now when there is none."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_fly(depart), context=_detached())
            self._tasks[key] = task
            self._began[task] = asyncio.get_running_loop().time()
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    async def wait(self, key: Hashable, depart: Callable[[], Awaitable[T]], timeout_s: float | None = None) -> T:
        """The result of the flight of that key. Raises what it raised, or TimeoutError; NotKept."""
        if only_kept() and not self._inside:
            raise NotKept("flight")
        return await asyncio.wait_for(asyncio.shield(self.join(key, depart)), timeout_s)

    def age(self, flight: asyncio.Task[T]) -> float:
        """For how many seconds it has been under way; 0 for one that landed."""
        now = asyncio.get_running_loop().time()
        return now - self._began.get(flight, now)

    def part(self, which: Callable[[Any], bool]) -> None:
        """Let no newcomer join these flights any more; those who wait still get their answer."""
        for key in [k for k in self._tasks if which(k)]:
            self._parted.add(self._tasks.pop(key))

    async def stop(self) -> None:
        """Cancel every flight and wait until each has cleaned up."""
        tasks = [*self._tasks.values(), *self._parted]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while tasks := [*self._tasks.values(), *self._parted]:
            await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        self._parted.discard(task)
        self._began.pop(task, None)
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (broken := task.exception()):
            # Perhaps nobody waits for it any more; the type says enough and never holds data.
            log.info("background read failed", extra={"error": type(broken).__name__})


async def _fly(depart: Callable[[], Awaitable[T]]) -> T:
    return await depart()


def _detached() -> Context:
    context = Context()
    for variable, value in copy_context().items():
        if variable.name in CARRIED:
            context.run(variable.set, value)
    return context
