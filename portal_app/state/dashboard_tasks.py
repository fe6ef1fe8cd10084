"""What a customer should do next, worked out on the server from what the blocks of the dashboard loaded."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal_app import routes
from portal_app.domain.billing import InvoicePage, InvoiceStatus
from portal_app.domain.services import ServiceList, ServiceStatus
from portal_app.format import day, yen

SOON = timedelta(days=7)
MOST = 4


@dataclass(frozen=True)
class TaskRow:
    """One thing to do. Which of the strings are filled depends on `kind`."""

    key: str
    kind: Literal["overdue", "due_soon", "suspended", "clear"]
    href: str = ""
    amount: str = ""
    number: str = ""
    day: str = ""
    name: str = ""


CLEAR = TaskRow(key="clear", kind="clear")


def billing_tasks(page: InvoicePage, today: date, locale: str) -> list[TaskRow]:
    """Overdue invoices as one task, then those due within a week, the earliest first."""
    tasks = []
    if page.totals.overdue > 0:
        tasks.append(
            TaskRow(
                key="overdue",
                kind="overdue",
                href=f"{routes.INVOICES}?tab=overdue",
                amount=yen(page.totals.overdue, locale),
            )
        )
    seen = {i.whmcs_invoice_id: i for i in (*page.items, *filter(None, [page.totals.next_due]))}
    soon = [i for i in seen.values() if i.status is InvoiceStatus.UNPAID and i.payable and i.due_on]
    for invoice in sorted(soon, key=lambda i: (i.due_on, i.whmcs_invoice_id)):
        if invoice.due_on and invoice.due_on - today <= SOON:
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


def together(billing: list[TaskRow] | None, services: list[TaskRow] | None) -> list[TaskRow]:
    """At most four. "Nothing to do" is said only when both were asked and both were silent (None: not known)."""
    tasks = [*(billing or []), *(services or [])]
    if not tasks and billing is not None and services is not None:
        return [CLEAR]
    return tasks[:MOST]
