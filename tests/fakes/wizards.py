"""Carts as the wizards meet them: one for each line, changed at once, or in somebody else's hands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Conflict, NotFound
from tests.fakes.screens import CUSTOMER, ScreenCatalog


@dataclass
class ScreenShopping:
    """`failure` is raised by every change, `state` is that of all carts; `changed` counts what was saved."""

    catalog: ScreenCatalog
    carts: dict[ProductLine, Cart] = field(default_factory=dict)
    state: str = "OPEN"
    failure: Exception | None = None
    changed: int = 0

    def hold(self, cart: Cart) -> None:
        self.carts[cart.line] = cart

    async def find(self, customer: Customer, line: ProductLine) -> SimpleNamespace | None:
        assert customer == CUSTOMER
        cart = self.carts.get(line)
        return SimpleNamespace(cart=cart, state=self.state, line=line) if cart else None

    async def change(
        self, customer: Customer, line: ProductLine, change: Callable[[Cart, Catalog], Cart]
    ) -> SimpleNamespace:
        assert customer == CUSTOMER
        if self.failure:
            raise self.failure
        catalog = (await self.catalog.get_catalog()).catalog
        if line not in self.carts:
            raise NotFound("cart", line)
        if self.state != "OPEN":
            raise Conflict("cart.placing")
        self.carts[line] = change(self.carts[line], catalog)
        self.changed += 1
        return SimpleNamespace(cart=self.carts[line], state=self.state, line=line)
