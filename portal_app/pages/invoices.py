"""The list of invoices."""

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.invoice_list import COLUMN_WORDS, HEAD, column_name, head_cell, invoice_table, table_head
from portal_app.components.kit import SECONDARY, card, empty_state, figure, page_heading
from portal_app.components.links import link
from portal_app.components.list_bar import page_steps, search_box, tab_link
from portal_app.components.list_links import list_link, list_links
from portal_app.components.shell import shell
from portal_app.components.status import INVOICE_WORDS
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.invoices import InvoicesState as Invoices
from portal_app.state.invoices import SortLink, TabLink

TO_METHODS = f"{SECONDARY} min-h-9 py-1"
NOTICES = ("billing.stale", "billing.unavailable", "billing.busy")
TAB_WORDS = {
    "all": "invoices.tab.all",
    **{tab: INVOICE_WORDS[tab] for tab in ("unpaid", "overdue", "paid", "cancelled")},
}
SORTED = {name: COLUMN_WORDS[name] for name in ("number", "issued", "due", "total")}


def invoices_page() -> rx.Component:
    """Totals, tabs, search, rows, pages."""
    return shell(
        page_heading(
            t("invoices.title"),
            t("invoices.lead"),
            rx.el.div(
                link(
                    icon("card", "size-4"),
                    t("payments.title"),
                    to=routes.PAYMENT_METHODS,
                    class_name=f"{SECONDARY} min-h-9 py-1",
                ),
                as_of(Invoices.as_of, Invoices.refresh, Invoices.refreshing),
                class_name="flex flex-wrap items-center gap-x-4 gap-y-1",
            ),
        ),
        notice(Invoices.notice, NOTICES),
        _totals(),
        list_links(
            card(
                rx.el.div(
                    rx.el.div(_tabs(), _search(), class_name="mb-2 flex flex-wrap items-center justify-between gap-4"),
                    _narrow_sort(),
                    class_name=cond(Invoices.empty, "hidden", ""),
                ),
                cond(Invoices.loaded, _rows(), skeleton(*["h-12 w-full"] * 8)),
                _pager(),
            ),
            handler=f"{Invoices.get_full_name()}.load",
            loads=Invoices.loads,
            class_name="group scroll-mt-4",
        ),
        current="invoices",
    )


def _totals() -> rx.Component:
    return cond(
        Invoices.due == "",
        rx.fragment(),
        rx.el.dl(
            figure(t("invoices.due"), rx.el.span(Invoices.due, id="total-due")),
            cond(
                Invoices.overdue == "",
                rx.fragment(),
                figure(t("invoices.overdue"), rx.el.span(Invoices.overdue, id="total-overdue"), tone="text-bad"),
            ),
            class_name="mb-6 flex flex-wrap gap-x-12 gap-y-4",
        ),
    )


def _tabs() -> rx.Component:
    return rx.el.nav(
        each(Invoices.tabs, _tab),
        aria_label=t("invoices.tabs"),
        class_name="-mx-1 flex max-w-full flex-wrap gap-1",
    )


def _tab(tab: rx.Var[TabLink]) -> rx.Component:
    return tab_link(tab, by_value(tab.tab, TAB_WORDS, "invoices.tab.other"))


def _search() -> rx.Component:
    return search_box(
        Invoices.search,
        t("invoices.search"),
        t("invoices.search_action"),
        to=routes.INVOICES,
        most=40,
        kept={"tab": Invoices.tab, "sort": Invoices.sort},
    )


def _narrow_sort() -> rx.Component:
    """Cards have no column heads to click."""
    return rx.el.nav(
        rx.el.span(t("invoices.sort"), class_name="text-muted"),
        each(
            Invoices.columns,
            lambda column: list_link(
                by_value(column.column, SORTED, "invoices.tab.other"),
                match(column.order, ("ascending", " ↑"), ("descending", " ↓"), ""),
                to=column.href,
                key=column.column,
                class_name="inline-flex min-h-8 items-center font-medium text-accent",
            ),
        ),
        aria_label=t("invoices.sort"),
        class_name="flex flex-wrap items-center gap-x-4 border-b border-line pb-2 text-sm md:hidden",
    )


def _rows() -> rx.Component:
    return rx.el.div(
        cond(Invoices.rows, invoice_table(Invoices.rows, _head(), t("invoices.title"), row_link=list_link), _none()),
        class_name="group-aria-busy:opacity-60",
        id="invoice-rows",
    )


def _head() -> rx.Component:
    return table_head(
        each(Invoices.columns, _sortable),
        head_cell(rx.el.span(t("invoices.column.action"), class_name="sr-only")),
    )


def _sortable(sort: rx.Var[SortLink]) -> rx.Component:
    """A column's head, and after the number that of the status, which does not sort."""
    head = head_cell(
        list_link(
            by_value(sort.column, SORTED, "invoices.tab.other"),
            match(
                sort.order,
                ("ascending", icon("up", "size-3.5")),
                ("descending", icon("down", "size-3.5")),
                rx.fragment(),
            ),
            to=sort.href,
            class_name="inline-flex min-h-6 items-center gap-1 hover:text-ink hover:underline",
        ),
        class_name=cond(sort.column == "total", f"{HEAD} md:text-right", HEAD),
        aria_sort=sort.order,
    )
    return rx.fragment(
        head, cond(sort.column == "number", head_cell(column_name("status"), class_name=HEAD)), key=sort.column
    )


def _none() -> rx.Component:
    clear = list_link(t("invoices.clear"), to=routes.INVOICES, class_name=SECONDARY)
    return cond(
        Invoices.due == "",
        unavailable(Invoices.refresh, Invoices.refreshing),
        cond(
            Invoices.filtered,
            empty_state("search", t("invoices.none_match"), t("invoices.none_match_body"), clear),
            empty_state(
                "bill",
                t("invoices.none"),
                t("invoices.none_body"),
                list_link(t("nav.services"), to=routes.SERVICES, class_name=SECONDARY),
            ),
        ),
    )


def _pager() -> rx.Component:
    return cond(
        Invoices.total == "",
        rx.fragment(),
        rx.el.nav(
            rx.el.p(
                t("invoices.range", first=Invoices.first, last=Invoices.last, total=Invoices.total),
                class_name="num text-sm text-muted",
            ),
            page_steps(Invoices, t("invoices.previous"), t("invoices.next")),
            aria_label=t("invoices.pages"),
            class_name="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4 print:hidden",
        ),
    )
