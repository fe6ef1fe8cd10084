"""Placing an order in WHMCS: what is sent, what its answer is believed, what a missing one means."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import Upstream
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.orders import AddedOrder, BillingOrder, BillingOrders
from sandbox.whmcs.forms import php_array
from sandbox.whmcs.php import decode_field
from tests.fakes.whmcs import a_wire_pay_method, page_of_html, refusal, success
from tests.fakes.whmcs_orders import GOLD, HANAKO, LINES, OPPORTUNITY, ORDER, QUICK, REFERENCE, SETUP, SIM, add

LOST = [httpx.ReadTimeout("slow"), httpx.ReadError("cut"), page_of_html(500), page_of_html(), refusal("x", 502)]


def sent_by(shop):
    [call] = shop.asked("AddOrder")
    return php_array(call.items())


# What is sent


async def test_f3_every_product_carries_its_marker_in_the_field_of_its_own_id(orders, shop):
    assert await add(orders) == AddedOrder(9000, {1: 5003, 2: 5004}, 700)
    fields = [decode_field(text) for text in sent_by(shop)["customfields"].values()]
    assert fields == [
        {1820: f"portal:{ORDER}:1", 1821: OPPORTUNITY},
        {2420: f"portal:{ORDER}:2", 2421: OPPORTUNITY},
    ]


async def test_an_order_says_whether_its_services_were_sent_with_their_opportunity(orders, shop):
    assert (await add(orders)).is_noted
    shop.sells(SIM, REFERENCE)
    shop.services[:] = [row for row in shop.services if row["pid"] != str(SIM)]
    assert not (await add(orders, [LINES[0], replace(LINES[1], whmcs_product_id=SIM)])).is_noted


async def test_an_order_names_products_cycles_and_its_own_net_prices_side_by_side(orders, shop):
    await add(orders)
    sent = sent_by(shop)
    assert list(sent["pid"].values()) == ["182", "242"]
    assert list(sent["billingcycle"].values()) == ["monthly", "onetime"]
    assert list(sent["priceoverride"].values()) == ["5800.00", "22000.00"]
    assert (sent["clientid"], sent["noemail"], sent["noinvoice"]) == ("7", "1", "0")
    assert {"domain", "qty", "autosetup", "promocode"} & sent.keys() == set()


async def test_a_price_of_nothing_is_sent_as_a_price(orders, shop):
    await add(orders, [replace(LINES[0], unit_price=Decimal(0))])
    assert sent_by(shop)["priceoverride"] == {"0": "0.00"}


async def test_a_sim_order_asks_for_no_invoice(orders, shop):
    added = await add(orders, invoice=False)
    assert sent_by(shop)["noinvoice"] == "1"
    assert added.whmcs_invoice_id == 0


async def test_f3_a_product_without_the_field_carries_the_marker_in_its_domain(orders, shop):
    shop.sells(SETUP, "OpportunityId")
    shop.services[:] = [row for row in shop.services if row["pid"] != str(SETUP)]
    shop.sold(40, 8, SETUP)
    await add(orders)
    sent = sent_by(shop)
    assert sent["domain"] == {"0": "", "1": f"portal:{ORDER}:2"}
    assert decode_field(sent["customfields"]["1"]) == {2420: OPPORTUNITY}
    assert set(await orders.find_services(HANAKO, ORDER)) == {1, 2}


async def test_a_product_nobody_has_yet_is_marked_by_what_its_order_form_shows_or_else_in_its_domain(orders, shop):
    shop.services.clear()
    shop.on_order_form = (REFERENCE,)
    await add(orders, LINES[:1])
    assert decode_field(sent_by(shop)["customfields"]["0"]) == {1820: f"portal:{ORDER}:1"}
    shop.calls.clear()
    shop.services.clear()
    shop.on_order_form = ()
    await add(orders, LINES[1:])
    assert sent_by(shop)["domain"] == {"0": f"portal:{ORDER}:2"}
    assert "customfields" not in sent_by(shop)


async def test_the_fields_of_a_product_are_learned_once_an_hour(orders, shop, clock):
    await add(orders)
    await add(orders)
    learned = [call for call in shop.asked("GetClientsProducts") if "pid" in call]
    assert [call["pid"] for call in learned] == ["182", "242"]
    assert shop.asked("GetProducts") == []
    clock.advance(timedelta(hours=1, seconds=1).total_seconds())
    await add(orders)
    assert len([call for call in shop.asked("GetClientsProducts") if "pid" in call]) == 4


async def test_a_field_that_staff_add_counts_a_minute_later(orders, shop, clock):
    shop.fields.clear()
    shop.services.clear()
    await add(orders, LINES[:1])
    clock.advance(61)
    shop.sells(GOLD, REFERENCE)
    shop.sold(41, 8, GOLD)
    await add(orders, LINES[:1])
    assert "domain[0]" not in shop.asked("AddOrder")[1]


async def test_fields_of_another_product_are_never_taken_when_the_filter_is_ignored(orders, shop):
    shop.will("GetClientsProducts", success(products={"product": shop.services[1:]}))
    await add(orders, LINES[:1])
    assert sent_by(shop)["domain"] == {"0": f"portal:{ORDER}:1"}


async def test_without_an_opportunity_its_field_is_left_alone(orders, shop):
    await add(orders, LINES[:1], opportunity_id="")
    assert decode_field(sent_by(shop)["customfields"]["0"]) == {1820: f"portal:{ORDER}:1"}


# Which gateway


def gateways(*modules):
    rows = [{"module": module, "displayname": module.title()} for module in modules]
    return success(totalresults=len(rows), paymentmethods={"paymentmethod": rows})


async def test_the_gateway_of_the_settings_counts_first(make_orders, shop):
    await add(make_orders(payment_method=" mailin "))
    assert sent_by(shop)["paymentmethod"] == "mailin"
    assert shop.asked("GetPayMethods") == []


@pytest.mark.parametrize(
    ("stored", "chosen"),
    [
        ([], "banktransfer"),
        ([a_wire_pay_method(gateway_name="Stripe")], "stripe"),
        ([a_wire_pay_method(gateway_name="")], "banktransfer"),
        ([a_wire_pay_method(gateway_name="retired")], "banktransfer"),
        ([a_wire_pay_method(1, gateway_name="stripe"), a_wire_pay_method(2, gateway_name="banktransfer")], "stripe"),
        (
            [
                a_wire_pay_method(1, gateway_name="banktransfer", expiry_date="12/25"),
                a_wire_pay_method(2, gateway_name="stripe", expiry_date="01/26"),
            ],
            "stripe",
        ),
    ],
)
async def test_else_that_of_the_first_payment_method_if_it_is_switched_on_else_whmcss_first(
    orders, shop, stored, chosen
):
    shop.pay_methods = stored
    shop.will("GetPaymentMethods", gateways("banktransfer", "stripe"))
    await add(orders)
    assert sent_by(shop)["paymentmethod"] == chosen


async def test_without_any_gateway_no_order_is_sent(orders, shop):
    shop.will("GetPaymentMethods", gateways())
    with pytest.raises(UpstreamRejected, match="no_gateway"):
        await add(orders)
    assert shop.asked("AddOrder") == []


# What its answer means


@pytest.mark.parametrize(
    ("spelled", "invoice"),
    [
        ({"serviceids": "5,6", "invoiceid": 77}, 77),
        ({"serviceids": " 5 , 6 ", "invoiceid": "77"}, 77),
        ({"serviceids": ["5", 6], "invoiceid": 0}, 0),
        ({"serviceids": {"0": 5, "2": 6}, "invoiceid": ""}, 0),
        ({"productids": "5,6", "invoiceid": None}, 0),
        ({"productids": "5,6", "serviceids": "5,6"}, 0),
    ],
)
async def test_f15_ids_are_read_in_every_spelling(orders, shop, spelled, invoice):
    shop.will("AddOrder", success(orderid="41", **spelled))
    assert await add(orders) == AddedOrder(41, {1: 5, 2: 6}, invoice)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"orderid": 41, "serviceids": "5"}, "service_count"),
        ({"orderid": 41, "serviceids": "5,6,7"}, "service_count"),
        ({"orderid": 41, "serviceids": "5,5"}, "service_count"),
        ({"orderid": 41, "serviceids": ""}, "service_count"),
        ({"orderid": 41}, "service_count"),
        ({"orderid": 41, "serviceids": "5,x"}, "serviceids"),
        ({"orderid": 41, "serviceids": True}, "serviceids"),
        ({"orderid": 0, "serviceids": "5,6"}, "orderid"),
        ({"orderid": "41.5", "serviceids": "5,6"}, "orderid"),
        ({"serviceids": "5,6"}, "orderid"),
        ({"orderid": 41, "serviceids": "5,6", "invoiceid": "soon"}, "invoiceid"),
    ],
)
async def test_f15_an_answer_with_other_ids_than_expected_leaves_the_outcome_unknown(orders, shop, reply, code):
    shop.will("AddOrder", success(**reply))
    with pytest.raises(UpstreamOutcomeUnknown) as unknown:
        await add(orders)
    assert code in unknown.value.code
    assert len(shop.asked("AddOrder")) == 1


@pytest.mark.parametrize("lost", LOST)
async def test_f1_a_lost_answer_is_unknown_never_sent_again_and_its_work_is_found_by_the_marker(orders, shop, lost):
    def done(fields):
        shop._AddOrder(fields)
        if isinstance(lost, Exception):
            raise lost
        return lost

    shop.will("AddOrder", done)
    with pytest.raises(UpstreamOutcomeUnknown):
        await add(orders)
    assert len(shop.asked("AddOrder")) == 1
    found = await orders.find_services(HANAKO, ORDER)
    assert {number: [one.whmcs_service_id for one in ones] for number, ones in found.items()} == {1: [5003], 2: [5004]}


async def test_f4_an_answer_that_names_a_part_of_the_lines_is_unknown_and_the_part_is_found(orders, shop):
    shop.will("AddOrder", lambda fields: shop._AddOrder({k: v for k, v in fields.items() if "[1]" not in k}))
    with pytest.raises(UpstreamOutcomeUnknown, match="service_count"):
        await add(orders)
    assert set(await orders.find_services(HANAKO, ORDER)) == {1}


async def test_f5_an_order_whose_preparation_took_half_the_time_is_not_sent(orders, shop, monkeypatch):
    left = iter([20.0, 9.9, 20.0, 10.0])
    monkeypatch.setattr("portal_app.integrations.whmcs.orders.remaining", lambda: next(left))
    with pytest.raises(UpstreamUnavailable, match="deadline"):
        await add(orders)
    assert shop.asked("AddOrder") == []
    await add(orders)
    assert len([call for call in shop.asked("GetClientsProducts") if "pid" in call]) == 2, "read once for both"


@pytest.mark.parametrize("failing", ["GetClientsProducts", "GetPaymentMethods", "GetPayMethods", "GetProducts"])
@pytest.mark.parametrize("answer", [*LOST, httpx.ConnectError("refused")])
async def test_f5_what_fails_before_the_order_is_sent_is_never_an_unknown_outcome(orders, shop, failing, answer):
    shop.services.clear()
    shop.will(failing, answer)
    with pytest.raises(UpstreamError) as failure:
        await add(orders)
    assert isinstance(failure.value, UpstreamUnavailable)
    assert shop.asked("AddOrder") == []


async def test_f5_a_whmcs_that_cannot_be_reached_surely_made_no_order(orders, shop):
    shop.will("AddOrder", httpx.ConnectError("refused"))
    with pytest.raises(UpstreamUnavailable):
        await add(orders)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Client ID Not Found", "not_found"),
        ("Unable to add order when client status is Closed", "client_closed"),
        ("Invalid Payment Method. Valid options include stripe", "gateway_unknown"),
        ("No items added to cart so order cannot proceed", "cart_empty"),
        ("Expecting parameter 'pid' to be an array", "validation"),
        ('Invalid Permissions: API action "addorder" is not allowed', "permission"),
        ("Something nobody documented", "other"),
    ],
)
async def test_a_refused_order_has_a_code_and_whmcss_words_go_no_further(orders, shop, text, code):
    shop.will("AddOrder", refusal(text))
    with pytest.raises(UpstreamRejected) as refused:
        await add(orders)
    assert refused.value.code == code
    assert text not in str(refused.value)


async def test_a_customer_without_a_client_is_not_found_before_anything_is_asked(orders, shop):
    with pytest.raises(NotFound):
        await orders.add(Customer("u", 0), ORDER, LINES, opportunity_id="", invoice=True)
    assert shop.calls == []


# Reading, accepting, taking back


async def test_an_order_is_read_with_its_status_in_whmcss_words(orders, shop):
    await add(orders)
    assert await orders.read_order(HANAKO, 9000) == BillingOrder(9000, "Pending", 700)
    shop.orders[0] |= {"status": "Awaiting Stock", "invoiceid": ""}
    assert await orders.read_order(HANAKO, 9000) == BillingOrder(9000, "Awaiting Stock", 0)


@pytest.mark.parametrize(
    "empty", [{}, {"orders": ""}, {"orders": []}, {"orders": {"order": []}}, {"orders": {"order": ""}}]
)
async def test_an_order_that_is_not_there_is_not_found_in_every_spelling_of_no_rows(orders, shop, empty):
    shop.will("GetOrders", success(totalresults="0", **empty))
    with pytest.raises(NotFound):
        await orders.read_order(HANAKO, 9000)


async def test_o1_somebody_elses_order_is_not_found_and_neither_accepted_nor_cancelled(make_orders, shop):
    foreign = []
    orders = make_orders(on_foreign=lambda customer, kind, whmcs_id: foreign.append((customer.user_id, kind, whmcs_id)))
    theirs = success(orders={"order": [{"id": 55, "userid": 8, "status": "Pending", "invoiceid": 0}]})
    shop.will("GetOrders", theirs, theirs, theirs)
    for call in (orders.read_order, orders.accept, orders.cancel):
        with pytest.raises(NotFound):
            await call(HANAKO, 55)
    assert foreign == [("user-7", "order", 55)] * 3
    assert shop.asked("AcceptOrder") == shop.asked("CancelOrder") == []


async def test_a_row_of_another_order_is_not_taken_for_the_one_asked_for(orders, shop):
    shop.will("GetOrders", success(orders={"order": [{"id": 54, "userid": 7, "status": "Active"}]}))
    with pytest.raises(NotFound):
        await orders.read_order(HANAKO, 55)


async def test_accepting_sends_no_mail_and_leaves_setting_up_to_each_product(orders, shop):
    await add(orders)
    await orders.accept(HANAKO, 9000)
    [call] = shop.asked("AcceptOrder")
    assert call == {"action": "AcceptOrder", "responsetype": "json", "orderid": "9000", "sendemail": "0"}
    assert shop.requests[-1].extensions["timeout"]["read"] == pytest.approx(90, abs=1)
    found = await orders.find_services(HANAKO, ORDER)
    assert {one.status for ones in found.values() for one in ones} == {"Active"}


async def test_f6_not_pending_any_more_has_a_code_of_its_own(orders):
    await add(orders)
    await orders.accept(HANAKO, 9000)
    for call in (orders.accept, orders.cancel):
        with pytest.raises(UpstreamRejected) as refused:
            await call(HANAKO, 9000)
        assert refused.value.code == "ambiguous_state"
    assert (await orders.read_order(HANAKO, 9000)).status == "Active"


async def test_f6_what_a_module_says_is_a_refusal_without_its_words(orders, shop):
    await add(orders)
    shop.module_text = "Line 090-0000-0000 rejected: authentication failed"
    with pytest.raises(UpstreamRejected) as refused:
        await orders.accept(HANAKO, 9000)
    assert refused.value.code == "other"
    assert "090" not in str(refused.value)


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("action", ["AcceptOrder", "CancelOrder"])
async def test_f1_a_lost_answer_to_a_move_is_unknown_and_the_order_says_what_came_of_it(orders, shop, action, lost):
    await add(orders)

    def done(fields):
        getattr(shop, f"_{action}")(fields)
        if isinstance(lost, Exception):
            raise lost
        return lost

    shop.will(action, done)
    with pytest.raises(UpstreamOutcomeUnknown):
        await (orders.accept if action == "AcceptOrder" else orders.cancel)(HANAKO, 9000)
    assert len(shop.asked(action)) == 1
    assert (await orders.read_order(HANAKO, 9000)).status in ("Active", "Cancelled")


async def test_cancelling_takes_the_services_along_and_sends_no_mail(orders, shop):
    await add(orders)
    await orders.cancel(HANAKO, 9000)
    assert shop.asked("CancelOrder")[0]["noemail"] == "1"
    assert {service["status"] for service in shop.services if service["orderid"] == "9000"} == {"Cancelled"}


async def test_t6_a_full_queue_means_that_nothing_was_sent(shop, clock):
    upstream = Upstream(replace(QUICK, queue_max=0), clock)
    client = shop.client(upstream)
    orders = BillingOrders(client, Gateways(client, clock), clock, reference_field=REFERENCE)
    with pytest.raises(Busy):
        await add(orders)
    assert shop.calls == []


async def test_a_changed_answer_to_a_read_is_said_so(orders, shop):
    shop.will("GetOrders", success(orders={"order": [{"id": "many", "userid": 7}]}))
    with pytest.raises(UpstreamReplyChanged):
        await orders.read_order(HANAKO, 9000)
