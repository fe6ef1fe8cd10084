"""What a child does: a real worker, over real sockets, on a real database, until it is done or dead."""

import asyncio
import logging
import os
import signal
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.mail.templates import MailTemplates
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.pubsub.events import FulfilmentRequested
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.upstream import MAIL, Upstream, UpstreamPolicy
from portal_app.integrations.upstream.http import open_http
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.worker.inbox import InboxWorker
from portal_app.worker.outbox import Mails, OutboxSender
from portal_app.workflows.salesforce_events import SalesforceEvents
from tests.crashes.errand import Errand
from tests.fakes.events import ORDERS, Intake, batch, received
from tests.properties.fulfilment.parts import Parts, Patience, Way

LINKS = {"orders": "https://portal.example.com/orders", "login": "https://portal.example.com/login"}
DUE = """SELECT min(at) FROM (
    SELECT greatest(next_attempt_at, lease_until) AS at FROM fulfilments
    WHERE next_attempt_at IS NOT NULL AND state NOT IN ('COMPLETED', 'CANCELLED')
    AND (hold NOT IN ('PAUSED', 'NEEDS_REVIEW') OR wakes <> wakes_seen OR report <> '')
    AND salesforce_order_id LIKE :mine
    UNION ALL SELECT greatest(next_attempt_at, lease_until) FROM outbox
    WHERE sent_at IS NULL AND gave_up_at IS NULL AND :mails) AS waiting"""


_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is https; the usual context reads every certificate there is."""


class AheadClock(Clock):
    """The machine's clock, moved ahead."""

    def __init__(self, offset_s: float) -> None:
        self.offset = timedelta(seconds=offset_s)

    def now(self) -> datetime:
        return super().now() + self.offset

    def jump_to(self, moment: datetime) -> None:
        self.offset += max(timedelta(0), moment - self.now()) + timedelta(milliseconds=20)


class Points:
    """Named points of one process: it dies at one of them, or stands still."""

    def __init__(self, errand: Errand) -> None:
        self._errand, self._passed = errand, Counter[str]()
        self._path = Path(errand.points_file) if errand.points_file else None

    def __call__(self, name: str) -> None:
        self._passed[name] += 1
        if self._path:
            with self._path.open("a", encoding="utf-8") as passed:
                passed.write(f"{name}\n")
        here = (name, self._passed[name])
        if self._errand.console_at and here == self._errand.console_at[:2]:
            httpx.post(self._errand.console_at[2]).raise_for_status()
        if here == self._errand.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if here == self._errand.stop_at:
            os.kill(os.getpid(), signal.SIGSTOP)


class Child:
    """A worker process."""

    def __init__(self, errand: Errand) -> None:
        self.errand, self.points = errand, Points(errand)
        self.clock = AheadClock(errand.offset_s)
        self.db = Database(errand.database, pool_size=3)
        lease, settle = timedelta(seconds=errand.lease_s), timedelta(seconds=errand.settle_s)
        patience = Patience(lease, settle, settle)
        self.parts = Parts(self.db, self.clock, _way(errand), patience=patience, checkpoint=self.points)
        if errand.order_id:
            self._work_on_nothing_else(errand.order_id)
        self._mine = {"mine": errand.order_id or "%", "mails": errand.mails}
        self.sender = OutboxSender(self.parts.outbox, {"mail": self._mail})
        upstream = Upstream(quick(MAIL), self.clock)
        sender = MailSender(errand.smtp, "Portal <portal@example.com>", upstream, self.clock)
        self._mails = Mails(self.parts.users, sender, MailTemplates("Portal", LINKS))

    def _work_on_nothing_else(self, order_id: str) -> None:
        claim = self.parts.fulfilments.claim

        async def only(limit: int) -> list[Any]:
            row = await self.parts.fulfilments.get(order_id)
            if row is None or row.next_attempt_at is None or row.next_attempt_at > self.clock.now():
                return []
            one = await claim(order_id)
            return [one] if one else []

        self.parts.fulfilments.claim_due = only  # type: ignore[method-assign]

    def count_writes(self, db: Database) -> None:
        """From now on each of its transactions is a point, too, by its number."""
        write, numbers = db.write, count(1)

        @asynccontextmanager
        async def counted() -> AsyncIterator[AsyncSession]:
            number = next(numbers)
            async with write() as session:
                yield session
                self.points(f"transaction:{number}:before")
            self.points(f"transaction:{number}:after")

        db.write = counted  # type: ignore[method-assign]

    async def _mail(self, payload: Any, reference: str) -> None:
        self.points("mail:before")
        await self._mails.deliver(payload, reference)
        self.points("mail:after")

    async def works(self) -> None:
        """Until nothing is due any more, its clock running ahead to what is."""
        while True:
            while await self.parts.fulfilment.once() + (await self.sender.once() if self.errand.mails else 0):
                pass
            due = await self._next_due()
            if due is None:
                return
            self.clock.jump_to(due)

    async def serves(self) -> None:
        """The same without jumping: it waits as others do, and looks five times a second."""
        while True:
            while await self.parts.fulfilment.once() + await self.sender.once():
                pass
            if await self._next_due() is None:
                return
            await asyncio.sleep(0.2)

    async def _next_due(self) -> datetime | None:
        async with self.db.read() as session:
            found: datetime | None = await session.scalar(text(DUE), self._mine)
        return found

    async def close(self) -> None:
        await self.parts.threads.close()
        await self.db.dispose()


