"""Invoices as the screens show them: strings written on the server, and a few closed choices."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from portal_app import routes
from portal_app.domain.billing import Invoice
from portal_app.format import day, yen

Paying = Literal["none", "open", "paused", "waiting"]
"""none: nothing to pay; open: can be paid; paused: WHMCS cannot be reached; waiting: the payment page was opened."""

StatusName = Literal["unpaid", "overdue", "paid", "cancelled", "refunded", "collections", "payment_pending", "other"]


@dataclass(frozen=True)
class InvoiceRow:
    """One line of a list of invoices."""

    key: str
    number: str
    href: str
    status: StatusName
    issued: str
    due: str
    total: str
    left: str  # what is still to pay of it, "" where that is all or nothing
    paying: Paying
    pay_action: str

    @classmethod
    def of(cls, invoice: Invoice, locale: str, *, stale: bool, waiting: Container[int]) -> "InvoiceRow":
        """A row in a language; `waiting` holds the invoices whose payment page was opened lately."""
        return cls(
            key=str(invoice.whmcs_invoice_id),
            number=invoice.number,
            href=routes.invoice(invoice.whmcs_invoice_id),
            status=status_name(invoice),
            issued=day(invoice.issued_on, locale),
            due=day(invoice.due_on, locale),
            total=yen(invoice.total, locale),
            left=yen(invoice.balance, locale) if invoice.payable and invoice.balance != invoice.total else "",
            paying=paying(invoice, stale=stale, waiting=waiting),
            pay_action=routes.invoice_sso(invoice.whmcs_invoice_id),
        )


def status_name(invoice: Invoice) -> StatusName:
    """The status as pages know it; a draft never gets this far."""
    value = invoice.status.value
    return "other" if value == "draft" else value  # type: ignore[return-value]


def paying(invoice: Invoice, *, stale: bool, waiting: Container[int]) -> Paying:
    """What can be done about paying it now."""
    if not invoice.payable:
        return "none"
    if stale:
        return "paused"
    return "waiting" if invoice.whmcs_invoice_id in waiting else "open"


def paused(rows: Iterable[InvoiceRow]) -> list[InvoiceRow]:
    """The same rows while WHMCS cannot be reached: still shown, not payable."""
    return [row if row.paying == "none" else replace(row, paying="paused") for row in rows]
