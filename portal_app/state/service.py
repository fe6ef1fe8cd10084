"""One service: what it is and costs, and what it was billed by. Two blocks that load and fail each on its own."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from portal_app.domain.services import BilledOnce, BillingHistory, ServiceDetail, ServiceKind
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import count, day, yen
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, notice_of
from portal_app.state.invoice import invoice_id_of as whmcs_id_of
from portal_app.state.invoice_rows import StatusName, status_name
from portal_app.state.named_here import named_in
from portal_app.state.primed import primed
from portal_app.state.services import recurs

NAMES_S = 3.0


@dataclass(frozen=True)
class ServiceView:
    """The head and the facts. `label`, `paid_by` and the order are "" where there is nothing to say."""

    name: str = ""
    label: str = ""
    kind: ServiceKind = "other"
    status: str = "other"
    cycle: str = "other"
    price: str = ""
    since: str = ""
    next_due: str = ""
    paid_by: str = ""
    order_number: str = ""
    order_href: str = ""
    ask_href: str = ""


@dataclass(frozen=True)
class BilledRow:
    """One invoice and how much of it is for this service."""

    key: str
    number: str
    href: str
    status: StatusName
    issued: str
    amount: str

    @classmethod
    def of(cls, billed: BilledOnce, locale: str) -> "BilledRow":
        """A row in a language."""
        invoice = billed.invoice
        return cls(
            key=str(invoice.whmcs_invoice_id),
            number=invoice.number,
            href=routes.invoice(invoice.whmcs_invoice_id),
            status=status_name(invoice),
            issued=day(invoice.issued_on, locale),
            amount=yen(billed.amount, locale),
        )


class ServiceState(rx.State):
    """What one tab shows of the service its URL names."""

    found: Literal["loading", "found", "missing", "failed"] = "loading"
    here: str = ""
    view: ServiceView = ServiceView()
    as_of: str = ""
    notice: str = ""
    refreshing: bool = False

    history: list[BilledRow] = []
    history_loaded: bool = False
    history_notice: str = ""
    unread: str = ""  # how many invoices nobody has looked into yet, "" for none
    reading: bool = False

    _shown_id: int = 0
    _history_of: int = 0

    @rx.event
    @signed_in(live="services orders")
    @primed(apart=("refreshing",))
    async def load(self):
        """Show the service the URL names."""
        await self._show()

    @rx.event
    @signed_in(live="invoices history")
    @primed
    async def load_history(self):
        """Show what billed it, as far as that is known; the rest comes by itself."""
        await self._show_history()

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask WHMCS anew, then show."""
        self.refreshing = True
        yield
        try:
            customer = (await asking(self)).customer
            await wiring.service_book().refresh(customer)
            await wiring.billing().refresh(customer)
            await self._show()
            await self._show_history(wait=True)
        finally:
            self.refreshing = False

    async def _show(self) -> None:
        me = await asking(self)
        wanted, self.here = whmcs_id_of(self.router.url.path), named_in(self.router.url.path)
        if wanted != self._shown_id:
            self._clear()
        self._clear_history_but_of(wanted)
        try:
            detail = await wiring.service_book().get(me.customer, wanted)
        except NotFound:
            self._clear()
            self.found = "missing"
            return
        except (UpstreamError, Busy) as failure:
            self.notice = notice_of(failure, "services.unavailable")
            self.found = "found" if self._shown_id else "failed"
            return
        self._shown_id = wanted
        self.view = view_of(detail, me.locale, await _paid_by(me.customer, detail.service.gateway))
        self.as_of, self.notice = me.clock(detail.as_of), "services.stale" if detail.stale else ""
        self.found = "found"

    async def _show_history(self, *, wait: bool = False) -> None:
        me = await asking(self)
        wanted = whmcs_id_of(self.router.url.path)
        self._clear_history_but_of(wanted)
        try:
            history = await wiring.billed_services().history(me.customer, wanted, wait=wait)
        except (UpstreamError, Busy) as failure:
            self.history_notice = notice_of(failure, "service.history_unavailable")
            self.history_loaded, self.reading = True, False
            return
        self._assign_history(me, history)

    def _assign_history(self, me: Asking, history: BillingHistory) -> None:
        self.history = [BilledRow.of(one, me.locale) for one in history.items]
        self.unread = count(history.unread, me.locale) if history.unread else ""
        self.reading, self.history_loaded = history.reading, True
        self.history_notice = "service.history_stale" if history.stale else ""

    def _clear(self) -> None:
        self.view, self.as_of, self.notice, self._shown_id = ServiceView(), "", "", 0
        self.found = "loading"

    def _clear_history_but_of(self, whmcs_service_id: int) -> None:
        if whmcs_service_id != self._history_of:
            self.history, self.history_loaded, self.history_notice, self.unread = [], False, "", ""
            self.reading, self._history_of = False, whmcs_service_id


def view_of(detail: ServiceDetail, locale: str, paid_by: str) -> ServiceView:
    """The head and the facts of a service in a language. What is free or paid once has no next due day."""
    service, order = detail.service, detail.salesforce_order_id
    return ServiceView(
        name=service.name,
        label=service.label,
        kind=service.kind,
        status=service.status.value,
        cycle=service.cycle.value,
        price=yen(service.amount, locale),
        since=day(service.registered_on, locale),
        next_due=day(service.next_due_on if recurs(service) else None, locale),
        paid_by=paid_by if recurs(service) else "",
        order_number=detail.order_number,
        order_href=routes.order(order) if order else "",
        ask_href=routes.question(service.kind, "service", service.whmcs_service_id),
    )


async def _paid_by(customer: Customer, gateway: str) -> str:
    """What the gateway is called; a module's own name says nothing to a customer."""
    try:
        async with asyncio.timeout(NAMES_S):
            return (await wiring.gateways().shown_to(customer)).get(gateway.lower(), "")
    except TimeoutError:
        return ""
