"""The place of the list of questions in the URL, and nowhere else: so links, the back button and a reload work."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import urlencode

from portal_app import routes
from portal_app.domain.cases import Case
from portal_app.state.case_rows import StatusName

CaseTab = Literal["all", "new", "in_progress", "awaiting_customer", "closed"]
TABS: tuple[CaseTab, ...] = ("all", *get_args(StatusName))
PAGE_SIZE = 25
LAST_PAGE = 1_000
LONGEST_SEARCH = 80


@dataclass(frozen=True)
class CaseQuery:
    """Which questions are asked for; pages count from 1."""

    tab: CaseTab = "all"
    search: str = ""
    page: int = 1


def parse(parameters: Mapping[str, str]) -> CaseQuery:
    """The query a URL asks for. The URL is the visitor's: whatever cannot be understood is left at its default."""
    tab, page = parameters.get("tab", "all"), parameters.get("page", "1")
    return CaseQuery(
        tab=next((known for known in TABS if known == tab), "all"),
        search="".join(c for c in parameters.get("q", "") if c.isprintable()).strip()[:LONGEST_SEARCH],
        page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )


def href(query: CaseQuery) -> str:
    """The link to exactly this list; defaults are left out."""
    values = {
        "tab": "" if query.tab == "all" else query.tab,
        "q": query.search,
        "page": str(query.page) if query.page > 1 else "",
    }
    text = urlencode({name: value for name, value in values.items() if value})
    return f"{routes.CASES}?{text}" if text else routes.CASES


def matching(cases: Iterable[Case], query: CaseQuery) -> list[Case]:
    """Those whose number or subject holds what was typed, whatever its case, width and leading zeros."""
    wanted = _plain(query.search)
    return [case for case in cases if wanted in case.number or wanted in _plain(case.subject)]


def in_tab(cases: Iterable[Case], tab: CaseTab) -> list[Case]:
    """Those of one status, or all."""
    return [case for case in cases if tab in ("all", case.status.value)]


def on_page(cases: list[Case], query: CaseQuery) -> tuple[list[Case], CaseQuery]:
    """The rows of the page asked for, or of the last one there is, with the query for what is shown."""
    last = max(1, -(-len(cases) // PAGE_SIZE))
    shown = replace(query, page=min(query.page, last))
    return cases[(shown.page - 1) * PAGE_SIZE : shown.page * PAGE_SIZE], shown


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
