"""Proves the mirrors against WHMCS and repairs what hooks missed (E8). Delivery may fail; this makes it complete.

A row of a list that differs is not copied from the list: it is read once more by itself, since a hook may have brought
something newer while the list was on its way.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from portal_app.domain.billing import Invoice, InvoiceQuery, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamError, UpstreamUnavailable
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.services import Services
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.jobs import ReconcileReports
from portal_app.storage.mirrors import Drift, InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.users import Users
from portal_app.workflows.billing_notices import BillingNotices
from portal_app.workflows.findings import Findings, Stopped, Stopping, code_of, difference, go_on, reported

PAGE: Final = 250
MOST_PAGES: Final = 20_000
SEEN_WITHIN: Final = timedelta(hours=24)
OPEN: Final = ("Unpaid", "Overdue")
"""WHMCS's words; Overdue is a filter of its own there."""

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Reconcile:
    """One pass over WHMCS, compared with the copies of the clients that portal users have linked and come to see."""

    def __init__(
        self,
        billing: Billing,
        services: Services,
        users: Users,
        invoices: InvoiceMirrorStore,
        service_mirror: ServiceMirrorStore,
        cache: Cache,
        reports: ReconcileReports,
        bus: Bus,
        clock: Clock,
        told: BillingNotices,
    ) -> None:
        self._billing, self._services, self._users, self._told = billing, services, users, told
        self._invoices, self._service_mirror = invoices, service_mirror
        self._cache, self._reports, self._bus, self._clock = cache, reports, bus, clock

    async def hourly(self, stopping: Stopping = lambda: False) -> str:
        """Open invoices of everybody, and every invoice of customers seen within a day; one line about it.

        Raises: Stopped, after the report was saved.
        """
        run = Findings("invoices.hourly", self._clock.now())
        return await reported(run, self._reports, self._open_invoices(run, stopping))

    async def nightly(self, stopping: Stopping = lambda: False) -> str:
        """Every invoice in order of id in one pass, then every service; one line about it.

        Raises: Stopped, after the reports were saved.
        """
        bills, lines = Findings("invoices.nightly", self._clock.now()), ""
        lines = await reported(bills, self._reports, self._every_invoice(bills, stopping))
        run = Findings("services.nightly", self._clock.now())
        return f"{lines}; {await reported(run, self._reports, self._every_service(run, stopping))}"

    async def _open_invoices(self, run: Findings, stopping: Stopping) -> None:
        customers = await self._linked(_EVER)
        seen: set[int] = set()
        for status in OPEN:
            seen |= await self._pass(run, status, customers, stopping)
        for customer in customers.values():
            # What we still call open and WHMCS lists no more: paid or cancelled, and the hook was lost.
            await self._settle(run, customer, set(await self._open_ids(customer)) - seen, stopping)
        for customer in (await self._linked(self._clock.now() - SEEN_WITHIN)).values():
            await self._whole_customer(run, customer, stopping)

    async def _every_invoice(self, run: Findings, stopping: Stopping) -> None:
        customers = await self._linked(_EVER)
        seen = await self._pass(run, None, customers, stopping)
        for customer in customers.values():
            held = await self._invoices.ids_of(customer.whmcs_client_id)
            await self._settle(run, customer, held - seen, stopping)

    async def _every_service(self, run: Findings, stopping: Stopping) -> None:
        for customer in (await self._linked(_EVER)).values():
            await self._services_of(run, customer, stopping)

    async def _pass(
        self, run: Findings, status: str | None, customers: dict[int, Customer], stopping: Stopping
    ) -> set[int]:
        """Compare every page of the list; ids of all rows of these customers."""
        seen: set[int] = set()
        start = 0
        for _ in range(MOST_PAGES):
            go_on(stopping)
            page = await self._billing.operator_list_invoices(status, start=start, limit=PAGE, of=customers.keys())
            for listed in page.items:
                seen.add(listed.whmcs_invoice_id)
                await self._compare(run, customers[listed.whmcs_client_id], listed)
            start += page.received
            if page.received == 0 or (page.total is not None and start >= page.total):
                return seen
        raise Stopped("endless_list")

    async def _compare(self, run: Findings, customer: Customer, listed: Invoice) -> None:
        if listed.status is InvoiceStatus.DRAFT:
            return
        run.compared += 1
        held = await self._invoices.get(customer, listed.whmcs_invoice_id)
        if held != listed:
            await self._read_again(run, customer, listed.whmcs_invoice_id, held)
        else:
            # A page may have copied it before us, and pages tell nobody.
            await self._told.read_anew(customer, held)

    async def _settle(self, run: Findings, customer: Customer, ids: Iterable[int], stopping: Stopping) -> None:
        """Rows of the copy that a list did not hold."""
        for whmcs_invoice_id in sorted(ids):
            go_on(stopping)
            held = await self._invoices.get(customer, whmcs_invoice_id)
            await self._read_again(run, customer, whmcs_invoice_id, held)

    async def _read_again(self, run: Findings, customer: Customer, whmcs_invoice_id: int, held: Invoice | None) -> None:
        ids = {"whmcs_invoice_id": whmcs_invoice_id, "whmcs_client_id": customer.whmcs_client_id}
        try:
            owner = await self._billing.sync_invoice(whmcs_invoice_id)
        except UpstreamUnavailable:
            raise
        except UpstreamError as failure:
            run.leave(code_of(failure), **ids)
            return
        if owner is None:
            if await self._invoices.remove(whmcs_invoice_id, customer.whmcs_client_id):
                run.found(Drift(removed=1))
                await self._show(customer, "invoices")
            return
        now = await self._invoices.get(customer, whmcs_invoice_id)
        if now == held and held is not None and owner == customer.whmcs_client_id:
            run.leave("list_and_detail_differ", **ids)
        elif now != held:
            run.found(Drift(added=1) if held is None else Drift(removed=1) if now is None else Drift(changed=1))
            await self._show(customer, "invoices")
            await self._told.read_anew(customer, now)

    async def _whole_customer(self, run: Findings, customer: Customer, stopping: Stopping) -> None:
        """Everything of one customer anew, unless it was read in the last 90 seconds."""
        go_on(stopping)
        before = await self._copy_of(customer)
        with run.one_client(customer.whmcs_client_id):
            page = await self._billing.list_invoices(customer, InvoiceQuery(size=1), wait=True)
            if page.stale:
                raise UpstreamUnavailable("whmcs", "GetInvoices", "not_read")
        after = await self._copy_of(customer)
        run.compared += len(after)
        await self._count(run, customer, "invoices", difference(before, after))
        for invoice in after.values():
            await self._told.read_anew(customer, invoice)

    async def _services_of(self, run: Findings, customer: Customer, stopping: Stopping) -> None:
        go_on(stopping)
        before = {s.whmcs_service_id: s for s in await self._service_mirror.list(customer)}
        with run.one_client(customer.whmcs_client_id):
            await self._services.sync_client(customer.whmcs_client_id)
        after = {s.whmcs_service_id: s for s in await self._service_mirror.list(customer)}
        run.compared += len(after)
        # A customer who never looked has no copy yet: filling it is no drift.
        await self._count(run, customer, "services", difference(before, after) if before else Drift())

    async def _count(self, run: Findings, customer: Customer, kind: str, drift: Drift) -> None:
        if drift.total:
            run.found(drift)
            await self._show(customer, kind)

    async def _show(self, customer: Customer, kind: str) -> None:
        await self._cache.clear(customer, kind)
        await self._bus.publish(f"customer:{customer.user_id}:{kind}")

    async def _linked(self, seen_since: datetime) -> dict[int, Customer]:
        customers = await self._users.customers_seen_since(seen_since)
        return {customer.whmcs_client_id: customer for customer in customers}

    async def _open_ids(self, customer: Customer) -> list[int]:
        return [i.whmcs_invoice_id for i in await self._all(customer, InvoiceQuery(tab="unpaid", size=100))]

    async def _copy_of(self, customer: Customer) -> dict[int, Invoice]:
        return {i.whmcs_invoice_id: i for i in await self._all(customer, InvoiceQuery(size=100))}

    async def _all(self, customer: Customer, query: InvoiceQuery) -> list[Invoice]:
        found: list[Invoice] = []
        number = 1
        while True:
            wanted = InvoiceQuery(tab=query.tab, size=query.size, page=number)
            page = await self._invoices.page(customer, wanted, as_of=self._clock.now(), stale=False)
            found += page.items
            if number >= page.pages:
                return found
            number += 1
