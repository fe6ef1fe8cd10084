"""What is owed, as the dashboard shows it."""

from dataclasses import dataclass, replace
from typing import Literal

from portal_app import routes
from portal_app.domain.billing import Invoice, InvoicePage
from portal_app.format import count, day, yen
from portal_app.state.invoice_rows import Paying, paying


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
