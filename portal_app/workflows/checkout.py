"""From a cart to an order: what a checkout page shows, what a submit does, and what the worker brings to an end.

The cart's row is the recovery point: one cart, one key, at most one order. Prices and everything else that decides are
read anew for every submit, and it is refused when they are not those that were shown.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from portal_app.domain.cart import Cart, lines
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import missing
from portal_app.domain.customer import Customer
from portal_app.domain.orders import AddressSnapshot, OrderDraft
from portal_app.errors import Conflict, NotFound
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.security.audit import Audit
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import Bus
from portal_app.storage.carts import OPEN, PLACED, PLACING, UNSURE, CartChanged, CartRecord, Carts, LeaseLost
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.address import AddressBook
from portal_app.workflows.checkout_due import DueCarts
from portal_app.workflows.checkout_moves import CheckoutMoves
from portal_app.workflows.checkout_offer import (
    CHANGED,
    IN_PROGRESS,
    UNSURE_YET,
    CheckoutRefused,
    Offer,
    Placement,
    fingerprint_of,
)
from portal_app.workflows.checkout_showing import CheckoutOffers
from portal_app.workflows.checkout_standing import CheckoutStanding
from portal_app.workflows.checkout_steps import CheckoutSteps, placement_of
from portal_app.workflows.service_book import ServiceBook

__all__ = ["Checkout", "CheckoutRefused", "Offer", "Placement"]

SETTLE: Final = timedelta(seconds=60)
PLACE_S: Final = 30.0
"""Less than a lease, so that nothing is sent by somebody who no longer holds the cart."""
TRIES: Final = 3
_NO_ADDRESS: Final = AddressSnapshot("", "", "", "", "")


class Checkout:
    """`offer` for the page, `place` for its form, `resume_due` for the worker."""

    def __init__(
        self,
        *,
        carts: Carts,
        catalog: PriceBook,
        checks: Checks,
        services: ServiceBook,
        pay_methods: PayMethods,
        orders: Orders,
        opportunities: Opportunities,
        addresses: AddressBook,
        users: Users,
        order_times: OrderTimes,
        locks: AccountLocks,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
        documents_for: frozenset[ProductLine],
        terms_version: str,
        settle: timedelta = SETTLE,
    ) -> None:
        self._carts, self._addresses, self._bus, self._clock = carts, addresses, bus, clock
        self._terms_version = terms_version
        self._standing = CheckoutStanding(
            checks=checks,
            services=services,
            pay_methods=pay_methods,
            orders=orders,
            addresses=addresses,
            clock=clock,
            documents_for=documents_for,
            terms_version=terms_version,
        )
        self._offers = CheckoutOffers(carts, catalog, self._standing, clock, terms_version)
        self._moves = CheckoutMoves(
            carts=carts,
            orders=orders,
            order_times=order_times,
            outbox=outbox,
            db=db,
            bus=bus,
            audit=audit,
            clock=clock,
            settle=settle,
        )
        self._steps = CheckoutSteps(
            self._moves,
            carts=carts,
            users=users,
            orders=orders,
            opportunities=opportunities,
            locks=locks,
            clock=clock,
            settle=settle,
        )
        self._due = DueCarts(carts, self._steps)
        self._running: set[asyncio.Task[Placement]] = set()

    async def offer(self, customer: Customer, line: ProductLine) -> Offer | None:
        """The cart of that line as it may be ordered now; None without a cart.

        Raises: UpstreamError, Busy only when there is not even a copy of the catalogue.
        """
        return await self._offers.offer(customer, line)

    async def current_key(self, customer: Customer, line: ProductLine) -> str:
        """The key under which the cart would be ordered now. Raises: NotFound."""
        record = await self._carts.find(customer, line)
        if record is None:
            raise NotFound("cart")
        return record.order_key

    async def accept_terms(self, customer: Customer, line: ProductLine) -> None:
        """Today's terms, now; again changes nothing. Raises: NotFound, CartChanged, Conflict("cart.placing")."""
        version, now = self._terms_version, self._clock.now()

        def accepted(cart: Cart) -> Cart:
            if cart.terms_version == version and cart.terms_at is not None:
                return cart
            return replace(cart, terms_version=version, terms_at=now)

        await self._change(customer, line, accepted)

    async def confirm_address(self, customer: Customer, line: ProductLine, address_key: str) -> None:
        """The installation is at the address with that key; worth nothing once another one is on file.

        Raises: NotFound, CartChanged, Conflict("cart.placing").
        """
        await self._change(
            customer, line, lambda cart: replace(cart, internet=replace(cart.internet, address_confirmed=address_key))
        )

    async def place(self, customer: Customer, line: ProductLine, *, fingerprint: str, order_key: str) -> Placement:
        """Order the cart as it was shown. The same key again gives what became of it, and never another order (K4).

        Goes on when the caller no longer waits. Raises, and then no order was made: CheckoutRefused; NotFound("cart");
        Conflict("checkout.changed") when cart, address or a price is no longer as shown; UpstreamError, Busy.
        Conflict("checkout.in_progress") while another submit is under way.
        """
        record = await self._carts.find(customer, line)
        if record is not None and record.order_key == order_key and record.state == OPEN:
            held = await self._carts.take(customer, line, version=record.version, order_key=order_key)
            if held is not None:
                return await self._to_the_end(self._place(customer, held, fingerprint))
        return await self._already(customer, order_key, live=record is not None)

    async def resume_due(self) -> str:
        """Every submitted cart whose outcome is open and whose time has come; one line about it."""
        return f"{await self._due.resume()} carts"

    async def stop(self) -> None:
        """Cut off what still runs; the rows say where to go on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _change(self, customer: Customer, line: ProductLine, change: Callable[[Cart], Cart]) -> None:
        for _ in range(TRIES):
            record = await self._carts.find(customer, line)
            if record is None:
                raise NotFound("cart")
            try:
                await self._carts.save(customer, change(record.cart), version=record.version)
            except CartChanged:
                continue
            await self._bus.publish(f"customer:{customer.user_id}:cart")
            return
        raise CartChanged

    async def _place(self, customer: Customer, held: CartRecord, fingerprint: str) -> Placement:
        try:
            draft = await self._agreed(customer, held, fingerprint)
            record = await self._steps.submitted(held, draft)
            await self._bus.publish(f"customer:{customer.user_id}:cart")  # other tabs: being placed
        except LeaseLost:
            raise Conflict(IN_PROGRESS) from None
        except Exception:
            # Nothing was sent. Where not even this works, the worker opens the cart when the lease is over.
            with suppress(Exception):
                await self._moves.reopened(held)
            raise
        return await self._steps.place(customer, record, draft)

    async def _agreed(self, customer: Customer, record: CartRecord, fingerprint: str) -> OrderDraft:
        """What is ordered, from what both systems say at this moment."""
        cart = record.cart
        catalog, known = await asyncio.gather(self._offers.read_now(customer), self._standing.read(customer, cart))
        if found := missing(cart, catalog, known.standing):
            raise CheckoutRefused(found)
        held = lines(cart, catalog)
        if fingerprint_of(cart, held, known.standing.address_key or "") != fingerprint:
            raise Conflict(CHANGED)
        return OrderDraft(
            cart,
            held,
            known.address.snapshot() if known.address else _NO_ADDRESS,
            placed_on=known.standing.today,
            address_changed=await self._addresses.changed_since(customer, record.created_at),
        )

    async def _already(self, customer: Customer, order_key: str, *, live: bool) -> Placement:
        """What became of the cart with that key, which cannot be taken."""
        found = await self._carts.of_order_key(customer, order_key)
        state = found.state if found is not None else ""
        if found is not None and state == PLACED:
            return placement_of(found)
        if state == UNSURE:
            return UNSURE_YET
        if state == PLACING:
            raise Conflict(IN_PROGRESS)
        if not live:
            raise NotFound("cart")
        raise Conflict(CHANGED)

    async def _to_the_end(self, work: Coroutine[Any, Any, Placement]) -> Placement:
        """The work goes on when the browser is gone."""

        async def timed() -> Placement:
            with deadline(PLACE_S, inherit=False):
                return await work

        task = asyncio.create_task(timed(), name="checkout")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Placement]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has seen it; nobody else needs a warning
