"""Looks for what staff changed in Salesforce, every half a minute, until events tell it.

How far a feed was read stands in Salesforce's own time, so no clock has to agree with another. What is there when a
portal looks for the first time is no news.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from portal_app.integrations.salesforce.changes import ChangedAccount, ChangedCase, ChangedOrder, ChangePage, Changes
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.orders import Orders
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.users import Users
from portal_app.workflows.notices import Notices
from portal_app.workflows.salesforce_news import SalesforceNews

Change = TypeVar("Change", bound=ChangedOrder | ChangedAccount | ChangedCase)

OVERLAP: Final = timedelta(seconds=60)
"""A change is stamped before it is committed: one may become visible behind others that have a later stamp."""
STAMP: Final = timedelta(seconds=1)
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
MOST_PAGES: Final = 20
MOST_KNOWN: Final = 10_000
MOST_UNTOLD: Final = 10
"""So many in one look are no odd ones: something of ours is broken."""


class SalesforceChanges:
    """`look` asks for changes; `order_changed` and `account_changed` are for whoever hears of one."""

    def __init__(
        self,
        *,
        changes: Changes,
        users: Users,
        orders: Orders,
        checks: Checks,
        order_times: OrderTimes,
        seen: LastSeen,
        notices: Notices,
        db: Database,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._changes, self._users, self._orders, self._checks = changes, users, orders, checks
        self._seen, self._db, self._bus, self._notices = seen, db, bus, notices
        self._news = SalesforceNews(seen=seen, order_times=order_times, notices=notices, clock=clock)
        self._known: OrderedDict[str, ChangedOrder | ChangedAccount | ChangedCase] = OrderedDict()
        self._untold: list[Exception] = []

    async def look(self) -> str:
        """Tell everything that changed since the last look. What fails holds up no other and is told by the next one.

        Raises: UpstreamError, Busy; what the first of those that failed raised, after all others were told.
        """
        changes = self._changes
        self._untold.clear()
        orders = await self._feed("orders", changes.newest_order, changes.changed_orders, self._order)
        accounts = await self._feed("accounts", changes.newest_account, changes.changed_accounts, self._account)
        if await self._news.is_check_open():
            # Staff who begin with a case change no account.
            await self._feed("cases", changes.newest_case, changes.changed_cases, self._case)
        if self._untold:
            raise self._untold[0]
        return f"{orders} orders, {accounts} accounts"

    async def order_changed(self, salesforce_order_id: str) -> None:
        """Something about that order changed: read it and tell its customer. Raises: NotFound, UpstreamError, Busy."""
        found = await self._changes.find_order(salesforce_order_id)
        if found is not None:
            await self._order(found)

    async def orders_changed(self, salesforce_order_ids: Collection[str]) -> frozenset[str]:
        """As `order_changed` for 200 orders at most, with one question; those of customers of ours.

        What fails holds up no other. Raises: what the first of those that failed raised, after all others were told.
        """
        ours, failed = set[str](), list[Exception]()
        for found in await self._changes.find_orders(salesforce_order_ids):
            try:
                if await self._order(found):
                    ours.add(found.order.salesforce_order_id)
            except Exception as failure:
                failed.append(failure)
        if failed:
            raise failed[0]
        return frozenset(ours)

    async def account_changed(self, salesforce_account_id: str) -> None:
        """As `order_changed`, for an account. Raises: NotFound, UpstreamError, Busy."""
        found = await self._changes.find_account(salesforce_account_id)
        if found is not None:
            await self._account(found)

    async def _feed(
        self,
        name: str,
        newest: Callable[[], Awaitable[datetime | None]],
        changed: Callable[[datetime], Awaitable[ChangePage[Change]]],
        tell: Callable[[Change], Awaitable[object]],
    ) -> int:
        """How many changes were told. The mark moves after each page, so that a long one is not begun anew.

        It stays at the first change that could not be told.
        """
        subject, told = f"feed:{name}", 0
        mark = reached = await self._mark(subject, newest)
        since, stuck = mark - OVERLAP, LAST
        for _ in range(MOST_PAGES):
            page = await changed(since)
            for one in page.items:
                try:
                    told += await self._once(one, tell)
                except Exception as failure:
                    self._put_aside(failure)
                    stuck = min(stuck, one.modified_at)
            reached = max((one.modified_at for one in page.items), default=reached)
            if min(reached, stuck) > mark:
                mark = min(reached, stuck)
                await self._seen.put(subject, mark.isoformat())
            if not page.more:
                break
            # Of the last second there may be more; of one second there is never a whole page.
            since = max(reached - STAMP, since + STAMP)
        return told

    def _put_aside(self, failure: Exception) -> None:
        self._untold.append(failure)
        if len(self._untold) >= MOST_UNTOLD:
            raise failure

    async def _mark(self, subject: str, newest: Callable[[], Awaitable[datetime | None]]) -> datetime:
        """Where this feed was read to. Where nothing was ever changed, everything to come is news."""
        kept = await self._seen.get(subject)
        if kept is not None:
            return datetime.fromisoformat(kept)
        mark = await newest() or BEGINNING
        await self._seen.put(subject, mark.isoformat())
        return mark

    async def _once(self, change: Change, tell: Callable[[Change], Awaitable[object]]) -> bool:
        """Looks overlap: what this process told just so is left alone. The stamps alone are too coarse for that."""
        key = _key(change)
        if self._known.get(key) == change:
            return False
        await tell(change)
        self._known[key] = change
        self._known.move_to_end(key)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return True

    async def _order(self, change: ChangedOrder) -> bool:
        """Whether it is a customer's of ours."""
        customer = await self._users.find_customer_of_account(change.account_id)
        if customer is None:
            return False
        # Cleared before it is announced: a page that reads again must not find what was there.
        await self._orders.clear(customer)
        before, document_sent = await self._news.last(change), await self._news.is_document_sent(change)
        async with self._db.write() as tx:
            told = await self._news.of_order(tx, customer, change, before, document_sent=document_sent)
        await self._announce(customer.user_id, "orders", told)
        return True

    async def _account(self, change: ChangedAccount) -> None:
        customer = await self._users.find_customer_of_account(change.account_id)
        if customer is None:
            return
        await self._checks.clear(customer)
        async with self._db.write() as tx:
            decided = await self._news.of_availability(tx, customer, change)
            reviewed = await self._news.of_document(tx, customer, change)
        await self._announce(customer.user_id, "checks", decided or reviewed)

    async def _case(self, change: ChangedCase) -> None:
        customer = await self._users.find_customer_of_account(change.account_id)
        if customer is not None:
            await self._checks.clear(customer)
            await self._announce(customer.user_id, "checks", told=False)

    async def _announce(self, user_id: str, topic: str, told: bool) -> None:
        await self._bus.publish(f"customer:{user_id}:{topic}")
        if told:
            await self._notices.announce(user_id)


def _key(change: ChangedOrder | ChangedAccount | ChangedCase) -> str:
    match change:
        case ChangedOrder():
            return change.order.salesforce_order_id
        case ChangedCase():
            return change.case_id
    return change.account_id
