"""Looks every ten seconds after invoices that customers just went to pay, for the case that no hook arrives."""

import asyncio
import logging
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamError
from portal_app.storage.bus import Bus
from portal_app.storage.payments import PaymentLinks
from portal_app.worker.sync import INVOICES, Sync

log = logging.getLogger(__name__)

AT_ONCE: Final = 3


class PaymentsWatch:
    """Pages say "waiting for your payment" for 15 minutes after a link was made, or until the invoice is paid."""

    def __init__(self, links: PaymentLinks, sync: Sync, bus: Bus) -> None:
        self._links, self._sync, self._bus = links, sync, bus
        self._waiting: set[tuple[Customer, int]] = set()

    async def look(self) -> str:
        """Read every awaited invoice once. What WHMCS does not answer is read again ten seconds later."""
        waiting = set(await self._links.open_links())
        await self._over(self._waiting - waiting)
        slots = asyncio.Semaphore(AT_ONCE)
        changes = await asyncio.gather(*(self._read(slots, customer, i) for customer, i in waiting))
        self._waiting = waiting
        return f"{len(waiting)} awaited, {sum(changes)} changed"

    async def _read(self, slots: asyncio.Semaphore, customer: Customer, whmcs_invoice_id: int) -> bool:
        async with slots:
            try:
                return await self._sync.awaited_invoice(customer, whmcs_invoice_id)
            except (UpstreamError, Busy):
                log.info("awaited_invoice_not_read", extra={"whmcs_invoice_id": whmcs_invoice_id})
                return False

    async def _over(self, gone: set[tuple[Customer, int]]) -> None:
        """The wait ended, paid or not: the page takes its notice away."""
        for user_id in {customer.user_id for customer, _ in gone}:
            await self._bus.publish(f"customer:{user_id}:{INVOICES}")
