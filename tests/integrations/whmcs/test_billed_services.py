"""What a service was billed by: read once from the lines, a part at a time, never somebody else's."""

import asyncio
from decimal import Decimal

import httpx
import pytest

from portal_app.domain.billing import InvoiceQuery
from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.upstream import WHMCS
from portal_app.integrations.whmcs import billed_services
from tests.fakes.whmcs import a_wire_invoice, page_of_html, refusal, success


def an_item(service, amount="1000.00", **changed):
    return {"id": 1, "type": "Hosting", "relid": service, "description": "x", "amount": amount, "taxed": 1} | changed


def a_bill(number, *items, client_id=7, **changed):
    return a_wire_invoice(number, client_id, items={"item": list(items)}, **changed)


@pytest.fixture
def billed(desk):
    return desk.billed


@pytest.fixture
def told(desk, customer):
    """How often open pages were told."""
    heard = []
    desk.bus.subscribe(f"customer:{customer.user_id}:history", lambda topic, _: heard.append(topic))
    return heard


async def history(desk, customer, service=31):
    """As it is once everything was read."""
    await desk.billed.history(customer, service)
    await desk.billed.settled()
    return await desk.billed.history(customer, service)


async def test_the_invoices_of_a_service_with_what_they_bill_for_it(desk, customer, whmcs):
    whmcs.invoices = [a_bill(101, an_item(31), an_item(32, "500.00"), subtotal="1500.00", tax="150.00"), a_bill(102)]
    found = await history(desk, customer)
    assert [(one.invoice.whmcs_invoice_id, one.amount) for one in found.items] == [(101, Decimal(1100))]
    assert (found.unread, found.reading, found.stale) == (0, False, False)
    assert [one.amount for one in (await desk.billed.history(customer, 32)).items] == [Decimal(550)]


async def test_lines_are_read_once_until_an_invoice_changes(desk, customer, whmcs, clock):
    whmcs.invoices = [a_bill(101, an_item(31)), a_bill(102, an_item(31))]
    await history(desk, customer)
    await history(desk, customer, 32)
    assert len(whmcs.asked("GetInvoice")) == 2
    whmcs.invoices[0] |= {"status": "Paid"}
    clock.advance(91)
    await desk.billed.history(customer, 31, wait=True)
    await desk.billed.settled()
    assert [call["invoiceid"] for call in whmcs.asked("GetInvoice")[2:]] == ["101"]


async def test_only_lines_about_a_service_count(desk, customer, whmcs):
    other = [an_item(31, type="Addon"), an_item(31, type="Item"), an_item(31, type="")]
    whmcs.invoices = [a_bill(101, *other)]
    found = await history(desk, customer)
    assert (found.items, found.unread) == ((), 0)


async def test_the_newest_are_read_first_a_few_at_once_and_the_rest_behind_everybody(
    desk, customer, whmcs, told, monkeypatch
):
    monkeypatch.setattr(billed_services, "PART", 3)
    monkeypatch.setattr(billed_services, "FOR_A_VIEW", 6)
    whmcs.invoices = [a_bill(100 + n, date=f"2025-01-{1 + n:02}") for n in range(8)]
    seen, slot, flying = [], desk.upstream._throttle.slot, []

    def watched(*, background, user):
        seen.append((background, user))
        return slot(background=background, user=user)

    desk.upstream._throttle.slot = watched
    answer = whmcs._GetInvoice

    def counted(fields):
        flying.append(fields["invoiceid"])
        return answer(fields)

    whmcs.will("GetInvoice", *[counted] * 8)
    found = await history(desk, customer)
    assert found.unread == 0
    assert [background for background, _ in seen[-8:]] == [False] * 6 + [True] * 2
    assert {user for _, user in seen[-8:]} == {customer.user_id}
    assert set(flying[:3]) == {"107", "106", "105"}
    assert len(told) == 3


def test_the_reading_leaves_a_customer_a_call_of_their_own():
    assert WHMCS.per_user_inflight > billed_services.AT_ONCE
    assert billed_services.FOR_A_VIEW % billed_services.PART == 0


async def test_two_tabs_read_once(desk, customer, whmcs):
    whmcs.invoices = [a_bill(101, an_item(31))]
    await asyncio.gather(*(desk.billed.history(customer, n) for n in (31, 32, 31)))
    await desk.billed.settled()
    assert len(whmcs.asked("GetInvoice")) == 1


async def test_after_a_failure_the_rest_waits_and_pages_are_told(desk, customer, whmcs, told, clock):
    whmcs.invoices = [a_bill(101, an_item(31)), a_bill(102, an_item(31))]
    whmcs.will("GetInvoice", *[page_of_html(503)] * 12)
    found = await history(desk, customer)
    assert (found.unread, found.reading, len(told)) == (2, False, 1)
    asked = len(whmcs.asked("GetInvoice"))
    await desk.billed.history(customer, 31)
    assert len(whmcs.asked("GetInvoice")) == asked
    whmcs.replies.clear()
    clock.advance(31)
    assert len((await history(desk, customer)).items) == 2


