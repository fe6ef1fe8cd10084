"""How listening to Salesforce's events stands, for health and for the command line (G2).

The process that listens knows its streams. Every other one knows what the database says: Salesforce speaks on every
topic within 270 s, and each word moves the cursor.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from portal_app.integrations.salesforce.pubsub.subscriber import SubscriberState
from portal_app.storage.clock import Clock
from portal_app.storage.inbox import Inbox
from portal_app.storage.quarantine import Quarantine
from portal_app.storage.replay_cursors import Cursor, ReplayCursors
from portal_app.workflows.event_notes import SOURCE

Status = Literal["connected", "disconnected", "unknown"]

SILENT_AFTER: Final = timedelta(seconds=330)
"""Longer than the 300 s after which a line counts as dead."""
OLD: Final = timedelta(hours=60)
"""Events are kept for 72 h: a cursor as old as this needs a person (E3)."""


@dataclass(frozen=True, slots=True)
class TopicStanding:
    """One topic. `cursor` is base64, "" when none is stored; seconds and counts are None where only others know."""

    topic: str
    status: Status
    code: str
    cursor: str
    stored_at: datetime | None
    heard_s: float | None
    received: int | None
    gap_since: datetime | None
    old: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """All of them, none while switched off. `status` is the worst.

    `waiting_s` is the age of the oldest event nobody has worked on yet.
    """

    enabled: bool
    listening: bool
    channel: str
    status: Status
    topics: tuple[TopicStanding, ...]
    waiting_s: float
    quarantined: int

    @property
    def heard_s(self) -> float | None:
        """Seconds since the topic that is silent for longest was heard; None when one never was."""
        heard = [one.heard_s for one in self.topics]
        return max((one for one in heard if one is not None), default=None) if None not in heard else None

    @property
    def gap_since(self) -> datetime | None:
        """Since when events may be missing."""
        return min((one.gap_since for one in self.topics if one.gap_since), default=None)


class EventStanding:
    """`channel` is the topic that asks for fulfilment, `topics` all of them. `live`: the streams of this process."""

    def __init__(
        self,
        *,
        cursors: ReplayCursors,
        quarantine: Quarantine,
        inbox: Inbox,
        clock: Clock,
        enabled: bool,
        channel: str,
        topics: Sequence[str],
        live: Callable[[], Mapping[str, SubscriberState]] = dict,
    ) -> None:
        self._cursors, self._quarantine, self._inbox, self._clock = cursors, quarantine, inbox, clock
        self._enabled, self._channel, self._topics, self._live = enabled, channel, topics, live

    async def get(self) -> Standing:
        """As it is now. Raises the database's errors."""
        held = {one.topic: one for one in await self._cursors.all()}
        live, oldest = self._live(), await self._inbox.oldest(SOURCE)
        # Switched off, nobody is to be called because they are not heard.
        heard = self._topics if self._enabled else ()
        topics = tuple(self._of(topic, held.get(topic), live.get(topic)) for topic in heard)
        return Standing(
            enabled=self._enabled,
            listening=bool(live),
            channel=self._channel,
            status=_worst([one.status for one in topics]) if self._enabled else "disconnected",
            topics=topics,
            waiting_s=(self._clock.now() - oldest).total_seconds() if oldest else 0.0,
            quarantined=await self._quarantine.count(),
        )

    def _of(self, topic: str, held: Cursor | None, live: SubscriberState | None) -> TopicStanding:
        age = self._clock.now() - held.stored_at if held and held.replay_id else None
        if live is not None:
            status: Status = "connected" if live.status == "connected" else "disconnected"
            heard = None if live.heard_at is None else asyncio.get_running_loop().time() - live.heard_at
        else:
            status = "unknown" if age is None else "connected" if age <= SILENT_AFTER else "disconnected"
            heard = None if age is None else age.total_seconds()
        return TopicStanding(
            topic=topic,
            status=status,
            code=live.code if live else "",
            cursor=base64.b64encode(held.replay_id).decode() if held else "",
            stored_at=held.stored_at if held and held.replay_id else None,
            heard_s=heard,
            received=live.received if live else None,
            gap_since=held.gap_since if held else None,
            old=age is not None and age > OLD,
        )


def as_lines(standing: Standing) -> list[str]:
    """As people read it."""
    if not standing.enabled:
        return ["Events are switched off (SF_EVENTS_ENABLED): only the polls look."]
    lines = [f"{'topic':<44} {'status':<13} {'last word (UTC)':<16} {'code':<24} cursor"]
    for one in standing.topics:
        at = f"{one.stored_at:%Y-%m-%d %H:%M}" if one.stored_at else "never"
        lines.append(f"{one.topic:<44} {one.status:<13} {at:<16} {one.code or '-':<24} {one.cursor or '-'}")
        if one.old:
            lines.append("    older than 60 hours: Salesforce forgets events after 72")
        if one.gap_since:
            lines.append(f"    events since {one.gap_since:%Y-%m-%d %H:%M} may be missing until orders are reconciled")
    return [*lines, "", f"Oldest event waiting: {standing.waiting_s:.0f} s. In quarantine: {standing.quarantined}."]


def _worst(statuses: Sequence[Status]) -> Status:
    order: tuple[Status, ...] = ("disconnected", "unknown", "connected")
    return next((one for one in order if one in statuses), "unknown")
