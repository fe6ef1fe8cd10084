"""Reads a changed record from WHMCS again and lets its customer's pages know. An event is a hint, never data (W7)."""

from collections.abc import Awaitable, Callable

from portal_app.domain.customer import Customer
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.services import Services
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.users import Users
from portal_app.workflows.billing_notices import BillingNotices

INVOICES = "invoices"
SERVICES = "services"
PROFILE = "profile"
ADDRESS = "address"
PAYMENTS = "payments"


class Sync:
    """For whatever was heard of from outside. A client whom no portal user has linked concerns nobody here.

    `payments_changed` hears whose payment methods did, `told` what was read of an invoice. Every method may raise
    UpstreamError and Busy.
    """

    def __init__(
        self,
        billing: Billing,
        services: Services,
        users: Users,
        mirror: InvoiceMirrorStore,
        marks: FreshnessMarks,
        cache: Cache,
        links: PaymentLinks,
        bus: Bus,
        payments_changed: Callable[[Customer], Awaitable[None]],
        told: BillingNotices,
    ) -> None:
        self._billing, self._services, self._users = billing, services, users
        self._mirror, self._marks, self._cache, self._links, self._bus = mirror, marks, cache, links, bus
        self._payments_changed, self._told = payments_changed, told

    async def invoice(self, whmcs_invoice_id: int) -> None:
        """Copy one invoice anew and show it, whoever owns it."""
        customer = await self._shown(whmcs_invoice_id)
        if customer is not None:
            await self._told.read_anew(customer, await self._mirror.get(customer, whmcs_invoice_id))

    async def payment_failed(self, whmcs_invoice_id: int) -> None:
        """As `invoice`: WHMCS could not collect the payment of it."""
        customer = await self._shown(whmcs_invoice_id)
        if customer is not None:
            await self._told.payment_failed(customer, await self._mirror.get(customer, whmcs_invoice_id))

    async def awaited_invoice(self, customer: Customer, whmcs_invoice_id: int) -> bool:
        """Copy an invoice this customer went to pay; pages are told only of a change. Whether there was one."""
        before = await self._mirror.get(customer, whmcs_invoice_id)
        await self._billing.sync_invoice(whmcs_invoice_id)
        settled = await self._settle_when_paid(customer, whmcs_invoice_id)
        changed = settled or await self._mirror.get(customer, whmcs_invoice_id) != before
        if changed:
            await self._show_invoices(customer)
            await self._told.read_anew(customer, await self._mirror.get(customer, whmcs_invoice_id))
        return changed

    async def services_of(self, whmcs_client_id: int) -> None:
        """Copy a client's services anew and show them."""
        customer = await self._users.find_customer_of_client(whmcs_client_id)
        if customer is not None:
            await self._services.sync_client(whmcs_client_id)
            await self._cache.clear(customer, SERVICES)
            await self._bus.publish(f"customer:{customer.user_id}:{SERVICES}")

    async def service(self, whmcs_service_id: int) -> None:
        """As `services_of`, for an event that names no client: whoever is known to have this service."""
        owner = await self._services.find_owner(whmcs_service_id)
        if owner is not None:
            await self.services_of(owner)

    async def order(self, whmcs_order_id: int) -> None:
        """As `services_of`: an order was placed, accepted or cancelled, and with it its services."""
        owner = await self._services.find_owner_of_order(whmcs_order_id)
        if owner is not None:
            await self.services_of(owner)

    async def client(self, whmcs_client_id: int) -> None:
        """Something about the client changed: nothing copied of it counts as fresh any more. Asks WHMCS nothing."""
        customer = await self._users.find_customer_of_client(whmcs_client_id)
        if customer is not None:
            await self._cache.clear(customer)
            for kind in (INVOICES, SERVICES):
                await self._marks.clear(kind, whmcs_client_id)
                await self._bus.publish(f"customer:{customer.user_id}:{kind}")
            for topic in (PROFILE, ADDRESS, PAYMENTS):
                await self._bus.publish(f"customer:{customer.user_id}:{topic}")

    async def pay_methods_of(self, whmcs_client_id: int) -> None:
        """A card was added or removed: what is kept is forgotten, what waited goes on. Asks WHMCS nothing."""
        customer = await self._users.find_customer_of_client(whmcs_client_id)
        if customer is not None:
            await self._cache.clear(customer, PAYMENTS)
            await self._payments_changed(customer)
            await self._bus.publish(f"customer:{customer.user_id}:{PAYMENTS}")

    async def _shown(self, whmcs_invoice_id: int) -> Customer | None:
        """The customer whose invoice it is, once their pages read it again."""
        whmcs_client_id = await self._billing.sync_invoice(whmcs_invoice_id)
        if whmcs_client_id is None:
            return None
        customer = await self._users.find_customer_of_client(whmcs_client_id)
        if customer is not None:
            await self._settle_when_paid(customer, whmcs_invoice_id)
            await self._show_invoices(customer)
        return customer

    async def _settle_when_paid(self, customer: Customer, whmcs_invoice_id: int) -> bool:
        if whmcs_invoice_id not in await self._links.waiting(customer):
            return False
        invoice = await self._mirror.get(customer, whmcs_invoice_id)
        if invoice is not None and invoice.payable:
            return False
        await self._links.settle(whmcs_invoice_id)
        return True

    async def _show_invoices(self, customer: Customer) -> None:
        # Cleared before it is announced: a page that reads again must not find what was there.
        await self._cache.clear(customer, INVOICES)
        await self._bus.publish(f"customer:{customer.user_id}:{INVOICES}")
