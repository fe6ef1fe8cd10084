"""What an event from Salesforce leads to. It is a hint: the record is read as it stands, in any order and number (E5).

A change our own client made wakes pages and starts no work: whoever made it goes on by itself.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamUnavailable
from portal_app.integrations.salesforce.changes import Changes
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.pubsub.events import (
    AccountChanged,
    CaseChanged,
    ChangeType,
    FulfilmentRequested,
    RecordChanged,
)
from portal_app.storage.bus import Bus
from portal_app.storage.inbox import InboxEvent
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.storage.users import Users
from portal_app.workflows.event_caches import EventCaches
from portal_app.workflows.event_intake import RECONCILE
from portal_app.workflows.event_notes import read_note
from portal_app.workflows.salesforce_changes import SalesforceChanges

Target = tuple[str, ...]

ACCOUNT, ORDER, LINE, PRODUCT, PRICE = "Account", "Order", "OrderItem", "Product2", "PricebookEntry"
SHOWN_OF_ACCOUNTS: Final = ("eligibility", "verification")
UNSHOWN: Final = frozenset({"kind", "id", "changed_at", "line_key", "description", "whmcs_product_name"})
COMPOUND: Final = {ORDER: frozenset({"BillingAddress"})}
"""Fields that change events name as one."""
FEW: Final = 5
"""Of more orders changed at once most are not of our customers: one question tells which are."""
GONE: Final = frozenset({ChangeType.DELETE, ChangeType.GAP_DELETE})
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}", re.ASCII)


class Fulfils(Protocol):
    """What fulfilment wants to hear, as `workflows.fulfilment.Fulfilment` does."""

    async def requested(self, order_id: str, *, correlation_id: str = "") -> object: ...

    async def order_changed(self, order_id: str) -> object: ...

    async def checks_changed(self, customer: Customer) -> object: ...


class HearsOfCases(Protocol):
    """What support wants to hear, as `workflows.support_news.SupportNews` does."""

    async def case_changed(self, customer: Customer, case_id: str) -> object: ...


class SalesforceEvents:
    """`targets` says what an event is about, `read` works on one of these: several events about one are one work."""

    def __init__(
        self,
        *,
        news: SalesforceChanges,
        records: Changes,
        fulfilment: Fulfils,
        support: HearsOfCases,
        users: Users,
        caches: EventCaches,
        cursors: ReplayCursors,
        bus: Bus,
        fields: FieldMap,
    ) -> None:
        self._news, self._records, self._fulfilment, self._users = news, records, fulfilment, users
        self._support = support
        self._caches, self._cursors, self._bus = caches, cursors, bus
        self._watched = _watched(fields)
        self._how: dict[str, Callable[..., Awaitable[None]]] = {
            "fulfilment": self._requested,
            "account": self._account,
            "own_account": self._own_account,
            "case": self._case,
            "order": self._order,
            "own_order": self._own_order,
            "many_orders": self._many_orders,
            "lines": self._lines,
            "catalog": caches.catalog,
            "orders": caches.all_orders,
            "lost": self._lost,
        }

    def targets(self, event: InboxEvent) -> list[Target]:
        """What it is about; nothing when it concerns nobody here. Raises: ValueError, KeyError, TypeError."""
        topic, said = read_note(event.body)
        match said:
            case FulfilmentRequested():
                reference = said.correlation_id if _REFERENCE.fullmatch(said.correlation_id) else ""
                return [("fulfilment", said.order_id, reference)]
            case AccountChanged():
                return [("account", said.account_id)]
            case CaseChanged():
                return [("case", said.account_id, said.case_id)] if said.account_id else []
        return self._of_records(topic, said)

    async def read(self, target: Target) -> None:
        """Work on one. Raises: NotFound, UpstreamError, Busy, the database's errors."""
        kind, *about = target
        await self._how[kind](*about)

    def _of_records(self, topic: str, said: RecordChanged) -> list[Target]:
        watched = self._watched.get(said.entity)
        if watched is None or not _touches(said, watched):
            return []
        if said.entity in (PRODUCT, PRICE):
            return [("catalog",)]
        if not said.record_ids:
            return [("lost", said.entity, topic, said.committed_at.isoformat())]
        quiet, gone = said.from_portal, said.change_type in GONE
        if said.entity == ACCOUNT:
            return [("own_account" if quiet or gone else "account", one) for one in said.record_ids]
        if gone:
            return [("orders",)]  # whose it was, nobody can tell any more
        if said.entity == ORDER and len(said.record_ids) > FEW:
            return [("many_orders", "" if quiet else "work", *said.record_ids)]
        if said.entity == ORDER:
            return [("own_order" if quiet else "order", one) for one in said.record_ids]
        # Lines of our own come with a change of their order.
        return [] if quiet else [("lines", *said.record_ids)]

    async def _requested(self, order_id: str, correlation_id: str) -> None:
        await self._fulfilment.requested(order_id, correlation_id=correlation_id)

    async def _order(self, order_id: str) -> None:
        # Neither waits for the other: news that cannot be told hold up no order.
        await _all_of(self._fulfilment.order_changed(order_id), self._news.order_changed(order_id))

    async def _own_order(self, order_id: str) -> None:
        await self._news.order_changed(order_id)

    async def _many_orders(self, work: str, *order_ids: str) -> None:
        """What is nobody's here and is to be fulfilled all the same, the reconciler finds."""
        ours = await self._news.orders_changed(order_ids)
        if work:
            await _one_by_one(self._fulfilment.order_changed, sorted(ours))

    async def _lines(self, *item_ids: str) -> None:
        """A line does not say whose it is."""
        await _one_by_one(self._order, sorted(await self._records.orders_of(item_ids)))

    async def _account(self, account_id: str) -> None:
        customer = await self._users.find_customer_of_account(account_id)
        if customer is not None:
            await _all_of(self._fulfilment.checks_changed(customer), self._news.account_changed(account_id))

    async def _own_account(self, account_id: str) -> None:
        customer = await self._users.find_customer_of_account(account_id)
        if customer is not None:
            await self._caches.checks_of(customer)

    async def _case(self, account_id: str, case_id: str) -> None:
        customer = await self._users.find_customer_of_account(account_id)
        if customer is not None:
            # The check of an address is a case, too.
            await _all_of(self._caches.checks_of(customer), self._support.case_changed(customer, case_id))

    async def _lost(self, entity: str, topic: str, since: str) -> None:
        """Every record of that kind is in doubt: the reconciler looks for what is to be done (E3)."""
        await self._cursors.note_gap(topic, datetime.fromisoformat(since).astimezone(UTC))
        await (self._caches.all_checks() if entity == ACCOUNT else self._caches.all_orders())
        await self._bus.publish(RECONCILE)


