"""Salesforce's events are listened to by whoever leads, by nobody else: a stream spends the day's deliveries (E9)."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from portal_app.integrations.salesforce.pubsub.subscriber import SubscriberState

log = logging.getLogger(__name__)

REPLAY: Final = "work:replay"
"""Published when a cursor was set back: begin again, from where it stands now."""
AGAIN_S: Final = 5.0
ENDING_S: Final = 5.0


class Listens(Protocol):
    """As `pubsub.listening.Listening` does."""

    @property
    def states(self) -> Mapping[str, SubscriberState]:
        """By topic name."""
        ...

    async def run(self) -> None:
        """Until it is cancelled."""
        ...

    async def check(self) -> None:
        """Raises: UpstreamError when a topic may not be listened to."""
        ...


class EventListening:
    """A duty of the leader. Without `listening` (events are switched off) there is nothing to do."""

    def __init__(self, listening: Listens | None, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._listening, self._pause = listening, pause
        self._task: asyncio.Task[None] | None = None
        self._again = asyncio.Event()

    @property
    def active(self) -> bool:
        """Whether this process is the one that listens."""
        return self._task is not None and not self._task.done()

    @property
    def states(self) -> Mapping[str, SubscriberState]:
        """Of each topic while this process listens, else nothing."""
        return self._listening.states if self._listening is not None and self.active else {}

    async def check(self) -> None:
        """Ask Salesforce whether each topic may be listened to, for whoever does not listen itself.

        Raises: UpstreamError.
        """
        if self._listening is not None:
            await self._listening.check()

    async def begin(self) -> None:
        """Listen, until told to end."""
        if self._listening is not None and not self.active:
            self._task = asyncio.create_task(self._run(self._listening), name="salesforce-events")

    async def end(self) -> None:
        """Cut off at once: what is being stored is decided by its transaction."""
        task, self._task = self._task, None
        if task is not None:
            await _cancelled(task)

    def again(self, topic: str = "", payload: str = "") -> None:
        """Begin each stream anew. Has the shape of a bus callback."""
        self._again.set()

    async def _run(self, listening: Listens) -> None:
        while True:
            self._again.clear()
            streams = asyncio.create_task(listening.run())
            told = asyncio.create_task(self._again.wait())
            try:
                await asyncio.wait({streams, told}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                told.cancel()
                await _cancelled(streams)
            if not streams.done():
                log.error("listening_does_not_end")
                await self._pause(AGAIN_S)
            elif not streams.cancelled() and (broken := streams.exception()) is not None:
                log.error("listening_broken", exc_info=broken)
                await self._pause(AGAIN_S)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel and wait for the end, but not for ever."""
    task.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ENDING_S):
            await asyncio.wait({task})
