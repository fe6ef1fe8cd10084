"""What happened lately in all of a customer's affairs, newest first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.billing import Invoice, InvoiceStatus
from portal_app.domain.cases import Case, CaseStatus
from portal_app.domain.orders import Order
from portal_app.domain.services import Service
from portal_app.format import JAPAN, day
from portal_app.state.services import RUNNING

MOST: Final = 10

Source = Literal["bills", "orders", "cases", "services"]
SOURCES: Final[frozenset[Source]] = frozenset({"bills", "orders", "cases", "services"})
Kind = Literal[
    "invoice_issued",
    "invoice_paid",
    "order_placed",
    "case_opened",
    "case_changed",
    "case_closed",
    "service_started",
]


@dataclass(frozen=True)
class ActivityRow:
    """One line. `name` is the number of an invoice or order, the subject of a question, the name of a service."""

    key: str
    kind: Kind
    name: str
    href: str
    day: str


@dataclass(frozen=True)
class Happening:
    """A line and when it happened: a Japanese day, and the moment within it where one is known (None: its start)."""

    row: ActivityRow
    on: date
    at: datetime | None = None

    @property
    def order(self) -> tuple[date, float, str]:
        """The greatest is the newest. Of one day those without a moment are the older ones."""
        return self.on, self.at.timestamp() if self.at else 0.0, self.row.key


def newest(happened: Mapping[Source, Iterable[Happening]]) -> list[ActivityRow]:
    """At most ten of all that is known, newest first."""
    every = [one for some in happened.values() for one in some]
    return [one.row for one in sorted(every, key=lambda one: one.order, reverse=True)[:MOST]]


def of_invoices(invoices: Iterable[Invoice], locale: str) -> list[Happening]:
    """Each once: paid where it is paid, issued where it is not."""
    return list(_of_invoices(invoices, locale))


def _of_invoices(invoices: Iterable[Invoice], locale: str) -> Iterator[Happening]:
    for one in invoices:
        paid = one.paid_on if one.status is InvoiceStatus.PAID else None
        kind: Kind = "invoice_paid" if paid else "invoice_issued"
        on = paid or one.issued_on
        if on is None:
            continue
        href = routes.invoice(one.whmcs_invoice_id)
        yield Happening(ActivityRow(f"invoice-{one.whmcs_invoice_id}", kind, one.number, href, day(on, locale)), on)


def of_orders(orders: Iterable[Order], locale: str) -> list[Happening]:
    """When each was placed."""
    return [
        _at(
            one.placed_at,
            f"order-{one.number}",
            "order_placed",
            one.number,
            routes.order(one.salesforce_order_id),
            locale,
        )
        for one in orders
    ]


def of_cases(cases: Iterable[Case], locale: str) -> list[Happening]:
    """When something last happened in each."""
    return [
        _at(
            one.changed_at,
            f"case-{one.salesforce_case_id}",
            _what_of(one),
            one.subject,
            routes.case(one.salesforce_case_id),
            locale,
        )
        for one in cases
    ]


def of_services(services: Iterable[Service], locale: str) -> list[Happening]:
    """When each began that still runs."""
    return [
        Happening(
            ActivityRow(
                f"service-{one.whmcs_service_id}",
                "service_started",
                one.name,
                routes.service(one.whmcs_service_id),
                day(one.registered_on, locale),
            ),
            one.registered_on,
        )
        for one in services
        if one.status in RUNNING and one.registered_on
    ]


def _what_of(case: Case) -> Kind:
    if case.status is CaseStatus.CLOSED:
        return "case_closed"
    return "case_opened" if case.changed_at <= case.created_at else "case_changed"


def _at(moment: datetime, key: str, kind: Kind, name: str, href: str, locale: str) -> Happening:
    on = moment.astimezone(JAPAN).date()
    return Happening(ActivityRow(key, kind, name, href, day(on, locale)), on, moment)
