"""A customer's services as pages speak of them: WHMCS says what there is, the catalogue what kind, an order why."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from portal_app.domain.catalog import Catalog, ItemClass, ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.services import Service, ServiceDetail, ServiceKind, ServiceList
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.whmcs.services import Services

BESIDE_S: Final = 2.5
"""What Salesforce adds is worth so long a wait; without it a page of WHMCS's services is still true."""
_KINDS: Final[dict[ProductLine, ServiceKind]] = {
    ProductLine.INTERNET: "internet",
    ProductLine.SIM: "sim",
    ProductLine.VPN: "vpn",
    ProductLine.OTHER: "other",
}
_UNREADABLE: Final = (UpstreamError, Busy, NotFound, TimeoutError)


class ServiceBook:
    """Reads only."""

    def __init__(self, services: Services, catalog: PriceBook, orders: Orders) -> None:
        self._services, self._catalog, self._orders = services, catalog, orders

    async def list(self, customer: Customer, *, wait: bool = False) -> ServiceList:
        """As `Services.list_services`, each of the kind the catalogue says.

        Raises: UpstreamError or Busy only when there is no copy to show.
        """
        async with self._kinds_meanwhile() as asking:
            found = await self._services.list_services(customer, wait=wait)
            kinds = await asking
        return replace(found, items=tuple(_of_kind(one, kinds) for one in found.items))

    async def get(self, customer: Customer, whmcs_service_id: int) -> ServiceDetail:
        """One service, at most ten minutes old, with the order it came from.

        Raises: NotFound for an unknown one and somebody else's alike; UpstreamError, Busy when there is no copy.
        """
        async with self._kinds_meanwhile() as asking:
            found = await self._services.get_service(customer, whmcs_service_id)
            order_id, number = await self._order(customer, found.service)
            service = _of_kind(found.service, await asking)
        return ServiceDetail(service, order_id, number, found.as_of, found.stale)

    async def begin(self, customer: Customer) -> None:
        """Starts what `list` may have to wait for."""
        await self._services.begin(customer)

    async def refresh(self, customer: Customer) -> None:
        """Makes the next read ask WHMCS."""
        await self._services.refresh(customer)

    @asynccontextmanager
    async def _kinds_meanwhile(self) -> AsyncIterator[asyncio.Task[Mapping[int, ServiceKind]]]:
        """Both systems are asked at once: a slow one costs no more than its own time."""
        asking = asyncio.create_task(self._kinds())
        try:
            yield asking
        finally:
            asking.cancel()

    async def _kinds(self) -> Mapping[int, ServiceKind]:
        try:
            async with asyncio.timeout(BESIDE_S):
                return kinds_of((await self._catalog.get_catalog()).catalog)
        except _UNREADABLE:
            return {}

    async def _order(self, customer: Customer, service: Service) -> tuple[str, str]:
        """Id and number of the order; "" where none names this one of WHMCS, or nobody can say."""
        if not service.whmcs_order_id or not customer.salesforce_account_id:
            return "", ""
        try:
            async with asyncio.timeout(BESIDE_S):
                orders = (await self._orders.list_orders(customer)).items
        except _UNREADABLE:
            return "", ""
        wanted = str(service.whmcs_order_id)
        found = next((one for one in orders if one.whmcs_order_id.strip() == wanted), None)
        return (found.salesforce_order_id, found.number) if found else ("", "")


def kinds_of(catalog: Catalog) -> dict[int, ServiceKind]:
    """The kind by WHMCS product: that of the line for a service, "other" for what is only added to one.

    A product that is billed for items of several kinds is left to its name.
    """
    found: dict[int, set[ServiceKind]] = {}
    for item in catalog.items:
        if item.whmcs_product_id is not None:
            kind = _KINDS[item.line] if item.item_class is ItemClass.SERVICE else "other"
            found.setdefault(item.whmcs_product_id, set()).add(kind)
    return {product: kinds.pop() for product, kinds in found.items() if len(kinds) == 1}


def _of_kind(service: Service, kinds: Mapping[int, ServiceKind]) -> Service:
    return replace(service, kind=kinds.get(service.whmcs_product_id, service.kind))
