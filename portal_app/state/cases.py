"""The list of questions to support: one page of it, as the URL asks."""

from dataclasses import dataclass, replace

import reflex as rx

from portal_app import wiring
from portal_app.domain.cases import Case, CaseList, CaseStatus
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import count
from portal_app.security.policy import signed_in
from portal_app.state import case_query as queries
from portal_app.state.asking import Asking, asking
from portal_app.state.case_query import CaseQuery, CaseTab
from portal_app.state.case_rows import SUBJECT, CaseRow, WaitingRow
from portal_app.state.primed import primed
from portal_app.state.sent_forms import SentFormState

UNREADABLE = (UpstreamError, Busy, TimeoutError)


@dataclass(frozen=True)
class CaseTabLink:
    """One status with how many questions it holds; "" while unknown."""

    tab: CaseTab
    href: str
    count: str
    current: bool


def tab_links(query: CaseQuery, cases: list[Case] | None = None, locale: str = "en") -> list[CaseTabLink]:
    """The tabs over these questions."""
    return [
        CaseTabLink(
            tab=tab,
            href=queries.href(replace(query, tab=tab, page=1)),
            count="" if cases is None else count(len(queries.in_tab(cases, tab)), locale),
            current=tab == query.tab,
        )
        for tab in queries.TABS
    ]


class CasesState(SentFormState, rx.State):
    """What one tab shows of the list."""

    loads: int = 0
    listed: bool = False
    known: bool = False  # there is an answer to show, if only an empty one
    rows: list[CaseRow] = []
    sending: list[WaitingRow] = []  # what has no number yet; no filter hides it
    tabs: list[CaseTabLink] = tab_links(CaseQuery())
    tab: str = ""  # these two as the URL has them, "" for a default
    search: str = ""
    filtered: bool = False
    empty: bool = False  # there is nothing to filter
    total: str = ""
    open: str = ""
    waiting: str = ""  # "" where nothing waits for the customer
    closed: str = ""
    first: str = ""
    last: str = ""
    found: str = ""
    previous_href: str = ""
    next_href: str = ""
    as_of: str = ""
    trouble: str = ""
    refreshing: bool = False

    @rx.event
    @signed_in(live="cases notifications")
    @primed(apart=("loads", "refreshing", "errors", "values"))
    async def load(self):
        """Show the page of questions the URL asks for, and once what a door had to say."""
        await self._take_told()
        await self._read()

    @rx.event
    @signed_in
    def arrived(self):
        """The page was opened, and shows what it has."""
        self._arrive()

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask Salesforce anew, then show."""
        self.refreshing = True
        yield
        try:
            await wiring.support().refresh((await asking(self)).customer)
            await self._read()
        finally:
            self.refreshing = False

    async def _read(self) -> None:
        me = await asking(self)
        query = queries.parse(self.router.url.query_parameters)
        self.loads += 1
        self.tab, self.search = "" if query.tab == "all" else query.tab, query.search
        self.filtered = bool(query.search) or query.tab != "all"
        try:
            cases = await wiring.support().list_cases(me.customer)
            unread = await wiring.notices().unread_subjects(me.customer, prefix=SUBJECT)
        except NotFound:  # no account with us yet, so no question either
            cases, unread = CaseList((), wiring.clock().now()), set()
        except UNREADABLE:
            self.trouble, self.tabs, self.listed = "support.unavailable", tab_links(query), True
            return
        self.sending = [WaitingRow.of(case, me) for case in cases.waiting]
        self._show_rows(me, query, list(cases.items), unread)
        self._count(me, list(cases.items))
        self.as_of, self.trouble = me.clock(cases.as_of), "support.stale" if cases.stale else ""
        self.listed = self.known = True

    def _show_rows(self, me: Asking, query: CaseQuery, cases: list[Case], unread: set[str]) -> None:
        matching = queries.matching(cases, query)
        within = queries.in_tab(matching, query.tab)
        shown, query = queries.on_page(within, query)
        before = (query.page - 1) * queries.PAGE_SIZE
        self.rows = [CaseRow.of(case, me, unread) for case in shown]
        self.tabs, self.empty = tab_links(query, matching, me.locale), not cases and not self.sending
        self.first, self.last = count(before + 1, me.locale), count(before + len(shown), me.locale)
        self.found = count(len(within), me.locale) if within else ""
        more = before + len(shown) < len(within)
        self.previous_href = queries.href(replace(query, page=query.page - 1)) if query.page > 1 else ""
        self.next_href = queries.href(replace(query, page=query.page + 1)) if more else ""

    def _count(self, me: Asking, cases: list[Case]) -> None:
        closed = sum(case.status is CaseStatus.CLOSED for case in cases)
        waiting = sum(case.status is CaseStatus.AWAITING_CUSTOMER for case in cases)
        self.total, self.open = count(len(cases), me.locale), count(len(cases) - closed, me.locale)
        self.closed, self.waiting = count(closed, me.locale), count(waiting, me.locale) if waiting else ""
