"""Works on what arrived from outside: each event once, in any order, against the present state of its system (E5)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from portal_app.errors import Busy, PortalError, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.observability import logs, metrics
from portal_app.storage.inbox import Inbox, InboxEvent
from portal_app.storage.leases import LEASE
from portal_app.worker import hook_events
from portal_app.worker.hook_events import HookEvents, TooEarly
from portal_app.worker.sync import Sync
from portal_app.workflows import event_notes

log = logging.getLogger(__name__)

BATCH: Final = 20
EVENTS: Final = 100
"""As many of Salesforce's at once: most are about few records, and lead to a note of ours."""
AT_ONCE: Final = 4
MOST_ATTEMPTS: Final = 5
"""An event that fails so often while its system answers is set aside for a person. While that is down none is."""
BEAT_S: Final = LEASE.total_seconds() / 3
"""A batch may take longer than a lease: many records in one event, a system that is slow."""

_DOWN: Final = (UpstreamUnavailable, UpstreamOutcomeUnknown, Busy)

Target = tuple[str, ...]


class Source(Protocol):
    """What the events of one source are about: as hashable targets, each of which can be worked on alone."""

    def targets(self, event: InboxEvent) -> list[Target]:
        """Raises: TooEarly for one to be looked at in a moment; anything for a body that cannot be read."""
        ...

    async def read(self, target: Target) -> None:
        """Raises: UpstreamError, Busy and what else keeps it from being worked on."""
        ...


class InboxWorker:
    """Claims a batch, reads every record it speaks of once, marks the events done.

    Of hooks when it is given `sync`, of events when it is given `salesforce`. With one for each, neither system's bad
    days hold up the other's events.
    """

    def __init__(
        self,
        inbox: Inbox,
        sync: Sync | None = None,
        *,
        salesforce: Source | None = None,
        batch: int = BATCH,
        beat_s: float = BEAT_S,
    ) -> None:
        self._inbox, self._batch, self._beat_s = inbox, batch, beat_s
        self._sources: dict[str, Source] = {}
        if sync is not None:
            self._sources[hook_events.SOURCE] = HookEvents(sync)
        if salesforce is not None:
            self._sources[event_notes.SOURCE] = salesforce

    async def depth(self) -> int:
        """How many events wait for it."""
        return await self._inbox.depth(*self._sources)

    async def once(self) -> int:
        """One batch; how many events were taken."""
        events = await self._inbox.claim(self._batch, *self._sources, first=event_notes.URGENT)
        batch, finished, down = _Batch(self._sources), _Finished(self._inbox), _Down()
        beating = asyncio.create_task(self._beat(events))
        try:
            await asyncio.gather(*(self._work_on(event, batch, finished, down) for event in events))
        finally:
            down.tell()
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        return len(events)

    async def _work_on(self, event: InboxEvent, batch: "_Batch", finished: "_Finished", down: "_Down") -> None:
        try:
            await batch.read(event)
        except TooEarly:
            await self._inbox.failed(event, "early")
        except _DOWN as failure:
            down.add(failure)
            await self._failed(event, failure, final=False)
        except Exception as failure:
            final = event.attempts + 1 >= MOST_ATTEMPTS
            facts = {"event": event.event_type, "attempts": event.attempts + 1}
            facts["reason"] = "given_up" if final else "later"
            log.log(logging.ERROR if final else logging.WARNING, "event_failed", exc_info=failure, extra=facts)
            await self._failed(event, failure, final=final)
        else:
            await finished.add(event)
            metrics.work_done("inbox", "done")

    async def _failed(self, event: InboxEvent, failure: Exception, *, final: bool) -> None:
        metrics.work_done("inbox", "given_up" if final else "later")
        await self._inbox.failed(event, _code(failure), final=final)

    async def _beat(self, events: Sequence[InboxEvent]) -> None:
        """Nobody else takes what is still being worked on."""
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                await self._inbox.renew(events)
            except Exception:
                log.exception("events_not_held")


class _Down:
    """What could not be asked, told once for a batch: thousands of events may wait for one system that is down."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[Exception, int]] = {}

    def add(self, failure: Exception) -> None:
        first, count = self._failures.get(_code(failure), (failure, 0))
        self._failures[_code(failure)] = first, count + 1

    def tell(self) -> None:
        for failure, count in self._failures.values():
            log.warning("events_wait", exc_info=failure, extra={"count": count})


class _Batch:
    """Several events about one record, as paying fires them, read it once: after all of them have arrived."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._reads: dict[tuple[str, Target], asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, event: InboxEvent) -> None:
        source = self._sources[event.source]
        keys = [(event.source, target) for target in source.targets(event)]
        for key in keys:
            if key not in self._reads:
                self._reads[key] = asyncio.create_task(self._read(source, key[1]))
        outcomes = await asyncio.gather(*(self._reads[key] for key in keys), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _read(self, source: Source, target: Target) -> None:
        async with self._slots:
            await source.read(target)


class _Finished:
    """Marks events done as soon as they are; those that end while a transaction runs share the next."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox, self._alone = inbox, asyncio.Lock()
        self._waiting: list[InboxEvent] = []

    async def add(self, event: InboxEvent) -> None:
        self._waiting.append(event)
        await asyncio.sleep(0)  # others that end now come along
        async with self._alone:
            events, self._waiting = self._waiting, []
            await self._inbox.all_done(events)


def _code(failure: Exception) -> str:
    code = getattr(failure, "code", "") if isinstance(failure, PortalError) else ""
    return code or logs.described(failure)["error"]