async def fulfil(child: Child) -> None:
    """One order, or all there are, until nothing is due."""
    if child.errand.request:
        await child.parts.fulfilment.requested(child.errand.order_id)
    await child.works()


async def ask(child: Child) -> None:
    """The event of the order arrives; nobody works on it here."""
    await child.parts.fulfilment.requested(child.errand.order_id)


async def hear(child: Child) -> None:
    """The events of the orders are delivered, stored with the cursor behind them, and worked on."""
    intake = Intake(child.errand.database, child.clock)
    child.count_writes(intake.db)
    order_ids = child.errand.order_id.split(",")
    heard = [received(event=FulfilmentRequested(one), event_id=f"event-{one}") for one in order_ids]
    await intake.sink.start(ORDERS)
    await intake.sink.store(batch(*heard, cursor=order_ids[-1].encode()))
    nobody: Any = None
    events = SalesforceEvents(
        news=nobody,
        records=nobody,
        fulfilment=child.parts.fulfilment,
        support=nobody,
        users=child.parts.users,
        caches=intake.caches,  # type: ignore[arg-type]
        cursors=intake.cursors,
        bus=intake.bus,
        fields=FieldMap(),
    )
    while await InboxWorker(intake.inbox, salesforce=events).once():
        pass
    await intake.close()


async def post(child: Child) -> None:
    """The outbox is emptied, nothing else."""
    child.count_writes(child.db)
    while await child.sender.once():
        pass


async def serve(child: Child) -> None:
    """All there is, in real time."""
    await child.serves()


async def resume(child: Child) -> None:
    """Customers have done what was missing."""
    for row in await child.parts.fulfilments.held():
        await child.parts.fulfilment.resume(row.salesforce_order_id)
    await child.works()


TASKS: dict[str, Callable[[Child], Awaitable[None]]] = {
    task.__name__: task for task in (fulfil, ask, hear, post, serve, resume)
}


def run(errand: Errand) -> int:
    """The exit code."""

    async def live() -> None:
        child = Child(errand)
        async with asyncio.timeout(errand.seconds):
            await TASKS[errand.task](child)
        await child.close()

    logging.basicConfig(level=logging.WARNING)
    asyncio.run(live())
    return 0


def quick(policy: UpstreamPolicy) -> UpstreamPolicy:
    """As in production, but as fast as the other side can."""
    return replace(policy, per_second=100_000, per_minute=None)


def _way(errand: Errand) -> Way:
    key = load_pem_private_key(Path(errand.key).read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    return Way(
        errand.salesforce,
        errand.whmcs,
        errand.freebit,
        key,
        lambda usage: Threads(4, lambda: SfSession(usage.note)),
        open_http(verify=_NO_TLS),
        open_http(verify=_NO_TLS),
        quick,
        Clock(),
    )
