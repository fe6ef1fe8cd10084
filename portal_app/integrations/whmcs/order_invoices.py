"""The invoice of an order's services. WHMCS does not say which one that is: its lines do."""

from collections.abc import Collection
from datetime import date, timedelta

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.order_services import OrderServices, own
from portal_app.integrations.whmcs.ownership import Ownership
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireInvoice, WireInvoiceDetail

MOST = 100
"""Invoices looked at, newest first: one that bills a new service is among a client's newest."""
HOSTING, CANCELLED = "hosting", "cancelled"


class OrderInvoices:
    """Looking for an order's invoice, and asking for it."""

    def __init__(self, client: WhmcsClient, services: OrderServices, ownership: Ownership) -> None:
        self._client, self._services, self._ownership = client, services, ownership

    async def find(self, customer: Customer, whmcs_service_ids: Collection[int]) -> int:
        """The invoice that bills most of these services, of several the newest; 0 when none does. Cancelled ones do
        not count.

        Only invoices since the first of the services was made are opened. Raises: NotFound when one of the services is
        not the customer's, UpstreamError, Busy.
        """
        wanted = set(whmcs_service_ids)
        since = await self._since(customer, wanted)
        best, most = 0, 0
        for row in await self._newest(customer):
            if (row.date is not None and row.date < since) or _is_cancelled(row):
                continue
            billed = len(wanted & await self._billed(customer, row.id))
            if billed > most:
                best, most = row.id, billed
            if most == len(wanted):
                break
        return best

    async def generate(self, customer: Customer, whmcs_service_ids: Collection[int]) -> None:
        """Asks WHMCS to bill these services, which it does once for each period; it mails the invoice.

        Raises: UpstreamOutcomeUnknown: look for the invoice. UpstreamRejected, UpstreamUnavailable, Busy.
        """
        await self._client.gen_invoices(customer.whmcs_client_id, sorted(whmcs_service_ids), caller=BACKGROUND)

    async def _since(self, customer: Customer, wanted: set[int]) -> date:
        """The day before the first of them was registered: days here are WHMCS's own, all of one calendar."""
        services = {row.id: row for row in await self._services.read(customer)}
        for service_id in wanted - services.keys():
            raise NotFound("service", service_id)
        days = [services[service_id].regdate for service_id in wanted]
        known = [day for day in days if day is not None]
        return min(known) - timedelta(days=1) if known and len(known) == len(days) else date.min

    async def _newest(self, customer: Customer) -> list[WireInvoice]:
        client_id = customer.whmcs_client_id
        page = await self._client.get_invoices(client_id, start=0, limit=MOST, newest_first=True, caller=BACKGROUND)
        rows = list(page.items)
        own(self._ownership, customer, "invoice", "GetInvoices", [(row.userid, row.id) for row in rows])
        if [row.id for row in rows] != sorted((row.id for row in rows), reverse=True):
            raise UpstreamReplyChanged(SYSTEM, "GetInvoices", "order")  # the oldest would hide what we look for
        return rows

    async def _billed(self, customer: Customer, whmcs_invoice_id: int) -> set[int]:
        """Services on the lines of one invoice; none when it is gone or cancelled meanwhile."""
        try:
            wire = await self._client.get_invoice(whmcs_invoice_id, caller=BACKGROUND)
        except UpstreamRejected as refused:
            if refused.code == "not_found":
                return set()
            raise
        own(self._ownership, customer, "invoice", "GetInvoice", [(wire.userid, wire.id)])
        if _is_cancelled(wire):
            return set()
        return {line.relid for line in wire.items if line.relid and line.type.strip().casefold() == HOSTING}


def _is_cancelled(row: WireInvoice | WireInvoiceDetail) -> bool:
    return row.status.strip().casefold() == CANCELLED
