"""Orders over a Salesforce that answers strangely."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal_app.domain.cart import lines
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.orders import AddressSnapshot, OrderDraft, PlacedOrder
from portal_app.errors import (
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.orders import Orders
from portal_app.storage.cache import MemoryCache
from tests.fakes.catalog import VPN, a_cart, a_catalog
from tests.fakes.salesforce import ACCOUNT, OTHER_ACCOUNT, Reply, page_of_html, refusal
from tests.integrations.virtual_time import in_virtual_time

ORDER, LINE, BOOK = as_18("801000000000001"), as_18("802000000000001"), as_18("01s000000000002")
CUSTOMER = Customer("user-1", 1001, ACCOUNT or "")
KEY = "key-1"


def rows(*found: dict) -> Reply:
    return Reply(200, {"totalSize": len(found), "done": True, "records": list(found)})


def an_order(**changed) -> dict:
    row = {"Id": ORDER, "OrderNumber": "00000101", "AccountId": ACCOUNT, "Type": "VPN", "Status": "Pending Review"}
    return row | {"CreatedDate": "2026-04-15T01:00:00.000+0000", "Activation_Scheduled_At__c": None} | changed


def a_line(**changed) -> dict:
    row = {"Id": LINE, "Quantity": 1.0, "UnitPrice": 2500.0, "Billing_Cycle__c": "Monthly"}
    return row | {"Product2": {"Name": "VPN", "StockKeepingUnit": "VPN-USA-SF"}} | changed


def created(*ids: object) -> Reply:
    names = ("parent", *(f"child{number}" for number in range(len(ids) - 1)))
    parts = [
        {"httpStatusCode": 201, "referenceId": name, "body": {"id": one, "success": True, "errors": []}}
        for name, one in zip(names, ids, strict=True)
    ]
    return Reply(200, {"compositeResponse": parts})


@pytest.fixture
def orders(connected):
    return Orders(connected.client, FieldMap(), MemoryCache("test", connected.clock), pricebook_id=BOOK)


@pytest.fixture
def draft():
    cart = a_cart(VPN)
    held = lines(cart, a_catalog())
    priced = [replace(line, item=replace(line.item, salesforce_price_id=as_18("01u000000000001"))) for line in held]
    return OrderDraft(cart, tuple(priced), AddressSnapshot("1-2-3", "渋谷区", "東京都", "150-0002"), date(2026, 4, 15))


@in_virtual_time
async def test_an_order_is_looked_for_before_it_is_made_and_prices_are_the_price_books(orders, salesforce, draft):
    salesforce.will("Query", rows(), rows({"OrderNumber": "00000101"}))
    salesforce.will("Create", created(ORDER, LINE, LINE))
    assert await orders.place(CUSTOMER, draft, KEY) == PlacedOrder(ORDER or "", "00000101", created=True)
    kinds = [kind for kind, _ in salesforce.asked]
    assert kinds == ["Login", "Query", "Create", "Query"]
    bodies = [part["body"] for part in salesforce.sent("Create")[0]["compositeRequest"]]
    assert [(body["UnitPrice"], body["Line_Key__c"]) for body in bodies[1:]] == [
        (2500, "key-1:01"),
        (3000, "key-1:02"),
    ]
    assert (bodies[0]["AccountId"], bodies[0]["Pricebook2Id"], bodies[0]["Idempotency_Key__c"]) == (ACCOUNT, BOOK, KEY)


@in_virtual_time
async def test_an_order_is_placed_even_when_its_number_cannot_be_read(orders, salesforce, draft):
    salesforce.will("Query", rows(), refusal(400, "MALFORMED_QUERY"))
    salesforce.will("Create", created(ORDER, LINE, LINE))
    assert (await orders.place(CUSTOMER, draft, KEY)).number == ""


@in_virtual_time
async def test_f8a_when_neither_making_nor_looking_is_answered_nothing_is_known(orders, salesforce, draft):
    salesforce.will("Query", rows())
    salesforce.will("Create", page_of_html(502))
    salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.place(CUSTOMER, draft, KEY)
    assert salesforce.count("Create") == 1


@in_virtual_time
async def test_f8a_a_lost_answer_with_no_order_to_be_seen_stays_unknown(orders, salesforce, draft):
    salesforce.will("Query", rows(), rows())
    salesforce.will("Create", page_of_html(502))
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.place(CUSTOMER, draft, KEY)


@in_virtual_time
async def test_f8_a_lost_race_whose_winner_cannot_be_read_is_unknown_too(orders, salesforce, draft):
    salesforce.will("Query", rows())
    taken = [{"errorCode": "DUPLICATE_VALUE", "message": "x"}]
    halted = [{"errorCode": "PROCESSING_HALTED", "message": "x"}]
    parts = [("parent", taken), ("child0", halted), ("child1", halted)]
    answers = [{"httpStatusCode": 400, "referenceId": name, "body": body} for name, body in parts]
    salesforce.will("Create", Reply(200, {"compositeResponse": answers}))
    salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.place(CUSTOMER, draft, KEY)


@in_virtual_time
async def test_f8_two_orders_with_one_key_are_for_a_human(orders, salesforce, draft):
    salesforce.will("Query", rows(an_order(), an_order()))
    with pytest.raises(UpstreamRejected) as why:
        await orders.place(CUSTOMER, draft, KEY)
    assert why.value.code == "more_than_one" and salesforce.count("Create") == 0


@in_virtual_time
async def test_o2_an_answer_about_another_account_is_not_believed(orders, salesforce, draft):
    foreign = rows(an_order(AccountId=OTHER_ACCOUNT))
    for ask in (
        lambda: orders.find(CUSTOMER, KEY),
        lambda: orders.get_order(CUSTOMER, ORDER),
        lambda: orders.list_orders(CUSTOMER),
        lambda: orders.place(CUSTOMER, draft, KEY),
    ):
        salesforce.will("Query", foreign, rows())
        with pytest.raises(NotFound):
            await ask()
        salesforce.planned["Query"].clear()
    assert salesforce.count("Create") == 0


@in_virtual_time
async def test_o1_every_query_names_the_account(orders, salesforce):
    salesforce.will("Query", rows(an_order()), rows(an_order()), rows(a_line()), rows(an_order()))
    await orders.list_orders(CUSTOMER)
    await orders.get_order(CUSTOMER, ORDER)
    await orders.find(CUSTOMER, KEY)
    assert len(salesforce.queries()) == 4 and all(f"AccountId = '{ACCOUNT}'" in query for query in salesforce.queries())


STRANGE = [
    (an_order(Id="x"), a_line()),
    (an_order(CreatedDate=None), a_line()),
    (an_order(CreatedDate="yesterday"), a_line()),
    (an_order(Activation_Scheduled_At__c=5), a_line()),
    (an_order(), a_line(Product2=None)),
    (an_order(), a_line(Quantity=None)),
    (an_order(), a_line(UnitPrice="2500")),
    (an_order(), a_line(UnitPrice=True)),
]


@pytest.mark.parametrize(("order", "line"), STRANGE)
def test_t4_an_order_of_another_shape_is_an_error_and_no_half_order(orders, salesforce, order, line):
    @in_virtual_time
    async def run():
        salesforce.will("Query", rows(order), rows(line))
        with pytest.raises(UpstreamReplyChanged):
            await orders.get_order(CUSTOMER, ORDER)

    run()


@in_virtual_time
async def test_words_nobody_knows_are_carried_and_not_guessed(orders, salesforce):
    order = an_order(Type="Television", Status="On Hold", Activation_Scheduled_At__c="2026-04-30T15:00:00.000+0000")
    salesforce.will("Query", rows(order), rows(a_line(Billing_Cycle__c="Yearly")))
    detail = (await orders.get_order(CUSTOMER, ORDER)).detail
    assert (detail.order.line, detail.order.status, detail.order.activation) == (ProductLine.OTHER, "On Hold", "")
    assert detail.order.starts_on == date(2026, 5, 1) and detail.items[0].cycle is None
    assert detail.address == AddressSnapshot("", "", "", "", "") and detail.address_changed is False


@in_virtual_time
async def test_orders_are_asked_for_once_until_an_event_clears_them_or_somebody_asks_anew(orders, salesforce):
    salesforce.will("Query", rows(an_order()), rows(an_order(Status="Approved")), rows(an_order(Status="Cancelled")))
    for _ in range(2):
        assert [one.status for one in (await orders.list_orders(CUSTOMER)).items] == ["Pending Review"]
    await orders.clear(CUSTOMER.user_id)
    assert [one.status for one in (await orders.list_orders(CUSTOMER)).items] == ["Approved"]
    assert [one.status for one in (await orders.list_orders(CUSTOMER, anew=True)).items] == ["Cancelled"]
    assert salesforce.count("Query") == 3


@in_virtual_time
async def test_h4_with_salesforce_down_the_copy_is_shown_as_old_but_never_decides(orders, salesforce, connected):
    salesforce.will("Query", rows(an_order()), rows(an_order()), rows(a_line()))
    read_at = (await orders.list_orders(CUSTOMER)).as_of
    await orders.get_order(CUSTOMER, ORDER)
    salesforce.keeps("Query", page_of_html(503))
    connected.clock.advance(timedelta(hours=13))
    shown = await orders.list_orders(CUSTOMER)
    assert shown.stale and shown.as_of == read_at and len(shown.items) == 1
    assert (await orders.get_order(CUSTOMER, ORDER)).stale
    for decide in (orders.list_orders(CUSTOMER, anew=True), orders.get_order(CUSTOMER, ORDER, anew=True)):
        with pytest.raises(UpstreamUnavailable):
            await decide
    connected.clock.advance(timedelta(hours=12))
    with pytest.raises(UpstreamUnavailable):
        await orders.list_orders(CUSTOMER)


@in_virtual_time
async def test_h4_after_placing_there_is_no_old_list_even_when_the_answer_was_lost(orders, salesforce, draft):
    salesforce.will("Query", rows(), rows())
    assert (await orders.list_orders(CUSTOMER)).items == ()
    salesforce.will("Create", page_of_html(502))
    salesforce.will("Query", rows())
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.place(CUSTOMER, draft, KEY)
    salesforce.planned["Query"].clear()
    salesforce.will("Query", rows(an_order()))
    assert len((await orders.list_orders(CUSTOMER)).items) == 1
