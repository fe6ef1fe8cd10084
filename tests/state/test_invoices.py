"""The list page: what the URL asks for, what is shown, and what stays when WHMCS is down."""

from dataclasses import replace
from decimal import Decimal

from portal_app.errors import Busy, UpstreamUnavailable
from portal_app.state.invoices import InvoicesState
from tests.fakes.screens import CUSTOMER, an_invoice
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "GetInvoices")


async def test_the_page_asks_for_what_the_url_says(outside, tab):
    state = tab(InvoicesState, "/billing/invoices?tab=paid&sort=-total&page=2&q=inv")
    await state.load()
    query = outside.billing.asked[-1]
    assert (query.tab, query.sort, query.descending, query.page, query.search) == ("paid", "total", True, 2, "inv")


async def test_rows_are_written_in_the_customers_language(outside, tab):
    outside.billing.invoices = [an_invoice(101, due_in=20)]
    english, japanese = tab(InvoicesState), tab(InvoicesState, locale="ja")
    await english.load()
    await japanese.load()
    assert (english.rows[0].due, english.rows[0].total) == ("4 Feb 2026", "¥5,980")
    assert (japanese.rows[0].due, japanese.rows[0].total) == ("2026年2月4日", "￥5,980")


async def test_totals_counts_and_time_of_the_copy_are_shown(outside, tab):
    outside.billing.invoices = [
        an_invoice(1, "overdue", -3, 1000),
        an_invoice(2, "unpaid", 9, 2000),
        an_invoice(3, "paid"),
    ]
    state = tab(InvoicesState, "/billing/invoices")
    await state.load()
    assert (state.due, state.overdue, state.as_of) == ("¥3,000", "¥1,000", "11:55")
    assert [(t.tab, t.count) for t in state.tabs][:3] == [("all", "3"), ("unpaid", "2"), ("overdue", "1")]


async def test_pages_lead_to_their_neighbours_and_keep_the_filter(outside, tab):
    outside.billing.invoices = [an_invoice(n) for n in range(1, 61)]
    state = tab(InvoicesState, "/billing/invoices?tab=unpaid&page=2")
    await state.load()
    assert (state.first, state.last, state.total) == ("26", "50", "60")
    assert state.previous_href == "/billing/invoices?tab=unpaid"
    assert state.next_href == "/billing/invoices?tab=unpaid&page=3"


async def test_a_click_on_a_column_sorts_then_turns_then_returns_to_the_default(outside, tab):
    hrefs = []
    url = "/billing/invoices"
    for _ in range(3):
        state = tab(InvoicesState, url)
        await state.load()
        due = next(c for c in state.columns if c.column == "due")
        hrefs.append((due.order, url := due.href))
    assert hrefs == [
        ("none", "/billing/invoices?sort=due"),
        ("ascending", "/billing/invoices?sort=-due"),
        ("descending", "/billing/invoices"),
    ]


async def test_only_a_payable_invoice_can_be_paid(outside, tab):
    outside.billing.invoices = [an_invoice(1, "unpaid"), an_invoice(2, "paid"), an_invoice(3, "overdue", -1)]
    outside.billing.waiting = {3}
    state = tab(InvoicesState)
    await state.load()
    assert [row.paying for row in state.rows] == ["open", "none", "waiting"]
    assert state.rows[0].pay_action == "/api/invoices/1/sso-link"


async def test_a_row_says_what_is_left_only_when_a_part_is_paid(outside, tab):
    partly = replace(an_invoice(1, total=2200), balance=Decimal(1200))
    outside.billing.invoices = [partly, an_invoice(2), an_invoice(3, "paid")]
    state = tab(InvoicesState)
    await state.load()
    assert [row.left for row in state.rows] == ["¥1,200", "", ""]


async def test_nothing_to_filter_is_known_from_all_invoices_not_from_those_found(outside, tab):
    state = tab(InvoicesState)
    await state.load()
    assert state.empty
    outside.billing.invoices = [an_invoice(1)]
    state = tab(InvoicesState, "/billing/invoices?tab=paid")
    await state.load()
    assert not state.empty


async def test_a_stale_copy_is_shown_with_a_notice_and_nothing_can_be_paid(outside, tab):
    outside.billing.invoices, outside.billing.stale = [an_invoice(1)], True
    state = tab(InvoicesState)
    await state.load()
    assert state.notice == "billing.stale"
    assert [row.paying for row in state.rows] == ["paused"]


async def test_load_keeps_old_rows_when_whmcs_is_down(outside, tab):
    outside.billing.invoices = [an_invoice(1)]
    state = tab(InvoicesState)
    await state.load()
    outside.billing.failure = DOWN
    await state.load()
    assert state.notice == "billing.unavailable"
    assert [(row.number, row.paying) for row in state.rows] == [("INV-1", "paused")]


async def test_the_page_recovers_by_itself(outside, tab):
    outside.billing.failure = DOWN
    state = tab(InvoicesState)
    await state.load()
    outside.billing.failure, outside.billing.invoices = None, [an_invoice(1)]
    await state.load()
    assert (state.notice, [row.paying for row in state.rows]) == ("", ["open"])


async def test_a_full_queue_asks_for_patience(outside, tab):
    outside.billing.failure = Busy("whmcs")
    state = tab(InvoicesState)
    await state.load()
    assert (state.loaded, state.notice) == (True, "billing.busy")


async def test_refresh_asks_whmcs_for_this_customer_and_ends(outside, tab):
    state = tab(InvoicesState)
    await settled(state.refresh())
    assert outside.billing.refreshed == [CUSTOMER]
    assert state.refreshing is False


async def test_a_search_keeps_tab_and_order_and_starts_on_the_first_page(outside, tab):
    state = tab(InvoicesState, "/billing/invoices?tab=paid&sort=-due&page=3&q=%20inv%20")
    await state.load()
    assert (state.tab, state.sort, state.search) == ("paid", "-due", "inv")
    state = tab(InvoicesState, "/billing/invoices?page=3")
    await state.load()
    assert (state.tab, state.sort, state.search) == ("", "", "")


async def test_each_load_is_counted_even_when_nothing_changed_or_whmcs_is_down(outside, tab):
    state = tab(InvoicesState)
    await state.load()
    await state.load()
    outside.billing.failure = DOWN
    await state.load()
    assert state.loads == 3


async def test_every_load_assigns_every_shown_var(outside, tab):
    state = tab(InvoicesState)
    await state.load()
    state._clean()
    await state.load()
    shown = {
        "rows",
        "empty",
        "tabs",
        "columns",
        "tab",
        "sort",
        "search",
        "filtered",
        "due",
        "overdue",
        "first",
        "last",
        "total",
    }
    assert shown | {"empty", "loads", "previous_href", "next_href", "as_of", "notice", "loaded"} <= state.dirty_vars
