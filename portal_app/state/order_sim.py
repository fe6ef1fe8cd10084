"""Configuring a SIM plan: card or eSIM, start, number, options, review.

An EID and what belongs to a number taken along go one way: into the cart. Only their last digits come back.
"""

from datetime import date, timedelta
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from portal_app import wiring
from portal_app.domain.cart import Cart, add, remove
from portal_app.domain.cart_answers import (
    choose_form,
    choose_new_number,
    choose_port_in,
    choose_start,
    first_start,
)
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.sim import LATEST_START, RESERVATION_DAYS
from portal_app.errors import InvalidFields
from portal_app.format import day
from portal_app.security.policy import signed_in
from portal_app.state.wizard import WizardState, ticked

LINE: Final = ProductLine.SIM
SHOWN_DIGITS: Final = 4


class OrderSimState(WizardState, rx.State):
    """What one tab shows of the customer's SIM cart. `eid_end` and `number_end`: the last digits of what is held."""

    eid_end: str = ""
    number_end: str = ""
    start_day: str = ""  # as a customer reads it
    first_start: str = ""
    last_start: str = ""
    start_from: str = ""  # the same two for the calendar
    start_until: str = ""
    expires_from: str = ""
    expires_until: str = ""
    born_until: str = ""

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
    async def save_form(self, form: dict[str, str]) -> EventSpec | None:
        """Card or eSIM."""
        kind, eid, ready = form.get("form", ""), form.get("eid", ""), ticked(form, "phone_ready")
        return await self._save(LINE, "sim", lambda cart, _: choose_form(cart, kind, eid, phone_ready=ready))

    @rx.event
    @signed_in
    async def save_start(self, form: dict[str, str]) -> EventSpec | None:
        """At once or on a day."""
        today = wiring.clock().today_in_japan()
        kind, typed = form.get("start", ""), form.get("start_on", "")
        return await self._save(LINE, "start", lambda cart, _: choose_start(cart, kind, typed, today))

    @rx.event
    @signed_in
    async def save_number(self, form: dict[str, str]) -> EventSpec | None:
        """A new number, one taken along, or the one that is held already."""
        today = wiring.clock().today_in_japan()

        def change(cart: Cart, catalog: Catalog) -> Cart:
            asked = form.get("number", "")
            if asked == "new":
                return choose_new_number(cart)
            if asked == "take":
                return choose_port_in(cart, catalog, form, today)
            if asked == "held" and cart.sim.port_in is not None:
                return cart
            raise InvalidFields({"number": "wizard.number.missing"})

        return await self._save(LINE, "number", change)

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
        choice = cart.sim
        first, last = first_start(choice.form, today), today + LATEST_START
        self.eid_end = choice.eid[-SHOWN_DIGITS:]
        self.number_end = choice.port_in.phone_number[-SHOWN_DIGITS:] if choice.port_in else ""
        self.start_day = day(choice.start_on, locale) if choice.start_on else ""
        self.first_start, self.last_start = day(first, locale), day(last, locale)
        self.start_from, self.start_until = first.isoformat(), last.isoformat()
        self.expires_from, self.born_until = today.isoformat(), today.isoformat()
        self.expires_until = (today + timedelta(days=RESERVATION_DAYS - 1)).isoformat()
        self.values = self.values | {
            "form": choice.form,
            "phone_ready": "on" if choice.phone_ready else "",
            "start": choice.start,
            "start_on": choice.start_on.isoformat() if choice.start_on else "",
            "number": "held" if choice.port_in else "new",
        }
