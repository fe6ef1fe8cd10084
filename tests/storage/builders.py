"""Records as WHMCS would have them."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal_app.domain.billing import Invoice, InvoiceStatus
from portal_app.domain.services import BillingCycle, Service, ServiceStatus


def an_invoice(whmcs_invoice_id: int = 1, whmcs_client_id: int = 7, **changes: Any) -> Invoice:
    """An unpaid invoice of 3,300 yen, due at the end of the fake clock's month."""
    values: dict[str, Any] = {
        "number": str(whmcs_invoice_id),
        "status": InvoiceStatus.UNPAID,
        "issued_on": date(2026, 1, 1),
        "due_on": date(2026, 1, 31),
        "paid_on": None,
        "total": Decimal(3300),
        "balance": Decimal(3300),
    }
    return Invoice(whmcs_invoice_id, whmcs_client_id, **{**values, **changes})


def a_paid_invoice(whmcs_invoice_id: int, whmcs_client_id: int = 7, **changes: Any) -> Invoice:
    """The same, paid."""
    paid = {"status": InvoiceStatus.PAID, "balance": Decimal(0), "paid_on": date(2026, 1, 10)}
    return an_invoice(whmcs_invoice_id, whmcs_client_id, **{**paid, **changes})


def a_service(whmcs_service_id: int = 1, whmcs_client_id: int = 7, **changes: Any) -> Service:
    """An active monthly service."""
    values: dict[str, Any] = {
        "whmcs_product_id": 3,
        "name": "光 1G",
        "label": "東京都千代田区 1-1",
        "kind": "internet",
        "status": ServiceStatus.ACTIVE,
        "cycle": BillingCycle.MONTHLY,
        "amount": Decimal(5500),
        "registered_on": date(2025, 4, 1),
        "next_due_on": date(2026, 2, 1),
    }
    return Service(whmcs_service_id, whmcs_client_id, **{**values, **changes})
