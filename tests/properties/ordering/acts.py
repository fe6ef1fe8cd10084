"""What people, staff and machines do in a story: a method for each step of a scene, named by the step."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import Any, Final

from portal_app.domain.address import Address, AddressChange, JapaneseAddress
from portal_app.domain.cart import Cart, InternetChoice, SimChoice, add, choose_day, choose_installation, remove
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.customer import Customer
from portal_app.storage.carts import Guest
from tests.fakes.catalog import EID
from tests.fakes.troubles import Troubles
from tests.properties.ordering.market import Market
from tests.properties.ordering.moments import Submit
from tests.properties.ordering.process import Process
from tests.properties.ordering.scenes import LINES, WAITS, Step
from tests.properties.ordering.town import DOCUMENTS, OFFERINGS, STREETS, Town

OUTSIDE: Final = frozenset(
    {"wait", "restart", "price", "decide", "card", "address", "availability", "document", "weather"}
)
"""What the portal takes no part in."""
PLANS: Final = {
    ProductLine.SIM: ("SIM-DATA-VOICE-5GB", "SIM-DATA-ONLY-50GB"),
    ProductLine.INTERNET: ("INTERNET-GOLD-HOME-1G", "INTERNET-GOLD-APARTMENT-1G"),
    ProductLine.VPN: ("VPN-USA-SF", "VPN-UK-LONDON"),
}
ADD_ONS: Final = {
    ProductLine.SIM: "SIM-ADDON-INSURANCE",
    ProductLine.INTERNET: "INTERNET-ADDON-HOME-PHONE",
    ProductLine.VPN: "VPN-ADDON-PROTECTION",
}
INSTALLATIONS: Final = ("INTERNET-INSTALL-SINGLE", "INTERNET-INSTALL-24M")
HOMES: Final = tuple(
    AddressChange(
        Address(postal_code="150-0001", prefecture="Tokyo", city="Shibuya-ku", address1=street),
        JapaneseAddress(postal_code="150-0001", prefecture="東京都", city="渋谷区", town=street, block="1-2-3"),
    )
    for street in STREETS
)
NEW_PRICES: Final = (1980, 2480, 990, 5800)


class Acts:
    """`tabs`: every offer a person has had on a screen, newest last. `submits`: every press of the button."""

    process: Process
    market: Market
    troubles: Troubles
    town: Town

    def __init__(self) -> None:
        self.tabs: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.submits: list[Submit] = []
        self.surprises: list[str] = []

    # What people do

    async def _choose(self, step: Step) -> None:
        await self.process.shopping.choose(self._me(step), PLANS[LINES[step.line]][step.which % 2])

    async def _visit(self, step: Step) -> None:
        """Choose without signing in, then sign in."""
        guest = Guest(f"browser-{step.who}-{step.line}")
        await self.process.shopping.choose(guest, PLANS[LINES[step.line]][step.which % 2])
        await self.process.carts.adopt(guest, self._me(step).user_id)

    async def _answer(self, step: Step) -> None:
        """Everything the wizard asks; without `right` one answer is missing."""

        def answered(cart: Cart, catalog: Catalog) -> Cart:
            if cart.line is ProductLine.SIM:
                return replace(cart, sim=SimChoice("esim", EID if step.right else "", True, "immediate"))
            if cart.line is ProductLine.INTERNET:
                confirmed = cart.internet.address_confirmed
                cart = replace(cart, internet=InternetChoice("IPoE-HGW", address_confirmed=confirmed))
                return choose_installation(cart, catalog, INSTALLATIONS[step.who]) if step.right else cart
            return cart

        await self.process.shopping.change(self._me(step), LINES[step.line], answered)
        if LINES[step.line] is ProductLine.INTERNET:
            await self.process.confirm_address(self._me(step), LINES[step.line])

    async def _change(self, step: Step) -> None:
        """An add-on in, or out again."""
        await self.process.shopping.change(self._me(step), LINES[step.line], _changed(step))

    async def _drop(self, step: Step) -> None:
        await self.process.shopping.drop(self._me(step), LINES[step.line])

    async def _accept(self, step: Step) -> None:
        await self.process.checkout.accept_terms(self._me(step), LINES[step.line])

    async def _look(self, step: Step) -> None:
        offer = await self.process.checkout.offer(self._me(step), LINES[step.line])
        if offer is not None:
            self.tabs[step.who, step.line].append(offer)

    async def _place(self, step: Step) -> None:
        """From the newest screen, or from one of the older; without `right` a mix of both."""
        offers = self.tabs[step.who, step.line]
        if offers:
            offer = offers[-1 - step.which % len(offers)]
            await self._submit(step, offer, offer.fingerprint if step.right else offers[0].fingerprint)

    async def _twice(self, step: Step) -> None:
        """A double click."""
        if offers := self.tabs[step.who, step.line]:
            await self._at_once(*(self._submit(step, offers[-1]) for _ in range(2)))

    async def _both(self, step: Step) -> None:
        """Two tabs, one of them of yesterday."""
        if offers := self.tabs[step.who, step.line]:
            await self._at_once(*(self._submit(step, offer) for offer in offers[-2:]))

    async def _meanwhile(self, step: Step) -> None:
        """One tab orders while the other one still chooses."""
        if offers := self.tabs[step.who, step.line]:
            change = self.process.shopping.change(self._me(step), LINES[step.line], _changed(step))
            await self._at_once(self._submit(step, offers[-1]), change)

    async def _stranger(self, step: Step) -> None:
        """Somebody else sends what stands on this person's screen."""
        if offers := self.tabs[step.who, step.line]:
            await self._submit(replace(step, who=1 - step.who), offers[-1])

    async def _move(self, step: Step) -> None:
        """To another street."""
        await self.process.book.change(self._me(step), HOMES[step.which % len(HOMES)])

    async def _submit(self, step: Step, offer: Any, fingerprint: str = "") -> None:
        me, line = self._me(step), LINES[step.line]
        shown = {one.item.sku: one.item.unit_price for one in offer.lines}
        street = offer.address.address1 if offer.address else ""
        submit = Submit(offer.order_key, me.salesforce_account_id, line, shown, street, self.town.moments.now)
        self.submits.append(submit)
        try:
            placed = await self.process.checkout.place(
                me, line, fingerprint=fingerprint or offer.fingerprint, order_key=offer.order_key
            )
            submit.outcome, submit.order_id = placed.outcome, placed.salesforce_order_id
        finally:
            submit.ended = self.town.moments.now

    async def _at_once(self, *acts: Any) -> None:
        """All of them; what one refuses is no reason to stop the others."""
        ended = await asyncio.gather(*acts, return_exceptions=True)
        for one in ended:
            if isinstance(one, BaseException):
                raise one

    # What machines do

    async def _resume(self, step: Step) -> None:
        await self.process.checkout.resume_due()

    async def _deliver(self, step: Step) -> None:
        await self.process.deliver()

    async def _housekeep(self, step: Step) -> None:
        await self.process.carts.prune()

    # What happens outside

    async def _wait(self, step: Step) -> None:
        await asyncio.sleep(WAITS[step.which])

    async def _price(self, step: Step) -> None:
        line = LINES[step.line]
        sku = (*PLANS[line], ADD_ONS[line], PLANS[line][0])[step.which]
        self.town.set_price(sku, NEW_PRICES[step.which] + len(self.town.moments.seen), sold=step.right)

    async def _decide(self, step: Step) -> None:
        self.town.decide(step.which, approve=step.right)

    async def _card(self, step: Step) -> None:
        self.town.card(step.who, there=step.right)

    async def _address(self, step: Step) -> None:
        self.town.move(step.who, STREETS[step.which % len(STREETS)])

    async def _availability(self, step: Step) -> None:
        self.town.availability(step.who, OFFERINGS[step.which])

    async def _document(self, step: Step) -> None:
        self.town.document(step.who, DOCUMENTS[step.which])

    async def _weather(self, step: Step) -> None:
        down: list[set[Any]] = [{"salesforce"}, {"whmcs"}, {"whmcs", "salesforce"}, set()]
        self.troubles.down = down[step.which]

    def _me(self, step: Step) -> Customer:
        return self.town.customers[step.who]


def _changed(step: Step) -> Any:
    def change(cart: Cart, catalog: Catalog) -> Cart:
        if step.which == 1 and cart.line is ProductLine.INTERNET:
            return choose_day(cart, catalog, weekend=step.right)
        sku = ADD_ONS[cart.line]
        return add(cart, catalog, sku) if step.right else remove(cart, catalog, sku)

    return change