async def test_one_that_cannot_be_understood_stops_nothing_and_is_not_asked_for_again_at_once(
    desk, customer, whmcs, clock
):
    whmcs.invoices = [a_bill(101, an_item(31)), a_bill(102, an_item(31), date="2026-01-03")]
    whmcs.invoices[1]["items"] = {"item": [{"amount": "much"}]}
    await desk.billed.history(customer, 31)
    await desk.billed.settled()
    assert [one.amount for one in await desk.kept.history(customer, 31)] == [Decimal(1100)]
    asked = len(whmcs.asked("GetInvoice"))
    found = await history(desk, customer)
    assert (found.unread, found.reading, len(whmcs.asked("GetInvoice"))) == (1, False, asked)
    clock.advance(301)
    await history(desk, customer)
    assert len(whmcs.asked("GetInvoice")) == asked + 1


@pytest.mark.parametrize("answer", [refusal("Invoice ID Not Found"), "foreign"])
async def test_o2_an_invoice_that_is_gone_or_turns_out_anothers_bills_nothing(desk, customer, whmcs, answer):
    whmcs.invoices = [a_bill(101, an_item(31))]
    if answer == "foreign":
        row = {k: v for k, v in a_bill(101, an_item(31), client_id=8, balance="0").items() if k != "id"}
        answer = success(invoiceid=101, transactions="", **row)
    whmcs.will("GetInvoice", answer)
    found = await history(desk, customer)
    assert (found.items, found.unread) == ((), 0)
    assert desk.foreign in ([], [(customer.user_id, "invoice", 101)])


async def test_o1_the_history_of_somebody_elses_service_is_empty(desk, customer, other_customer, whmcs):
    whmcs.invoices = [a_bill(101, an_item(31)), a_bill(201, client_id=8)]
    await history(desk, customer)
    assert (await history(desk, other_customer)).items == ()


async def test_with_whmcs_down_what_is_known_is_shown_and_without_any_copy_the_failure_is_raised(
    desk, customer, other_customer, whmcs, clock
):
    whmcs.invoices = [a_bill(101, an_item(31))]
    await history(desk, customer)
    whmcs.down = True
    clock.advance(91)
    kept = await desk.billed.history(customer, 31, wait=True)
    assert (len(kept.items), kept.stale) == (1, True)
    with pytest.raises(UpstreamUnavailable):
        await desk.billed.history(other_customer, 31)


async def test_a_slow_whmcs_leaves_the_page_with_what_is_known(desk, customer, whmcs, monkeypatch):
    monkeypatch.setattr("portal_app.integrations.whmcs.billed_services.BRIEF_S", 0)
    held = asyncio.Event()
    get_invoice = desk.client.get_invoice

    async def slow(*args, **kwargs):
        await held.wait()
        return await get_invoice(*args, **kwargs)

    monkeypatch.setattr(desk.client, "get_invoice", slow)
    whmcs.invoices = [a_bill(101, an_item(31))]
    found = await desk.billed.history(customer, 31)
    assert (found.items, found.unread, found.reading) == ((), 1, True)
    held.set()
    await desk.billed.settled()
    assert len((await desk.billed.history(customer, 31)).items) == 1


async def test_a_refused_credential_ends_the_reading(desk, customer, whmcs):
    whmcs.invoices = [a_bill(101), a_bill(102), a_bill(103), a_bill(104)]
    await desk.billing.list_invoices(customer, InvoiceQuery())
    whmcs.will("GetInvoice", *[httpx.Response(403, json={"result": "error", "message": "Invalid IP 1.2.3.4"})] * 4)
    found = await history(desk, customer)
    assert found.unread == 4


async def test_a_discount_on_a_service_lowers_what_it_was_billed(desk, customer, whmcs):
    discount = an_item(31, "-300.00", type="PromoHosting")
    added = an_item(32, "500.00", type="Addon")
    whmcs.invoices = [a_bill(101, an_item(31), discount, added, subtotal="1200.00", tax="120.00", total="1320.00")]
    assert [one.amount for one in (await history(desk, customer)).items] == [Decimal(770)]
    assert (await desk.billed.history(customer, 32)).items == ()


async def test_whoever_presses_refresh_need_not_wait_until_it_rests_no_more(desk, customer, whmcs):
    whmcs.invoices = [a_bill(101, an_item(31))]
    whmcs.will("GetInvoice", refusal("down", status=503), refusal("down", status=503), refusal("down", status=503))
    assert (await history(desk, customer)).unread == 1
    asked = len(whmcs.asked("GetInvoice"))
    await desk.billed.history(customer, 31)
    assert len(whmcs.asked("GetInvoice")) == asked, "it rests"
    whmcs.replies.clear()
    await desk.billed.history(customer, 31, wait=True)
    await desk.billed.settled()
    assert len(whmcs.asked("GetInvoice")) > asked
