"""Invoices as the portal speaks of them. Amounts are tax-inclusive yen; dates are calendar days in Japan."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class InvoiceStatus(StrEnum):
    """WHMCS's stored statuses, plus OVERDUE which is derived here (WHMCS has no such stored status)."""

    UNPAID = "unpaid"
    OVERDUE = "overdue"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    COLLECTIONS = "collections"
    PAYMENT_PENDING = "payment_pending"
    DRAFT = "draft"
    OTHER = "other"


PAYABLE = frozenset({InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE})
"""Statuses a customer can pay in WHMCS."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One WHMCS invoice as a list shows it.

    `balance` is what is left to pay: total less the payments recorded against it, 0 unless payable.
    `status` already is OVERDUE for an unpaid invoice whose due day has passed in Japan.
    """

    whmcs_invoice_id: int
    whmcs_client_id: int
    number: str  # the sequential number, or the id as text where WHMCS sends ""
    status: InvoiceStatus
    issued_on: date | None
    due_on: date | None  # None where WHMCS sends 0000-00-00
    paid_on: date | None
    total: Decimal
    balance: Decimal

    @property
    def payable(self) -> bool:
        """Whether a customer can pay it in WHMCS now."""
        return self.status in PAYABLE and self.balance > 0


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice. `whmcs_service_id` is 0 where the line is not about a service."""

    description: str
    amount: Decimal
    taxed: bool
    whmcs_service_id: int = 0


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax rate of an invoice: percent and the amount it came to."""

    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that moved on an invoice: a payment, a refund (negative) or credit applied."""

    on: date | None
    kind: Literal["payment", "refund", "credit"]
    method: str  # display name of the gateway, never a token
    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """One invoice with its lines, tax per rate and ledger."""

    invoice: Invoice
    subtotal: Decimal
    credit: Decimal
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxLine, ...]
    ledger: tuple[LedgerEntry, ...]
    as_of: datetime  # UTC
    stale: bool = False  # as in InvoicePage


InvoiceTab = Literal["all", "unpaid", "overdue", "paid", "cancelled", "other"]
InvoiceSort = Literal["due", "issued", "total", "number"]


@dataclass(frozen=True, slots=True)
class InvoiceQuery:
    """What a list page asks for. The default order is unpaid first by due date, then newest."""

    tab: InvoiceTab = "all"
    search: str = ""  # part of the number; matched case-insensitively
    sort: InvoiceSort | None = None
    descending: bool = False
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class InvoiceTotals:
    """Counts per tab and yen due, over all of a customer's visible invoices (drafts are never visible)."""

    counts: dict[InvoiceTab, int] = field(default_factory=dict)
    due: Decimal = Decimal(0)  # balance of every payable invoice
    overdue: Decimal = Decimal(0)  # of those, what is past its day
    next_due: Invoice | None = None  # the payable invoice with the earliest due day


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """One page of invoices with the time of the copy it came from.

    `stale` is true when the copy could not be refreshed (WHMCS down): show the notice, disable paying.
    """

    items: tuple[Invoice, ...]
    total_items: int
    page: int
    pages: int
    totals: InvoiceTotals
    as_of: datetime  # UTC
    stale: bool = False
