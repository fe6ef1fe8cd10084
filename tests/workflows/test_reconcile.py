"""What hooks missed is found, counted, repaired and reported: E8."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.workflows.findings import MOST_FAILURES, Stopped
from portal_app.workflows.reconcile import PAGE
from tests.fakes.whmcs import a_wire_invoice, a_wire_service, a_wire_transaction, success

LATER = timedelta(minutes=5)


async def copied(world, customer) -> None:
    """The customer looked: both copies are there, and nothing was said yet."""
    await world.billing.list_invoices(customer, InvoiceQuery(), wait=True)
    await world.services.list_services(customer, wait=True)
    world.heard.clear()
    world.whmcs.calls.clear()


async def status_of(world, customer, number: int) -> InvoiceStatus | None:
    invoice = await world.invoices.get(customer, number)
    return invoice and invoice.status


async def report(world, kind: str):
    return (await world.reports.latest(kind))[0]


@pytest.fixture
async def customer(world):
    """Client 7 with three invoices and one service, not looked at for a day."""
    customer = await world.a_customer(7)
    world.whmcs.invoices = [a_wire_invoice(number, 7) for number in (101, 102, 103)]
    world.whmcs.services = [a_wire_service(31, 7)]
    await copied(world, customer)
    world.clock.advance(timedelta(hours=25))
    return customer


async def test_e8_nothing_different_is_a_report_of_zeros_and_no_hint(world, customer):
    line = await world.reconcile().nightly()
    assert line == "invoices.nightly: 3 compared, 0 drift, 0 left; services.nightly: 1 compared, 0 drift, 0 left"
    found = await report(world, "invoices.nightly")
    assert (found.compared, found.drift, found.repaired, found.left) == (
        3,
        {"added": 0, "changed": 0, "removed": 0},
        0,
        [],
    )
    assert world.heard_of(customer, "invoices") == 0


async def test_e8_hourly_finds_a_payment_whose_hook_was_lost(world, customer):
    world.whmcs.invoices[0] = a_wire_invoice(101, 7, status="Paid")
    await world.reconcile().hourly()
    assert await status_of(world, customer, 101) is InvoiceStatus.PAID
    assert (await report(world, "invoices.hourly")).drift == {"added": 0, "changed": 1, "removed": 0}
    assert world.heard_of(customer, "invoices") >= 1


async def test_e8_hourly_finds_a_new_open_invoice(world, customer):
    world.whmcs.invoices.append(a_wire_invoice(104, 7))
    await world.reconcile().hourly()
    assert await status_of(world, customer, 104) is InvoiceStatus.UNPAID
    assert (await report(world, "invoices.hourly")).repaired == 1


async def test_e8_hourly_finds_a_part_payment_by_the_balance(world, customer):
    world.whmcs.transactions = [a_wire_transaction(102, 7)]
    await world.reconcile().hourly()
    invoice = await world.invoices.get(customer, 102)
    assert invoice is not None and invoice.balance == Decimal(800)


async def test_hourly_reads_customers_seen_today_whole_and_others_only_where_open(world, customer):
    here = await world.a_customer(8)
    world.whmcs.invoices.append(a_wire_invoice(201, 8, status="Paid"))
    await copied(world, here)
    world.clock.advance(LATER)
    world.whmcs.invoices = [
        a_wire_invoice(101, 7),
        a_wire_invoice(102, 7),
        a_wire_invoice(103, 7),
        a_wire_invoice(201, 8, status="Refunded"),
    ]
    await world.reconcile().hourly()
    assert await status_of(world, here, 201) is InvoiceStatus.REFUNDED
    asked_for = {call.get("userid") for call in world.whmcs.asked("GetInvoices")}
    assert asked_for == {None, "8"}


async def test_e8_nightly_finds_every_kind_of_drift_and_repairs_it(world, customer):
    world.whmcs.invoices = [
        a_wire_invoice(101, 7, status="Cancelled"),
        a_wire_invoice(102, 7),
        a_wire_invoice(105, 7, status="Paid"),
    ]
    await world.reconcile().nightly()
    found = await report(world, "invoices.nightly")
    assert found.drift == {"added": 1, "changed": 1, "removed": 1}
    assert found.repaired == 3
    assert await status_of(world, customer, 101) is InvoiceStatus.CANCELLED
    assert await status_of(world, customer, 105) is InvoiceStatus.PAID
    assert await world.invoices.ids_of(7) == {101, 102, 105}
    world.heard.clear()
    await world.reconcile().nightly()
    assert (await report(world, "invoices.nightly")).drift == {"added": 0, "changed": 0, "removed": 0}
    assert world.heard_of(customer, "invoices") == 0


async def test_nightly_reads_each_page_once_and_asks_for_payments_only_of_linked_clients(world, customer):
    strangers = [a_wire_invoice(number, 5000 + number) for number in range(1000, 1000 + 2 * PAGE)]
    world.whmcs.invoices += strangers
    await world.reconcile().nightly()
    pages = world.whmcs.asked("GetInvoices")
    assert [(p["limitstart"], p["limitnum"], p["orderby"], p["order"]) for p in pages] == [
        (str(start), str(PAGE), "id", "asc") for start in (0, PAGE, 2 * PAGE)
    ]
    assert {call["clientid"] for call in world.whmcs.asked("GetTransactions")} == {"7"}
    assert world.whmcs.asked("GetInvoice") == []
    assert (await report(world, "invoices.nightly")).compared == 3


async def test_a_stranger_gets_no_copy(world, customer):
    world.whmcs.invoices.append(a_wire_invoice(900, 99))
    await world.reconcile().nightly()
    assert await world.invoices.ids_of(99) == set()


async def test_a_hook_that_was_quicker_than_the_list_is_not_undone(world, customer):
    stale_list = success(totalresults=3, invoices={"invoice": [a_wire_invoice(n, 7) for n in (101, 102, 103)]})
    world.whmcs.invoices[0] = a_wire_invoice(101, 7, status="Paid")
    await world.sync.invoice(101)  # the hook
    world.whmcs.will("GetInvoices", stale_list)
    await world.reconcile().nightly()
    assert await status_of(world, customer, 101) is InvoiceStatus.PAID


async def test_a_row_that_list_and_detail_tell_differently_is_left_for_a_person(world, customer):
    odd = success(totalresults=3, invoices={"invoice": [a_wire_invoice(n, 7, total="9.00") for n in (101, 102, 103)]})
    world.whmcs.will("GetInvoices", odd)
    await world.reconcile().nightly()
    found = await report(world, "invoices.nightly")
    assert found.repaired == 0
    assert found.left[0] == {"whmcs_invoice_id": 101, "whmcs_client_id": 7, "why": "list_and_detail_differ"}


async def test_an_invoice_whmcs_cannot_tell_is_left_and_the_others_go_on(world, customer):
    world.whmcs.invoices = [a_wire_invoice(n, 7, status="Paid") for n in (101, 102, 103)]
    world.whmcs.will("GetInvoice", success(shape="another"))
    await world.reconcile().nightly()
    found = await report(world, "invoices.nightly")
    assert (found.repaired, len(found.left)) == (2, 1)


async def test_e8_nightly_finds_a_service_whose_hook_was_lost(world, customer):
    world.whmcs.services = [a_wire_service(31, 7, status="Suspended"), a_wire_service(32, 7)]
    await world.reconcile().nightly()
    found = await report(world, "services.nightly")
    assert found.drift == {"added": 1, "changed": 1, "removed": 0}
    assert world.heard_of(customer, "services") == 1


async def test_a_first_copy_of_services_is_no_drift(world):
    await world.a_customer(7)
    world.whmcs.services = [a_wire_service(31, 7)]
    await world.reconcile().nightly()
    assert (await report(world, "services.nightly")).drift["added"] == 0


async def test_whmcs_going_away_ends_the_run_with_a_report_and_no_change(world, customer):
    world.whmcs.invoices[0] = a_wire_invoice(101, 7, status="Paid")
    world.whmcs.down = True
    with pytest.raises(Stopped):
        await world.reconcile().nightly()
    found = await report(world, "invoices.nightly")
    assert found.notes.startswith("stopped early")
    assert await status_of(world, customer, 101) is InvoiceStatus.UNPAID
    assert await world.invoices.ids_of(7) == {101, 102, 103}


async def test_a_page_that_fails_in_the_middle_removes_nothing(world, customer):
    world.whmcs.invoices += [a_wire_invoice(number, 99) for number in range(1000, 1000 + PAGE)]
    first = success(totalresults=PAGE + 3, invoices={"invoice": [a_wire_invoice(101, 7)]})
    world.whmcs.will("GetInvoices", first, httpx.ConnectError("refused"))
    with pytest.raises(Stopped):
        await world.reconcile().nightly()
    assert await world.invoices.ids_of(7) == {101, 102, 103}


async def test_one_client_whose_services_cannot_be_read_does_not_hold_up_the_others(world, customer):
    others = [await world.a_customer(number) for number in (8, 9)]
    world.whmcs.will("GetClientsProducts", success(products=3))
    await world.reconcile().nightly()
    found = await report(world, "services.nightly")
    assert [left["whmcs_client_id"] for left in found.left] == [7]
    assert {call["clientid"] for call in world.whmcs.asked("GetClientsProducts")} == {"7", "8", "9"}
    assert others


async def test_when_one_client_after_another_cannot_be_read_it_stops_asking(world):
    for number in range(1, MOST_FAILURES + 4):
        await world.a_customer(number)
    world.whmcs.will("GetClientsProducts", *[httpx.ConnectError("refused")] * 20)
    with pytest.raises(Stopped):
        await world.reconcile().nightly()
    assert len(world.whmcs.asked("GetClientsProducts")) == MOST_FAILURES


async def test_g1_a_stopping_process_ends_between_two_pages(world, customer):
    world.whmcs.invoices += [a_wire_invoice(number, 99) for number in range(1000, 1000 + PAGE)]
    looks: list[bool] = []

    def stopping() -> bool:
        looks.append(True)
        return len(looks) > 1

    with pytest.raises(Stopped, match="stopping"):
        await world.reconcile().nightly(stopping)
    assert len(world.whmcs.asked("GetInvoices")) == 1
    assert (await report(world, "invoices.nightly")).notes == "stopped early: stopping"
    assert await world.invoices.ids_of(7) == {101, 102, 103}


async def test_drafts_are_neither_drift_nor_copied_anew(world, customer):
    world.whmcs.invoices.append(a_wire_invoice(110, 7, status="Draft"))
    await world.reconcile().nightly()
    found = await report(world, "invoices.nightly")
    assert (found.compared, found.drift["added"]) == (3, 0)
    assert await world.invoices.get(customer, 110) is None
