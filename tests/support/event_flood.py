"""Thousands of events that came while nobody listened, and a worker that catches up. For tests and bench."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError

from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.pubsub.listening import Listening
from portal_app.integrations.salesforce.pubsub.wire import Timing
from portal_app.worker.inbox import EVENTS, InboxWorker
from portal_app.workflows.salesforce_events import SalesforceEvents
from sandbox.app import Running
from sandbox.salesforce.records import ORG_ID
from tests.fakes.events import ORDERS, Intake

ENTITY = "Order_Fulfilment_Requested__e"
QUICK = Timing(first_wait_s=0.01, longest_wait_s=0.05)


@dataclass
class OrgToken:
    """A token of the sandbox's."""

    value: str
    origin: str
    organization_id: str = ORG_ID


class Tokens:
    """A new one after each that was refused."""

    def __init__(self, sandbox: Running) -> None:
        self._sandbox, self._token = sandbox, self._made(sandbox)

    async def get(self) -> OrgToken:
        return self._token

    def forget(self, token: object) -> None:
        self._token = self._made(self._sandbox)

    @staticmethod
    def _made(sandbox: Running) -> OrgToken:
        return OrgToken(sandbox.world.salesforce.sessions.open(), sandbox.url)


@dataclass
class Requests:
    """Fulfilment, as far as events know it: how often each order was asked for."""

    asked: Counter[str] = field(default_factory=Counter)

    async def requested(self, order_id: str, *, correlation_id: str = "") -> None:
        self.asked[order_id] += 1

    async def order_changed(self, order_id: str) -> None: ...

    async def checks_changed(self, customer: object) -> None: ...


def order_ids(number: int) -> list[str]:
    """So many ids that Salesforce could have given."""
    return [str(as_18(f"801Q80000{n:06d}")) for n in range(number)]


def produce(sandbox: Running, ids: Collection[str], *, twice: int = 0) -> None:
    """One event for each order; the first so many are delivered twice, under one event id."""
    bus = sandbox.world.salesforce.events
    with sandbox.world.store.transaction():
        for count, order_id in enumerate(ids):
            event_id = f"event-of-{order_id}"
            bus.publish(ENTITY, {"OrderId__c": order_id}, event_id)
            if count < twice:
                bus.publish(ENTITY, {"OrderId__c": order_id}, event_id)


def streams_of(intake: Intake, sandbox: Running) -> Listening:
    """What would listen for this process."""
    return Listening(sandbox.pubsub, Tokens(sandbox), [ORDERS], intake.sink, timing=QUICK)


@asynccontextmanager
async def listening(intake: Intake, sandbox: Running) -> AsyncIterator[Listening]:
    """This process listens."""
    made = streams_of(intake, sandbox)
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def stored(intake: Intake, number: int, limit_s: float = 120) -> float:
    """Seconds until so many events wait in the inbox."""
    began = time.perf_counter()
    async with asyncio.timeout(limit_s):
        while await intake.inbox.depth() < number:
            await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def worked_on(intake: Intake, requests: Requests, limit_s: float = 120) -> float:
    """Seconds until nothing waits."""
    events = SalesforceEvents(
        news=None,  # type: ignore[arg-type]
        records=None,  # type: ignore[arg-type]
        fulfilment=requests,
        support=None,  # type: ignore[arg-type]
        users=None,  # type: ignore[arg-type]
        caches=intake.caches,  # type: ignore[arg-type]
        cursors=intake.cursors,
        bus=intake.bus,
        fields=FieldMap(),
    )
    worker = InboxWorker(intake.inbox, salesforce=events, batch=EVENTS)
    began = time.perf_counter()
    async with asyncio.timeout(limit_s):
        while await _looked(worker):
            pass
    return time.perf_counter() - began


async def _looked(worker: InboxWorker) -> bool:
    """Whether to look once more: also after a database that was busy too long, as the worker's drain does."""
    try:
        return bool(await worker.once())
    except OperationalError:
        return True
