"""For a quarter of an hour after a customer went to pay, the portal looks by itself."""

from datetime import timedelta

import pytest

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.worker.payments import PaymentsWatch
from tests.fakes.whmcs import a_wire_invoice, a_wire_transaction


@pytest.fixture
def watch(world) -> PaymentsWatch:
    return PaymentsWatch(world.links, world.sync, world.bus)


@pytest.fixture
async def customer(world):
    """Went to pay invoice 101, of which a copy is there."""
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    await world.links.minted(customer, 101)
    world.heard.clear()
    return customer


async def test_a_paid_invoice_is_found_without_any_hook(world, watch, customer):
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    await watch.look()
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.status is InvoiceStatus.PAID
    assert world.heard_of(customer, "invoices") == 1
    assert await world.links.waiting(customer) == set()


async def test_nothing_new_tells_no_page_and_goes_on_waiting(world, watch, customer):
    await watch.look()
    await watch.look()
    assert world.heard_of(customer, "invoices") == 0
    assert await world.links.waiting(customer) == {101}
    assert len(world.whmcs.asked("GetInvoice")) == 2


async def test_a_part_payment_is_shown_and_waited_on(world, watch, customer):
    world.whmcs.transactions = [a_wire_transaction(101)]
    await watch.look()
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.balance == 800
    assert world.heard_of(customer, "invoices") == 1
    assert await world.links.waiting(customer) == {101}


async def test_after_fifteen_minutes_the_page_is_told_once_and_whmcs_asked_no_more(world, watch, customer):
    await watch.look()
    world.clock.advance(timedelta(minutes=15, seconds=1))
    await watch.look()
    await watch.look()
    assert len(world.whmcs.asked("GetInvoice")) == 1
    assert world.heard_of(customer, "invoices") == 1


async def test_while_whmcs_is_down_it_tries_again_at_the_next_look(world, watch, customer):
    world.whmcs.down = True
    await watch.look()
    assert await world.links.waiting(customer) == {101}
    world.whmcs.down = False
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    await watch.look()
    assert world.heard_of(customer, "invoices") == 1


async def test_an_invoice_that_is_gone_ends_the_wait(world, watch):
    customer = await world.a_customer()
    await world.links.minted(customer, 404)
    await watch.look()
    assert await world.links.waiting(customer) == set()


async def test_nobody_waiting_asks_whmcs_nothing(world, watch):
    assert await watch.look() == "0 awaited, 0 changed"
    assert world.whmcs.calls == []
