"""The list of questions to support."""

import reflex as rx

from portal_app import routes
from portal_app.components.case_list import case_rows, sending_rows
from portal_app.components.case_words import TROUBLES, good_news
from portal_app.components.draft_effects import drafts_sent
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, SECONDARY, card, empty_state, figure, page_heading
from portal_app.components.links import link
from portal_app.components.list_bar import page_steps, search_box, tab_link
from portal_app.components.list_links import list_link, list_links
from portal_app.components.shell import shell
from portal_app.components.status import CASE_WORDS
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each
from portal_app.state.case_query import LONGEST_SEARCH
from portal_app.state.cases import CasesState as Cases
from portal_app.state.cases import CaseTabLink

TAB_WORDS = {"all": "cases.tab.all", **CASE_WORDS}


def cases_page() -> rx.Component:
    """Counters, tabs, search, rows, pages."""
    return shell(
        page_heading(
            t("cases.title"),
            t("cases.lead"),
            rx.el.div(
                as_of(Cases.as_of, Cases.refresh, Cases.refreshing),
                link(icon("question", "size-4"), t("cases.new"), to=routes.NEW_CASE, class_name=f"{PRIMARY} ml-2"),
                class_name="flex flex-wrap items-center gap-2",
            ),
        ),
        good_news(Cases),
        drafts_sent(Cases),
        notice(Cases.trouble, TROUBLES),
        _counters(),
        list_links(
            card(
                rx.el.div(_tabs(), _search(), class_name=cond(Cases.empty, "hidden", _BAR)),
                sending_rows(Cases.sending),
                cond(Cases.listed, _rows(), skeleton(*["h-14 w-full"] * 5)),
                _pager(),
            ),
            handler=f"{Cases.get_full_name()}.load",
            loads=Cases.loads,
            class_name="group scroll-mt-4",
        ),
        current="support",
    )


_BAR = "mb-2 flex flex-wrap items-center justify-between gap-4 border-b border-line pb-4"
_PAGER = "mt-2 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4"


def _counters() -> rx.Component:
    return cond(
        Cases.known & ~Cases.empty,
        rx.el.dl(
            figure(t("cases.open"), rx.el.span(Cases.open, id="cases-open")),
            cond(
                Cases.waiting == "",
                rx.fragment(),
                figure(t("cases.waiting"), rx.el.span(Cases.waiting, id="cases-waiting"), tone="text-warn"),
            ),
            figure(t("cases.closed"), rx.el.span(Cases.closed, id="cases-closed")),
            figure(t("cases.total"), rx.el.span(Cases.total, id="cases-total")),
            class_name="mb-6 flex flex-wrap gap-x-12 gap-y-4",
        ),
        rx.fragment(),
    )


def _tabs() -> rx.Component:
    return rx.el.nav(
        each(Cases.tabs, _tab),
        aria_label=t("cases.tabs"),
        class_name="-mx-1 flex max-w-full flex-wrap gap-1",
    )


def _tab(tab: rx.Var[CaseTabLink]) -> rx.Component:
    return tab_link(tab, by_value(tab.tab, TAB_WORDS))


def _search() -> rx.Component:
    return search_box(
        Cases.search,
        t("cases.search"),
        t("cases.search_action"),
        to=routes.CASES,
        most=LONGEST_SEARCH,
        kept={"tab": Cases.tab},
    )


def _rows() -> rx.Component:
    return rx.el.div(
        cond(Cases.rows, case_rows(Cases.rows), _none()),
        class_name="group-aria-busy:opacity-60",
        id="case-rows",
    )


def _none() -> rx.Component:
    ask = list_link(t("cases.new"), to=routes.NEW_CASE, class_name=PRIMARY)
    every = list_link(t("cases.clear"), to=routes.CASES, class_name=SECONDARY)
    return cond(
        Cases.known,
        cond(
            Cases.filtered,
            empty_state("search", t("cases.none_match"), t("cases.none_match_body"), every),
            cond(
                Cases.empty,
                empty_state("question", t("cases.none"), t("cases.none_body"), ask),
                rx.fragment(),
            ),
        ),
        unavailable(Cases.refresh, Cases.refreshing),
    )


def _pager() -> rx.Component:
    return rx.el.nav(
        rx.el.p(
            t("cases.range", first=Cases.first, last=Cases.last, total=Cases.found), class_name="num text-sm text-muted"
        ),
        page_steps(Cases, t("cases.previous"), t("cases.next")),
        aria_label=t("cases.pages"),
        class_name=cond((Cases.previous_href == "") & (Cases.next_href == ""), "hidden", _PAGER),
    )
