"""How background work stands: what waits and since when, which orders are held, what was compared last (G2, F14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal_app.storage.case_posts import CasePosts
from portal_app.storage.clock import Clock
from portal_app.storage.fulfilment_counts import Counts, FulfilmentCounts
from portal_app.storage.inbox import Inbox
from portal_app.storage.jobs import ReconcileReports, Report
from portal_app.storage.outbox import Outbox

BEHIND_AFTER: Final = timedelta(minutes=15)
"""Every queue is looked at every few seconds: what has waited longer is not being worked on."""


@dataclass(frozen=True, slots=True)
class Queue:
    """`depth` rows wait. `oldest_s`: how long the oldest has, 0 when none does; a row that waits to be tried again
    counts from when it came in."""

    depth: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class WorkStanding:
    """`queues`: inbox, outbox, fulfilments (those that are due), case_posts (what customers wrote to support and
    Salesforce is not known to have). `reports`: the last one of each kind."""

    at: datetime
    queues: Mapping[str, Queue]
    orders: Counts
    reports: tuple[Report, ...]

    @property
    def behind(self) -> bool:
        """Whether somebody should look: orders are stuck, or are not being worked on."""
        waited = timedelta(seconds=self.queues["fulfilments"].oldest_s)
        return self.orders.stuck > 0 or waited > BEHIND_AFTER

    def age_s(self, report: Report) -> float:
        """Seconds since that comparison ended."""
        return _seconds(self.at, report.finished_at)


class Work:
    """Asks the database only, so that every process says the same."""

    def __init__(
        self,
        *,
        counts: FulfilmentCounts,
        inbox: Inbox,
        outbox: Outbox,
        case_posts: CasePosts,
        reports: ReconcileReports,
        clock: Clock,
    ) -> None:
        self._counts, self._inbox, self._outbox = counts, inbox, outbox
        self._case_posts, self._reports, self._clock = case_posts, reports, clock

    async def get(self) -> WorkStanding:
        """As it is now. Raises the database's errors."""
        now, orders = self._clock.now(), await self._counts.get()
        inbox = Queue(await self._inbox.depth(), _seconds(now, await self._inbox.oldest()))
        outbox = Queue(await self._outbox.depth(), _seconds(now, await self._outbox.oldest()))
        due = Queue(orders.due, _seconds(now, orders.due_since))
        posts, posts_since = await self._case_posts.waiting()
        queues = {"inbox": inbox, "outbox": outbox, "fulfilments": due}
        queues["case_posts"] = Queue(posts, _seconds(now, posts_since))
        return WorkStanding(now, queues, orders, tuple(await self._reports.newest()))


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
