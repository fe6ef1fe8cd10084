"""Payments a customer went to WHMCS for, so that their page can wait for them."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update

from portal_app.domain.customer import Customer
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.id_mappings import IdMapping
from portal_app.storage.tables.payments import PaymentLink
from portal_app.storage.upsert import upsert

WAIT: Final = timedelta(minutes=15)


class PaymentLinks:
    """Remembers that a link was made, never the link."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def minted(self, customer: Customer, whmcs_invoice_id: int) -> None:
        """The customer was just sent to pay this invoice; waiting starts over."""
        row = {
            "user_id": customer.user_id,
            "whmcs_invoice_id": whmcs_invoice_id,
            "whmcs_client_id": customer.whmcs_client_id,
            "minted_at": self._clock.now(),
            "settled_at": None,
        }
        async with self._db.write() as session:
            await session.execute(upsert(PaymentLink, self._db.dialect, [row], ["user_id", "whmcs_invoice_id"]))

    async def waiting(self, customer: Customer) -> set[int]:
        """Invoices this customer went to pay in the last 15 minutes and that are not known to be settled."""
        async with self._db.read() as session:
            found = await session.scalars(
                select(PaymentLink.whmcs_invoice_id).where(  # type: ignore[call-overload]
                    *self._open(),
                    PaymentLink.user_id == customer.user_id,
                    PaymentLink.whmcs_client_id == customer.whmcs_client_id,
                )
            )
            return set(found)

    async def open_links(self) -> list[tuple[Customer, int]]:
        """Every (customer, invoice id) that is waited for, longest wait first."""
        statement = (
            select(PaymentLink, IdMapping.sf_account_id)  # type: ignore[call-overload]
            .join(IdMapping, IdMapping.user_id == PaymentLink.user_id, isouter=True)
            .where(*self._open())
            .order_by(PaymentLink.minted_at, PaymentLink.whmcs_invoice_id)
        )
        async with self._db.read() as session:
            rows = await session.execute(statement)
            return [
                (Customer(link.user_id, link.whmcs_client_id, account or ""), link.whmcs_invoice_id)
                for link, account in rows
            ]

    async def settle(self, whmcs_invoice_id: int) -> None:
        """Nobody needs to wait for this invoice any more."""
        async with self._db.write() as session:
            await session.execute(
                update(PaymentLink)
                .where(PaymentLink.whmcs_invoice_id == whmcs_invoice_id, PaymentLink.settled_at.is_(None))  # type: ignore[arg-type, union-attr]
                .values(settled_at=self._clock.now())
            )

    def _open(self) -> tuple[Any, ...]:
        return (PaymentLink.settled_at.is_(None), PaymentLink.minted_at > self._clock.now() - WAIT)  # type: ignore[union-attr]
