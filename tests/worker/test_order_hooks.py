"""Hooks about orders name an order and nobody: whose services to copy is asked of WHMCS (W7)."""

from datetime import timedelta

import pytest

from portal_app.worker.inbox import InboxWorker
from tests.fakes.whmcs import a_wire_service, success
from tests.worker.test_inbox import arrives, state_of


@pytest.fixture
def worker(world) -> InboxWorker:
    return InboxWorker(world.inbox, world.sync)


def an_order(order_id=90, client_id=7):
    return success(orders={"order": [{"id": str(order_id), "userid": client_id, "status": "Active"}]})


@pytest.mark.parametrize("event", ["AcceptOrder", "CancelOrder"])
async def test_w7_what_staff_do_to_an_order_shows_at_its_services(world, worker, event):
    customer = await world.a_customer()
    world.whmcs.services = [a_wire_service(31, status="Pending")]
    await world.services.list_services(customer)
    world.whmcs.services = [a_wire_service(31, status="Active")]
    world.whmcs.will("GetOrders", an_order())
    world.heard.clear()
    await arrives(world, event, orderid="90")
    await worker.once()
    assert world.whmcs.asked("GetOrders") == [], "it comes before the change"
    world.clock.advance(timedelta(minutes=1))
    await worker.once()
    [asked] = world.whmcs.asked("GetOrders")
    assert (asked["id"], "userid" in asked) == ("90", False)
    assert [service.status for service in await world.service_mirror.list(customer)] == ["active"]
    assert world.heard_of(customer, "services") == 1


async def test_w7_services_bought_in_whmcss_own_shop_are_copied_though_nobody_has_seen_them(world, worker):
    customer = await world.a_customer()
    world.whmcs.services = [a_wire_service(31)]
    world.whmcs.will("GetOrders", an_order())
    await arrives(world, "AfterShoppingCartCheckout", OrderID=90, ServiceIDs="31", InvoiceID=0)
    await worker.once()
    assert [service.whmcs_service_id for service in await world.service_mirror.list(customer)] == [31]


@pytest.mark.parametrize("answer", [success(totalresults=0), an_order(91), an_order(90, 99)])
async def test_w7_an_order_of_nobody_here_is_done_with(world, worker, answer):
    customer = await world.a_customer()
    world.whmcs.will("GetOrders", answer)
    await arrives(world, "AfterShoppingCartCheckout", OrderID=90)
    await worker.once()
    assert await state_of(world) == (True, False, 0, "")
    assert world.heard_of(customer, "services") == 0
    assert world.whmcs.asked("GetClientsProducts") == []


async def test_w7_a_paid_order_is_its_invoice_and_asks_for_no_order(world, worker):
    await world.a_customer()
    await arrives(world, "OrderPaid", orderId=90, userId=7, invoiceId=101)
    await worker.once()
    assert world.whmcs.asked("GetOrders") == []
    assert len(world.whmcs.asked("GetInvoice")) == 1
