"""Empties a queue as soon as somebody says there is something in it, and looks by itself every few seconds."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from portal_app.observability import correlation, metrics

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0
"""A hint may be lost, and a row put back for later has nobody to announce it."""


class Drain:
    """`once` works on a batch and says how many rows it took; it is asked again until it takes none."""

    def __init__(
        self,
        queue: str,
        once: Callable[[], Awaitable[int]],
        depth: Callable[[], Awaitable[int]],
        *,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._queue, self._once, self._depth, self._every_s = queue, once, depth, every_s
        self._woken, self._stopping = asyncio.Event(), False
        self._task: asyncio.Task[None] | None = None

    def wake(self, topic: str = "", payload: str = "") -> None:
        """There is something to do now. Has the shape of a bus callback."""
        self._woken.set()

    def start(self) -> None:
        """Begin; the first look is at once."""
        self._task = asyncio.create_task(self._run(), name=f"drain-{self._queue}")

    async def stop(self, grace_s: float) -> None:
        """Take nothing new; a batch in work may end within the grace, then it is cancelled and its leases lapse."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            await finish_or_cancel({self._task}, grace_s)

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            correlation.bind(correlation.new())
            try:
                while not self._stopping and await self._once():
                    pass
                metrics.queue_depth(self._queue, await self._depth())
            except Exception:
                log.exception("drain_failed", extra={"queue": self._queue})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._woken.wait()


async def finish_or_cancel(tasks: set[asyncio.Task[None]], grace_s: float) -> None:
    """Wait for the tasks, at most so long; cancel the rest and wait for that."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=grace_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
