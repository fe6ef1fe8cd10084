"""The dashboard: blocks that load, fail and refresh each on its own. Here those of WHMCS; the others are mixed in."""

import asyncio
from contextlib import suppress

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import count, person
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, notice_of
from portal_app.state.dashboard_account import AccountBlock
from portal_app.state.dashboard_activity import MOST, of_invoices, of_services
from portal_app.state.dashboard_blocks import BESIDE_S
from portal_app.state.dashboard_orders import OrdersBlock
from portal_app.state.dashboard_rows import Figures, NextBill, figures_of, next_bill_of, paused_bill
from portal_app.state.dashboard_support import SupportBlock
from portal_app.state.dashboard_tasks import billing_tasks, service_tasks
from portal_app.state.invoice_rows import InvoiceRow, paused
from portal_app.state.primed import primed
from portal_app.state.services import ServiceRow, running

RECENT = 5
OWED = 25
"""So many of what there is to pay are looked through for what is due soon."""


class DashboardState(OrdersBlock, SupportBlock, AccountBlock, rx.State):
    """What one tab shows of a customer's account."""

    name: str = ""

    bills_loaded: bool = False
    next_bill: NextBill = NextBill()
    figures: Figures = Figures()
    recent: list[InvoiceRow] = []
    bills_as_of: str = ""
    bills_notice: str = ""
    bills_refreshing: bool = False

    services_loaded: bool = False
    services: list[ServiceRow] = []
    active_count: str = ""
    service_count: str = ""
    services_as_of: str = ""
    services_notice: str = ""
    services_refreshing: bool = False

    @rx.event
    @signed_in(live="invoices")
    @primed(apart=("bills_refreshing", "services_refreshing"))
    async def load_bills(self):
        """Show what is owed and the newest invoices. The other block's refresh runs meanwhile."""
        with suppress(Busy):  # it has a block of its own to say so
            await wiring.services().begin((await asking(self)).customer)
        await self._show_bills()

    @rx.event
    @signed_in(live="services")
    @primed
    async def load_services(self):
        """Show what runs now."""
        await self._show_services()

    @rx.event
    @signed_in(live="profile")
    @primed
    async def load_name(self):
        """Greet the customer; a greeting without a name is good enough when WHMCS is down."""
        me = await asking(self)
        try:
            async with asyncio.timeout(BESIDE_S):
                profile = await wiring.clients().get_profile(me.customer)
        except (UpstreamError, Busy, NotFound, TimeoutError):
            return
        self.name = person(profile.first_name, profile.last_name, me.locale)

    @rx.event
    @signed_in
    async def refresh_bills(self):
        """Ask WHMCS for the invoices anew, then show."""
        self.bills_refreshing = True
        yield
        try:
            await wiring.billing().refresh((await asking(self)).customer)
            await self._show_bills(wait=True)
        finally:
            self.bills_refreshing = False

    @rx.event
    @signed_in
    async def refresh_services(self):
        """Ask WHMCS for the services anew, then show."""
        self.services_refreshing = True
        yield
        try:
            await wiring.services().refresh((await asking(self)).customer)
            await self._show_services(wait=True)
        finally:
            self.services_refreshing = False

    async def _show_bills(self, *, wait: bool = False) -> None:
        me = await asking(self)
        try:
            page = await wiring.billing().recent_invoices(me.customer, MOST, wait=wait)
            owed = await wiring.billing().payable_invoices(me.customer, OWED) if page.totals.due else ()
            waiting = await wiring.billing().waiting_for_payment(me.customer)
        except (UpstreamError, Busy) as failure:
            self.bills_notice, self.bills_loaded = notice_of(failure, "billing.unavailable"), True
            self.recent, self.next_bill = paused(self.recent), paused_bill(self.next_bill)
            self._lately("bills", None)
            return
        newest = page.items[:RECENT]
        self.recent = [InvoiceRow.of(i, me.locale, stale=page.stale, waiting=waiting) for i in newest]
        self.next_bill = next_bill_of(page, me.locale, waiting)
        self.figures = figures_of(page, me.locale)
        self._to_do("bills", billing_tasks(page.totals, owed, wiring.clock().today_in_japan(), me.locale))
        self._lately("bills", of_invoices(page.items, me.locale))
        self.bills_as_of, self.bills_notice = me.clock(page.as_of), "billing.stale" if page.stale else ""
        self.bills_loaded = True

    async def _show_services(self, *, wait: bool = False) -> None:
        me: Asking = await asking(self)
        try:
            services = await wiring.services().list_services(me.customer, wait=wait)
        except (UpstreamError, Busy) as failure:
            self.services_notice, self.services_loaded = notice_of(failure, "services.unavailable"), True
            self._lately("services", None)
            return
        self.services = [ServiceRow.of(s, me.locale) for s in running(services.items)][:RECENT]
        self.active_count, self.service_count = count(services.active, me.locale), count(len(services.items), me.locale)
        self._to_do("services", service_tasks(services))
        self._lately("services", of_services(services.items, me.locale))
        self.services_as_of = me.clock(services.as_of)
        self.services_notice = "services.stale" if services.stale else ""
        self.services_loaded = True
