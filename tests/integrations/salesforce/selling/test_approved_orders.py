"""Approved orders in the sandbox's Salesforce: read whole, told how far they are, never moved back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal_app.domain.cart import SimChoice, add
from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.fulfilment import billed_lines
from portal_app.domain.sim import read_port_in
from portal_app.errors import NotFound, UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders, Report
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.storage.clock import Clock
from tests.integrations.salesforce.selling.staff import customer_of, record, staff
from tests.integrations.salesforce.selling.test_orders import (
    EID,
    PORT_IN,
    SIM_CART,
    VPN_CART,
    a_draft,
    an_internet_cart,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DONE = Report("Activated", whmcs_order_id="77")


@pytest.fixture
def approved(client):
    return ApprovedOrders(client, FieldMap())


@pytest.fixture
def opportunities(client):
    return Opportunities(client, FieldMap(), Clock())


@pytest.fixture
async def vpn(orders, book, customer, sandbox):
    """A VPN order that staff approved."""
    placed = await orders.place(customer, await a_draft(book, VPN_CART), "key-vpn-1")
    await staff(sandbox, f"orders/{placed.salesforce_order_id}/approve", {})
    return placed.salesforce_order_id


async def activation_of(sandbox, order_id: str) -> tuple[str | None, ...]:
    kept = await record(sandbox, order_id)
    names = ("Activation_Status__c", "Activation_Error_Code__c", "Activation_Error_Message__c", "WHMCS_Order_ID__c")
    return tuple(kept.get(name) for name in names)


async def test_an_internet_order_is_read_with_every_line_that_whmcs_is_asked_for(approved, orders, book, customer):
    draft = await a_draft(book, await an_internet_cart(book))
    placed = await orders.place(customer, draft, "key-internet-1")
    order = await approved.read(placed.salesforce_order_id)
    assert (order.salesforce_account_id, order.number) == (customer.salesforce_account_id, placed.number)
    assert (order.line, order.status, order.activation) == (ProductLine.INTERNET, "Pending Review", "Not Started")
    assert order.from_portal and not order.is_approved and order.starts_on is None and order.sim.port_in is None
    assert [line.number for line in order.lines] == [1, 2, 3, 4, 5]
    first, *_, last = order.lines
    assert (first.sku, first.item_class, first.cycle) == (
        "INTERNET-GOLD-HOME-1G",
        ItemClass.SERVICE,
        Cycle.MONTHLY,
    )
    assert (first.quantity, first.unit_price) == (Decimal(1), Decimal(5800)) and first.whmcs_service_id == ""
    assert (last.item_class, last.cycle) == (ItemClass.ADD_ON, Cycle.ONETIME)
    skus = {line.item.sku: line.item.whmcs_product_id for line in draft.lines}
    assert {line.sku: line.whmcs_product_id for line in order.lines} == skus
    assert len(billed_lines(order)) == 5


async def test_a_sim_order_is_read_back_as_it_was_written_with_what_staff_filled_in(
    approved, orders, book, customer, client
):
    sim = SimChoice("esim", EID, True, "scheduled", date(2026, 4, 20), PORT_IN)
    cart = add(replace(SIM_CART, sim=sim), await book.read_now(), "SIM-ADDON-VOICE-MAIL")
    placed = await orders.place(customer, await a_draft(book, cart), "key-sim-1")
    filled = {"SIM_Phone_Number__c": "090-1234-5678", "SIM_Product_Number__c": "AX0000000000001"}
    await client.update("Order", placed.salesforce_order_id, filled)
    order = await approved.read(placed.salesforce_order_id)
    assert order.line is ProductLine.SIM and order.is_scheduled and order.starts_on == date(2026, 4, 20)
    assert (order.sim.form, order.sim.eid) == ("esim", EID) and order.lines[0].sim_use == "DataSmsVoice"
    assert (order.sim.voice_mail, order.sim.call_waiting) == (True, False)
    assert [line.sim_use for line in order.lines if line.item_class is ItemClass.SERVICE] == ["DataSmsVoice"]
    assert (order.sim.phone_number, order.sim.product_number) == ("090-1234-5678", "AX0000000000001")
    assert order.sim.port_in == read_port_in(PORT_IN)
    assert EID not in repr(order) and "5678" not in repr(order) and PORT_IN.last_name not in repr(order)


async def test_what_is_gone_is_none_and_what_is_no_id_is_never_asked_for(approved):
    assert await approved.read("801000000000009AAA") is None
    for ask in (
        lambda: approved.read("../User/005000000000001"),
        lambda: approved.tell("001000000000001AAA", DONE),
        lambda: approved.tell_services("", {}),
    ):
        with pytest.raises(NotFound):
            await ask()


async def test_f11_a_failure_is_told_once_and_success_clears_it(approved, vpn, sandbox):
    failed = Report("Failed", "WHMCS_ERROR", "WHMCS refused.")
    assert await approved.tell(vpn, failed) and not await approved.tell(vpn, failed)
    assert await activation_of(sandbox, vpn) == ("Failed", "WHMCS_ERROR", "WHMCS refused.", None)
    tried_at = (await record(sandbox, vpn))["Activation_Last_Attempt_At__c"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(tried_at)) < timedelta(minutes=1)
    assert await approved.tell(vpn, DONE) and not await approved.tell(vpn, DONE)
    assert await activation_of(sandbox, vpn) == ("Activated", None, None, "77")
    assert (await approved.read(vpn)).whmcs_order_id == "77"


@pytest.mark.parametrize("late", ["Scheduled", "Activating", "Failed"])
async def test_f11_an_activated_order_is_never_moved_back(approved, vpn, sandbox, late):
    await approved.tell(vpn, DONE)
    assert not await approved.tell(vpn, Report(late, "WHMCS_ERROR", "late", "78"))
    assert await activation_of(sandbox, vpn) == ("Activated", None, None, "77")


async def test_f11_an_order_waits_for_its_day_fails_and_is_tried_again(approved, vpn, sandbox):
    for activation in ("Scheduled", "Activating", "Failed", "Activating", "Activated"):
        assert await approved.tell(vpn, Report(activation))
    assert (await activation_of(sandbox, vpn))[0] == "Activated"


@pytest.mark.parametrize("what", ["cancel", "reject"])
async def test_f13_what_staff_called_off_is_told_nothing(approved, orders, book, customer, sandbox, what):
    placed = await orders.place(customer, await a_draft(book, VPN_CART), "key-vpn-2")
    await staff(sandbox, f"orders/{placed.salesforce_order_id}/{what}", {})
    assert not await approved.tell(placed.salesforce_order_id, DONE)
    assert (await activation_of(sandbox, placed.salesforce_order_id))[0] == "Not Started"


async def test_f11_a_lost_answer_is_unknown_and_telling_again_writes_nothing_more(approved, vpn, sandbox):
    sandbox.world.faults.add("salesforce", "update Order", "effect_no_reply", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await approved.tell(vpn, DONE)
    assert (await activation_of(sandbox, vpn))[0] == "Activated"
    assert not await approved.tell(vpn, DONE)


async def test_each_line_names_its_service_and_only_what_differs_is_written(approved, vpn, sandbox):
    lines = (await approved.read(vpn)).lines
    wanted = {line.salesforce_item_id: 500 + line.number for line in lines}
    await approved.tell_services(vpn, wanted)
    assert [line.whmcs_service_id for line in (await approved.read(vpn)).lines] == ["501", "502"]
    stamps = [(await record(sandbox, one))["SystemModstamp"] for one in wanted]
    await approved.tell_services(vpn, wanted)
    assert [(await record(sandbox, one))["SystemModstamp"] for one in wanted] == stamps


async def test_services_of_another_orders_lines_are_not_written(approved, vpn, orders, book, customer, sandbox):
    other = await orders.place(customer, await a_draft(book, VPN_CART), "key-vpn-3")
    foreign = (await approved.read(other.salesforce_order_id)).lines[0].salesforce_item_id
    await approved.tell_services(vpn, {foreign: 501})
    assert (await record(sandbox, foreign)).get("WHMCS_Service_ID__c") is None


async def test_open_orders_are_approved_and_not_yet_activated(approved, vpn, orders, book, customer, sandbox):
    await orders.place(customer, await a_draft(book, SIM_CART), "key-waiting")
    (found,) = [one for one in await approved.list_open(LONG_AGO) if one.salesforce_order_id == vpn]
    assert (found.status, found.activation, found.whmcs_order_id) == ("Approved", "Activating", "")
    assert found.salesforce_account_id == customer.salesforce_account_id and found.from_portal
    assert all(one.status in ("Approved", "Processed", "Activated") for one in await approved.list_open(LONG_AGO))
    assert vpn in [one.salesforce_order_id for one in await approved.list_open(found.modified_at)]
    assert await approved.list_open(found.modified_at + timedelta(seconds=1)) == ()
    await approved.tell(vpn, DONE)
    assert vpn not in [one.salesforce_order_id for one in await approved.list_open(LONG_AGO)]


async def test_orders_are_found_together_whatever_became_of_them_and_what_is_no_id_is_not_there(
    approved, vpn, orders, book, customer, monkeypatch
):
    monkeypatch.setattr("portal_app.integrations.salesforce.approved_orders.AT_ONCE", 2)
    waits = (await orders.place(customer, await a_draft(book, SIM_CART), "key-waiting")).salesforce_order_id
    await approved.tell(vpn, DONE)
    found = await approved.find([vpn, "nonsense", "801000000000009AAA", customer.salesforce_account_id, waits])
    assert {one: (order.is_approved, order.is_over, order.activation) for one, order in found.items()} == {
        vpn: (True, False, "Activated"),
        waits: (False, False, "Not Started"),
    }
    assert await approved.find([]) == {}


async def test_an_order_somebody_imported_without_an_activation_is_open(approved, vpn, client):
    await client.update("Order", vpn, {"Activation_Status__c": None})
    assert vpn in [one.salesforce_order_id for one in await approved.list_open(LONG_AGO)]


async def test_an_opportunity_names_its_service_and_is_active(opportunities, customer, sandbox):
    one = await opportunities.find_or_create(
        customer, line=ProductLine.SIM, source="SIM Checkout", stage="Post Processing"
    )
    await opportunities.serve(customer, one, 501)
    kept = await record(sandbox, one)
    assert (kept["StageName"], int(kept["WHMCS_Service_ID__c"])) == ("Active", 501)
    await opportunities.serve(customer, one, 501)
    await opportunities.serve(customer, "", 501)
    assert (await record(sandbox, one))["SystemModstamp"] == kept["SystemModstamp"]


async def test_an_opportunity_on_its_way_out_keeps_its_stage(opportunities, customer, client, sandbox):
    one = await opportunities.find_or_create(customer, line=ProductLine.SIM, source="SIM Checkout")
    await client.update("Opportunity", one, {"StageName": "Cancelling"})
    await opportunities.serve(customer, one, 501)
    kept = await record(sandbox, one)
    assert (kept["StageName"], int(kept["WHMCS_Service_ID__c"])) == ("Cancelling", 501)


async def test_o2_another_accounts_opportunity_is_unknown(opportunities, customer, client, sandbox):
    one = await opportunities.find_or_create(customer, line=ProductLine.SIM, source="SIM Checkout")
    stranger = await customer_of(client, "C-100002")
    with pytest.raises(NotFound):
        await opportunities.serve(stranger, one, 501)
    assert (await record(sandbox, one))["StageName"] == "Introduction"
