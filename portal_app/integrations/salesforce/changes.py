"""What changed in Salesforce since some moment: orders, and what staff decide about accounts.

A hint, like the events that will come one day (E5): who hears of it reads what it needs. Read in the background only.
Ordered by the stamp every change moves, the system's own too.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from portal_app.domain.orders import Order
from portal_app.errors import NotFound, UpstreamReplyChanged
from portal_app.integrations.salesforce.approved_rows import id_of, moment
from portal_app.integrations.salesforce.checks import AVAILABILITY_TOPIC
from portal_app.integrations.salesforce.client import BACKGROUND, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.integrations.salesforce.order_rows import read_order
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

T = TypeVar("T")

AT_ONCE: Final = 2000
"""Salesforce's own page."""
ORDERS: Final = "ChangedOrders"
ACCOUNTS: Final = "ChangedAccounts"
CASES: Final = "ChangedCases"
LINES: Final = "ChangedLines"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChangedOrder:
    """An order as it stands. `from_portal`: it was placed here, not by staff."""

    account_id: str
    order: Order
    from_portal: bool
    modified_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class ChangedAccount:
    """What staff decide about an account, in Salesforce's words. Times are UTC."""

    account_id: str
    eligibility_status: str
    offering: str
    requested_at: datetime | None
    checked_at: datetime | None
    verification_status: str
    submitted_at: datetime | None
    verified_at: datetime | None
    reason: str = field(repr=False)
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A question to the staff about internet at an address."""

    case_id: str
    account_id: str
    status: str
    modified_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class ChangePage(Generic[T]):
    """Changes, oldest first. `more`: as many again may have come after the last of them."""

    items: tuple[T, ...]
    more: bool


class Changes:
    """What the portal asks about changes. Rows that cannot be read are left out and told to the operator."""

    def __init__(self, client: SalesforceClient, fields: FieldMap) -> None:
        self._client, self._order, self._item = client, fields.order, fields.order_item
        self._account, self._case = fields.account, fields.case

    async def changed_orders(self, since: datetime) -> ChangePage[ChangedOrder]:
        """Orders changed after that second, oldest first, `AT_ONCE` at most. Raises: UpstreamError, Busy."""
        statement = soql(
            "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal}, {o.order_type:literal}, "
            "{o.status:literal}, {o.activation_status:literal}, {o.activation_error_code:literal}, "
            "{o.placed_at:literal}, {o.activation_scheduled_at:literal}, {o.whmcs_order_id:literal}, "
            "{o.idempotency_key:literal}, {o.changed_at:literal} FROM {o.kind:literal} "
            "WHERE {o.changed_at:literal} > {} ORDER BY {o.changed_at:literal}, {o.id:literal} LIMIT {}",
            since,
            AT_ONCE,
            o=self._order,
        )
        rows = await self._client.query(statement, operation=ORDERS, caller=BACKGROUND)
        return ChangePage(_readable(rows, self._read_order, ORDERS), len(rows) >= AT_ONCE)

    async def changed_accounts(self, since: datetime) -> ChangePage[ChangedAccount]:
        """Accounts changed after that second about which something was ever asked, oldest first, `AT_ONCE` at most.

        Raises: UpstreamError, Busy.
        """
        statement = soql(
            "SELECT {a.id:literal}, {a.eligibility:literal}, {a.eligibility_status:literal}, "
            "{a.eligibility_requested_at:literal}, {a.eligibility_checked_at:literal}, "
            "{a.verification_status:literal}, {a.verification_submitted_at:literal}, "
            "{a.verification_verified_at:literal}, {a.verification_rejection:literal}, {a.changed_at:literal} "
            "FROM {a.kind:literal} "
            "WHERE {a.changed_at:literal} > {} "
            "AND ({a.eligibility_status:literal} != null OR {a.verification_status:literal} != null) "
            "ORDER BY {a.changed_at:literal}, {a.id:literal} LIMIT {}",
            since,
            AT_ONCE,
            a=self._account,
        )
        rows = await self._client.query(statement, operation=ACCOUNTS, caller=BACKGROUND)
        return ChangePage(_readable(rows, self._read_account, ACCOUNTS), len(rows) >= AT_ONCE)

    async def changed_cases(self, since: datetime) -> ChangePage[ChangedCase]:
        """Availability cases of ours changed after that second, oldest first, `AT_ONCE` at most.

        Raises: UpstreamError, Busy.
        """
        statement = soql(
            "SELECT {c.id:literal}, {c.account_id:literal}, {c.status:literal}, {c.changed_at:literal} "
            "FROM {c.kind:literal} WHERE {c.changed_at:literal} > {} AND {c.topic:literal} = {} "
            "AND {c.portal_reference:literal} != null ORDER BY {c.changed_at:literal}, {c.id:literal} LIMIT {}",
            since,
            AVAILABILITY_TOPIC,
            AT_ONCE,
            c=self._case,
        )
        rows = await self._client.query(statement, operation=CASES, caller=BACKGROUND)
        return ChangePage(_readable(rows, self._read_case, CASES), len(rows) >= AT_ONCE)

    async def newest_order(self) -> datetime | None:
        """When an order was last changed (UTC); None while there is none. Raises: UpstreamError, Busy."""
        return await self._newest(self._order, ORDERS)

    async def newest_account(self) -> datetime | None:
        """When an account was last changed (UTC); None while there is none. Raises: UpstreamError, Busy."""
        return await self._newest(self._account, ACCOUNTS)

    async def newest_case(self) -> datetime | None:
        """When a case was last changed (UTC); None while there is none. Raises: UpstreamError, Busy."""
        return await self._newest(self._case, CASES)

    async def find_order(self, salesforce_order_id: str) -> ChangedOrder | None:
        """One order as it stands, whoever's; None when it is gone. Raises: NotFound (no id), UpstreamError, Busy."""
        rows = await self._orders_by_id([salesforce_order_id])
        return self._read_order(rows[0]) if rows else None

    async def find_orders(self, salesforce_order_ids: Collection[str]) -> tuple[ChangedOrder, ...]:
        """These orders, 200 at most, as they stand; those that are gone or cannot be read are left out.

        Raises: NotFound (no id), UpstreamError, Busy.
        """
        return _readable(await self._orders_by_id(salesforce_order_ids), self._read_order, ORDERS)

    async def _orders_by_id(self, salesforce_order_ids: Collection[str]) -> tuple[Row, ...]:
        wanted = [checked_id(self._order.kind, one) for one in salesforce_order_ids]
        statement = soql(
            "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal}, {o.order_type:literal}, "
            "{o.status:literal}, {o.activation_status:literal}, {o.activation_error_code:literal}, "
            "{o.placed_at:literal}, {o.activation_scheduled_at:literal}, {o.whmcs_order_id:literal}, "
            "{o.idempotency_key:literal}, {o.changed_at:literal} FROM {o.kind:literal} "
            "WHERE {o.id:literal} IN {} ORDER BY {o.id:literal}",
            wanted,
            o=self._order,
        )
        return await self._client.query(statement, operation=ORDERS, caller=BACKGROUND)

    async def find_account(self, salesforce_account_id: str) -> ChangedAccount | None:
        """One account as it stands; None when it is gone. Raises: NotFound (no id), UpstreamError, Busy."""
        account_id = checked_id(self._account.kind, salesforce_account_id)
        statement = soql(
            "SELECT {a.id:literal}, {a.eligibility:literal}, {a.eligibility_status:literal}, "
            "{a.eligibility_requested_at:literal}, {a.eligibility_checked_at:literal}, "
            "{a.verification_status:literal}, {a.verification_submitted_at:literal}, "
            "{a.verification_verified_at:literal}, {a.verification_rejection:literal}, {a.changed_at:literal} "
            "FROM {a.kind:literal} "
            "WHERE {a.id:literal} = {}",
            account_id,
            a=self._account,
        )
        rows = await self._client.query(statement, operation=ACCOUNTS, caller=BACKGROUND)
        return self._read_account(rows[0]) if rows else None

    async def orders_of(self, item_ids: Collection[str]) -> frozenset[str]:
        """The orders these lines belong to, 200 lines at most; of those that are gone none.

        Raises: NotFound (no id), UpstreamError, Busy.
        """
        wanted = [checked_id(self._item.kind, one) for one in item_ids]
        statement = soql(
            "SELECT {i.order_id:literal} FROM {i.kind:literal} WHERE {i.id:literal} IN {}", wanted, i=self._item
        )
        rows = await self._client.query(statement, operation=LINES, caller=BACKGROUND)
        return frozenset(id_of(row.get(self._item.order_id), LINES) for row in rows)

    async def _newest(self, names: Any, operation: str) -> datetime | None:
        statement = soql(
            "SELECT {n.changed_at:literal} FROM {n.kind:literal} ORDER BY {n.changed_at:literal} DESC LIMIT 1", n=names
        )
        rows = await self._client.query(statement, operation=operation, caller=BACKGROUND)
        return moment(rows[0].get(names.changed_at), operation) if rows else None

    def _read_order(self, row: Row) -> ChangedOrder:
        names = self._order
        account_id = id_of(row.get(names.account_id), ORDERS)
        return ChangedOrder(
            account_id,
            read_order(row, names, account_id, ORDERS),
            bool(row.get(names.idempotency_key)),
            moment(row.get(names.changed_at), ORDERS),
        )

    def _read_case(self, row: Row) -> ChangedCase:
        names = self._case
        return ChangedCase(
            id_of(row.get(names.id), CASES),
            id_of(row.get(names.account_id), CASES),
            _text(row.get(names.status)),
            moment(row.get(names.changed_at), CASES),
        )

    def _read_account(self, row: Row) -> ChangedAccount:
        names = self._account
        return ChangedAccount(
            account_id=id_of(row.get(names.id), ACCOUNTS),
            eligibility_status=_text(row.get(names.eligibility_status)),
            offering=_text(row.get(names.eligibility)),
            requested_at=_moment(row.get(names.eligibility_requested_at)),
            checked_at=_moment(row.get(names.eligibility_checked_at)),
            verification_status=_text(row.get(names.verification_status)),
            submitted_at=_moment(row.get(names.verification_submitted_at)),
            verified_at=_moment(row.get(names.verification_verified_at)),
            reason=_text(row.get(names.verification_rejection)),
            modified_at=moment(row.get(names.changed_at), ACCOUNTS),
        )


def _readable(rows: Iterable[Row], read: Callable[[Row], T], operation: str) -> tuple[T, ...]:
    """One odd row must not hold up the news of all others."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except (UpstreamReplyChanged, NotFound) as odd:
            log.error("a change could not be read", exc_info=odd, extra={"system": SYSTEM, "operation": operation})
    return tuple(found)


def _moment(value: Any) -> datetime | None:
    return None if value is None else moment(value, ACCOUNTS)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
