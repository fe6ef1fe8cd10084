"""What of their own a customer may ask about: running services, orders under way, the newest invoices."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from portal_app.domain.cases import RelatedChoice
from portal_app.domain.customer import Customer
from portal_app.domain.orders import Order
from portal_app.domain.services import Service, ServiceStatus
from portal_app.errors import Busy, InvalidFields, NotFound, UpstreamError
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.services import Services

INVOICES: Final = 10
MOST: Final = 30
RUNNING: Final = (ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED, ServiceStatus.PENDING)
GONE: Final = "case.related_gone"
log = logging.getLogger(__name__)


class Related:
    """Read from the copies; a system that cannot be asked leaves its part out."""

    def __init__(self, *, services: Services, orders: Orders, billing: Billing) -> None:
        self._services, self._orders, self._billing = services, orders, billing

    async def choices(self, customer: Customer, also: tuple[str, str] = ("", "")) -> tuple[RelatedChoice, ...]:
        """Services, then orders, then invoices, of each in the order of its page.

        `also`: kind and id of one that need not be among them, an old invoice say; left out unless it is theirs.

        Raises: UpstreamError, Busy, NotFound when no part can be read.
        """
        parts = self._of_services, self._of_orders, self._of_invoices
        found, failed = list[RelatedChoice](), list[Exception]()
        for part in parts:
            try:
                found += (await part(customer))[:MOST]
            except (UpstreamError, Busy, NotFound) as failure:
                log.warning("nothing to choose from", exc_info=failure, extra={"user_id": customer.user_id})
                failed.append(failure)
        if len(failed) == len(parts):
            raise failed[0]
        if also not in {(one.kind, one.id) for one in found}:
            found += await self._one_more(customer, *also)
        return tuple(found)

    async def _one_more(self, customer: Customer, kind: str, related_id: str) -> list[RelatedChoice]:
        try:
            chosen = await self.resolve(customer, kind, related_id)
        except (InvalidFields, UpstreamError, Busy):
            return []
        return [chosen] if chosen else []

    async def resolve(self, customer: Customer, kind: str, related_id: str) -> RelatedChoice | None:
        """What was chosen, with its label; None for nothing. Whose it is, is asked again.

        Raises: InvalidFields for what is not this customer's, or not there; UpstreamError, Busy.
        """
        if not kind and not related_id:
            return None
        parts: dict[str, Callable[[Customer], Awaitable[list[RelatedChoice]]]] = {
            "service": self._all_services,
            "order": self._all_orders,
            "invoice": self._of_invoices,
        }
        if kind not in parts:
            raise InvalidFields({"related": GONE})
        try:
            chosen = next((one for one in await parts[kind](customer) if one.id == related_id), None)
            if chosen is None and kind == "invoice":
                chosen = await self._older_invoice(customer, related_id)
        except NotFound:
            chosen = None
        if chosen is None:
            raise InvalidFields({"related": GONE})
        return chosen

    async def _all_services(self, customer: Customer) -> list[RelatedChoice]:
        return [_service(one) for one in (await self._services.list_services(customer)).items]

    async def _of_services(self, customer: Customer) -> list[RelatedChoice]:
        items = (await self._services.list_services(customer)).items
        return [_service(one) for one in items if one.status in RUNNING]

    async def _all_orders(self, customer: Customer) -> list[RelatedChoice]:
        return [_order(one) for one in (await self._orders.list_orders(customer)).items]

    async def _of_orders(self, customer: Customer) -> list[RelatedChoice]:
        return (await self._all_orders(customer))[:INVOICES]

    async def _of_invoices(self, customer: Customer) -> list[RelatedChoice]:
        page = await self._billing.recent_invoices(customer, INVOICES)
        return [RelatedChoice("invoice", str(one.whmcs_invoice_id), one.number) for one in page.items]

    async def _older_invoice(self, customer: Customer, related_id: str) -> RelatedChoice:
        if not (related_id.isascii() and related_id.isdecimal() and len(related_id) <= 10):
            raise NotFound("invoice")
        invoice = (await self._billing.get_invoice(customer, int(related_id))).invoice
        return RelatedChoice("invoice", str(invoice.whmcs_invoice_id), invoice.number)


def _service(service: Service) -> RelatedChoice:
    label = f"{service.name} ({service.label})" if service.label else service.name
    return RelatedChoice("service", str(service.whmcs_service_id), label)


def _order(order: Order) -> RelatedChoice:
    return RelatedChoice("order", order.salesforce_order_id, order.number)
