"""One invoice: shown, missing, stale, and turning paid."""

from decimal import Decimal

import pytest

from portal_app.domain.billing import LedgerEntry
from portal_app.errors import Busy, UpstreamUnavailable
from portal_app.state.invoice import InvoiceState, LedgerRow, invoice_id_of
from tests.fakes.screens import CUSTOMER, an_invoice
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "GetInvoice")


async def test_lines_tax_and_balance_are_written_out(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    assert (state.found, state.view.number, state.view.balance) == ("found", "INV-101", "¥5,980")
    assert [(t.rate, t.amount) for t in state.taxes] == [("10%", "¥543")]
    assert [line.service_href for line in state.lines] == ["/subscriptions/31", ""]


async def test_a_payment_turns_the_page_paid_on_the_next_load(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101/")
    await state.load()
    outside.billing.pay(101)
    await state.load()
    assert (state.view.status, state.view.paying, state.view.balance) == ("paid", "none", "¥0")
    assert [(e.kind, e.amount, e.reference) for e in state.ledger] == [("payment", "¥5,980", "ch_1")]
    assert state.ledger[0].when_and_how == "9 Jan 2026 · Credit card"


async def test_opening_it_reads_what_the_bell_said_of_it_and_of_no_other(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    for wanted, read in (("999", []), ("101", ["invoice:101"])):
        state = tab(InvoiceState, f"/billing/invoices/{wanted}")
        await state.load()
        assert outside.notices.read == [], "an answer of the same load may never be looked at"
        await state.arrived()
        assert outside.notices.read == read


async def test_a_busy_database_at_the_bell_does_not_hide_the_invoice(outside, tab, monkeypatch):
    async def busy(customer, subject):
        raise Busy("database")

    monkeypatch.setattr(outside.notices, "read_subject", busy)
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    await state.arrived()
    assert state.found == "found"


async def test_the_page_waits_for_a_payment_that_was_begun(outside, tab):
    outside.billing.invoices, outside.billing.waiting = [an_invoice(101)], {101}
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    assert state.view.paying == "waiting"


async def test_an_unknown_invoice_and_somebody_elses_read_the_same(outside, tab):
    state = tab(InvoiceState, "/billing/invoices/999")
    await state.load()
    assert (state.found, state.view.number, state.lines) == ("missing", "", [])


async def test_moving_to_a_missing_invoice_leaves_nothing_of_the_one_before(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    outside.billing.invoices = []
    await state.load()
    assert (state.found, state.view.number, state.lines, state.as_of) == ("missing", "", [], "")


async def test_a_stale_copy_is_shown_but_cannot_be_paid(outside, tab):
    outside.billing.invoices, outside.billing.stale = [an_invoice(101)], True
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    assert (state.notice, state.view.paying) == ("billing.stale", "paused")


async def test_the_invoice_stays_without_pay_when_whmcs_goes_down(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    outside.billing.failure = DOWN
    await state.load()
    assert (state.found, state.view.number, state.view.paying) == ("found", "INV-101", "paused")
    assert state.notice == "billing.unavailable"


async def test_without_any_copy_there_is_the_notice_alone(outside, tab):
    outside.billing.failure = DOWN
    state = tab(InvoiceState, "/billing/invoices/101")
    await state.load()
    assert (state.found, state.notice, state.lines) == ("failed", "billing.unavailable", [])


@pytest.mark.parametrize(
    ("notice", "key"), [("not_payable", "billing.not_payable"), ("busy", "billing.busy"), ("x", "")]
)
async def test_the_payment_door_can_say_why_it_sent_the_form_back(outside, tab, notice, key):
    outside.billing.invoices = [an_invoice(101, "paid")]
    state = tab(InvoiceState, f"/billing/invoices/101?notice={notice}")
    await state.load()
    assert state.notice == key


async def test_refresh_asks_whmcs_for_this_customer(outside, tab):
    outside.billing.invoices = [an_invoice(101)]
    state = tab(InvoiceState, "/billing/invoices/101")
    await settled(state.refresh())
    assert (outside.billing.refreshed, state.found, state.refreshing) == ([CUSTOMER], "found", False)


@pytest.mark.parametrize(
    "path", ["/billing/invoices/abc", "/billing/invoices/-1", "/billing/invoices/１", "/", "/" + "9" * 40]
)
def test_an_address_that_names_no_invoice_asks_for_number_zero(path):
    assert invoice_id_of(path) == 0


def test_money_that_moved_on_no_known_day_has_no_day():
    entry = LedgerEntry(None, "credit", "", "", Decimal(1500))
    assert (LedgerRow.of(entry, "en").when_and_how, LedgerRow.of(entry, "en").amount) == ("", "¥1,500")
