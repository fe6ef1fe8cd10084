"""What staff did with a customer's question: told once, by bell and mail, and shown at once on pages that are open.

Events bring it within seconds; `look` asks every half a minute for what no event told. Both read the question as it
stands, and each notice is kept once for its comment or status, so it does not matter who comes first, or how often.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.cases import CaseStatus, CaseThread, Message
from portal_app.domain.customer import Customer
from portal_app.domain.notices import Notice, NoticeKind
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.integrations.salesforce.case_changes import CaseChanges, Stirred
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.storage.bus import Bus
from portal_app.storage.case_posts import CasePosts, PostKind
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.users import Users
from portal_app.workflows.notices import Notices

LATELY: Final = timedelta(days=7)
"""What is older is no news, whenever it is seen for the first time."""
OVERLAP: Final = timedelta(seconds=60)
"""A change is stamped before it is committed: one may become visible behind others that have a later stamp."""
TRIED_FOR: Final = timedelta(hours=1)
"""So long a question that cannot be told is tried again; the looks would grow without end."""
OWN_MOVE: Final = timedelta(minutes=15)
"""A status that follows so soon on what the customer did is no news to them."""
FEED: Final = "feed:support"
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_KNOWN: Final = 10_000
LONGEST_TITLE: Final = 120
_BY_CUSTOMER: Final[dict[CaseStatus, tuple[PostKind, ...]]] = {
    CaseStatus.CLOSED: ("close",),
    CaseStatus.IN_PROGRESS: ("reopen", "comment"),
}
log = logging.getLogger(__name__)


class SupportNews:
    """`case_changed` for whoever hears of a change, `look` for the schedule."""

    def __init__(
        self,
        *,
        cases: SupportCases,
        changes: CaseChanges,
        posts: CasePosts,
        users: Users,
        notices: Notices,
        seen: LastSeen,
        db: Database,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._cases, self._changes, self._posts = cases, changes, posts
        self._users, self._notices, self._seen = users, notices, seen
        self._db, self._bus, self._clock = db, bus, clock
        self._known: OrderedDict[str, frozenset[str]] = OrderedDict()

    async def case_changed(self, customer: Customer, case_id: str) -> None:
        """Pages read that question anew, and the customer hears what staff did, once.

        One that customers do not see is left alone. Raises: UpstreamError, Busy, the database's errors.
        """
        # Cleared before it is announced: a page that reads again must not find what was there.
        await self._cases.clear(customer)
        await self._bus.publish(f"customer:{customer.user_id}:cases")
        try:
            thread = await self._cases.read_thread(customer, case_id)
        except NotFound:
            return
        async with self._db.write() as tx:
            told = await self._tell_in(tx, customer, thread)
        if told:
            await self._notices.announce(customer.user_id)

    async def look(self) -> str:
        """Tell what happened since the last look. What fails holds up no other and is told by the next, for an hour.

        Raises: what the first of those that failed raised.
        """
        mark = await self._mark()
        stirred = await self._changes.since(mark - OVERLAP)
        failed: list[tuple[datetime, Exception]] = []
        told = 0
        for some in _by_case(stirred):
            try:
                told += await self._once(some)
            except (UpstreamUnavailable, Busy):
                raise
            except Exception as failure:
                log.error("news of a question not told", exc_info=failure)
                if some[-1].at > self._clock.now() - TRIED_FOR:
                    failed.append((some[0].at, failure))
                else:
                    self._remember(some)
        reached = max((one.at for one in stirred), default=mark)
        reached = min((reached, *(at for at, _ in failed)))
        if reached > mark:
            await self._seen.put(FEED, reached.isoformat())
        if failed:
            raise failed[0][1]
        return f"{told} questions"

    async def _once(self, stirred: list[Stirred]) -> bool:
        """All about one question. Looks overlap: what this process told just so is left alone."""
        one = stirred[0]
        if _what(stirred) <= self._known.get(one.salesforce_case_id, frozenset()):
            return False
        customer = await self._users.find_customer_of_account(one.salesforce_account_id)
        if customer is not None:
            await self.case_changed(customer, one.salesforce_case_id)
        self._remember(stirred)
        return customer is not None

    def _remember(self, stirred: list[Stirred]) -> None:
        self._known[stirred[0].salesforce_case_id] = _what(stirred)
        self._known.move_to_end(stirred[0].salesforce_case_id)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _mark(self) -> datetime:
        """How far was read. What is there when a portal looks for the first time is no news."""
        kept = await self._seen.get(FEED)
        if kept is not None:
            return datetime.fromisoformat(kept)
        mark = await self._changes.newest() or BEGINNING
        await self._seen.put(FEED, mark.isoformat())
        return mark

    async def _tell_in(self, tx: AsyncSession, customer: Customer, thread: CaseThread) -> bool:
        since = self._clock.now() - LATELY
        answers = [one for one in thread.messages if one.author == "staff" and one.at >= since]
        told = False
        for one in answers:
            if one.key != thread.case.salesforce_case_id:  # with what staff opened it, it began
                told |= await self._notices.tell_in(tx, customer.user_id, _answered(thread, one))
        moved = await self._moved(tx, thread, since)
        if moved is not None:
            told |= await self._notices.tell_in(tx, customer.user_id, moved)
        return told

    async def _moved(self, tx: AsyncSession, thread: CaseThread, since: datetime) -> Notice | None:
        case = thread.case
        news = await self._seen.note_in(tx, f"case:{case.salesforce_case_id}", case.status.value)
        if news == "same" or case.status is CaseStatus.NEW or (news == "first" and case.created_at < since):
            return None
        kinds = _BY_CUSTOMER.get(case.status, ())
        if await self._posts.wrote_since(case.salesforce_case_id, kinds, self._clock.now() - OWN_MOVE):
            return None
        values = _named(thread) | {"status": case.status.value}
        source = f"{case.salesforce_case_id}:{case.status}:{case.changed_at:%Y%m%dT%H%M%S}"
        return Notice(
            kind=NoticeKind.CASE_STATUS,
            source_id=source,
            subject=_subject(thread),
            values=values,
            mail={"case_id": case.salesforce_case_id},
        )


def _by_case(stirred: Iterable[Stirred]) -> list[list[Stirred]]:
    """What happened to each question, oldest first."""
    found: dict[str, list[Stirred]] = {}
    for one in stirred:
        found.setdefault(one.salesforce_case_id, []).append(one)
    return list(found.values())


def _what(stirred: Iterable[Stirred]) -> frozenset[str]:
    return frozenset(one.what for one in stirred)


def _answered(thread: CaseThread, message: Message) -> Notice:
    return Notice(
        kind=NoticeKind.CASE_REPLY,
        source_id=message.key,
        subject=_subject(thread),
        values=_named(thread),
        mail={"case_id": thread.case.salesforce_case_id},
    )


def _named(thread: CaseThread) -> dict[str, str]:
    title = thread.case.subject
    return {"number": thread.case.number, "title": title if len(title) <= LONGEST_TITLE else f"{title[:119]}…"}


def _subject(thread: CaseThread) -> str:
    return f"case:{thread.case.salesforce_case_id}"
