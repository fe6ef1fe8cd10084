"""Payment methods: what is stored in WHMCS, what it pays for, and the way to where it is changed."""

import asyncio

import reflex as rx

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.domain.pay_methods import PayMethodsCopy, first_usable
from portal_app.domain.services import Service
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking, notice_of
from portal_app.state.forms import FormState
from portal_app.state.payment_rows import GatewayRow, MethodRow, gateway_rows, method_rows, used_by

BESIDE_S = 3.0
"""What is paid by a card is worth so long a wait; the card itself is shown without it."""


class PaymentsState(FormState, rx.State):
    """What one tab shows. Of a method never more than `MethodRow` has."""

    methods: list[MethodRow] = []
    others: list[GatewayRow] = []
    ways: str = ""  # the names of everything one may pay by
    usable: bool = True  # whether at least one of the methods can be charged today
    as_of: str = ""
    trouble: str = ""  # key of the notice when nothing could be read
    refusal: str = ""  # the sentence of why WHMCS's page did not open
    read: bool = False
    refreshing: bool = False

    @rx.event
    @signed_in(live="payments services")
    async def load(self):
        """Show everything stored, and once what the door had to say."""
        await self._take_flash()
        await self._read()

    @rx.event
    @signed_in
    async def look_again(self):
        """Back in this tab: something may have been changed in WHMCS."""
        await self._read(anew=True)

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask WHMCS anew, then show."""
        self.refreshing = True
        yield
        try:
            await self._read(anew=True)
        finally:
            self.refreshing = False

    async def _read(self, *, anew: bool = False) -> None:
        me = await asking(self)
        self.refusal = me.sentence(self.error)
        try:
            copy = await wiring.pay_methods().get_copy(me.customer, anew=anew)
        except (UpstreamError, Busy, NotFound) as failure:
            self.trouble, self.read = notice_of(failure, "payments.unavailable"), True
            return
        services, names = await asyncio.gather(_services(me.customer), _names(me.customer))
        self._assign(copy, services, names, me.locale)
        self.as_of, self.trouble, self.read = me.clock(copy.as_of), "", True

    def _assign(
        self, copy: PayMethodsCopy, services: tuple[Service, ...] | None, names: dict[str, str], locale: str
    ) -> None:
        today = wiring.clock().today_in_japan()
        uses, rest = used_by(copy.items, services or (), names, today)
        # A method may name its gateway as people read it: without the names nothing is known to be paid otherwise.
        self.methods = method_rows(copy.items, uses, today, locale, sure=services is not None and bool(names))
        self.others = gateway_rows(rest if names else {}, names)
        self.ways = " · ".join(dict.fromkeys(names.values()))
        self.usable = first_usable(copy.items, today) is not None


async def _services(customer: Customer) -> tuple[Service, ...] | None:
    """None when they cannot be told soon."""
    try:
        async with asyncio.timeout(BESIDE_S):
            return (await wiring.services().list_services(customer)).items
    except (UpstreamError, Busy, TimeoutError):
        return None


async def _names(customer: Customer) -> dict[str, str]:
    try:
        async with asyncio.timeout(BESIDE_S):
            return await wiring.gateways().shown_to(customer)
    except TimeoutError:
        return {}
