"""What a checkout page shows: today's prices and gates, or what was submitted and is not an order yet."""

import asyncio
from datetime import datetime
from typing import Final

from portal_app.domain.cart import CartLine, charges, lines
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.domain.checkout import missing
from portal_app.domain.customer import Customer
from portal_app.domain.pricing import totals
from portal_app.errors import Busy, UpstreamError
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.client import Caller
from portal_app.integrations.upstream import deadline
from portal_app.storage.carts import OPEN, PLACING, CartRecord, Carts
from portal_app.storage.clock import Clock
from portal_app.workflows.checkout_offer import NOT_PLACED, UNREACHABLE, Offer, fingerprint_of, read_draft
from portal_app.workflows.checkout_standing import CheckoutStanding, Known

PAGE_S: Final = 13.0


class CheckoutOffers:
    """Everything is read live and together; of the catalogue alone a copy may be shown, and then nothing is sold."""

    def __init__(
        self, carts: Carts, prices: PriceBook, standing: CheckoutStanding, clock: Clock, terms_version: str
    ) -> None:
        self._carts, self._prices, self._standing = carts, prices, standing
        self._clock, self._terms_version = clock, terms_version

    async def offer(self, customer: Customer, line: ProductLine) -> Offer | None:
        """As Checkout.offer."""
        record = await self._carts.find(customer, line)
        if record is None:
            return None
        with deadline(PAGE_S):
            if record.state != OPEN:
                return await self._submitted(record)
            (catalog, as_of, unreachable), known = await asyncio.gather(
                self._catalog(customer), self._standing.read(customer, record.cart)
            )
        return self._offer(record, catalog, as_of, known, unreachable)

    async def read_now(self, customer: Customer) -> Catalog:
        """The catalogue an order is made from. Raises: UpstreamError, Busy."""
        return await self._prices.read_now(caller=Caller(customer.user_id, checkout=True))

    async def _catalog(self, customer: Customer) -> tuple[Catalog, datetime, bool]:
        """As it is now, or the copy; with its time, and whether it is only the copy."""
        try:
            return await self.read_now(customer), self._clock.now(), False
        except (UpstreamError, Busy, TimeoutError):
            copy = await self._prices.get_catalog()
            return copy.catalog, copy.as_of, True

    def _offer(self, record: CartRecord, catalog: Catalog, as_of: datetime, known: Known, unreachable: bool) -> Offer:
        cart, held = record.cart, lines(record.cart, catalog)
        found = missing(cart, catalog, known.standing)
        return Offer(
            line=record.line,
            cart=cart,
            lines=held,
            totals=totals(charges(held)),
            missing=(UNREACHABLE, *found) if unreachable else found,
            address=known.address,
            pay_method=known.pay_method,
            eligibility=known.eligibility,
            document=known.document,
            order_key=record.order_key,
            fingerprint=fingerprint_of(cart, held, known.standing.address_key or ""),
            state="open",
            unreachable=unreachable,
            catalog_as_of=as_of,
            terms_version=self._terms_version,
            notice=NOT_PLACED if record.error_code == NOT_PLACED else "",
        )

    async def _submitted(self, record: CartRecord) -> Offer:
        """What was submitted, at the prices it was submitted with."""
        held, as_of = await self._submitted_lines(record)
        return Offer(
            line=record.line,
            cart=record.cart,
            lines=held,
            totals=totals(charges(held)),
            missing=(),
            address=None,
            pay_method=None,
            eligibility=None,
            document=None,
            order_key=record.order_key,
            fingerprint="",
            state="placing" if record.state == PLACING else "unsure",
            unreachable=False,
            catalog_as_of=as_of,
            terms_version=self._terms_version,
        )

    async def _submitted_lines(self, record: CartRecord) -> tuple[tuple[CartLine, ...], datetime]:
        if record.draft_json:
            return read_draft(record.draft_json).lines, record.submitted_at or record.updated_at
        copy = await self._prices.get_catalog()
        return lines(record.cart, copy.catalog), copy.as_of
