"""Configuring an internet plan: connection, installation, options, review."""

from datetime import date
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app import wiring
from portal_app.domain.cart import Cart, add, choose_day, choose_installation, remove
from portal_app.domain.cart_answers import choose_access_mode, choose_work, wish_range
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.format import day
from portal_app.security.policy import signed_in
from portal_app.state.wizard import WizardState
from portal_app.state.wizard_rows import PaymentRow, payment_rows, weekend_fee

LINE: Final = ProductLine.INTERNET
NO_PAYMENT: Final = PaymentRow("", "single", "")
WISHES: Final = ("wish_1", "wish_2", "wish_3")


class OrderInternetState(WizardState, rx.State):
    """What one tab shows of the customer's internet cart."""

    payments: list[PaymentRow] = []
    payment: PaymentRow = NO_PAYMENT  # the chosen one
    weekend_fee: str = ""
    visit: bool = False  # the chosen installation needs one
    wishes: list[str] = []  # as a customer reads them
    first_wish: str = ""
    last_wish: str = ""
    wish_from: str = ""  # the same two for the calendar
    wish_until: str = ""

    @rx.event
    @signed_in(live="cart")
    async def load(self):
        """Show the step the address asks for, as far as the cart has come."""
        await self._load(LINE)

    @rx.event
    @signed_in(live="checks")
    async def load_checks(self):
        """Whether the plan can be had at the customer's address, and whether a document is wanted."""
        await self._load_checks(LINE)

    @rx.event
    @signed_in
    async def save_plan(self, form: dict[str, str]) -> EventSpec | None:
        """How the router connects."""
        return await self._save(LINE, "plan", lambda cart, _: choose_access_mode(cart, form.get("access_mode", "")))

    @rx.event
    @signed_in
    async def choose_installation(self, sku: str) -> None:
        """Price a way to pay for the installation as soon as it is chosen."""
        await self._choose(LINE, lambda cart, catalog: choose_installation(cart, catalog, sku))

    @rx.event
    @signed_in
    async def choose_day(self, kind: str) -> None:
        """Price the weekend as soon as it is chosen."""
        await self._choose(LINE, lambda cart, catalog: choose_day(cart, catalog, weekend=kind == "weekend"))

    @rx.event
    @signed_in
    async def save_installation(self, form: dict[str, str]) -> EventSpec | None:
        """The installation with its day and what is wished for."""
        today = wiring.clock().today_in_japan()
        wishes = tuple(form.get(name, "") for name in WISHES)

        def change(cart: Cart, catalog: Catalog) -> Cart:
            sku, weekend = form.get("installation", ""), form.get("day") == "weekend"
            return choose_work(cart, catalog, sku, weekend=weekend, wishes=wishes, today=today)

        return await self._save(LINE, "installation", change)

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
        choice = cart.internet
        installation = catalog.find(choice.installation)
        first, last = wish_range(today)
        self.payments = payment_rows(cart, catalog, locale)
        self.payment = next((row for row in self.payments if row.sku == choice.installation), NO_PAYMENT)
        self.weekend_fee = weekend_fee(catalog, locale)
        self.visit = installation is not None and installation.needs_visit
        self.wishes = [day(wish, locale) for wish in choice.wishes]
        self.first_wish, self.last_wish = day(first, locale), day(last, locale)
        self.wish_from, self.wish_until = first.isoformat(), last.isoformat()
        wished = (*(wish.isoformat() for wish in choice.wishes), "", "", "")
        self.values = self.values | {
            "access_mode": choice.access_mode,
            "installation": choice.installation,
            "day": "weekend" if choice.weekend else "weekday",
            **dict(zip(WISHES, wished, strict=False)),
        }
