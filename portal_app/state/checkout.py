"""The checkout of one line: everything about the order at once, what is still missing, and what became of it."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, Conflict, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking
from portal_app.state.checkout_gates import GateRow, Parts, gate_rows, parts_of
from portal_app.state.checkout_rows import CheckoutView, FactRow, accepted, fact_rows, mark_of, view_of
from portal_app.state.forms import FormState
from portal_app.state.price_rows import ItemRow, PriceBox, cart_box, cart_rows
from portal_app.text import say
from portal_app.workflows.checkout_offer import Offer

LINES = (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN)
UNREADABLE = (UpstreamError, Busy, TimeoutError)
_WAITING = {
    "placing": ("checkout.placing", "checkout.placing_body"),
    "unsure": ("checkout.unsure", "checkout.unsure_body"),
}


class CheckoutState(FormState, rx.State):
    """What one tab shows. `fingerprint` names the prices it shows: an order of other prices is refused by the door."""

    found: Literal["loading", "found", "none", "failed"] = "loading"
    line: str = ""
    standing: Literal["open", "placing", "unsure"] = "open"
    gates: list[GateRow] = []
    parts: Parts = Parts()
    items: list[ItemRow] = []
    facts: list[FactRow] = []
    box: PriceBox = PriceBox()
    view: CheckoutView = CheckoutView()
    to_do: str = ""  # how much is missing, in a sentence
    ready: bool = False
    order_key: str = ""
    fingerprint: str = ""
    accepted_at: str = ""
    old_prices: str = ""  # the sentence about it, while Salesforce cannot be reached
    waiting: str = ""  # what is under way once it was submitted, and what that means
    waiting_body: str = ""
    answers: int = 0
    repriced: bool = False
    refusal: str = ""  # the sentence of `error`, or of what is told about an earlier try
    told: str = ""  # the sentence of `notice`
    trouble: str = ""  # key of the notice when the page could not be read anew

    _address_key: str = ""
    _prices: dict[str, str] = {}

    @rx.event
    @signed_in(live="cart checks payments address orders")
    async def load(self) -> Any:
        """Show the cart of the line the URL names, and once what the door had to say."""
        await self._take_flash()
        return await self._read()

    @rx.event
    @signed_in
    async def look_again(self) -> Any:
        """Back in this tab, or asked to try again: a way to pay may have been added elsewhere."""
        if self.found == "found" and self.view.pay != "held":
            await wiring.pay_methods().clear((await asking(self)).customer)
        return await self._read()

    @rx.event
    @signed_in
    async def accept_terms(self) -> Any:
        """The terms that hold today."""
        return await self._change(lambda customer, line: wiring.checkout().accept_terms(customer, line))

    @rx.event
    @signed_in
    async def confirm_address(self, mark: str) -> Any:
        """The address that was shown when the button was pressed; another one by now is shown first."""
        if not self._address_key or mark != mark_of(self._address_key):
            return await self._read()
        key = self._address_key
        return await self._change(lambda customer, line: wiring.checkout().confirm_address(customer, line, key))

    async def _change(self, change: Callable[[Customer, ProductLine], Awaitable[Any]]) -> Any:
        me, line = await asking(self), line_of(self.router.url.path)
        self.error, self.notice, self.repriced = "", "", False
        try:
            if line is not None:
                await change(me.customer, line)
        except Conflict as refused:
            self.error = refused.reason
        except UNREADABLE:
            self.error = "problem.unavailable"
        except NotFound:
            pass  # what is shown next says so
        return await self._read()

    async def _read(self) -> Any:
        me, line = await asking(self), line_of(self.router.url.path)
        self.answers += 1
        if line is None or line.value != self.line:
            self._clear(line.value if line else "")
        if line is None:
            self.found = "none"
            return None
        try:
            offer = await wiring.checkout().offer(me.customer, line)
        except UNREADABLE:
            self.trouble = "checkout.unavailable"
            self.found, self.ready = "found" if self.found == "found" else "failed", False
            return None
        if offer is None:
            return await self._without_cart(me, line)
        await self._assign(me, line, offer)
        return None

    async def _assign(self, me: Asking, line: ProductLine, offer: Offer) -> None:
        prices = {line.item.sku: str(line.item.unit_price) for line in offer.lines}
        self.repriced |= self.order_key == offer.order_key and self._prices != prices
        self._prices = prices
        self.gates, self.parts = gate_rows(offer.missing, line, me.locale), parts_of(offer.missing)
        self.to_do = say(me.locale, "checkout.to_do", count=len(self.gates)) if self.gates else ""
        self.ready = offer.state == "open" and not self.gates
        self.items, self.facts = cart_rows(offer.lines, me.locale), fact_rows(offer.cart, offer.lines, me.locale)
        self.box = cart_box(offer.lines, offer.totals, await _catalog(offer), me.locale)
        self.view = view_of(offer, wiring.settings().documented_lines(), me.locale)
        self.order_key, self.fingerprint = offer.order_key, offer.fingerprint
        self._address_key = offer.address.key if offer.address else ""
        when = accepted(offer.cart, offer.terms_version)
        self.accepted_at = me.clock(when) if when else ""
        as_of = me.clock(offer.catalog_as_of)
        self.old_prices = say(me.locale, "checkout.prices_as_of", time=as_of) if offer.unreachable else ""
        self.waiting, self.waiting_body = (me.sentence(key) for key in _WAITING.get(offer.state, ("", "")))
        self.standing, self.found, self.trouble = offer.state, "found", ""
        if self.standing != "open":
            self.error, self.notice, self.repriced = "", "", False
        self.refusal, self.told = me.sentence(self.error or offer.notice), me.sentence(self.notice)

    async def _without_cart(self, me: Asking, line: ProductLine) -> Any:
        """Whoever waited here for an order to be confirmed goes on to it; else there is nothing to show."""
        waited = self.found == "found" and self.standing != "open"
        self._clear(line.value)
        self.found = "none"
        return rx.redirect(await _newest(me.customer, line), replace=True) if waited else None

    def _clear(self, line: str) -> None:
        """Nothing of another cart stays; what the door had to say does."""
        self.line, self.found, self.standing = line, "loading", "open"
        self.gates, self.parts, self.items, self.facts = [], Parts(), [], []
        self.box, self.view, self.ready, self.to_do = PriceBox(), CheckoutView(), False, ""
        self.order_key, self.fingerprint, self.accepted_at, self._address_key = "", "", "", ""
        self.old_prices, self.waiting, self.waiting_body, self.repriced = "", "", "", False
        self.refusal, self.told, self.trouble = "", "", ""


def line_of(path: str) -> ProductLine | None:
    """The line a URL names; None for anything else."""
    last = path.rstrip("/").rpartition("/")[2]
    return next((line for line in LINES if line.value == last), None)


async def _catalog(offer: Offer) -> Catalog | None:
    """Only for the last of several payments; without it they are shown as equal."""
    if not any(line.item.months for line in offer.lines):
        return None
    try:
        return (await wiring.catalog().get_catalog()).catalog
    except UNREADABLE:
        return None


async def _newest(customer: Customer, line: ProductLine) -> str:
    """The page of the newest order of that line, or of all of them."""
    try:
        orders = (await wiring.orders().list_orders(customer)).items
    except (*UNREADABLE, NotFound):
        return routes.ORDERS
    return next((routes.order(one.salesforce_order_id) for one in orders if one.line is line), routes.ORDERS)
