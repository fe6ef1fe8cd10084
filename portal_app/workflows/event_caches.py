"""Copies that only events keep fresh: cleared, and whoever shows them told to read again."""

from typing import Final

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import TAG as CHECKS
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.orders import TAG as ORDERS
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache

CATALOG: Final = "catalog"
CASES: Final = "cases"


class EventCaches:
    """Always cleared before it is announced: a page that reads again must not find what was there."""

    def __init__(self, *, cache: Cache, catalog: PriceBook, checks: Checks, bus: Bus) -> None:
        self._cache, self._catalog, self._checks, self._bus = cache, catalog, checks, bus

    async def checks_of(self, customer: Customer) -> None:
        """What staff decide about one account."""
        await self._checks.clear(customer)
        await self._bus.publish(f"customer:{customer.user_id}:{CHECKS}")

    async def cases_of(self, customer: Customer) -> None:
        """One customer's questions; the check of an address is asked as one, too."""
        await self._bus.publish(f"customer:{customer.user_id}:{CASES}")
        await self.checks_of(customer)

    async def catalog(self) -> None:
        """What is sold."""
        await self._catalog.clear()
        await self._bus.publish(f"everybody:{CATALOG}")

    async def all_orders(self) -> None:
        """Everybody's orders: it is not known whose changed."""
        await self._all(ORDERS)

    async def all_checks(self) -> None:
        """What staff decide about any account."""
        await self._all(CHECKS)

    async def everything(self) -> None:
        """Events may have been missed (E3, H5)."""
        await self._all(ORDERS)
        await self._all(CHECKS)
        await self._all(CASES)
        await self.catalog()

    async def _all(self, tag: str) -> None:
        await self._cache.clear_all(tag)
        await self._bus.publish(f"everybody:{tag}")
