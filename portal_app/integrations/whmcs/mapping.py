"""From WHMCS's words to the portal's: pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Final, Literal

from portal_app.domain.billed import billed_by_service
from portal_app.domain.billing import Invoice, InvoiceDetail, InvoiceLine, InvoiceStatus, LedgerEntry, TaxLine
from portal_app.domain.fulfilment import MARKER_PREFIX, read_marker
from portal_app.domain.services import BillingCycle, Service, ServiceKind, ServiceStatus
from portal_app.integrations.whmcs.wire import (
    WireInvoice,
    WireInvoiceDetail,
    WireInvoiceLine,
    WireService,
    WireTransaction,
)

_PHONE_FIELDS = frozenset({"phone number", "msisdn", "電話番号"})
_MARKER = re.compile(rf"[ \-]*\b{MARKER_PREFIX}:[A-Za-z0-9]{{15,18}}:[0-9]+\b")
"""Our marker as WHMCS writes a service's domain into its invoices: `Name - domain (days)`."""
LONGEST_GATEWAY = 60
_GROUPS: dict[str, ServiceKind] = {"internet": "internet", "sim": "sim", "mobile": "sim", "vpn": "vpn"}


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())


_INVOICE_STATUS = {_letters(status): status for status in InvoiceStatus}
_SERVICE_STATUS = {_letters(status): status for status in ServiceStatus}
_CYCLES = {_letters(cycle): cycle for cycle in BillingCycle} | {"freeaccount": BillingCycle.FREE}


def status_of(text: str, due_on: date | None, today: date) -> InvoiceStatus:
    """`today` is the Japanese day: an unpaid invoice is overdue from the day after its due day."""
    status = _INVOICE_STATUS.get(_letters(text), InvoiceStatus.OTHER)
    if status in (InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE):
        return InvoiceStatus.OVERDUE if due_on is not None and due_on < today else InvoiceStatus.UNPAID
    return status


def seen_on(today: date, invoice: Invoice) -> Invoice:
    """The same invoice on another Japanese day: a copy may have become overdue since it was made."""
    return replace(invoice, status=status_of(invoice.status, invoice.due_on, today))


def is_draft(row: WireInvoiceDetail) -> bool:
    """Whether staff are still writing it: no customer may know of it."""
    return _INVOICE_STATUS.get(_letters(row.status)) is InvoiceStatus.DRAFT


def invoice_of(row: WireInvoice, whmcs_client_id: int, paid: Decimal, today: date) -> Invoice:
    """A list row. `paid` is what came in for it less what went back: GetInvoices knows no balance."""
    return _invoice(row, row.total - paid, whmcs_client_id, today)


def invoice_of_detail(wire: WireInvoiceDetail, whmcs_client_id: int, today: date) -> Invoice:
    """The same from GetInvoice, which knows the balance."""
    return _invoice(wire, wire.balance, whmcs_client_id, today)


def _invoice(row: WireInvoice | WireInvoiceDetail, balance: Decimal, whmcs_client_id: int, today: date) -> Invoice:
    status = status_of(row.status, row.duedate, today)
    owed = status in (InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE)
    return Invoice(
        whmcs_invoice_id=row.id,
        whmcs_client_id=whmcs_client_id,
        number=row.invoicenum.strip() or str(row.id),
        status=status,
        issued_on=row.date,
        due_on=row.duedate,
        paid_on=row.datepaid,
        total=row.total,
        balance=max(balance, Decimal(0)) if owed else Decimal(0),
    )


def detail_of(
    wire: WireInvoiceDetail, whmcs_client_id: int, gateways: Mapping[str, str], today: date, as_of: datetime
) -> InvoiceDetail:
    """One invoice with lines, tax per rate and ledger. `gateways` maps module names to what people read."""
    taxes = ((wire.taxrate, wire.tax), (wire.taxrate2, wire.tax2))
    return InvoiceDetail(
        invoice=invoice_of_detail(wire, whmcs_client_id, today),
        subtotal=wire.subtotal,
        credit=wire.credit,
        lines=tuple(_line(item) for item in wire.items),
        taxes=tuple(TaxLine(rate, amount) for rate, amount in taxes if amount),
        ledger=_ledger(wire, gateways),
        as_of=as_of,
    )


