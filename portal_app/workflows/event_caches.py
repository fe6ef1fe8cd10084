"""Copies that only events keep fresh: cleared, and whoever shows them told to read again."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
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
APART_S: Final = 1.0
"""What belongs to everybody is cleared so often at most, each time for all who wanted it by then: a copy that is
cleared with each of ten thousand changed prices is no copy, and every page would ask Salesforce."""


class EventCaches:
    """Always cleared before it is announced: a page that reads again must not find what was there."""

    def __init__(self, *, cache: Cache, catalog: PriceBook, checks: Checks, bus: Bus) -> None:
        self._cache, self._catalog, self._checks, self._bus = cache, catalog, checks, bus
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._began: dict[str, float] = {}

    async def checks_of(self, customer: Customer) -> None:
        """What staff decide about one account."""
        await self._checks.clear(customer)
        await self._bus.publish(f"customer:{customer.user_id}:{CHECKS}")

    async def catalog(self) -> None:
        """What is sold."""
        await self._now_and_then(CATALOG, self._catalog.clear)

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
        await self._now_and_then(tag, lambda: self._cache.clear_all(tag))

    async def _now_and_then(self, tag: str, clear: Callable[[], Awaitable[None]]) -> None:
        """Returns once it was cleared after the call."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        async with self._turns[tag]:
            began = self._began.get(tag)
            if began is not None and began > asked_at:
                return  # whoever had the turn before did it for us, too
            if began is not None:
                await asyncio.sleep(max(0.0, began + APART_S - loop.time()))
            self._began[tag] = loop.time()
            await clear()
            await self._bus.publish(f"everybody:{tag}")
