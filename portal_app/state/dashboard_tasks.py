"""What a customer should do next, worked out on the server from what the blocks of the dashboard loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.billing import Invoice, InvoiceStatus, InvoiceTotals
from portal_app.domain.cases import Case, CaseStatus
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.pay_methods import PayMethod, first_usable
from portal_app.domain.services import ServiceList, ServiceStatus
from portal_app.format import day, yen
from portal_app.state.order_rows import OrderRow

SOON: Final = timedelta(days=7)
MOST: Final = 4

Kind = Literal[
    "overdue",
    "order",
    "order_document",
    "case",
    "document_rejected",
    "no_payment",
    "payment_expired",
    "due_soon",
    "suspended",
    "payment_expiring",
    "profile",
    "clear",
]
URGENCY: Final[tuple[Kind, ...]] = (
    "overdue",
    "order",
    "order_document",
    "document_rejected",
    "case",
    "no_payment",
    "payment_expired",
    "due_soon",
    "suspended",
    "payment_expiring",
    "profile",
)
"""What comes first: money that is late, then what others wait for, then what will be late, then what can wait."""
Block = Literal["bills", "services", "orders", "cases", "payment", "identity", "profile"]
BLOCKS: Final[frozenset[Block]] = frozenset({"bills", "services", "orders", "cases", "payment", "identity", "profile"})
"""Whoever has looked into all of these and found nothing may say that there is nothing to do."""


@dataclass(frozen=True)
class TaskRow:
    """One thing to do. Which of the strings are filled depends on `kind`."""

    key: str
    kind: Kind
    href: str = ""
    amount: str = ""
    number: str = ""
    day: str = ""
    name: str = ""


CLEAR: Final = TaskRow(key="clear", kind="clear")


def together(found: Mapping[Block, Sequence[TaskRow]]) -> list[TaskRow]:
    """At most four, the most urgent first; within a kind as found.

    "Nothing to do" is said only when every block is known and all are silent: a missing one is not known.
    """
    tasks = [task for tasks in found.values() for task in tasks]
    if not tasks and found.keys() >= BLOCKS:
        return [CLEAR]
    return sorted(tasks, key=lambda task: URGENCY.index(task.kind))[:MOST]


def billing_tasks(totals: InvoiceTotals, owed: Sequence[Invoice], today: date, locale: str) -> list[TaskRow]:
    """Overdue invoices as one task, then those due within a week; `owed` is in order of the due day."""
    tasks = []
    if totals.overdue > 0:
        late = f"{routes.INVOICES}?tab=overdue"
        tasks.append(TaskRow(key="overdue", kind="overdue", href=late, amount=yen(totals.overdue, locale)))
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
            href=routes.service(s.whmcs_service_id),
            name=s.name,
        )
        for s in services.items
        if s.status is ServiceStatus.SUSPENDED
    ][:MOST]


def order_tasks(orders: Sequence[OrderRow]) -> list[TaskRow]:
    """Every order that waits for the customer."""
    return [
        TaskRow(
            key=f"order-{row.key}",
            kind="order_document" if row.wanted == "document" else "order",
            href=row.href,
            number=row.number,
        )
        for row in orders
        if row.status == "action_needed"
    ][:MOST]


def case_tasks(cases: Sequence[Case]) -> list[TaskRow]:
    """Every question that waits for the customer's answer."""
    return [
        TaskRow(
            key=f"case-{case.salesforce_case_id}",
            kind="case",
            href=routes.case(case.salesforce_case_id),
            name=case.subject,
        )
        for case in cases
        if case.status is CaseStatus.AWAITING_CUSTOMER
    ][:MOST]


def payment_tasks(methods: Sequence[PayMethod], today: date, locale: str) -> list[TaskRow]:
    """One at most: nothing stored, nothing that can still be used, or the one in use ends soon."""
    if not methods:
        return [TaskRow(key="payment", kind="no_payment", href=routes.PAYMENT_METHODS)]
    used = first_usable(methods, today)
    if used is None:
        return [TaskRow(key="payment", kind="payment_expired", href=routes.PAYMENT_METHODS)]
    if used.expiring(today):
        ends = day(used.expires_on, locale)
        return [TaskRow(key="payment", kind="payment_expiring", href=routes.PAYMENT_METHODS, day=ends)]
    return []


def identity_tasks(document: DocumentCheck | None) -> list[TaskRow]:
    """A document that staff did not accept. One that an order waits for is a task of that order."""
    if document is None or document.state != "rejected":
        return []
    return [TaskRow(key="document", kind="document_rejected", href=routes.VERIFICATION)]


def profile_tasks(*, complete: bool) -> list[TaskRow]:
    """A profile in which something is missing."""
    return [] if complete else [TaskRow(key="profile", kind="profile", href=routes.PROFILE)]
