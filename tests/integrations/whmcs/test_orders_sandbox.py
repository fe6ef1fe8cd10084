"""Orders over real sockets against the sandbox: in every spelling, as installations differ, with every fault."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import BilledLine, marker
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.upstream import Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.integrations.whmcs.paging import PAGE
from sandbox.app import running
from sandbox.config import Config
from sandbox.faults import EMPTY_PROFILES, ID_PROFILES
from tests.fakes.clock import FakeClock
from tests.fakes.whmcs_orders import OPPORTUNITY, ORDER, QUICK

DEMO, SECOND, NOTHING_BOUGHT, CLOSED, WITH_BANK = 1001, 1002, 1005, 1008, 1012
BUYER = Customer("buyer", NOTHING_BOUGHT)
GOLD, SETUP, SIM, ACTIVATION = 182, 242, 98, 101
INTERNET_LINES = (
    BilledLine(1, "802-1", "INT", GOLD, "monthly", Decimal("5900"), True),
    BilledLine(2, "802-2", "SETUP", SETUP, "onetime", Decimal("0"), False),
)
SIM_LINES = (
    BilledLine(1, "802-1", "SIM", SIM, "monthly", Decimal("2000"), True),
    BilledLine(2, "802-2", "ACT", ACTIVATION, "onetime", Decimal("1500"), False),
)
PROFILES = [{"ids": ids} for ids in ID_PROFILES] + [{"empty": empty} for empty in EMPTY_PROFILES]
PROFILES += [{"fields_per_product": True, "ids": "strings"}, {"setup_on_accept": True}]
DONE = ["effect_no_reply", "truncated"]
NOT_DONE = ["http500", "html", "wrong_json", "huge", "redirect"]


@pytest.fixture
async def sandbox():
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=12, today=date(2026, 4, 15))) as started:
        yield started


@pytest.fixture
async def orders(sandbox):
    async with open_http() as http:
        config, clock = sandbox.world.config, FakeClock()
        policy = replace(QUICK, write_s=5)
        client = WhmcsClient(
            http, sandbox.whmcs_url, config.whmcs_identifier, config.whmcs_secret, Upstream(policy, clock)
        )
        yield BillingOrders(client, Gateways(client, clock), clock, reference_field="Portal Reference")


def place(orders, lines=INTERNET_LINES, customer=BUYER, *, invoice=True):
    return orders.add(customer, ORDER, lines, opportunity_id=OPPORTUNITY, invoice=invoice)


def fault(sandbox, action, kind, times=1):
    sandbox.world.faults.add("whmcs", action, kind, times, None)


def times(sandbox, action):
    return [call["action"] for call in sandbox.world.calls.last(1000)].count(action)


def by_line(found):
    return {number: only.whmcs_service_id for number, (only,) in found.items()}


@pytest.mark.parametrize("spelling", PROFILES, ids=str)
async def test_an_internet_order_goes_from_placed_to_active_in_every_spelling(orders, sandbox, spelling):
    sandbox.world.faults.set_profile(spelling)
    assert await orders.find_services(BUYER, ORDER) == {}
    added = await place(orders)
    found = await orders.find_services(BUYER, ORDER)
    assert by_line(found) == added.service_ids
    assert {one.whmcs_order_id for ones in found.values() for one in ones} == {added.whmcs_order_id}
    assert [found[n][0].whmcs_product_id for n in (1, 2)] == [GOLD, SETUP]
    before = await orders.read_order(BUYER, added.whmcs_order_id)
    assert (before.status, before.whmcs_invoice_id) == ("Pending", added.whmcs_invoice_id)
    await orders.accept(BUYER, added.whmcs_order_id)
    assert (await orders.read_order(BUYER, added.whmcs_order_id)).status == "Active"
    after = await orders.find_services(BUYER, ORDER)
    assert {one.status for ones in after.values() for one in ones} == {"Active"}
    assert await orders.find_invoice(BUYER, added.service_ids.values()) == added.whmcs_invoice_id > 0
    prices = sandbox.world.store.rows("SELECT firstpaymentamount AS first, recurringamount AS again FROM services "
                                      "WHERE order_id = ? ORDER BY id", added.whmcs_order_id)  # fmt: skip
    assert prices == [{"first": 590000, "again": 590000}, {"first": 0, "again": 0}]


@pytest.mark.parametrize("spelling", PROFILES, ids=str)
async def test_a_sim_order_is_billed_after_it_is_active_once_in_every_spelling(orders, sandbox, spelling):
    sandbox.world.faults.set_profile(spelling)
    added = await place(orders, SIM_LINES, invoice=False)
    services = sorted(added.service_ids.values())
    assert (added.whmcs_invoice_id, await orders.find_invoice(BUYER, services)) == (0, 0)
    await orders.note_number(BUYER, added.service_ids[1], "09011112222")
    await orders.accept(BUYER, added.whmcs_order_id)
    await orders.generate_invoice(BUYER, services)
    invoice = await orders.find_invoice(BUYER, services)
    await orders.generate_invoice(BUYER, services)
    assert await orders.find_invoice(BUYER, services) == invoice > 0
    lines = sandbox.world.store.rows("SELECT relid, amount FROM invoice_items WHERE type = 'Hosting' AND invoice_id = ?"
                                     " ORDER BY id", invoice)  # fmt: skip
    assert lines == [{"relid": services[0], "amount": 200000}, {"relid": services[1], "amount": 150000}]
    assert by_line(await orders.find_services(BUYER, ORDER)) == added.service_ids
    assert times(sandbox, "UpdateClientProduct") == 1


async def test_the_opportunity_and_the_marker_stand_in_fields_of_each_product(orders, sandbox):
    sandbox.world.faults.set_profile({"fields_per_product": True})
    added = await place(orders, (INTERNET_LINES[0], replace(SIM_LINES[0], number=2)))
    kept = sandbox.world.store.rows("SELECT id, customfields, domain FROM services WHERE client_id = ?", NOTHING_BOUGHT)
    for number, service_id in added.service_ids.items():
        row = next(row for row in kept if row["id"] == service_id)
        assert marker(ORDER, number) in row["customfields"] and OPPORTUNITY in row["customfields"]
        assert row["domain"] == ""


async def test_f3_without_the_reference_field_the_domain_carries_the_marker(orders, sandbox):
    sandbox.world.faults.set_profile({"missing_fields": ["Portal Reference"]})
    added = await place(orders)
    assert by_line(await orders.find_services(BUYER, ORDER)) == added.service_ids


async def test_only_what_is_free_is_not_billed(orders):
    free = [replace(line, unit_price=Decimal(0)) for line in INTERNET_LINES]
    added = await place(orders, free)
    assert added.whmcs_invoice_id == 0
    assert await orders.find_invoice(BUYER, added.service_ids.values()) == 0


@pytest.mark.parametrize(("client_id", "gateway"), [(DEMO, "stripe"), (NOTHING_BOUGHT, "stripe")])
async def test_the_order_names_a_gateway_that_is_switched_on(orders, sandbox, client_id, gateway):
    added = await place(orders, customer=Customer("u", client_id))
    assert sandbox.world.store.get("orders", added.whmcs_order_id)["paymentmethod"] == gateway


async def test_the_gateway_is_that_of_what_the_customer_pays_by(orders, sandbox):
    sandbox.world.store.execute("UPDATE paymethods SET gateway_name = 'banktransfer' WHERE client_id = ?", WITH_BANK)
    added = await place(orders, customer=Customer("u", WITH_BANK))
    assert sandbox.world.store.get("orders", added.whmcs_order_id)["paymentmethod"] == "banktransfer"


@pytest.mark.parametrize("kind", DONE)
async def test_f1_an_order_whose_answer_was_lost_is_there_once_and_found_whole(orders, sandbox, kind):
    fault(sandbox, "AddOrder", kind)
    with pytest.raises(UpstreamOutcomeUnknown):
        await place(orders)
    found = await orders.find_services(BUYER, ORDER)
    assert set(found) == {1, 2}
    order_id = found[1][0].whmcs_order_id
    assert (await orders.read_order(BUYER, order_id)).status == "Pending"
    assert times(sandbox, "AddOrder") == 1


@pytest.mark.parametrize("kind", NOT_DONE)
async def test_f1_an_order_that_was_answered_with_nonsense_is_unknown_sent_once_and_not_there(orders, sandbox, kind):
    fault(sandbox, "AddOrder", kind)
    with pytest.raises(UpstreamOutcomeUnknown):
        await place(orders)
    assert await orders.find_services(BUYER, ORDER) == {}
    assert times(sandbox, "AddOrder") == 1


@pytest.mark.parametrize("kind", ["status429", "auth_refused", "nvp_auth"])
async def test_f5_an_order_that_was_turned_away_at_the_door_surely_was_not_made(orders, sandbox, kind):
    fault(sandbox, "AddOrder", kind)
    with pytest.raises(UpstreamUnavailable):
        await place(orders)
    assert times(sandbox, "AddOrder") == 1


async def test_f4_a_product_whmcs_does_not_know_leaves_a_part_and_that_is_found(orders):
    lines = (INTERNET_LINES[0], replace(INTERNET_LINES[1], whmcs_product_id=99999))
    with pytest.raises(UpstreamOutcomeUnknown, match="service_count"):
        await place(orders, lines)
    assert set(await orders.find_services(BUYER, ORDER)) == {1}


async def test_a_closed_client_is_refused_and_nothing_is_left(orders, sandbox):
    with pytest.raises(UpstreamRejected, match="client_closed"):
        await place(orders, customer=Customer("u", CLOSED))
    assert await orders.find_services(Customer("u", CLOSED), ORDER) == {}


async def test_o1_whmcs_would_show_and_accept_anybodys_order_and_the_portal_does_not(orders, sandbox):
    added = await place(orders)
    other = Customer("other", SECOND)
    for call in (orders.read_order, orders.accept, orders.cancel):
        with pytest.raises(NotFound):
            await call(other, added.whmcs_order_id)
    with pytest.raises(NotFound):
        await orders.find_invoice(other, added.service_ids.values())
    with pytest.raises(NotFound):
        await orders.note_number(other, added.service_ids[1], "090")
    assert await orders.find_services(other, ORDER) == {}
    assert (await orders.read_order(BUYER, added.whmcs_order_id)).status == "Pending"


@pytest.mark.parametrize("kind", DONE)
async def test_f6_a_lost_answer_to_accept_is_read_off_the_order(orders, sandbox, kind):
    added = await place(orders)
    fault(sandbox, "AcceptOrder", kind)
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.accept(BUYER, added.whmcs_order_id)
    assert (await orders.read_order(BUYER, added.whmcs_order_id)).status == "Active"
    assert times(sandbox, "AcceptOrder") == 1


async def test_f6_a_module_that_fails_leaves_a_part_that_the_services_show(orders, sandbox):
    sandbox.world.faults.set_profile({"setup_on_accept": True, "module_failure": "Carrier: port 7 is in use"})
    added = await place(orders, tuple(reversed(SIM_LINES)), invoice=False)
    with pytest.raises(UpstreamRejected) as refused:
        await orders.accept(BUYER, added.whmcs_order_id)
    assert (refused.value.code, "Carrier" in str(refused.value)) == ("other", False)
    assert (await orders.read_order(BUYER, added.whmcs_order_id)).status == "Pending"
    found = await orders.find_services(BUYER, ORDER)
    assert {number: ones[0].status for number, ones in found.items()} == {1: "Pending", 2: "Active"}


async def test_f13_a_pending_order_is_taken_back_with_its_services_and_its_invoice(orders, sandbox):
    added = await place(orders)
    await orders.cancel(BUYER, added.whmcs_order_id)
    assert (await orders.read_order(BUYER, added.whmcs_order_id)).status == "Cancelled"
    found = await orders.find_services(BUYER, ORDER)
    assert {one.status for ones in found.values() for one in ones} == {"Cancelled"}
    assert await orders.find_invoice(BUYER, added.service_ids.values()) == 0
    with pytest.raises(UpstreamRejected, match="ambiguous_state"):
        await orders.cancel(BUYER, added.whmcs_order_id)


@pytest.mark.parametrize("kind", DONE)
async def test_f1_a_lost_answer_to_an_invoice_run_leaves_one_invoice_that_is_found(orders, sandbox, kind):
    added = await place(orders, SIM_LINES, invoice=False)
    await orders.accept(BUYER, added.whmcs_order_id)
    fault(sandbox, "GenInvoices", kind)
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.generate_invoice(BUYER, added.service_ids.values())
    assert await orders.find_invoice(BUYER, added.service_ids.values()) > 0


async def test_f4_the_marker_is_found_behind_pages_of_other_services(orders, sandbox):
    row = sandbox.world.store.rows("SELECT * FROM services WHERE client_id = ? LIMIT 1", DEMO)[0]
    first = sandbox.world.store.value("SELECT MAX(id) FROM services") + 1
    many = [row | {"id": first + n, "client_id": NOTHING_BOUGHT} for n in range(PAGE + 5)]
    sandbox.world.store.insert_many("services", many)
    added = await place(orders)
    assert by_line(await orders.find_services(BUYER, ORDER)) == added.service_ids


async def test_a_row_that_is_not_utf8_does_not_hide_the_marker(orders, sandbox):
    added = await place(orders)
    fault(sandbox, "GetClientsProducts", "bad_utf8", times=None)
    assert by_line(await orders.find_services(BUYER, ORDER)) == added.service_ids


async def test_nothing_secret_or_personal_reaches_the_call_log_of_an_order(orders, sandbox):
    added = await place(orders, SIM_LINES, invoice=False)
    await orders.note_number(BUYER, added.service_ids[1], "09011112222")
    sent = [call["params"] for call in sandbox.world.calls.last(1000) if call["action"] == "AddOrder"]
    assert {key for call in sent for key in call} <= {
        "identifier", "secret", "clientid", "paymentmethod", "pid", "billingcycle", "priceoverride", "customfields",
        "noinvoice", "noemail", "domain",
    }  # fmt: skip