def _watched(fields: FieldMap) -> dict[str, frozenset[str]]:
    """Entity -> the fields whose change matters, as change events name them."""
    groups: Iterable[Any] = (fields.account, fields.order, fields.order_item, fields.product, fields.price)
    found = {}
    for group in groups:
        ours = [item.name for item in dataclass_fields(group) if item.name not in UNSHOWN]
        if group.kind == ACCOUNT:
            ours = [name for name in ours if name.startswith(SHOWN_OF_ACCOUNTS)]
        found[group.kind] = frozenset(getattr(group, name) for name in ours) | COMPOUND.get(group.kind, frozenset())
    return found


def _touches(said: RecordChanged, watched: frozenset[str]) -> bool:
    if said.change_type is not ChangeType.UPDATE or not said.changed:
        return True
    return not watched.isdisjoint(name.partition(".")[0] for name in said.changed)


async def _all_of(*works: Awaitable[object]) -> None:
    """All of them, whichever fails. Raises: what the first that failed raised."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _one_by_one(work: Callable[[str], Awaitable[object]], ids: Iterable[str]) -> None:
    """For each of them, whichever fails. Raises: what the first raised, at once when a system cannot be asked."""
    failed: list[Exception] = []
    for one in ids:
        try:
            await work(one)
        except (UpstreamUnavailable, Busy):
            raise
        except Exception as failure:
            failed.append(failure)
    if failed:
        raise failed[0]
