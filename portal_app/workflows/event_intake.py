"""Where the events of Salesforce go: to the inbox, together with the cursor behind them (E1, E2, E3, E6).

What an event says never stops the stream. Only who leads stores anything: that is asked right before each transaction,
and the fence in it turns away whoever was late (E9).
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from portal_app.integrations.salesforce.pubsub.decoding import Quarantined, Received
from portal_app.integrations.salesforce.pubsub.subscriber import Batch, NotStored, Topic
from portal_app.integrations.salesforce.pubsub.wire import After, Preset, Start
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.inbox import Inbox
from portal_app.storage.quarantine import Quarantine, Unreadable
from portal_app.storage.replay_cursors import CursorTaken, ReplayCursors
from portal_app.workflows.event_caches import EventCaches
from portal_app.workflows.event_notes import SOURCE, arrival, safe_id

INBOX: Final = "work:inbox"
RECONCILE: Final = "work:reconcile"
"""Published when events may have been missed; `ReplayCursors.gap()` says since when, and lasts."""
log = logging.getLogger(__name__)


class EventIntake:
    """The sink of every topic. `leads` proves the leadership of this process, asked anew each time.

    `everything`: a topic without a cursor begins with all that Salesforce has kept, else with what happens from now on.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        cursors: ReplayCursors,
        quarantine: Quarantine,
        caches: EventCaches,
        db: Database,
        bus: Bus,
        leads: Callable[[], Awaitable[bool]],
        everything: bool,
    ) -> None:
        self._inbox, self._cursors, self._quarantine, self._caches = inbox, cursors, quarantine, caches
        self._db, self._bus, self._leads, self._everything = db, bus, leads, everything
        self._fences: dict[str, int] = {}
        self._doubts: dict[str, datetime] = {}
        self._settled: dict[str, datetime] = {}

    async def start(self, topic: Topic) -> Start:
        """Take the topic, and begin where it stands. Raises: NotStored when another process leads."""
        await self._prove()
        held = await self._cursors.take(topic.name, everything=self._everything)
        self._fences[topic.name] = held.fence
        if held.gap_since is not None and held.gap_since != self._settled.get(topic.name):
            self._doubts[topic.name] = held.gap_since
        if held.replay_id:
            return After(held.replay_id)
        return Preset.EARLIEST if held.from_earliest else Preset.LATEST

    async def store(self, batch: Batch) -> None:
        """Events, what could not be read, and the cursor: one transaction. Raises: NotStored, the database's errors."""
        name = batch.topic.name
        await self._prove()
        arrivals = [arrival(one) for one in batch.items if isinstance(one, Received)]
        unreadable = [_unreadable(one) for one in batch.items if isinstance(one, Quarantined)]
        try:
            async with self._db.write() as tx:
                # First: it locks out whoever else would store for this topic.
                await self._cursors.move_in(tx, name, self._fences[name], batch.cursor)
                new = await self._inbox.accept_all_in(tx, SOURCE, arrivals)
                await self._quarantine.keep_in(tx, name, unreadable)
        except CursorTaken as taken:
            raise NotStored("cursor_taken") from taken
        await self._settle_doubt(batch.topic)
        if new:
            await self._bus.publish(INBOX)

    async def cursor_lost(self, topic: Topic) -> None:
        """From now on all that is retained, crash or not. Raises: NotStored."""
        await self._prove()
        try:
            await self._cursors.give_up(topic.name, self._fences[topic.name])
        except CursorTaken as taken:
            raise NotStored("cursor_taken") from taken
        await self._caches.everything()
        await self._bus.publish(RECONCILE)

    async def _settle_doubt(self, topic: Topic) -> None:
        """The first cursor of a stream that begins after a gap: from here on nothing is missed, so what was kept before
        may go. Not sooner: it would be filled again while events are still missed. Who ends in between leaves the gap,
        and with it the doubt, to whoever begins next."""
        if topic.name in self._doubts:
            log.warning("events_may_be_missing", extra={"topic": topic.label})
            await self._caches.everything()
            await self._bus.publish(RECONCILE)
            self._settled[topic.name] = self._doubts.pop(topic.name)

    async def _prove(self) -> None:
        if not await self._leads():
            raise NotStored("not_leading")


def _unreadable(one: Quarantined) -> Unreadable:
    return Unreadable(safe_id(one.event_id), one.reason, one.schema_id, one.replay_id, one.payload)
