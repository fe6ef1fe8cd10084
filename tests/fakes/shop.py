"""A price book that says what it is told, and carts that somebody else writes to as well."""

from collections.abc import Callable
from typing import Any

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog
from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.salesforce.catalog import CatalogCopy
from portal_app.storage.carts import CartRecord, Carts, Owner
from portal_app.storage.clock import Clock
from tests.fakes.catalog import a_catalog


class FakePriceBook:
    """`down`: there is no copy, and Salesforce does not answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.catalog, self.down = clock, a_catalog(), False

    async def get_catalog(self) -> CatalogCopy:
        return CatalogCopy(await self.read_now(), self._clock.now())

    async def read_now(self, **_: Any) -> Catalog:
        if self.down:
            raise UpstreamUnavailable("salesforce", "GetCatalog")
        return self.catalog


class MeddledCarts(Carts):
    """Before each of the next saves another tab makes a change of its own."""

    meddling: list[Callable[[Cart], Cart]]

    async def save(self, owner: Owner, cart: Cart, *, version: int | None) -> CartRecord:
        if getattr(self, "meddling", None):
            meddle = self.meddling.pop(0)
            record = await self.find(owner, cart.line)
            await super().save(owner, meddle(record.cart if record else cart), version=None)
        return await super().save(owner, cart, version=version)
