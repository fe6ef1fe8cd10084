"""Works on what arrived from outside: each event once, at any order, against the present state of WHMCS (E5)."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from portal_app.errors import Busy, PortalError, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.whmcs.hooks import Concern, concern_of
from portal_app.observability import logs, metrics
from portal_app.storage.inbox import Inbox, InboxEvent
from portal_app.worker.sync import Sync

log = logging.getLogger(__name__)

BATCH: Final = 20
AT_ONCE: Final = 4
MOST_ATTEMPTS: Final = 5
"""An event that fails so often while WHMCS answers is set aside for a person. While WHMCS is down none is."""

_DOWN: Final = (UpstreamUnavailable, UpstreamOutcomeUnknown, Busy)

Target = tuple[str, int]


class InboxWorker:
    """Claims a batch, reads every record it speaks of once, marks the events done."""

    def __init__(self, inbox: Inbox, sync: Sync) -> None:
        self._inbox, self._sync = inbox, sync

    async def once(self) -> int:
        """One batch; how many events were taken."""
        events = await self._inbox.claim(BATCH)
        batch = _Batch(self._sync)
        await asyncio.gather(*(self._work_on(event, batch) for event in events))
        return len(events)

    async def _work_on(self, event: InboxEvent, batch: "_Batch") -> None:
        try:
            concern = concern_of(event.event_type, _params(event.body))
            if concern.early and event.attempts == 0:
                # Sent before the change is made: what WHMCS says now is the old state.
                await self._inbox.failed(event, "early")
                return
            await batch.read(_targets(concern))
        except _DOWN as failure:
            await self._failed(event, failure, final=False)
        except Exception as failure:
            await self._failed(event, failure, final=event.attempts + 1 >= MOST_ATTEMPTS)
        else:
            await self._inbox.done(event)
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

    def __init__(self, sync: Sync) -> None:
        self._how: dict[str, Callable[[int], Awaitable[None]]] = {
            "invoice": sync.invoice,
            "services": sync.services_of,
            "service": sync.service,
            "client": sync.client,
            "pay_methods": sync.pay_methods_of,
        }
        self._reads: dict[Target, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, targets: list[Target]) -> None:
        for target in targets:
            if target not in self._reads:
                self._reads[target] = asyncio.create_task(self._read(target))
        outcomes = await asyncio.gather(*(self._reads[t] for t in targets), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _read(self, target: Target) -> None:
        kind, number = target
        async with self._slots:
            await self._how[kind](number)


def _params(body: bytes) -> dict[str, Any]:
    params = json.loads(body)["params"]
    if not isinstance(params, dict):
        raise TypeError("params")
    return params


def _targets(concern: Concern) -> list[Target]:
    """What to read: the invoices it names; a client's services when it names a service; else the client as a whole.

    How somebody pays is no part of that whole.
    """
    if concern.pay_methods:
        return [("pay_methods", c) for c in concern.clients]
    invoices = [("invoice", i) for i in concern.invoices]
    if concern.services:
        named = [("services", c) for c in concern.clients]
        return invoices + (named or [("service", s) for s in concern.services])
    return invoices or [("client", c) for c in concern.clients]
