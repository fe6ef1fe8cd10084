"""One invoice: lines, tax per rate, ledger, and what is left to pay."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.billing import InvoiceDetail, InvoiceLine, LedgerEntry, TaxLine
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import day, percent, yen
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, notice_of, opened
from portal_app.state.invoice_rows import Paying, StatusName, paying, status_name
from portal_app.state.named_here import named_in
from portal_app.state.primed import primed


@dataclass(frozen=True)
class LineRow:
    """One line; `service_href` is "" where it is not about a service."""

    description: str
    amount: str
    service_href: str

    @classmethod
    def of(cls, line: InvoiceLine, locale: str) -> "LineRow":
        """A row in a language."""
        href = routes.service(line.whmcs_service_id) if line.whmcs_service_id else ""
        return cls(line.description, yen(line.amount, locale), href)


@dataclass(frozen=True)
class TaxRow:
    """One tax rate."""

    rate: str
    amount: str

    @classmethod
    def of(cls, tax: TaxLine, locale: str) -> "TaxRow":
        """A row in a language."""
        return cls(percent(tax.rate, locale), yen(tax.amount, locale))


@dataclass(frozen=True)
class LedgerRow:
    """Money that moved."""

    when_and_how: str
    kind: Literal["payment", "refund", "credit"]
    reference: str
    amount: str

    @classmethod
    def of(cls, entry: LedgerEntry, locale: str) -> "LedgerRow":
        """A row in a language."""
        when_and_how = " · ".join(filter(None, (day(entry.on, locale) if entry.on else "", entry.method)))
        return cls(when_and_how, entry.kind, entry.reference, yen(entry.amount, locale))


@dataclass(frozen=True)
class InvoiceView:
    """The head and the sums of an invoice. `credit` and `paid` are "" where there is nothing to say."""

    number: str = ""
    status: StatusName = "other"
    issued: str = ""
    due: str = ""
    paid: str = ""
    subtotal: str = ""
    credit: str = ""
    total: str = ""
    balance: str = ""
    paying: Paying = "none"
    pay_action: str = ""
    ask_href: str = ""


REFUSED = {"busy": "billing.busy", "not_payable": "billing.not_payable", "unavailable": "billing.pay_unavailable"}
"""`notice` in the URL, where the payment door sends a form it could not serve -> key of the sentence."""


class InvoiceState(rx.State):
    """What one tab shows of the invoice its URL names."""

    found: Literal["loading", "found", "missing", "failed"] = "loading"
    here: str = ""
    view: InvoiceView = InvoiceView()
    lines: list[LineRow] = []
    taxes: list[TaxRow] = []
    ledger: list[LedgerRow] = []
    as_of: str = ""
    notice: str = ""
    refreshing: bool = False

    _shown_id: int = 0

    @rx.event
    @signed_in(live="invoices")
    @primed(apart=("refreshing",))
    async def load(self):
        """Show the invoice the URL names."""
        await self._show()

    @rx.event
    @signed_in(live="invoices")
    async def arrived(self):
        """It is on the screen, or was when something new came."""
        if self._shown_id:
            await opened(await asking(self), f"invoice:{self._shown_id}")

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask WHMCS anew, then show."""
        self.refreshing = True
        yield
        try:
            await wiring.billing().refresh((await asking(self)).customer)
            await self._show(anew=True)
        finally:
            self.refreshing = False

    async def _show(self, *, anew: bool = False) -> None:
        me = await asking(self)
        wanted, self.here = invoice_id_of(self.router.url.path), named_in(self.router.url.path)
        if wanted != self._shown_id:
            self._clear()
        try:
            detail = await wiring.billing().get_invoice(me.customer, wanted, anew=anew)
            waiting = await wiring.billing().waiting_for_payment(me.customer)
        except NotFound:
            self._clear()
            self.found = "missing"
            return
        except (UpstreamError, Busy) as failure:
            self.notice = notice_of(failure, "billing.unavailable")
            self._pause()
            return
        self._shown_id = wanted
        self._assign(me, detail, waiting)

    def _assign(self, me: Asking, detail: InvoiceDetail, waiting: set[int]) -> None:
        self.view = view_of(detail, me.locale, waiting)
        self.lines = [LineRow.of(line, me.locale) for line in detail.lines]
        self.taxes = [TaxRow.of(tax, me.locale) for tax in detail.taxes]
        self.ledger = [LedgerRow.of(entry, me.locale) for entry in detail.ledger]
        self.as_of = me.clock(detail.as_of)
        refused = REFUSED.get(self.router.url.query_parameters.get("notice", ""), "")
        self.notice = "billing.stale" if detail.stale else refused
        self.found = "found"

    def _clear(self) -> None:
        self.view, self.lines, self.taxes, self.ledger = InvoiceView(), [], [], []
        self.as_of, self.notice, self._shown_id = "", "", 0

    def _pause(self) -> None:
        if self._shown_id and self.view.paying != "none":
            self.view = replace(self.view, paying="paused")
        self.found = "found" if self._shown_id else "failed"


def view_of(detail: InvoiceDetail, locale: str, waiting: set[int]) -> InvoiceView:
    """The head and sums of an invoice in a language."""
    invoice = detail.invoice
    return InvoiceView(
        number=invoice.number,
        status=status_name(invoice),
        issued=day(invoice.issued_on, locale),
        due=day(invoice.due_on, locale),
        paid=day(invoice.paid_on, locale) if invoice.paid_on else "",
        subtotal=yen(detail.subtotal, locale),
        credit=yen(-detail.credit, locale) if detail.credit > Decimal(0) else "",
        total=yen(invoice.total, locale),
        balance=yen(invoice.balance, locale),
        paying=paying(invoice, stale=detail.stale, waiting=waiting),
        pay_action=routes.invoice_sso(invoice.whmcs_invoice_id),
        ask_href=routes.question("billing", "invoice", invoice.whmcs_invoice_id),
    )


def invoice_id_of(path: str) -> int:
    """The WHMCS id a URL names; 0, which no invoice has, for anything that is not one."""
    last = path.rstrip("/").rpartition("/")[2]
    return int(last) if last.isascii() and last.isdigit() and len(last) <= 10 else 0
