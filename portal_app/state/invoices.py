"""The list of invoices: one page of it, as the URL asks."""

from dataclasses import dataclass, replace
from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.billing import InvoicePage, InvoiceQuery, InvoiceSort, InvoiceTab
from portal_app.errors import Busy, UpstreamError
from portal_app.format import count, yen
from portal_app.security.policy import signed_in
from portal_app.state import invoice_query as queries
from portal_app.state.asking import Asking, asking, notice_of
from portal_app.state.invoice_rows import InvoiceRow, paused
from portal_app.state.primed import primed

COLUMNS: tuple[InvoiceSort, ...] = ("number", "issued", "due", "total")
Order = Literal["none", "ascending", "descending"]


@dataclass(frozen=True)
class TabLink:
    """One status tab with how many invoices it holds; "" while unknown."""

    tab: InvoiceTab
    href: str
    count: str
    current: bool


@dataclass(frozen=True)
class SortLink:
    """One sortable column: where a click leads and how it is sorted now."""

    column: InvoiceSort
    href: str
    order: Order


def tab_links(query: InvoiceQuery, page: InvoicePage | None = None, locale: str = "en") -> list[TabLink]:
    """The tabs of a list; `other` only while it holds something."""
    counts = page.totals.counts if page else {}
    return [
        TabLink(
            tab=tab,
            href=queries.href(replace(query, tab=tab, page=1)),
            count=count(counts.get(tab, 0), locale) if page else "",
            current=tab == query.tab,
        )
        for tab in queries.TABS
        if tab != "other" or counts.get("other") or query.tab == "other"
    ]


def sort_links(query: InvoiceQuery) -> list[SortLink]:
    """Every sortable column in the order of the table."""
    order: Order = "descending" if query.descending else "ascending"
    return [
        SortLink(column, queries.href(queries.sorted_by(query, column)), order if query.sort == column else "none")
        for column in COLUMNS
    ]


class InvoicesState(rx.State):
    """What one tab shows of the list."""

    loaded: bool = False
    loads: int = 0
    rows: list[InvoiceRow] = []
    tabs: list[TabLink] = tab_links(InvoiceQuery())
    columns: list[SortLink] = sort_links(InvoiceQuery())
    tab: str = ""  # these three as the URL has them, "" for a default
    sort: str = ""
    search: str = ""
    filtered: bool = False
    empty: bool = False  # there is nothing to filter or sort
    due: str = ""
    overdue: str = ""
    first: str = ""
    last: str = ""
    total: str = ""
    previous_href: str = ""
    next_href: str = ""
    as_of: str = ""
    notice: str = ""
    refreshing: bool = False

    @rx.event
    @signed_in(live="invoices")
    @primed(apart=("refreshing", "loads"))
    async def load(self):
        """Show the page of invoices the URL asks for."""
        await self._show()

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask WHMCS anew, then show."""
        self.refreshing = True
        yield
        try:
            await wiring.billing().refresh((await asking(self)).customer)
            await self._show(wait=True)
        finally:
            self.refreshing = False

    async def _show(self, *, wait: bool = False) -> None:
        me = await asking(self)
        query = queries.parse(self.router.url.query_parameters)
        asked = queries.values_of(query)
        self.loads += 1
        self.tab, self.sort, self.search = asked["tab"], asked["sort"], asked["q"]
        self.filtered = bool(query.search) or query.tab != "all"
        self.columns = sort_links(query)
        try:
            page = await wiring.billing().list_invoices(me.customer, query, wait=wait)
            payable = any(invoice.payable for invoice in page.items)
            waiting = await wiring.billing().waiting_for_payment(me.customer) if payable else set()
        except (UpstreamError, Busy) as failure:
            self.notice = notice_of(failure, "billing.unavailable")
            self.rows, self.tabs, self.loaded = paused(self.rows), tab_links(query), True
            return
        self.rows = [InvoiceRow.of(i, me.locale, stale=page.stale, waiting=waiting) for i in page.items]
        self._show_numbers(me, query, page)
        self.as_of, self.notice, self.loaded = me.clock(page.as_of), "billing.stale" if page.stale else "", True

    def _show_numbers(self, me: Asking, query: InvoiceQuery, page: InvoicePage) -> None:
        before = (page.page - 1) * query.size
        self.tabs, self.empty = tab_links(query, page, me.locale), not page.totals.counts.get("all", 0)
        self.due, self.overdue = yen(page.totals.due, me.locale), ""
        if page.totals.overdue > 0:
            self.overdue = yen(page.totals.overdue, me.locale)
        self.first, self.last = count(before + 1, me.locale), count(before + len(page.items), me.locale)
        self.total = count(page.total_items, me.locale) if page.items else ""
        self.previous_href = queries.href(replace(query, page=page.page - 1)) if page.page > 1 else ""
        self.next_href = queries.href(replace(query, page=page.page + 1)) if page.page < page.pages else ""
