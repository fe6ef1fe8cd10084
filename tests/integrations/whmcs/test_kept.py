"""What WHMCS's subjects answer from what they keep."""

import pytest

from portal_app.domain.billing import InvoiceQuery
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.storage.kept import NotKept, kept_only
from tests.fakes.whmcs import a_wire_invoice, page_of_html

LINE = {"id": 1, "type": "Hosting", "relid": 31, "description": "x", "amount": "1000.00", "taxed": 1}


@pytest.fixture
def gateways(desk, clock) -> Gateways:
    return Gateways(desk.client, clock)


async def test_names_that_were_never_read_are_not_kept_and_are_read_by_the_next(gateways, customer, whmcs):
    with kept_only(), pytest.raises(NotKept):
        await gateways.shown_to(customer)
    assert not whmcs.calls
    assert await gateways.shown_to(customer) == {"stripe": "Credit Card"}


async def test_the_last_names_known_are_good_enough(gateways, customer, whmcs, clock):
    await gateways.shown_to(customer)
    clock.advance(3601)
    with kept_only():
        assert await gateways.shown_to(customer) == {"stripe": "Credit Card"}
    assert len(whmcs.calls) == 1
    await gateways.shown_to(customer)
    assert len(whmcs.calls) == 2


@pytest.fixture
def bill(whmcs) -> None:
    whmcs.invoices = [a_wire_invoice(101, items={"item": [LINE]})]


async def test_a_history_of_which_a_part_is_unread_is_not_kept_and_is_not_read(desk, customer, whmcs, bill):
    await desk.billing.list_invoices(customer, InvoiceQuery())
    with kept_only(), pytest.raises(NotKept):
        await desk.billed.history(customer, 31)
    await desk.billed.settled()
    assert not whmcs.asked("GetInvoice")


async def test_a_history_that_was_read_is_kept(desk, customer, whmcs, bill):
    await desk.billed.history(customer, 31)
    await desk.billed.settled()
    calls = len(whmcs.calls)
    with kept_only():
        found = await desk.billed.history(customer, 31)
    assert [one.invoice.whmcs_invoice_id for one in found.items] == [101]
    assert (found.unread, found.reading, len(whmcs.calls)) == (0, False, calls)


async def test_a_history_whose_reading_just_failed_is_shown_as_far_as_it_is_known(desk, customer, whmcs, bill):
    whmcs.will("GetInvoice", *[page_of_html()] * 3)
    await desk.billed.history(customer, 31)
    await desk.billed.settled()
    with kept_only():
        found = await desk.billed.history(customer, 31)
    assert (found.items, found.unread, found.reading) == ((), 1, False)
