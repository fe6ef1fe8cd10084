"""Services (WHMCS calls them client products) as the portal speaks of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

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
