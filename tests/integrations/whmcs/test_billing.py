"""What the portal asks about invoices: whose, how fresh, how much, and where to pay."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.upstream import deadline
from tests.fakes.whmcs import a_wire_invoice, a_wire_transaction, page_of_html, success

ALL = InvoiceQuery()


@pytest.fixture
def billing(desk):
    return desk.billing


# Lists


async def test_the_balance_of_a_row_is_its_total_less_what_was_paid_and_given_back(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101), a_wire_invoice(102)]
    whmcs.transactions = [a_wire_transaction(101), a_wire_transaction(101, amountin="0.00", amountout="50.00")]
    page = await billing.list_invoices(customer, ALL)
    assert {i.whmcs_invoice_id: i.balance for i in page.items} == {101: Decimal(850), 102: Decimal(1100)}
    assert page.totals.due == Decimal(1950)


async def test_only_invoices_that_can_be_paid_have_a_balance(billing, customer, whmcs):
    statuses = ["Paid", "Cancelled", "Refunded", "Collections", "Payment Pending"]
    whmcs.invoices = [a_wire_invoice(n, status=status) for n, status in enumerate(statuses, 101)]
    page = await billing.list_invoices(customer, ALL)
    assert {i.balance for i in page.items} == {Decimal(0)}


async def test_the_whole_list_is_read_with_two_calls(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(n) for n in range(101, 161)]
    assert (await billing.list_invoices(customer, ALL)).total_items == 60
    assert sorted(call["action"] for call in whmcs.calls) == ["GetInvoices", "GetTransactions"]
    assert whmcs.asked("GetInvoices")[0]["userid"] == "7"
    assert whmcs.asked("GetTransactions")[0]["clientid"] == "7"


async def test_a_second_look_within_ninety_seconds_asks_nothing(billing, customer, whmcs, clock):
    await billing.list_invoices(customer, ALL)
    clock.advance(89)
    await billing.recent_invoices(customer, 5)
    assert len(whmcs.asked("GetInvoices")) == 1


async def test_after_ninety_seconds_the_copy_is_shown_and_renewed_behind_it(desk, billing, customer, whmcs, clock):
    await billing.list_invoices(customer, ALL)
    whmcs.invoices = [a_wire_invoice(101)]
    clock.advance(91)
    assert (await billing.list_invoices(customer, ALL)).total_items == 0
    await desk.marks.settled()
    assert (await billing.list_invoices(customer, ALL)).total_items == 1


async def test_two_hundred_first_looks_at_once_read_every_page_once(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(n) for n in range(1, 601)]
    pages = await asyncio.gather(*(billing.list_invoices(customer, ALL) for _ in range(200)))
    assert {page.total_items for page in pages} == {600}
    assert sorted(int(call["limitstart"]) for call in whmcs.asked("GetInvoices")) == [0, 250, 500]
    assert len(whmcs.asked("GetTransactions")) == 1


async def test_what_many_wait_for_does_not_end_with_the_deadline_of_the_first(desk, billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    with deadline(0.1):
        assert (await billing.list_invoices(customer, ALL)).total_items == 1
        assert (await billing.get_invoice(customer, 101)).lines == ()
        with pytest.raises(UpstreamUnavailable, match="deadline"):
            await billing.request_payment(customer, 101)


async def test_with_whmcs_down_the_last_copy_is_shown_with_its_time(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    read_at = clock.now()
    await billing.list_invoices(customer, ALL)
    whmcs.down = True
    clock.advance(600)
    page = await billing.list_invoices(customer, ALL, wait=True)
    assert (page.total_items, page.as_of, page.stale) == (1, read_at, True)


async def test_with_whmcs_down_and_no_copy_the_failure_is_raised(billing, customer, whmcs):
    whmcs.down = True
    with pytest.raises(UpstreamUnavailable):
        await billing.list_invoices(customer, ALL)


async def test_a_maintenance_page_never_empties_a_list(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    whmcs.will("GetInvoices", page_of_html())
    clock.advance(91)
    page = await billing.list_invoices(customer, ALL, wait=True)
    assert (page.total_items, page.stale) == (1, True)


async def test_a_list_never_holds_what_only_half_arrived(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    whmcs.invoices = [a_wire_invoice(102)]
    whmcs.will("GetTransactions", page_of_html())
    clock.advance(91)
    page = await billing.list_invoices(customer, ALL, wait=True)
    assert [i.whmcs_invoice_id for i in page.items] == [101]


@pytest.mark.parametrize("owner", [8, "8", None, "", 0])
async def test_o2_a_list_with_a_row_of_another_client_or_of_nobody_is_thrown_away(
    desk, billing, customer, whmcs, owner
):
    rows = [a_wire_invoice(101), a_wire_invoice(102, userid=owner)]
    whmcs.will("GetInvoices", success(totalresults=2, invoices={"invoice": rows}))
    with pytest.raises(NotFound):
        await billing.list_invoices(customer, ALL)
    assert desk.foreign == [(customer.user_id, "invoice", 102)]
    assert await desk.invoices.ids_of(7) == set()


async def test_drafts_are_never_listed(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101, status="Draft"), a_wire_invoice(102)]
    page = await billing.list_invoices(customer, ALL)
    assert [i.whmcs_invoice_id for i in page.items] == [102]


async def test_an_invoice_is_overdue_from_the_japanese_day_after_its_due_day(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101, duedate="2026-01-14"), a_wire_invoice(102, duedate="2026-01-15")]
    clock.at = datetime(2026, 1, 14, 14, 59, tzinfo=UTC)  # still the 14th in Japan
    page = await billing.list_invoices(customer, ALL)
    assert page.totals.overdue == 0
    clock.advance(120)
    page = await billing.list_invoices(customer, ALL, wait=True)
    assert {i.whmcs_invoice_id: i.status for i in page.items} == {
        101: InvoiceStatus.OVERDUE,
        102: InvoiceStatus.UNPAID,
    }
    assert page.totals.overdue == Decimal(1100)


async def test_an_invoice_without_a_due_day_is_never_overdue(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101, duedate="0000-00-00")]
    page = await billing.list_invoices(customer, ALL)
    assert (page.items[0].due_on, page.items[0].status) == (None, InvoiceStatus.UNPAID)


async def test_a_status_nobody_knows_is_other(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101, status="On Hold (custom)")]
    assert (await billing.list_invoices(customer, ALL)).items[0].status is InvoiceStatus.OTHER


async def test_an_invoice_without_a_number_is_known_by_its_id(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101), a_wire_invoice(102, invoicenum="INV-0000007")]
    page = await billing.list_invoices(customer, ALL)
    assert {i.number for i in page.items} == {"101", "INV-0000007"}


async def test_refresh_makes_the_next_look_ask(desk, billing, customer, whmcs):
    await billing.list_invoices(customer, ALL)
    await billing.refresh(customer)
    await billing.list_invoices(customer, ALL, wait=True)
    assert len(whmcs.asked("GetInvoices")) == 2


async def test_recent_invoices_are_the_newest_and_come_with_all_figures(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(n, date=f"2026-01-{n - 100:02d}") for n in range(101, 110)]
    page = await billing.recent_invoices(customer, 3)
    assert [i.whmcs_invoice_id for i in page.items] == [109, 108, 107]
    assert page.totals.counts["unpaid"] == 9


async def test_what_there_is_to_pay_is_from_the_copy_and_nobody_is_asked(
    billing, customer, other_customer, whmcs, clock
):
    whmcs.invoices = [a_wire_invoice(101, duedate="2026-02-28"), a_wire_invoice(102, duedate="2026-01-31")]
    await billing.list_invoices(customer, ALL)
    calls = len(whmcs.calls)
    clock.advance(3600)
    assert [one.whmcs_invoice_id for one in await billing.payable_invoices(customer, 5)] == [102, 101]
    assert await billing.payable_invoices(other_customer, 5) == ()
    assert len(whmcs.calls) == calls


async def test_a_mapping_without_a_client_asks_for_nobodys_invoices(billing, whmcs):
    with pytest.raises(NotFound):
        await billing.list_invoices(Customer("u1", 0), ALL)
    assert whmcs.calls == []


# One invoice


async def test_a_detail_has_lines_taxes_and_ledger(billing, customer, whmcs, clock):
    items = [
        {
            "id": "1",
            "type": "Hosting",
            "relid": "31",
            "description": "Plan &amp; more",
            "amount": "1200.00",
            "taxed": "1",
        },
        {"id": "2", "type": "", "relid": "0", "description": "<b>Discount</b>", "amount": "-200.00", "taxed": 0},
    ]
    whmcs.invoices = [a_wire_invoice(101, items={"item": items}, credit="100.00", total="1000.00")]
    refund = a_wire_transaction(101, amountin="0.00", amountout="20.00", date="2026-01-06 00:00:00", transid="re_1")
    whmcs.transactions = [refund, a_wire_transaction(101)]
    detail = await billing.get_invoice(customer, 101)
    assert [(line.description, line.amount, line.taxed, line.whmcs_service_id) for line in detail.lines] == [
        ("Plan & more", Decimal(1200), True, 31),
        ("<b>Discount</b>", Decimal(-200), False, 0),
    ]
    assert [(tax.rate, tax.amount) for tax in detail.taxes] == [(Decimal(10), Decimal(100))]
    assert [(e.kind, e.on, e.method, e.amount) for e in detail.ledger] == [
        ("credit", None, "", Decimal(100)),
        ("payment", date(2026, 1, 5), "Credit Card", Decimal(300)),
        ("refund", date(2026, 1, 6), "Credit Card", Decimal(-20)),
    ]
    assert (detail.invoice.balance, detail.as_of, detail.stale) == (Decimal(720), clock.now(), False)


async def test_o1_unknown_foreign_and_draft_invoices_read_alike(desk, billing, customer, other_customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101), a_wire_invoice(102, client_id=8, status="Draft")]
    seen = set()
    for unreadable in (101, 102, 999):
        before = len(whmcs.calls)
        with pytest.raises(NotFound) as missing:
            await billing.get_invoice(other_customer, unreadable)
        seen.add((str(missing.value), len(whmcs.calls) - before))
    assert seen == {("invoice not found", 1)}
    assert desk.foreign == [(other_customer.user_id, "invoice", 101)]


async def test_o2_somebody_elses_invoice_is_not_kept_anywhere(desk, billing, customer, other_customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    with pytest.raises(NotFound):
        await billing.get_invoice(other_customer, 101)
    assert [entry.text for entry, *_ in desk.cache._shelf._entries.values()] == [""]
    assert (await billing.get_invoice(customer, 101)).invoice.whmcs_client_id == 7
    with pytest.raises(NotFound):
        await billing.get_invoice(other_customer, 101)


@pytest.mark.parametrize("owner", [None, "", 0])
async def test_o2_an_invoice_that_names_no_owner_is_not_shown(billing, customer, whmcs, owner):
    whmcs.invoices = [a_wire_invoice(101, userid=owner)]
    with pytest.raises(NotFound):
        await billing.get_invoice(customer, 101)


async def test_an_answer_about_another_invoice_than_asked_for_is_not_shown(billing, customer, whmcs):
    whmcs.will("GetInvoice", whmcs_detail(102))
    with pytest.raises(NotFound):
        await billing.get_invoice(customer, 101)


def whmcs_detail(invoice_id):
    row = a_wire_invoice(invoice_id)
    return success(invoiceid=row.pop("id"), balance="0.00", items="", transactions="", **row)


@pytest.mark.parametrize("hostile", [0, -1, 2**31, "101 OR 1=1", "../101", True, None, 1.5, ""])
async def test_o3_what_cannot_be_an_id_is_not_even_asked_for(billing, customer, whmcs, hostile):
    with pytest.raises(NotFound):
        await billing.get_invoice(customer, hostile)
    with pytest.raises(NotFound):
        await billing.request_payment(customer, hostile)
    assert whmcs.calls == []


async def test_a_detail_is_read_once_in_five_minutes(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.get_invoice(customer, 101)
    clock.advance(240)
    await billing.get_invoice(customer, 101)
    assert len(whmcs.asked("GetInvoice")) == 1
    clock.advance(61)
    await billing.get_invoice(customer, 101)
    assert len(whmcs.asked("GetInvoice")) == 2


async def test_h4_a_detail_outlives_whmcs_for_fifteen_minutes_and_says_so(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    read_at = clock.now()
    await billing.get_invoice(customer, 101)
    whmcs.will("GetInvoice", page_of_html(), page_of_html())
    clock.advance(14 * 60)
    detail = await billing.get_invoice(customer, 101)
    assert (detail.stale, detail.as_of) == (True, read_at)
    clock.advance(2 * 60)
    with pytest.raises(UpstreamUnavailable):
        await billing.get_invoice(customer, 101)


async def test_h4_a_missing_invoice_is_remembered_for_ten_seconds(billing, customer, whmcs, clock):
    for wait, asked in ((0, 1), (9, 1), (2, 2)):
        clock.advance(wait)
        with pytest.raises(NotFound):
            await billing.get_invoice(customer, 101)
        assert len(whmcs.asked("GetInvoice")) == asked


async def test_a_failed_read_is_not_remembered(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    whmcs.will("GetInvoice", page_of_html())
    with pytest.raises(UpstreamUnavailable):
        await billing.get_invoice(customer, 101)
    assert (await billing.get_invoice(customer, 101)).invoice.number == "101"


async def test_a_kept_detail_becomes_overdue_at_midnight_in_japan(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101, duedate="2026-01-14")]
    clock.at = datetime(2026, 1, 14, 14, 59, tzinfo=UTC)
    assert (await billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.UNPAID
    clock.advance(120)
    assert (await billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.OVERDUE
    assert len(whmcs.asked("GetInvoice")) == 1


async def test_a_kept_detail_can_be_read_anew(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.get_invoice(customer, 101)
    whmcs.invoices = [a_wire_invoice(101, total="2200.00")]
    assert (await billing.get_invoice(customer, 101)).invoice.total == Decimal(1100)
    assert (await billing.get_invoice(customer, 101, anew=True)).invoice.total == Decimal(2200)
    assert (await billing.get_invoice(customer, 101)).invoice.total == Decimal(2200)


async def test_h4_refreshing_while_whmcs_is_down_costs_nobody_the_last_detail(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.get_invoice(customer, 101)
    whmcs.down = True
    await billing.refresh(customer)
    assert (await billing.get_invoice(customer, 101, anew=True)).stale
    assert (await billing.get_invoice(customer, 101)).invoice.number == "101"


async def test_a_kept_detail_never_outlives_a_list_that_says_otherwise(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    await billing.get_invoice(customer, 101)
    whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    clock.advance(91)
    (listed,) = (await billing.list_invoices(customer, ALL, wait=True)).items
    assert listed.status is InvoiceStatus.PAID
    assert (await billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.PAID


@pytest.mark.parametrize("kept", [True, False])
async def test_a_page_of_one_invoice_is_told_to_try_again_after_a_failure(
    desk, billing, customer, whmcs, clock, monkeypatch, kept
):
    monkeypatch.setattr("portal_app.storage.marks.FAILURE_KEPT", timedelta(0))
    monkeypatch.setattr("portal_app.storage.marks.random.uniform", lambda *_: 0.01)
    told = asyncio.Event()
    whmcs.invoices = [a_wire_invoice(101)]
    if kept:
        await billing.get_invoice(customer, 101)
        clock.advance(6 * 60)
    whmcs.down = True
    desk.bus.subscribe(f"customer:{customer.user_id}:invoices", lambda *_: told.set())
    with nullcontext() if kept else pytest.raises(UpstreamUnavailable):
        assert (await billing.get_invoice(customer, 101)).stale
    async with asyncio.timeout(5):
        await told.wait()


async def test_without_gateway_names_the_ledger_shows_their_modules(billing, customer, whmcs):
    whmcs.invoices, whmcs.transactions = [a_wire_invoice(101)], [a_wire_transaction(101)]
    whmcs.will("GetPaymentMethods", page_of_html())
    assert (await billing.get_invoice(customer, 101)).ledger[0].method == "stripe"


async def test_gateway_names_are_read_once_an_hour(billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101), a_wire_invoice(102)]
    whmcs.transactions = [a_wire_transaction(101), a_wire_transaction(102)]
    for invoice in (101, 102):
        await billing.get_invoice(customer, invoice)
    assert len(whmcs.asked("GetPaymentMethods")) == 1


# Copies of one


async def test_a_synced_invoice_changes_the_list_and_makes_it_ask_again(desk, billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    whmcs.invoices = [a_wire_invoice(101, status="Paid", invoicenum="INV-1", datepaid="2026-01-15 12:00:00")]
    assert await billing.sync_invoice(101) == 7
    page = await billing.list_invoices(customer, ALL)
    assert (page.items[0].status, page.items[0].paid_on) == (InvoiceStatus.PAID, date(2026, 1, 15))
    await desk.marks.settled()
    assert len(whmcs.asked("GetInvoices")) == 2


async def test_an_unchanged_invoice_leaves_the_list_fresh(desk, billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    for _ in range(3):
        assert await billing.sync_invoice(101) == 7
    await billing.list_invoices(customer, ALL)
    await desk.marks.settled()
    assert len(whmcs.asked("GetInvoices")) == 1


@pytest.mark.parametrize("unknown", [999, 0, -5])
async def test_syncing_what_whmcs_does_not_have_says_so(billing, unknown):
    assert await billing.sync_invoice(unknown) is None


async def test_syncing_while_whmcs_is_down_raises_so_that_the_event_is_kept(billing, whmcs):
    whmcs.will("GetInvoice", page_of_html())
    with pytest.raises(UpstreamUnavailable):
        await billing.sync_invoice(101)


async def test_the_operator_reads_everybodys_invoices_with_exact_balances(billing, whmcs):
    whmcs.invoices = [
        a_wire_invoice(101, client_id=7),
        a_wire_invoice(102, client_id=8),
        a_wire_invoice(103, client_id=9, status="Paid"),
        a_wire_invoice(104, userid=""),
    ]
    whmcs.transactions = [a_wire_transaction(102, client_id=8)]
    page = await billing.operator_list_invoices(None, start=0, limit=100)
    assert [(i.whmcs_client_id, i.balance) for i in page.items] == [(7, 1100), (8, 800), (9, 0)]
    assert page.total == 4
    assert [call["clientid"] for call in whmcs.asked("GetTransactions")] == ["7", "8"]


async def test_the_operator_asks_with_whmcss_own_word_for_overdue(billing, whmcs):
    await billing.operator_list_invoices("Overdue", start=20, limit=10)
    asked = whmcs.asked("GetInvoices")[0]
    assert "userid" not in asked
    assert (asked["status"], asked["limitstart"], asked["limitnum"], asked["orderby"]) == ("Overdue", "20", "10", "id")


async def test_a_changed_shape_is_an_error_and_not_an_empty_list(billing, customer, whmcs):
    whmcs.will("GetInvoices", success(totalresults=1, invoices={"invoice": [{"id": 101, "total": "soon"}]}))
    with pytest.raises(UpstreamReplyChanged) as changed:
        await billing.list_invoices(customer, ALL)
    assert "soon" not in str(changed.value)


async def test_a_slow_whmcs_does_not_hold_up_a_page_that_has_a_copy(desk, billing, customer, whmcs, clock):
    whmcs.invoices = [a_wire_invoice(101)]
    await billing.list_invoices(customer, ALL)
    clock.advance(91)
    whmcs.will("GetInvoices", httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow"))
    page = await asyncio.wait_for(billing.list_invoices(customer, ALL), 1)
    assert page.total_items == 1
