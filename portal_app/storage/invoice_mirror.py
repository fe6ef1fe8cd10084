"""The copy of WHMCS's invoices that list pages read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func, select, true

from portal_app.domain.billing import Invoice, InvoicePage, InvoiceQuery, InvoiceStatus, InvoiceTab, InvoiceTotals
from portal_app.domain.customer import Customer
from portal_app.storage import invoice_sql as sql
from portal_app.storage.clock import Clock
from portal_app.storage.copies import Copies, Drift, Shape
from portal_app.storage.engine import Database
from portal_app.storage.tables.mirrors import InvoiceMirror

SMALLEST_PAGE, LARGEST_PAGE = 1, 100
C = sql.C


class InvoiceMirrorStore:
    """Reads take the customer and never show a draft. Overdue is decided when reading, by the day in Japan."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        shape = Shape(InvoiceMirror, "whmcs_invoice_id", _to_row, self.of_row)
        self._copies: Copies[Invoice] = Copies(db, clock, shape)

    async def replace_all(self, whmcs_client_id: int, invoices: Sequence[Invoice]) -> Drift:
        """Make the copy of one client exactly these. Raises ValueError for an invoice of another client."""
        return await self._copies.replace_all(whmcs_client_id, invoices)

    async def upsert(self, invoice: Invoice) -> Drift:
        """Add or change one."""
        return await self._copies.upsert_many([invoice])

    async def upsert_many(self, invoices: Iterable[Invoice]) -> Drift:
        """Add or change these, of whichever clients."""
        return await self._copies.upsert_many(invoices)

    async def remove(self, whmcs_invoice_id: int, whmcs_client_id: int) -> bool:
        """WHMCS has it no more, or not for this client."""
        return await self._copies.remove(whmcs_invoice_id, whmcs_client_id)

    async def ids_of(self, whmcs_client_id: int) -> set[int]:
        """Ids of every copied invoice of one client, drafts too."""
        return await self._copies.ids_of(whmcs_client_id)

    async def get(self, customer: Customer, whmcs_invoice_id: int) -> Invoice | None:
        """This customer's invoice; None for an unknown one, somebody else's and a draft alike."""
        return await self._copies.find(*sql.visible(customer), C.whmcs_invoice_id == whmcs_invoice_id)

    async def recent(self, customer: Customer, n: int) -> list[Invoice]:
        """The newest, by day of issue."""
        statement = select(*C).where(*sql.visible(customer)).order_by(*sql.NEWEST).limit(n)
        async with self._db.read() as session:
            return [self.of_row(row) for row in await session.execute(statement)]

    async def payable(self, customer: Customer, n: int) -> list[Invoice]:
        """What there is to pay, by the day it is due."""
        statement = select(*C).where(*sql.visible(customer), sql.PAYABLE).order_by(*sql.DUE_FIRST).limit(n)
        async with self._db.read() as session:
            return [self.of_row(row) for row in await session.execute(statement)]

    async def page(self, customer: Customer, query: InvoiceQuery, *, as_of: datetime, stale: bool) -> InvoicePage:
        """One page in the query's order, with counts and sums over all of the customer's invoices.

        The tab `unpaid` holds everything still to pay, of which `overdue` is a part. A page past the end gives the last
        one. Both statements read one snapshot, so rows and counts agree.
        """
        today = self._clock.today_in_japan()
        found = sql.matches(query, today)
        size = min(max(query.size, SMALLEST_PAGE), LARGEST_PAGE)
        async with self._db.read() as session:
            await sql.one_snapshot(session, self._db.dialect)
            whose = {"client": customer.whmcs_client_id, "today": today}
            summary = (await session.execute(_summary(query), whose)).one()
            pages = max(1, -(-summary.found // size))
            page = min(max(query.page, 1), pages)
            statement = select(*C).where(*sql.visible(customer), found).order_by(*sql.order(query))
            rows = await session.execute(statement.limit(size).offset((page - 1) * size))
            items = tuple(self.of_row(row) for row in rows)
        totals = self._totals(summary)
        return InvoicePage(items, summary.found, page, pages, totals, as_of, stale)

    def _totals(self, summary: Any) -> InvoiceTotals:
        counts: dict[InvoiceTab, int] = {tab: getattr(summary, f"in_{tab}") for tab in sql.TABS}
        next_due = None if summary.whmcs_invoice_id is None else self.of_row(summary)
        return InvoiceTotals(counts, summary.due, summary.overdue, next_due)

    def of_row(self, row: Any) -> Invoice:
        """A row of the table, however the statement came by it."""
        status = _STATUSES.get(row.status, InvoiceStatus.OTHER)
        if status is InvoiceStatus.UNPAID and row.due_on is not None and row.due_on < self._clock.today_in_japan():
            status = InvoiceStatus.OVERDUE
        return Invoice(
            whmcs_invoice_id=row.whmcs_invoice_id,
            whmcs_client_id=row.whmcs_client_id,
            number=row.number,
            status=status,
            issued_on=row.issued_on,
            due_on=row.due_on,
            paid_on=row.paid_on,
            total=row.total,
            balance=row.balance,
        )


_STATUSES = {status.value: status for status in InvoiceStatus}


def _summary(query: InvoiceQuery) -> Any:
    """One row: how many there are per tab and found, the sums, and the columns of the next due invoice."""
    return _summary_with(sql.matches(query, sql.TODAY)) if query.search else _summary_of(query.tab)


@cache
def _summary_of(tab: InvoiceTab) -> Any:
    """Made once: that takes longer than the database does with it."""
    return _summary_with(sql.in_tab(tab, sql.TODAY))


def _summary_with(found: Any) -> Any:
    counts = [func.count().filter(sql.in_tab(tab, sql.TODAY)).label(f"in_{tab}") for tab in sql.TABS]
    numbers = (
        select(
            *counts,
            func.count().filter(found).label("found"),
            sql.balance_of(sql.PAYABLE).label("due"),
            sql.balance_of(sql.PAYABLE & sql.overdue(sql.TODAY)).label("overdue"),
        )
        .where(*sql.VISIBLE)
        .subquery()
    )
    next_due = select(*C).where(*sql.VISIBLE, sql.PAYABLE).order_by(*sql.DUE_FIRST).limit(1).subquery()
    return select(numbers, next_due).join_from(numbers, next_due, true(), isouter=True)


def _to_row(invoice: Invoice) -> dict[str, Any]:
    # WHMCS has no stored status Overdue; storing it would go stale at midnight.
    status = InvoiceStatus.UNPAID if invoice.status is InvoiceStatus.OVERDUE else invoice.status
    return {
        "whmcs_invoice_id": invoice.whmcs_invoice_id,
        "whmcs_client_id": invoice.whmcs_client_id,
        "number": invoice.number,
        "status": status.value,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "paid_on": invoice.paid_on,
        "total": invoice.total,
        "balance": invoice.balance,
    }
