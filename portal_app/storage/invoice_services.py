"""Which invoices bill which service, as far as their lines were read. Lines are read once for each state of one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.billing import Invoice, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.domain.services import BilledOnce
from portal_app.storage import invoice_sql as sql
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.invoice_mirror import InvoiceMirrorStore
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.mirrors import InvoiceLinesRead, InvoiceServiceMirror
from portal_app.storage.upsert import upsert

BILLS: Final[Any] = InvoiceServiceMirror.__table__.c  # type: ignore[attr-defined]
READ: Final[Any] = InvoiceLinesRead.__table__.c  # type: ignore[attr-defined]
MOST: Final = 200
"""How many a page shows of one service: sixteen years of monthly bills."""
_UP_TO_DATE: Final = and_(
    READ.whmcs_invoice_id == sql.C.whmcs_invoice_id,
    READ.whmcs_client_id == sql.C.whmcs_client_id,
    READ.status == sql.C.status,
    READ.total == sql.C.total,
)


class InvoiceServices:
    """Beside the copy of the invoices, which says what there is. Reads take the customer and never show a draft."""

    def __init__(self, db: Database, mirror: InvoiceMirrorStore, clock: Clock) -> None:
        self._db, self._mirror, self._clock = db, mirror, clock

    async def put(self, invoice: Invoice, amounts: Mapping[int, Decimal]) -> None:
        """What this invoice bills, by service id, instead of whatever was known of it.

        `invoice` as in the copy when it was chosen for reading: once it stands otherwise there, it is unread again.
        """
        key = invoice.whmcs_invoice_id
        rows = [
            {
                "whmcs_invoice_id": key,
                "whmcs_service_id": service,
                "whmcs_client_id": invoice.whmcs_client_id,
                "amount": amount,
            }
            for service, amount in sorted(amounts.items())
        ]
        async with self._db.write() as session:
            gone = (BILLS.whmcs_invoice_id == key, BILLS.whmcs_service_id.not_in(amounts))
            await session.execute(delete(InvoiceServiceMirror).where(*gone))
            if rows:
                keys = ["whmcs_invoice_id", "whmcs_service_id"]
                await session.execute(upsert(InvoiceServiceMirror, self._db.dialect, rows, keys))
            await self._note(session, invoice)

    async def unread(self, customer: Customer, limit: int) -> list[Invoice]:
        """Invoices of this customer whose lines nobody has read since they changed, newest first."""
        statement = (
            select(*sql.C)
            .outerjoin(InvoiceLinesRead, _UP_TO_DATE)
            .where(*sql.visible(customer), READ.whmcs_invoice_id.is_(None))
            .order_by(*sql.NEWEST)
            .limit(limit)
        )
        async with self._db.read() as session:
            return [self._mirror.of_row(row) for row in await session.execute(statement)]

    async def count_unread(self, customer: Customer) -> int:
        """How many those are."""
        statement = (
            select(func.count(sql.C.whmcs_invoice_id))
            .outerjoin(InvoiceLinesRead, _UP_TO_DATE)
            .where(*sql.visible(customer), READ.whmcs_invoice_id.is_(None))
        )
        async with self._db.read() as session:
            return await session.scalar(statement) or 0

    async def history(self, customer: Customer, whmcs_service_id: int) -> list[BilledOnce]:
        """The invoices that bill this service, newest first, 200 at most; none for somebody else's service."""
        statement = (
            select(*sql.C, BILLS.amount)
            .join(InvoiceServiceMirror, BILLS.whmcs_invoice_id == sql.C.whmcs_invoice_id)
            .where(
                *sql.visible(customer),
                BILLS.whmcs_client_id == customer.whmcs_client_id,
                BILLS.whmcs_service_id == whmcs_service_id,
            )
            .order_by(*sql.NEWEST)
            .limit(MOST)
        )
        async with self._db.read() as session:
            found = (await session.execute(statement)).all()
        return [BilledOnce(self._mirror.of_row(row), row.amount) for row in found]

    async def prune(self) -> int:
        """Drop what is about invoices that are in no copy any more; how many of them."""
        there = select(sql.C.whmcs_invoice_id)
        billed, read = BILLS.whmcs_invoice_id, READ.whmcs_invoice_id
        await delete_in_batches(self._db, InvoiceServiceMirror, billed, billed.not_in(there))
        return await delete_in_batches(self._db, InvoiceLinesRead, read, read.not_in(there))

    async def _note(self, session: AsyncSession, invoice: Invoice) -> None:
        # As it is stored in the copy, which knows no "overdue".
        status = InvoiceStatus.UNPAID if invoice.status is InvoiceStatus.OVERDUE else invoice.status
        row = {
            "whmcs_invoice_id": invoice.whmcs_invoice_id,
            "whmcs_client_id": invoice.whmcs_client_id,
            "status": status.value,
            "total": invoice.total,
            "read_at": self._clock.now(),
        }
        await session.execute(upsert(InvoiceLinesRead, self._db.dialect, [row], ["whmcs_invoice_id"]))
