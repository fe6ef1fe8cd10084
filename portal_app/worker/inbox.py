"""Works on what arrived from outside: each event once, in any order, against the present state of its system (E5)."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Protocol

from portal_app.errors import Busy, PortalError, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.observability import logs, metrics
from portal_app.storage.inbox import Inbox, InboxEvent
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
        self, inbox: Inbox, sync: Sync | None = None, *, salesforce: Source | None = None, batch: int = BATCH
    ) -> None:
        self._inbox, self._batch = inbox, batch
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
        events = await self._inbox.claim(self._batch, *self._sources)
        batch, finished = _Batch(self._sources), _Finished(self._inbox)
        await asyncio.gather(*(self._work_on(event, batch, finished) for event in events))
        return len(events)

    async def _work_on(self, event: InboxEvent, batch: "_Batch", finished: "_Finished") -> None:
        try:
            await batch.read(event)
        except TooEarly:
            await self._inbox.failed(event, "early")
        except _DOWN as failure:
            await self._failed(event, failure, final=False)
        except Exception as failure:
            await self._failed(event, failure, final=event.attempts + 1 >= MOST_ATTEMPTS)
        else:
            await finished.add(event)
            metrics.work_done("inbox", "done")

    async def _failed(self, event: InboxEvent, failure: Exception, *, final: bool) -> None:
        code = getattr(failure, "code", "") if isinstance(failure, PortalError) else ""
        code = code or logs.described(failure)["error"]
        metrics.work_done("inbox", "given_up" if final else "later")
        facts = {"event": event.event_type, "attempts": event.attempts + 1, "reason": "given_up" if final else "later"}
        log.log(logging.ERROR if final else logging.WARNING, "event_failed", exc_info=failure, extra=facts)
        await self._inbox.failed(event, code, final=final)


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
