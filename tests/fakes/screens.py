"""What the page states ask, with the answers in the open: set a fake's attributes, run a handler, read the state."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from portal_app.domain.billing import (
    Invoice,
    InvoiceDetail,
    InvoiceLine,
    InvoicePage,
    InvoiceQuery,
    InvoiceStatus,
    InvoiceTotals,
    LedgerEntry,
    TaxLine,
)
from portal_app.domain.catalog import Catalog
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.domain.pay_methods import PayMethod, PayMethodsCopy
from portal_app.domain.services import (
    BilledOnce,
    BillingCycle,
    BillingHistory,
    Service,
    ServiceDetail,
    ServiceList,
    ServiceStatus,
)
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.catalog import CatalogCopy
from tests.fakes.catalog import a_catalog

TODAY = date(2026, 1, 15)
"""The Japanese day FakeClock starts on."""

AS_OF = datetime(2026, 1, 15, 2, 55, tzinfo=UTC)
CUSTOMER = Customer("user-1", 7)


def an_invoice(whmcs_invoice_id: int = 101, status: str = "unpaid", due_in: int = 20, total: int = 5980) -> Invoice:
    """An invoice of the customer, due that many days from today."""
    payable = status in ("unpaid", "overdue")
    return Invoice(
        whmcs_invoice_id=whmcs_invoice_id,
        whmcs_client_id=7,
        number=f"INV-{whmcs_invoice_id}",
        status=InvoiceStatus(status),
        issued_on=date(2026, 1, 1),
        due_on=TODAY + timedelta(days=due_in),
        paid_on=date(2026, 1, 9) if status == "paid" else None,
        total=Decimal(total),
        balance=Decimal(total if payable else 0),
    )


def a_service(whmcs_service_id: int = 31, status: str = "active", name: str = "Hikari 1Gbps") -> Service:
    """A monthly internet service."""
    return Service(
        whmcs_service_id=whmcs_service_id,
        whmcs_client_id=7,
        whmcs_product_id=1,
        name=name,
        label="",
        kind="internet",
        status=ServiceStatus(status),
        cycle=BillingCycle.MONTHLY,
        amount=Decimal(5980),
        registered_on=date(2024, 4, 1),
        next_due_on=date(2026, 2, 1),
    )


@dataclass
class ScreenBilling:
    """Answers from a list; `failure` is raised instead. Remembers what was asked."""

    invoices: list[Invoice] = field(default_factory=list)
    stale: bool = False
    failure: Exception | None = None
    waiting: set[int] = field(default_factory=set)
    asked: list[InvoiceQuery] = field(default_factory=list)
    refreshed: list[Customer] = field(default_factory=list)

    async def list_invoices(self, customer: Customer, query: InvoiceQuery, *, wait: bool = False) -> InvoicePage:
        self.asked.append(query)
        first = (query.page - 1) * query.size
        return self._page(self.invoices[first : first + query.size], query.page, query.size)

    async def recent_invoices(self, customer: Customer, limit: int, *, wait: bool = False) -> InvoicePage:
        return self._page(self.invoices[:limit], 1, limit)

    async def payable_invoices(self, customer: Customer, limit: int) -> tuple[Invoice, ...]:
        self._fail()
        owed = sorted((i for i in self.invoices if i.payable), key=lambda i: i.due_on or date.max)
        return tuple(owed[:limit])

    async def get_invoice(self, customer: Customer, whmcs_invoice_id: int, *, anew: bool = False) -> InvoiceDetail:
        self._fail()
        for invoice in self.invoices:
            if invoice.whmcs_invoice_id == whmcs_invoice_id:
                return self._detail(invoice)
        raise NotFound("invoice", whmcs_invoice_id)

    async def waiting_for_payment(self, customer: Customer) -> set[int]:
        return self.waiting

    async def refresh(self, customer: Customer) -> None:
        self.refreshed.append(customer)

    def pay(self, whmcs_invoice_id: int) -> None:
        """The payment arrived."""
        self.invoices = [
            replace(i, status=InvoiceStatus.PAID, balance=Decimal(0)) if i.whmcs_invoice_id == whmcs_invoice_id else i
            for i in self.invoices
        ]

    def _fail(self) -> None:
        if self.failure:
            raise self.failure

    def _page(self, items: list[Invoice], page: int, size: int) -> InvoicePage:
        self._fail()
        pages = max(1, -(-len(self.invoices) // size))
        return InvoicePage(tuple(items), len(self.invoices), page, pages, self._totals(), AS_OF, self.stale)

    def _totals(self) -> InvoiceTotals:
        owed = [i for i in self.invoices if i.payable]
        late = [i for i in owed if i.status is InvoiceStatus.OVERDUE]
        counts = {"all": len(self.invoices), "unpaid": len(owed), "overdue": len(late), "paid": 0, "cancelled": 0}
        return InvoiceTotals(
            counts={**counts, "other": 0},  # type: ignore[dict-item]
            due=sum((i.balance for i in owed), Decimal(0)),
            overdue=sum((i.balance for i in late), Decimal(0)),
            next_due=min(owed, key=lambda i: i.due_on or date.max, default=None),
        )

    def _detail(self, invoice: Invoice) -> InvoiceDetail:
        return InvoiceDetail(
            invoice=invoice,
            subtotal=Decimal(5437),
            credit=Decimal(0),
            lines=(
                InvoiceLine("Hikari 1Gbps", Decimal(4437), True, 31),
                InvoiceLine("Router rental", Decimal(1000), True),
            ),
            taxes=(TaxLine(Decimal(10), Decimal(543)),),
            ledger=(LedgerEntry(date(2026, 1, 9), "payment", "Credit card", "ch_1", Decimal(5980)),)
            if invoice.status is InvoiceStatus.PAID
            else (),
            as_of=AS_OF,
            stale=self.stale,
        )


@dataclass
class ScreenServices:
    """Services from a list; `failure` is raised instead."""

    services: list[Service] = field(default_factory=list)
    stale: bool = False
    failure: Exception | None = None
    refreshed: list[Customer] = field(default_factory=list)

    async def begin(self, customer: Customer) -> None:
        """There is nothing to wait for here."""

    async def list_services(self, customer: Customer, *, wait: bool = False) -> ServiceList:
        if self.failure:
            raise self.failure
        return ServiceList(tuple(self.services), AS_OF, self.stale)

    async def refresh(self, customer: Customer) -> None:
        self.refreshed.append(customer)

    async def list(self, customer: Customer, *, wait: bool = False) -> ServiceList:
        return await self.list_services(customer, wait=wait)

    async def get(self, customer: Customer, whmcs_service_id: int) -> ServiceDetail:
        """As the book tells it, with an order for those that were ordered."""
        if self.failure:
            raise self.failure
        found = next((one for one in self.services if one.whmcs_service_id == whmcs_service_id), None)
        if found is None:
            raise NotFound("service", whmcs_service_id)
        order = ("801000000000001AAA", "00000100") if found.whmcs_order_id else ("", "")
        return ServiceDetail(found, *order, AS_OF, self.stale)


@dataclass
class ScreenBilled:
    """What billed each service; `failure` is raised instead."""

    items: dict[int, list[BilledOnce]] = field(default_factory=dict)
    unread: int = 0
    reading: bool = False
    stale: bool = False
    failure: Exception | None = None

    async def history(self, customer: Customer, whmcs_service_id: int, *, wait: bool = False) -> BillingHistory:
        if self.failure:
            raise self.failure
        items = tuple(self.items.get(whmcs_service_id, ()))
        return BillingHistory(items, self.unread, self.reading, AS_OF, self.stale)


@dataclass
class ScreenGateways:
    """What ways to pay are called."""

    named: dict[str, str] = field(default_factory=lambda: {"stripe": "Credit Card", "banktransfer": "Bank Transfer"})

    async def shown_to(self, customer: Customer) -> dict[str, str]:
        return self.named


@dataclass
class ScreenPayMethods:
    """What is stored; `anew` counts how often WHMCS was asked in any case."""

    methods: list[PayMethod] = field(default_factory=list)
    failure: Exception | None = None
    anew: int = 0

    async def get_copy(self, customer: Customer, *, anew: bool = False) -> PayMethodsCopy:
        self.anew += anew
        if self.failure:
            raise self.failure
        return PayMethodsCopy(tuple(self.methods), AS_OF)


@dataclass
class ScreenClients:
    """One profile."""

    failure: Exception | None = None

    async def get_profile(self, customer: Customer) -> SimpleNamespace:
        if self.failure:
            raise self.failure
        return SimpleNamespace(first_name="花子", last_name="山田", company="")


@dataclass
class ScreenCatalog:
    """One catalogue; `failure` is raised instead."""

    catalog: Catalog = field(default_factory=a_catalog)
    stale: bool = False
    failure: Exception | None = None

    async def get_catalog(self) -> CatalogCopy:
        if self.failure:
            raise self.failure
        return CatalogCopy(self.catalog, AS_OF, self.stale)


@dataclass
class ScreenChecks:
    """What staff decided about the customer's address and document."""

    eligibility: Eligibility | None = field(default_factory=Eligibility)
    document: DocumentCheck | None = field(default_factory=DocumentCheck)
    failure: Exception | None = None
    asked: list[Customer] = field(default_factory=list)

    async def get(self, customer: Customer) -> SimpleNamespace:
        self.asked.append(customer)
        if self.failure:
            raise self.failure
        return SimpleNamespace(eligibility=self.eligibility, document=self.document)


class ScreenSessions:
    """One live session, named `session-1`."""

    async def find(self, session_id: str) -> SimpleNamespace | None:
        return SimpleNamespace(customer=CUSTOMER) if session_id == "session-1" else None


@dataclass
class ScreenFlash:
    """Values that can be taken once."""

    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    async def take(self, key: str) -> dict[str, str]:
        return self.kept.pop(key, {})
