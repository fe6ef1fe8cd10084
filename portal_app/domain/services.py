"""Services (WHMCS calls them client products) as the portal speaks of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from portal_app.domain.billing import Invoice

ServiceKind = Literal["internet", "sim", "vpn", "other"]


class ServiceStatus(StrEnum):
    """WHMCS's service statuses."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    FRAUD = "fraud"
    COMPLETED = "completed"
    OTHER = "other"


class BillingCycle(StrEnum):
    """How often a service is billed."""

    FREE = "free"
    ONETIME = "onetime"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMIANNUALLY = "semiannually"
    ANNUALLY = "annually"
    BIENNIALLY = "biennially"
    TRIENNIALLY = "triennially"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Service:
    """One running or past service. `amount` is the recurring price in yen, tax included."""

    whmcs_service_id: int
    whmcs_client_id: int
    whmcs_product_id: int
    name: str
    label: str  # address, phone number or domain that tells two alike apart; may be ""
    kind: ServiceKind
    status: ServiceStatus
    cycle: BillingCycle
    amount: Decimal
    registered_on: date | None
    next_due_on: date | None
    gateway: str = ""  # module name of what it is paid by; "" where WHMCS names none
    whmcs_order_id: int = 0  # 0 where it was not ordered


@dataclass(frozen=True, slots=True)
class ServiceList:
    """All of a customer's services with the time of the copy; `stale` as in InvoicePage."""

    items: tuple[Service, ...]
    as_of: datetime
    stale: bool = False

    @property
    def active(self) -> int:
        """How many run now."""
        return sum(1 for s in self.items if s.status is ServiceStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class ServiceCopy:
    """One service with the time of the copy; `stale` as in InvoicePage."""

    service: Service
    as_of: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """One service with the order it came from; "" where there is none, or none can be told now."""

    service: Service
    salesforce_order_id: str
    order_number: str
    as_of: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class BilledOnce:
    """One invoice that bills a service, and how much of it is for that service, tax included."""

    invoice: Invoice
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BillingHistory:
    """The invoices of one service, newest first, with the time of the copy of all invoices.

    `unread`: how many of the customer's invoices nobody has looked into yet; any of them may bill this service, too.
    `reading`: they are being read now. `stale` as in InvoicePage.
    """

    items: tuple[BilledOnce, ...]
    unread: int
    reading: bool
    as_of: datetime
    stale: bool = False
