"""Choosing: from a plan card to a cart that checkout can make an order of. Nothing here asks or promises a price.

The catalogue's copy is good enough to choose from; checkout reads everything anew.
"""

from collections.abc import Callable
from typing import Final

from portal_app.domain.cart import Cart, CartRefused, choose_plan
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, Conflict, NotFound
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.storage.bus import Bus
from portal_app.storage.carts import OPEN, CartChanged, CartRecord, Carts, Owner
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed

TRIES: Final = 3
ORDERED_HERE: Final = (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN)

Change = Callable[[Cart, Catalog], Cart]


class Shopping:
    """What the catalogue and the wizards do with carts. Every change is told to all of the customer's tabs."""

    def __init__(self, carts: Carts, catalog: PriceBook, bus: Bus, clock: Clock) -> None:
        self._carts, self._catalog, self._bus, self._clock = carts, catalog, bus, clock

    async def choose(self, owner: Owner, sku: str) -> CartRecord:
        """That plan in the owner's cart of its line. The same plan again leaves every answer as it is.

        Raises: CartRefused, Conflict("cart.placing"), CartChanged; UpstreamError, Busy without a copy of the catalogue.
        """
        catalog = await self._copy()
        item = catalog.find(sku)
        if item is None or item.line not in ORDERED_HERE:
            raise CartRefused("cart.unknown_item")
        return await self._changed(owner, item.line, lambda cart: choose_plan(cart, catalog, sku))

    async def find(self, customer: Customer, line: ProductLine) -> CartRecord | None:
        """The live cart of that line, submitted ones too. Raises: DecryptionFailed."""
        return await self._carts.find(customer, line)

    async def open_lines(self, customer: Customer) -> list[ProductLine]:
        """The lines the customer has a live cart of."""
        return [record.line for record in await self._carts.list_open(customer)]

    async def change(self, customer: Customer, line: ProductLine, change: Change) -> CartRecord:
        """The cart with an answer more. `change` gives the new cart, and may run again on what another tab left.

        Raises: NotFound, Conflict("cart.placing"), CartChanged; UpstreamError, Busy without a copy of the catalogue;
        whatever `change` raises, CartRefused above all: then nothing is changed.
        """
        catalog = await self._copy()

        def changed(cart: Cart | None) -> Cart:
            if cart is None:
                raise NotFound("cart", line)
            return change(cart, catalog)

        return await self._changed(customer, line, changed)

    async def drop(self, customer: Customer, line: ProductLine) -> None:
        """Empty the cart of that line. Raises: Conflict("cart.placing")."""
        await self._carts.drop(customer, line)
        await self._tell(customer)

    async def _copy(self) -> Catalog:
        try:
            return (await self._catalog.get_catalog()).catalog
        except TimeoutError:
            raise Busy("catalog") from None

    async def _changed(self, owner: Owner, line: ProductLine, change: Callable[[Cart | None], Cart]) -> CartRecord:
        for _ in range(TRIES):
            record = await self._readable(owner, line)
            if record is not None and record.state != OPEN:
                raise Conflict("cart.placing")
            cart = change(record.cart if record else None)
            if record is not None and cart == record.cart:
                return record
            try:
                saved = await self._carts.save(owner, cart, version=record.version if record else None)
            except CartChanged:
                continue
            await self._tell(owner)
            return saved
        raise CartChanged

    async def _readable(self, owner: Owner, line: ProductLine) -> CartRecord | None:
        """A cart that does not open any more must not keep its owner from choosing anew."""
        try:
            return await self._carts.find(owner, line)
        except DecryptionFailed:
            return None

    async def _tell(self, owner: Owner) -> None:
        if isinstance(owner, Customer):
            await self._bus.publish(f"customer:{owner.user_id}:cart")
