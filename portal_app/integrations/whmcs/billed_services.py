"""What a service was billed by. WHMCS tells it only by the lines of each invoice: they are read once and kept.

Newest first, a few at a time, some for whoever waits at the page and the rest behind everybody who does.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from portal_app.domain.billing import Invoice, InvoiceQuery
from portal_app.domain.customer import Customer
from portal_app.domain.services import BillingHistory
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.mapping import amounts_of
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.flights import Flights
from portal_app.storage.invoice_services import InvoiceServices
from portal_app.storage.kept import NotKept, only_kept
from portal_app.storage.marks import FreshnessMarks

TOPIC: Final = "history"
AT_ONCE: Final = 3
PART: Final = 12
"""So many invoices, then open pages are told."""
FOR_A_VIEW: Final = 36
"""So many are read for whoever looks; WHMCS lets everybody together ask 300 times a minute."""
PART_S: Final = 20
BRIEF_S: Final = 1.0
REST: Final = timedelta(seconds=15)
LONG_REST: Final = timedelta(minutes=5)
"""When all that is left cannot be understood: reading it again at once would never end while a page is open."""


class BilledServices:
    """What the portal asks about it."""

    def __init__(
        self,
        client: WhmcsClient,
        billing: Billing,
        kept: InvoiceServices,
        marks: FreshnessMarks,
        bus: Bus,
        clock: Clock,
        *,
        on_foreign: OnForeign | None = None,
    ) -> None:
        self._client, self._billing, self._kept = client, billing, kept
        self._marks, self._bus, self._clock = marks, bus, clock
        self._ownership = Ownership(on_foreign)
        self._reading: Flights[None] = Flights()
        self._rests_until: dict[str, datetime] = {}

    async def history(self, customer: Customer, whmcs_service_id: int, *, wait: bool = False) -> BillingHistory:
        """The invoices of a service as far as they are known; what is not is read meanwhile (topic "history").

        Nothing for somebody else's service, as for an unknown one.
        Raises: UpstreamError or Busy only when there is no copy of the invoices; NotKept where something would be read
        meanwhile and only what is kept is asked for.
        """
        copy = await self._billing.list_invoices(customer, InvoiceQuery(size=1), wait=wait)
        flight = None if copy.stale else await self._begin(customer, anew=wait)
        if flight is not None:
            await asyncio.wait({flight}, timeout=BRIEF_S)
        items = tuple(await self._kept.history(customer, whmcs_service_id))
        unread = await self._kept.count_unread(customer)
        reading = flight is not None and not flight.done()
        return BillingHistory(items, unread, reading and bool(unread), copy.as_of, copy.stale)

    async def stop(self) -> None:
        """Cancel reads under way."""
        await self._reading.stop()

    async def settled(self) -> None:
        """Wait until nothing is being read."""
        await self._reading.settled()

    async def _begin(self, customer: Customer, *, anew: bool) -> "asyncio.Task[None] | None":
        """The reading of this customer's invoices, begun where there are any to read and no failure was just seen.

        `anew`: they ask for it themselves, whatever was seen.
        """
        rests = self._rests_until.get(customer.user_id)
        if not anew and rests is not None and self._clock.now() < rests:
            return None
        if not await self._kept.count_unread(customer):
            return None
        if only_kept():
            raise NotKept(TOPIC)  # a part that goes on by itself is no answer to who cannot see it go on
        return self._reading.join(customer.user_id, lambda: self._read_all(customer))

    async def _read_all(self, customer: Customer) -> None:
        """Part after part, until nothing is left that can be read."""
        tried: set[int] = set()
        self._rests_until.pop(customer.user_id, None)
        try:
            while part := await self._next(customer, tried):
                caller = Caller(customer.user_id, background=len(tried) >= FOR_A_VIEW)
                tried |= {one.whmcs_invoice_id for one in part}
                await self._read_part(customer, part, caller)
                await self._tell(customer)
            if await self._kept.count_unread(customer):
                self._rest(customer, LONG_REST)
        except (UpstreamError, Busy, TimeoutError):
            self._rest(customer, REST)
            self._marks.hint_later(TOPIC, customer)
            await self._tell(customer)

    def _rest(self, customer: Customer, how_long: timedelta) -> None:
        now = self._clock.now()
        self._rests_until = {user: until for user, until in self._rests_until.items() if now < until}
        self._rests_until[customer.user_id] = now + how_long

    async def _next(self, customer: Customer, tried: set[int]) -> list[Invoice]:
        """What was tried and could not be understood is not tried again now."""
        found = await self._kept.unread(customer, PART + len(tried))
        return [one for one in found if one.whmcs_invoice_id not in tried][:PART]

    async def _read_part(self, customer: Customer, part: Iterable[Invoice], caller: Caller) -> None:
        waiting = iter(part)

        async def work() -> None:
            for invoice in waiting:
                await self._read(customer, invoice, caller)

        with deadline(PART_S, inherit=False):
            tasks = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, customer: Customer, invoice: Invoice, caller: Caller) -> None:
        """One that is gone, or turns out to be another's, bills nothing here; one nobody can read stays unread."""
        amounts: dict[int, Decimal] = {}
        try:
            wire = await self._client.get_invoice(invoice.whmcs_invoice_id, caller=caller)
            self._ownership.check(customer, wire.userid, "invoice", invoice.whmcs_invoice_id)
            amounts = amounts_of(wire)
        except UpstreamReplyChanged:
            return
        except UpstreamRejected as refused:
            if refused.code != "not_found":
                raise
        except NotFound:
            pass
        await self._kept.put(invoice, amounts)

    async def _tell(self, customer: Customer) -> None:
        await self._bus.publish(f"customer:{customer.user_id}:{TOPIC}")
