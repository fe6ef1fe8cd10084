"""What a customer should do next, worked out on the server from what the blocks of the dashboard loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal_app import routes
from portal_app.domain.billing import Invoice, InvoiceStatus, InvoiceTotals
from portal_app.domain.services import ServiceList, ServiceStatus
from portal_app.format import day, yen
from portal_app.state.order_rows import OrderRow

SOON = timedelta(days=7)
MOST = 4


@dataclass(frozen=True)
class TaskRow:
    """One thing to do. Which of the strings are filled depends on `kind`."""

    key: str
    kind: Literal["overdue", "due_soon", "suspended", "order", "clear"]
    href: str = ""
    amount: str = ""
    number: str = ""
    day: str = ""
    name: str = ""


CLEAR = TaskRow(key="clear", kind="clear")


def billing_tasks(totals: InvoiceTotals, owed: Sequence[Invoice], today: date, locale: str) -> list[TaskRow]:
    """Overdue invoices as one task, then those due within a week; `owed` is in order of the due day."""
    tasks = []
    if totals.overdue > 0:
        tasks.append(
            TaskRow(
                key="overdue",
                kind="overdue",
                href=f"{routes.INVOICES}?tab=overdue",
                amount=yen(totals.overdue, locale),
            )
        )
    for invoice in owed:
        not_late = invoice.payable and invoice.status is InvoiceStatus.UNPAID
        if not_late and invoice.due_on and invoice.due_on - today <= SOON:
            tasks.append(
                TaskRow(
                    key=f"due-{invoice.whmcs_invoice_id}",
                    kind="due_soon",
                    href=routes.invoice(invoice.whmcs_invoice_id),
                    number=invoice.number,
                    amount=yen(invoice.balance, locale),
                    day=day(invoice.due_on, locale),
                )
            )
    return tasks[:MOST]


def service_tasks(services: ServiceList) -> list[TaskRow]:
    """Every suspended service."""
    return [
        TaskRow(
            key=f"suspended-{s.whmcs_service_id}",
            kind="suspended",
            href=f"{routes.SERVICES}#service-{s.whmcs_service_id}",
            name=s.name,
        )
        for s in services.items
        if s.status is ServiceStatus.SUSPENDED
    ][:MOST]


def order_tasks(orders: Sequence[OrderRow]) -> list[TaskRow]:
    """Every order that waits for the customer."""
    return [
        TaskRow(key=f"order-{row.key}", kind="order", href=row.href, number=row.number)
        for row in orders
        if row.status == "action_needed"
    ][:MOST]


def together(
    billing: list[TaskRow] | None, services: list[TaskRow] | None, orders: Sequence[TaskRow] = ()
) -> list[TaskRow]:
    """At most four: what is overdue, then orders that wait for the customer, then the rest.

    "Nothing to do" is said only when bills and services were asked and all were silent (None: not known).
    """
    late = [task for task in billing or [] if task.kind == "overdue"]
    soon = [task for task in billing or [] if task.kind != "overdue"]
    tasks = [*late, *orders, *soon, *(services or [])]
    if not tasks and billing is not None and services is not None:
        return [CLEAR]
    return tasks[:MOST]
