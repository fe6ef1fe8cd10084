"""Orders in WHMCS: placed once, recognised by our marker, accepted or taken back. The steps between are a workflow's.

WHMCS has no idempotency key. Each product of an order carries a marker that is made of the Salesforce order alone; it
stands in an admin-only custom field, or in `domain` where a product has no such field (F2, F3).
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import BilledLine, marker
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.upstream import remaining
from portal_app.integrations.whmcs import php
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.order_fields import ProductFields, field_key
from portal_app.integrations.whmcs.order_gateway import OrderGateway
from portal_app.integrations.whmcs.order_invoices import OrderInvoices
from portal_app.integrations.whmcs.order_notes import OPPORTUNITY_FIELD, ServiceNotes
from portal_app.integrations.whmcs.order_services import FoundService, OrderServices
from portal_app.integrations.whmcs.order_wire import WireNewOrder, WireOrder
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.storage.clock import Clock

AMBIGUOUS: Final = "ambiguous_state"
"""Code of a refusal that means "unknown, or not pending any more": read the order (F6)."""
SERVICE_COUNT: Final = "service_count"
CENT = Decimal("0.01")
PAID: Final = "paid"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AddedOrder:
    """What AddOrder made: services by line number. `whmcs_invoice_id` 0: nothing was billed, or it was not said.

    `is_noted`: each service was sent with its opportunity; else `note_opportunity` has something to do.
    """

    whmcs_order_id: int
    service_ids: Mapping[int, int]
    whmcs_invoice_id: int
    is_noted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class BillingOrder:
    """An order as WHMCS has it. `status` in WHMCS's words, which an installation may add to.

    `is_paid`: money has come in for it; where there was nothing to pay, none has.
    """

    whmcs_order_id: int
    status: str
    whmcs_invoice_id: int
    is_paid: bool = False


class BillingOrders:
    """What fulfilment asks of WHMCS, behind everybody who waits at a screen. All methods may raise UpstreamError, Busy.

    `reference_field`: name of the custom field for the marker. `payment_method`: gateway module, "" for the customer's.
    """

    def __init__(
        self,
        client: WhmcsClient,
        gateways: Gateways,
        clock: Clock,
        *,
        reference_field: str,
        payment_method: str = "",
        on_foreign: OnForeign | None = None,
    ) -> None:
        self._client, self._reference_field = client, reference_field
        self._ownership = Ownership(on_foreign)
        self._fields = ProductFields(client, clock)
        self._gateway = OrderGateway(client, gateways, clock, payment_method)
        self._services = OrderServices(client, self._ownership)
        self._invoices = OrderInvoices(client, self._services, self._ownership)
        self._notes = ServiceNotes(client, self._services)

    async def find_services(
        self, customer: Customer, salesforce_order_id: str
    ) -> Mapping[int, tuple[FoundService, ...]]:
        """By line number, every service that carries our marker for that line, of whatever status (F4).

        All pages are read, and every row's owner is checked. A part of a list is never taken for all of it.
        """
        return await self._services.find(customer, salesforce_order_id)

    async def find_unmarked(
        self, customer: Customer, whmcs_product_ids: Collection[int], *, since: datetime
    ) -> tuple[int, ...]:
        """Ids of the customer's services of these products that nobody's marker is on, made since that day or the one
        before, and not cancelled: what an order left behind whose marker WHMCS did not keep.
        """
        return await self._services.find_unmarked(customer, whmcs_product_ids, since.date() - timedelta(days=1))

    async def add(
        self,
        customer: Customer,
        salesforce_order_id: str,
        lines: Sequence[BilledLine],
        *,
        opportunity_id: str,
        invoice: bool,
    ) -> AddedOrder:
        """One AddOrder, sent once. Prices are the lines', net. WHMCS mails its invoice, and nothing about the order.

        Ids are matched to lines by their place, which WHMCS does not promise: `find_services` tells for certain.
        Raises: UpstreamOutcomeUnknown when it may have been done, also where ids are missing from the answer: look for
        the markers. UpstreamUnavailable, Busy: surely not done, also where reading took half of the deadline.
        UpstreamRejected: refused.
        """
        client_id, left = checked_id("client", customer.whmcs_client_id), remaining()
        products = [await self._product(salesforce_order_id, line, opportunity_id) for line in lines]
        order = {
            "clientid": client_id,
            "paymentmethod": await self._gateway.choose(customer),
            **_lists(products),
            "noinvoice": not invoice,
            "noemail": True,
        }
        is_noted = await self._knows_opportunities(lines)
        if remaining() < left / 2:  # WHMCS would be cut short in the midst of it; what was read is kept for next time
            raise UpstreamUnavailable(SYSTEM, "AddOrder", "deadline")
        return _added(await self._client.add_order(order, caller=BACKGROUND), lines, is_noted=is_noted)

    async def read_order(self, customer: Customer, whmcs_order_id: int) -> BillingOrder:
        """One order of the customer's. Raises: NotFound for an unknown one and for somebody else's, alike."""
        wanted = checked_id("order", whmcs_order_id)
        rows = (await self._client.get_orders(customer.whmcs_client_id, wanted, caller=BACKGROUND)).items
        row = next((row for row in rows if row.id == wanted), None)
        if row is None:
            raise NotFound("order", wanted)
        self._ownership.check(customer, row.userid, "order", wanted)
        return BillingOrder(row.id, row.status.strip(), row.invoiceid or 0, _is_paid(row))

    async def accept(self, customer: Customer, whmcs_order_id: int) -> None:
        """Makes the order active, once its owner is checked; each product's setting decides whether it is set up.

        Raises: UpstreamRejected(AMBIGUOUS): read the order, it may be active; with another code a part of the work may
        be done (F6). UpstreamOutcomeUnknown: read the order. NotFound.
        """
        order = await self.read_order(customer, whmcs_order_id)
        await self._client.accept_order(order.whmcs_order_id, caller=BACKGROUND)

    async def cancel(self, customer: Customer, whmcs_order_id: int) -> None:
        """Takes a pending order back, with its services and its unpaid invoice, once its owner is checked.

        Raises: UpstreamRejected(AMBIGUOUS) and UpstreamOutcomeUnknown: read the order. NotFound.
        """
        order = await self.read_order(customer, whmcs_order_id)
        await self._client.cancel_order(order.whmcs_order_id, caller=BACKGROUND)

    async def find_invoice(self, customer: Customer, whmcs_service_ids: Collection[int]) -> int:
        """The invoice on whose lines these services are, 0 when there is none. Raises: NotFound for a service of
        somebody else's.
        """
        return await self._invoices.find(customer, whmcs_service_ids)

    async def generate_invoice(self, customer: Customer, whmcs_service_ids: Collection[int]) -> None:
        """Bills what is due of these services; a period that is billed is not billed again.

        What came of it says `find_invoice`. Raises: UpstreamOutcomeUnknown, UpstreamRejected.
        """
        await self._invoices.generate(customer, whmcs_service_ids)

    async def note_number(self, customer: Customer, whmcs_service_id: int, number: str) -> None:
        """Writes a SIM's number to its service and reads it back; repeatable.

        Raises: NotFound, UpstreamRejected("no_phone_field"), UpstreamOutcomeUnknown.
        """
        await self._notes.number(customer, whmcs_service_id, number)

    async def note_opportunity(
        self, customer: Customer, whmcs_service_ids: Collection[int], salesforce_opportunity_id: str
    ) -> None:
        """Writes the opportunity to services whose field was not known when they were ordered; repeatable.

        Raises: UpstreamOutcomeUnknown.
        """
        await self._notes.opportunity(customer, whmcs_service_ids, salesforce_opportunity_id)

    async def _knows_opportunities(self, lines: Sequence[BilledLine]) -> bool:
        fields = [await self._fields.ids_of(line.whmcs_product_id, wanted=self._reference_field) for line in lines]
        return all(field_key(OPPORTUNITY_FIELD) in ids for ids in fields)

    async def _product(self, salesforce_order_id: str, line: BilledLine, opportunity_id: str) -> dict[str, Any]:
        """One line's share of each list; an empty text keeps the places of the others.

        Two places after the point: of "0" PHP would say that no price was given, of "0.00" it would not.
        """
        ids = await self._fields.ids_of(line.whmcs_product_id, wanted=self._reference_field)
        mark = marker(salesforce_order_id, line.number)
        reference, opportunity = (ids.get(field_key(name)) for name in (self._reference_field, OPPORTUNITY_FIELD))
        values = ({reference: mark} if reference else {}) | (
            {opportunity: opportunity_id} if opportunity and opportunity_id else {}
        )
        return {
            "pid": line.whmcs_product_id,
            "billingcycle": line.cycle,
            "priceoverride": line.unit_price.quantize(CENT),
            "domain": "" if reference else mark,
            "customfields": php.encode_field(values) if values else "",
        }


def _lists(products: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """WHMCS's parallel lists, without those in which nothing stands."""
    lists = {name: [product[name] for product in products] for name in products[0]}
    return {name: values for name, values in lists.items() if any(value != "" for value in values)}


def _is_paid(row: WireOrder) -> bool:
    return row.paymentstatus.strip().casefold() == PAID and row.amount.strip(" 0.") != ""


def _added(placed: WireNewOrder, lines: Sequence[BilledLine], *, is_noted: bool) -> AddedOrder:
    """F15: as many services as lines, each another one."""
    if len(placed.serviceids) != len(lines) or len(set(placed.serviceids)) != len(lines):
        log.error("order with other services than asked for", extra={"system": SYSTEM, "operation": "AddOrder"})
        raise UpstreamOutcomeUnknown(SYSTEM, "AddOrder", SERVICE_COUNT)
    numbers = (line.number for line in lines)
    return AddedOrder(
        placed.orderid, dict(zip(numbers, placed.serviceids, strict=True)), placed.invoiceid or 0, is_noted
    )