_OF_A_SERVICE: Final = frozenset({"hosting", "promohosting"})
"""Kinds of lines whose `relid` is a service: what it costs, and what is taken off that."""


def amounts_of(wire: WireInvoiceDetail) -> dict[int, Decimal]:
    """What an invoice bills by service id, tax included."""
    return billed_by_service([_line(item) for item in wire.items], wire.subtotal + wire.tax + wire.tax2)


def _line(item: WireInvoiceLine) -> InvoiceLine:
    service = item.relid if item.type.lower() in _OF_A_SERVICE else None
    return InvoiceLine(_MARKER.sub("", item.description), item.amount, item.taxed, service or 0)


def _ledger(wire: WireInvoiceDetail, gateways: Mapping[str, str]) -> tuple[LedgerEntry, ...]:
    moved = [entry for row in wire.transactions for entry in _moved(row, gateways)]
    credit = [LedgerEntry(None, "credit", "", "", wire.credit)] if wire.credit > 0 else []
    return tuple(credit + sorted(moved, key=lambda entry: entry.on or date.min))


def _moved(row: WireTransaction, gateways: Mapping[str, str]) -> list[LedgerEntry]:
    method = gateways.get(row.gateway.lower(), row.gateway)

    def entry(kind: Literal["payment", "refund"], amount: Decimal) -> LedgerEntry:
        return LedgerEntry(row.date, kind, method, row.transid, amount)

    came = [entry("payment", row.amountin)] if row.amountin > 0 else []
    return came + ([entry("refund", -row.amountout)] if row.amountout > 0 else [])


def paid_by_invoice(transactions: tuple[WireTransaction, ...]) -> dict[int, Decimal]:
    """What came in less what went back, per invoice id. Money on no invoice is left out."""
    paid: dict[int, Decimal] = {}
    for row in transactions:
        if row.invoiceid is not None:
            paid[row.invoiceid] = paid.get(row.invoiceid, Decimal(0)) + row.amountin - row.amountout
    return paid


def service_of(row: WireService, whmcs_client_id: int, tax_percent: Decimal) -> Service:
    """A service. WHMCS's amounts are net; tax is added as its invoices do, cut to whole yen."""
    cycle = _CYCLES.get(_letters(row.billingcycle), BillingCycle.OTHER)
    net = row.firstpaymentamount if cycle is BillingCycle.ONETIME else row.recurringamount
    return Service(
        whmcs_service_id=row.id,
        whmcs_client_id=whmcs_client_id,
        whmcs_product_id=row.pid or 0,
        name=row.name,
        label=_label(row),
        kind=kind_of(row.groupname, row.name),
        status=_SERVICE_STATUS.get(_letters(row.status), ServiceStatus.OTHER),
        cycle=cycle,
        amount=net + (net * tax_percent / 100).to_integral_value(ROUND_FLOOR),
        registered_on=row.regdate,
        next_due_on=row.nextduedate,
        gateway=row.paymentmethod.strip()[:LONGEST_GATEWAY],
        whmcs_order_id=row.orderid or 0,
    )


def is_phone_field(name: str) -> bool:
    """Whether a custom field of this name holds a line's telephone number."""
    return name.partition("|")[0].strip().lower() in _PHONE_FIELDS


def _label(row: WireService) -> str:
    """A marker in `domain` is ours, and means nothing to anybody else."""
    if row.domain.strip() and read_marker(row.domain) is None:
        return row.domain.strip()
    phones = (field.value.strip() for field in row.customfields if is_phone_field(field.name))
    return next((phone for phone in phones if phone), "")


def kind_of(group: str, name: str) -> ServiceKind:
    """From the product group; from words of the name only when the group is none of ours. "SIM Options" are other."""
    words = group.lower().split()
    if words and words[0] in _GROUPS:
        return _GROUPS[words[0]] if len(words) == 1 else "other"
    of_name = set(name.lower().replace("-", " ").split())
    return next((kind for word, kind in _GROUPS.items() if word in of_name), "other")
