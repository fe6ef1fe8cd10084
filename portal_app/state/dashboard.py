"""The dashboard: three blocks that load, fail and refresh each on its own."""

import asyncio
from dataclasses import dataclass, replace
from typing import Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.billing import Invoice, InvoicePage, InvoiceQuery
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import count, day, person, yen
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, notice_of
from portal_app.state.dashboard_tasks import TaskRow, billing_tasks, order_tasks, service_tasks, together
from portal_app.state.invoice_rows import InvoiceRow, Paying, paused, paying
from portal_app.state.order_progress import beside
from portal_app.state.order_rows import OrderRow, rows_apart
from portal_app.state.services import ServiceRow, running

RECENT = 5
NAME_S = 3.0
ORDERS = 3
"""How many of those in progress; the list has them all."""
"""What a customer clicks waits for what loads, so a slow WHMCS gets no longer for a mere greeting."""
OWED = InvoiceQuery(tab="unpaid", sort="due")


@dataclass(frozen=True)
class NextBill:
    """The payable invoice that is due first; kind `none` when everything is settled."""

    kind: Literal["none", "due", "late"] = "none"
    number: str = ""
    amount: str = ""
    day: str = ""
    href: str = ""
    paying: Paying = "none"
    pay_action: str = ""


@dataclass(frozen=True)
class Figures:
    """What is owed. `overdue` is "" when nothing is late."""

    unpaid: str = ""
    unpaid_count: str = ""
    overdue: str = ""
    overdue_count: str = ""


class DashboardState(rx.State):
    """What one tab shows of a customer's account."""

    name: str = ""
    tasks: list[TaskRow] = []

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

    orders: list[OrderRow] = []  # in progress, newest first
    more_orders: bool = False
    orders_notice: str = ""

    _bill_tasks: list[TaskRow] | None = None
    _service_tasks: list[TaskRow] | None = None
    _order_tasks: list[TaskRow] = []

    @rx.event
    @signed_in(live="invoices")
    async def load_bills(self):
        """Show what is owed and the newest invoices. The other block's refresh runs meanwhile."""
        await wiring.services().begin((await asking(self)).customer)
        await self._show_bills()

    @rx.event
    @signed_in(live="services")
    async def load_services(self):
        """Show what runs now."""
        await self._show_services()

    @rx.event
    @signed_in(live="orders checks")
    async def load_orders(self):
        """Show what is in progress; most customers have nothing there, and see nothing."""
        me, today = await asking(self), wiring.clock().today_in_japan()
        try:
            async with asyncio.timeout(NAME_S):
                copy = await wiring.orders().list_orders(me.customer)
            known = await beside(me.customer, copy.items)
        except NotFound:
            self.orders, self.more_orders, self.orders_notice = [], False, ""
            self._show_order_tasks([])
            return
        except (UpstreamError, Busy, TimeoutError):
            self.orders_notice = "orders.unavailable" if self.orders else ""
            return
        rows, _ = rows_apart(copy.items, known, today, me.locale)
        self.orders, self.more_orders = rows[:ORDERS], len(rows) > ORDERS
        self.orders_notice = "orders.stale" if copy.stale and rows else ""
        self._show_order_tasks(rows)

    @rx.event
    @signed_in(live="profile")
    async def load_name(self):
        """Greet the customer; a greeting without a name is good enough when WHMCS is down."""
        me = await asking(self)
        try:
            async with asyncio.timeout(NAME_S):
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

    def _show_order_tasks(self, rows: list[OrderRow]) -> None:
        self._order_tasks = order_tasks(rows)
        self.tasks = together(self._bill_tasks, self._service_tasks, self._order_tasks)

    async def _show_bills(self, *, wait: bool = False) -> None:
        me = await asking(self)
        try:
            page = await wiring.billing().recent_invoices(me.customer, RECENT, wait=wait)
            owed = (await wiring.billing().list_invoices(me.customer, OWED)).items if page.totals.due else ()
            waiting = await wiring.billing().waiting_for_payment(me.customer)
        except (UpstreamError, Busy) as failure:
            self.bills_notice, self.bills_loaded = notice_of(failure, "billing.unavailable"), True
            self.recent, self.next_bill = paused(self.recent), paused_bill(self.next_bill)
            return
        self.recent = [InvoiceRow.of(i, me.locale, stale=page.stale, waiting=waiting) for i in page.items]
        self.next_bill = next_bill_of(page, me.locale, waiting)
        self.figures = figures_of(page, me.locale)
        self._bill_tasks = billing_tasks(page.totals, owed, wiring.clock().today_in_japan(), me.locale)
        self.tasks = together(self._bill_tasks, self._service_tasks, self._order_tasks)
        self.bills_as_of, self.bills_notice = me.clock(page.as_of), "billing.stale" if page.stale else ""
        self.bills_loaded = True

    async def _show_services(self, *, wait: bool = False) -> None:
        me: Asking = await asking(self)
        try:
            services = await wiring.services().list_services(me.customer, wait=wait)
        except (UpstreamError, Busy) as failure:
            self.services_notice, self.services_loaded = notice_of(failure, "services.unavailable"), True
            return
        self.services = [ServiceRow.of(s, me.locale) for s in running(services.items)][:RECENT]
        self.active_count, self.service_count = count(services.active, me.locale), count(len(services.items), me.locale)
        self._service_tasks = service_tasks(services)
        self.tasks = together(self._bill_tasks, self._service_tasks, self._order_tasks)
        self.services_as_of = me.clock(services.as_of)
        self.services_notice = "services.stale" if services.stale else ""
        self.services_loaded = True


def next_bill_of(page: InvoicePage, locale: str, waiting: set[int]) -> NextBill:
    """The bill to pay first, in a language."""
    invoice: Invoice | None = page.totals.next_due
    if invoice is None:
        return NextBill()
    return NextBill(
        kind="late" if invoice.status.value == "overdue" else "due",
        number=invoice.number,
        amount=yen(invoice.balance, locale),
        day=day(invoice.due_on, locale),
        href=routes.invoice(invoice.whmcs_invoice_id),
        paying=paying(invoice, stale=page.stale, waiting=waiting),
        pay_action=routes.invoice_sso(invoice.whmcs_invoice_id),
    )


def paused_bill(bill: NextBill) -> NextBill:
    """The same bill while WHMCS cannot be reached."""
    return bill if bill.paying == "none" else replace(bill, paying="paused")


def figures_of(page: InvoicePage, locale: str) -> Figures:
    """What is owed, in a language."""
    totals = page.totals
    late = totals.counts.get("overdue", 0)
    return Figures(
        unpaid=yen(totals.due, locale),
        unpaid_count=count(totals.counts.get("unpaid", 0), locale),
        overdue=yen(totals.overdue, locale) if late else "",
        overdue_count=count(late, locale) if late else "",
    )
