"""A scene of ordering, played: people, staff and machines, and how everything comes to rest."""

import asyncio
from pathlib import Path
from typing import Any, Final

from portal_app.domain.cart import CartRefused
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.troubles import Troubles
from tests.properties.ordering import rules
from tests.properties.ordering.acts import OUTSIDE, Acts
from tests.properties.ordering.market import Market
from tests.properties.ordering.process import Process, registered
from tests.properties.ordering.rules import OFFERING_OF
from tests.properties.ordering.scenes import LINES, Scene, Step
from tests.properties.ordering.town import Town
from tests.properties.player import Player

ROUNDS: Final = 12
BETWEEN_ROUNDS_S: Final = 30 * 60.0
LOOKS: Final = 4
BETWEEN_LOOKS_S: Final = 21.0


class Story(Player, Acts):
    """One life of the shop. `mails`: what was handed to the mail server."""

    outside_acts = OUTSIDE
    expected = (CartRefused,)

    def __init__(self, scene: Scene, file: Path, database: QuickSqlite) -> None:
        self.scene = scene
        self.mails: list[dict[str, Any]] = []
        self._keys: dict[str, str] = {}
        Acts.__init__(self)
        Player.__init__(self, scene.steps, file, database, Troubles())

    async def play(self) -> None:
        self.market = Market(self.troubles, lenient=self.scene.lenient)
        self.town = Town(self.scene.people, self.market)
        await super().play()

    def _born(self) -> None:
        self.process = Process(self._file, self.market, self.mails)

    @classmethod
    def prepare(cls, file: Path) -> None:
        """The customers have signed up long ago."""
        asyncio.run(registered(file))

    def always(self) -> list[str]:
        return [*rules.always(self, self._file), *self.market.repeats.wrongs]

    def at_rest(self) -> list[str]:
        return [*rules.at_rest(self, self._file), *self.market.repeats.wrongs]

    def note_carts(self, carts: list[dict[str, Any]]) -> dict[str, str]:
        """Key to cart, of every key any cart was ever seen with."""
        self._keys |= {cart["order_key"]: cart["cart_id"] for cart in carts}
        return self._keys

    async def _comes_to_rest(self) -> None:
        """Everything outside works, time passes, the workers work: soon nothing is left to be done."""
        self.troubles.down.clear()
        for _ in range(ROUNDS):
            await asyncio.sleep(BETWEEN_ROUNDS_S)
            await self._work()
            if not self._acts and not rules.unfinished(self._file):
                break
        await self._everybody_orders()
        await self._work()

    async def _work(self) -> None:
        await self.process.checkout.resume_due()
        await self.process.deliver()

    async def _everybody_orders(self) -> None:
        """Whatever is still in a cart can be ordered once everything is put right."""
        for who, customer in enumerate(self.town.customers):
            lines = await self.process.shopping.open_lines(customer)
            if lines:
                self.town.put_right(who)
            for line in lines:
                await self._watched(self._orders_at_last(Step("", who=who, line=LINES.index(line))))

    async def _orders_at_last(self, step: Step) -> None:
        me, line = self._me(step), LINES[step.line]
        record = await self.process.carts.find(me, line)
        assert record is not None
        await self._answer(step)
        await self._accept(step)
        self.town.availability(step.who, OFFERING_OF.get(record.cart.plan, "Home 1G"))
        offer = await self._offer_at_last(me, line)
        if offer.missing:
            self.surprises.append(f"everything is put right, and still {[one.words for one in offer.missing]}")
            return
        await self._submit(step, offer)
        if self.submits[-1].outcome != "placed":
            self.surprises.append(f"everything is put right, and the order is {self.submits[-1].outcome}")

    async def _offer_at_last(self, me: Customer, line: ProductLine) -> Any:
        """After a long rest only a few calls are let through at once to see whether a system is back."""
        for _ in range(LOOKS):
            offer = await self.process.checkout.offer(me, line)
            if not any(one.fix == "retry" for one in offer.missing):
                break
            await asyncio.sleep(BETWEEN_LOOKS_S)
        return offer
