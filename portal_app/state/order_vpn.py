"""Configuring a VPN plan: region with options, review."""

from datetime import date
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.cart import Cart, add, choose_plan, remove
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.errors import InvalidFields
from portal_app.security.policy import signed_in
from portal_app.state.wizard import WizardState
from portal_app.state.wizard_rows import RegionRow, region_rows

LINE: Final = ProductLine.VPN


class OrderVpnState(WizardState, rx.State):
    """What one tab shows of the customer's VPN cart."""

    regions: list[RegionRow] = []
    region: str = ""

    @rx.event
    @signed_in(live="cart")
    async def load(self):
        """Show the step the address asks for, as far as the cart has come."""
        await self._load(LINE)

    @rx.event
    @signed_in(live="checks")
    async def load_checks(self):
        """Whether a document is wanted."""
        await self._load_checks(LINE)

    @rx.event
    @signed_in
    async def choose_region(self, sku: str) -> None:
        """Another region is another plan; the options of the one before are chosen anew."""
        await self._choose(LINE, lambda cart, catalog: with_region(cart, catalog, sku))

    @rx.event
    @signed_in
    async def save_region(self, form: dict[str, str]) -> EventSpec | None:
        """The region, and on to the review."""
        return await self._save(
            LINE, "region", lambda cart, catalog: with_region(cart, catalog, form.get("region", ""))
        )

    @rx.event
    @signed_in
    async def choose_option(self, sku: str, chosen: bool) -> None:
        """Add an option or take it out."""
        change = add if chosen else remove
        await self._choose(LINE, lambda cart, catalog: change(cart, catalog, sku))

    @rx.event
    @signed_in
    async def drop_gone(self):
        """Take out the options that are sold no more."""
        await self._drop_gone(LINE)

    def _show_answers(self, cart: Cart, catalog: Catalog, locale: str, today: date) -> None:
        self.regions = region_rows(cart, catalog, locale)
        self.region = next((row.region for row in self.regions if row.sku == cart.plan), "")
        self.values = self.values | {"region": cart.plan}


def with_region(cart: Cart, catalog: Catalog, sku: str) -> Cart:
    """The cart with that plan of the same line. Raises: InvalidFields, CartRefused."""
    plan = catalog.find(sku)
    if plan is None or plan.line is not LINE:
        raise InvalidFields({"region": "wizard.region.missing"})
    return choose_plan(cart, catalog, sku)
