"""The invoice list's place in the URL, and nowhere else: so links, the back button, two tabs and a reload all work."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args
from urllib.parse import urlencode

from portal_app import routes
from portal_app.domain.billing import InvoiceQuery, InvoiceSort, InvoiceTab

TABS: tuple[InvoiceTab, ...] = get_args(InvoiceTab)
SORTS: tuple[InvoiceSort, ...] = get_args(InvoiceSort)
PAGE_SIZE = 25
LAST_PAGE = 10_000
LONGEST_SEARCH = 40


def parse(parameters: Mapping[str, str]) -> InvoiceQuery:
    """The query a URL asks for. The URL is the visitor's: whatever cannot be understood is left at its default."""
    tab = parameters.get("tab", "all")
    sort = parameters.get("sort", "")
    page = parameters.get("page", "1")
    return InvoiceQuery(
        tab=next((known for known in TABS if known == tab), "all"),
        search=tidy(parameters.get("q", "")),
        sort=next((known for known in SORTS if known == sort.removeprefix("-")), None),
        descending=sort.startswith("-"),
        page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        size=PAGE_SIZE,
    )


def tidy(search: str) -> str:
    """What is left of a typed search: printable, without outer spaces, not longer than any invoice number."""
    return "".join(c for c in search if c.isprintable()).strip()[:LONGEST_SEARCH]


def values_of(query: InvoiceQuery) -> dict[str, str]:
    """The parameters that ask for exactly this list; "" stands for a default."""
    return {
        "tab": "" if query.tab == "all" else query.tab,
        "q": query.search,
        "sort": ("-" if query.descending else "") + query.sort if query.sort else "",
        "page": str(query.page) if query.page > 1 else "",
    }


def href(query: InvoiceQuery) -> str:
    """The link to exactly this list; defaults are left out."""
    values = values_of(query)
    text = urlencode({name: value for name, value in values.items() if value})
    return f"{routes.INVOICES}?{text}" if text else routes.INVOICES


def sorted_by(query: InvoiceQuery, sort: InvoiceSort) -> InvoiceQuery:
    """The list after one more click on a column: ascending, descending, then the default order again."""
    if query.sort != sort:
        return replace(query, sort=sort, descending=False, page=1)
    if not query.descending:
        return replace(query, descending=True, page=1)
    return replace(query, sort=None, descending=False, page=1)
