"""Approved orders from a Salesforce whose staff typed oddly, or whose answers are odd."""

from datetime import date
from decimal import Decimal

import pytest

from portal_app.domain.catalog import Cycle, ProductLine
from portal_app.domain.fulfilment import Code, NotFulfillable, billed_lines
from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders, Report
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.staff_text import LONGEST_TEXT, staff_text
from tests.fakes.salesforce import ACCOUNT, Reply, page_of_html
from tests.integrations.virtual_time import in_virtual_time

ORDER = as_18("801000000000001")
FIRST, SECOND, THIRD = (as_18(f"80200000000000{n}") for n in (1, 2, 3))


def a_line(record_id: str | None = FIRST, key: str | None = "key-1:01", of: dict | None = None, **changed) -> dict:
    product = {"Name": "VPN", "StockKeepingUnit": "VPN-USA-SF", "Item_Class__c": "Service", "WH_Product_ID__c": 33}
    row = {"Id": record_id, "Line_Key__c": key, "Quantity": 1.0, "UnitPrice": 2500.0, "Billing_Cycle__c": "Monthly"}
    return row | {"WHMCS_Service_ID__c": None, "Product2": product | (of or {})} | changed


def an_order(*lines: dict, **changed) -> dict:
    row = {"Id": ORDER, "OrderNumber": "00000101", "AccountId": ACCOUNT, "Type": "VPN", "Status": "Approved"}
    inside = {"totalSize": len(lines), "done": True, "records": list(lines)} if lines else None
    return row | {"Activation_Status__c": "Activating", "OrderItems": inside} | changed


def rows(*found: dict) -> Reply:
    return Reply(200, {"totalSize": len(found), "done": True, "records": list(found)})


def outcomes(*found: str) -> Reply:
    """ "": done; else a code."""
    failed = [
        {"success": False, "errors": [{"statusCode": code, "message": "TextCanary"}]} if code else None
        for code in found
    ]
    return Reply(200, [one or {"id": FIRST, "success": True, "errors": []} for one in failed])


@pytest.fixture
def approved(connected):
    return ApprovedOrders(connected.client, FieldMap(), connected.clock)


@pytest.fixture
def read(approved, salesforce):
    async def one(*lines: dict, **changed):
        salesforce.will("Query", rows(an_order(*lines, **changed)))
        return await approved.read(ORDER)

    return one


@in_virtual_time
async def test_header_and_lines_come_in_one_question(read, salesforce):
    order = await read(a_line())
    assert salesforce.count("Query") == 1 and f"WHERE Id = '{ORDER}'" in salesforce.queries()[0]
    assert (order.line, len(order.lines), order.lines[0].unit_price) == (ProductLine.VPN, 1, Decimal(2500))


@pytest.mark.parametrize("wrong", [None, 0, -33, 33.5, True, "", "x", 2**31, 1e400])
@in_virtual_time
async def test_a_product_that_names_no_whmcs_product_is_a_mapping_error_naming_the_line(read, wrong):
    order = await read(a_line(of={"WH_Product_ID__c": wrong}))
    assert order.lines[0].whmcs_product_id is None
    with pytest.raises(NotFulfillable, match="VPN-USA-SF") as why:
        billed_lines(order)
    assert why.value.code is Code.MAPPING_ERROR


@pytest.mark.parametrize("kept", [33, 33.0, "33"])
@in_virtual_time
async def test_a_whmcs_product_id_is_read_as_number_and_as_text(read, kept):
    assert (await read(a_line(of={"WH_Product_ID__c": kept}))).lines[0].whmcs_product_id == 33


@pytest.mark.parametrize("kept", [9001, 9001.0, "9001 "])
@in_virtual_time
async def test_f3_the_order_it_names_in_whmcs_is_read_as_number_and_as_text(read, approved, salesforce, kept):
    assert (await read(a_line(), WHMCS_Order_ID__c=kept)).whmcs_order_id == "9001"
    changed = {"WHMCS_Order_ID__c": kept, "SystemModstamp": "2026-01-15T03:00:00.000+0000"}
    salesforce.will("Query", rows(an_order(**changed)))
    assert (await approved.list_open(approved._clock.now()))[0].whmcs_order_id == "9001"


@in_virtual_time
async def test_a_line_is_billed_as_its_own_cycle_says_and_else_as_its_products(read):
    lines = (a_line(), a_line(SECOND, "key-1:02", {"Billing_Cycle__c": "Onetime"}, Billing_Cycle__c=None))
    assert [line.cycle for line in (await read(*lines)).lines] == [Cycle.MONTHLY, Cycle.ONETIME]
    assert (await read(a_line(Billing_Cycle__c="Yearly"))).lines[0].cycle is None


@in_virtual_time
async def test_f2_lines_keep_the_numbers_of_their_keys_and_staffs_own_come_after_them(read):
    by_key = {FIRST: "key-1:02", SECOND: None, THIRD: "key-1:01"}
    for order in (by_key, dict(reversed(by_key.items()))):
        found = await read(*(a_line(one, key) for one, key in order.items()))
        assert {line.salesforce_item_id: line.number for line in found.lines} == {THIRD: 1, FIRST: 2, SECOND: 3}
        assert [line.number for line in found.lines] == [1, 2, 3]


@in_virtual_time
async def test_f2_two_lines_never_share_a_number(read):
    found = await read(a_line(FIRST, "key-1:01"), a_line(SECOND, "key-2:01"), a_line(THIRD, "key-3:00"))
    assert sorted(line.number for line in found.lines) == [1, 2, 3]


@in_virtual_time
async def test_f2_an_order_of_staff_is_numbered_by_the_ids_of_its_lines(read):
    found = await read(a_line(THIRD, None), a_line(FIRST, None))
    assert {line.salesforce_item_id: line.number for line in found.lines} == {FIRST: 1, THIRD: 2}
    assert not found.from_portal


@in_virtual_time
async def test_a_quantity_of_two_and_a_half_reaches_the_check(read):
    order = await read(a_line(Quantity=2.5))
    assert order.lines[0].quantity == Decimal("2.5")
    with pytest.raises(NotFulfillable):
        billed_lines(order)


@in_virtual_time
async def test_a_type_nobody_knows_an_account_that_is_none_and_no_lines_are_read_as_such(read):
    order = await read(Type="Television", AccountId=None)
    assert (order.line, order.salesforce_account_id, order.lines) == (None, "", ())


@in_virtual_time
async def test_a_day_counts_in_japan_and_only_for_scheduled_orders(read):
    late = {"Activation_Scheduled_At__c": "2026-04-19T15:00:00.000+0000"}
    assert (await read(a_line(), Activation_Type__c="Scheduled", **late)).starts_on == date(2026, 4, 20)
    assert (await read(a_line(), Activation_Type__c="Immediate", **late)).starts_on is None


@in_virtual_time
async def test_a_scheduled_order_without_a_day_is_not_begun_today(read):
    with pytest.raises(NotFulfillable, match="no day") as why:
        billed_lines(await read(a_line(), Activation_Type__c="Scheduled", Activation_Scheduled_At__c=None))
    assert why.value.code is Code.VALIDATION_ERROR


@in_virtual_time
async def test_a_number_taken_along_counts_only_when_the_order_says_so(read):
    typed = {"MNP_Phone_Number__c": "09012345678", "Porting_Gender__c": "?", "Porting_DateOfBirth__c": "1990-04-02"}
    assert (await read(a_line(), MNP_Application__c=False, **typed)).sim.port_in is None
    port_in = (await read(a_line(), MNP_Application__c=True, **typed)).sim.port_in
    assert (port_in.phone_number, port_in.gender, port_in.birth_date) == ("09012345678", "", date(1990, 4, 2))


@pytest.mark.parametrize(
    "odd",
    [
        {"OrderItems": {"totalSize": 300, "done": False, "records": [a_line()]}},
        {"OrderItems": {"done": True, "records": "lines"}},
        {"OrderItems": [a_line()]},
        {"OrderItems": {"done": True, "records": [a_line(Quantity="1")]}},
        {"OrderItems": {"done": True, "records": [a_line(UnitPrice=None)]}},
        {"OrderItems": {"done": True, "records": [a_line("802")]}},
        {"Id": "8010"},
        {"Activation_Type__c": "Scheduled", "Activation_Scheduled_At__c": "tomorrow"},
        {"MNP_Application__c": True, "MNP_Expiry_Date__c": "1.4.2026"},
    ],
)
@in_virtual_time
async def test_an_answer_of_another_shape_is_no_order(read, odd):
    with pytest.raises(UpstreamReplyChanged) as why:
        await read(a_line(), **odd)
    assert "TextCanary" not in str(why.value)


@in_virtual_time
async def test_nobodys_number_or_address_is_written_to_staff_and_the_text_fits(approved, salesforce):
    salesforce.will("Query", rows(an_order(a_line())))
    salesforce.will("Update", Reply(204))
    text = f"hanako@example.com 090-1234-5678 {'long ' * 100}"
    assert await approved.tell(ORDER, Report("Failed", "SIM_ERROR" * 20, text))
    (sent,) = salesforce.sent("Update")
    message = sent["Activation_Error_Message__c"]
    assert len(message) == LONGEST_TEXT and message.startswith("[e-mail] [number] long")
    assert len(sent["Activation_Error_Code__c"]) == 60 and "Status" not in sent


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Line 2 (VPN-USA-SF): the price is negative.", "Line 2 (VPN-USA-SF): the price is negative."),
        (f"Line 1 ({FIRST}) of 2026-04-20 10:00", f"Line 1 ({FIRST}) of 2026-04-20 10:00"),
        ("WHMCS order 123456 and 123457", "WHMCS order 123456 and 123457"),
        ("call 09012345678, +81 90 1234 5678 or 03 (1234) 5678", "call [number], [number] or [number]"),
        (f"EID {'8904' * 8}\nof <a.b@example.co.jp>", "EID [number] of <[e-mail]>"),
    ],
)
def test_what_staff_read_keeps_ids_and_days_and_loses_what_is_a_persons(typed, shown):
    assert staff_text(typed) == shown


@in_virtual_time
async def test_f11_several_lines_are_told_in_one_request_and_all_or_none(approved, salesforce):
    salesforce.will("Query", rows(an_order(a_line(FIRST), a_line(SECOND), a_line(THIRD, WHMCS_Service_ID__c=503.0))))
    salesforce.will("Update", outcomes("", ""))
    await approved.tell_services(ORDER, {FIRST: 501, SECOND: 502, THIRD: 503})
    (sent,) = salesforce.sent("Update")
    assert sent["allOrNone"] is True
    assert {one["id"]: one["WHMCS_Service_ID__c"] for one in sent["records"]} == {FIRST: 501, SECOND: 502}


@in_virtual_time
async def test_one_refused_line_is_a_refusal_of_all_and_says_why(approved, salesforce):
    salesforce.will("Query", rows(an_order(a_line(FIRST), a_line(SECOND))))
    salesforce.will("Update", outcomes("ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    with pytest.raises(UpstreamRejected) as why:
        await approved.tell_services(ORDER, {FIRST: 501, SECOND: 502})
    assert why.value.code == "validation" and "TextCanary" not in str(why.value)


@in_virtual_time
async def test_a_refusal_nobody_knows_is_logged_with_the_code_of_the_guilty_line(approved, salesforce, caplog):
    salesforce.will("Query", rows(an_order(a_line(FIRST), a_line(SECOND))))
    salesforce.will("Update", outcomes("ALL_OR_NONE_OPERATION_ROLLED_BACK", "SOME_NEW_CODE"))
    with pytest.raises(UpstreamRejected):
        await approved.tell_services(ORDER, {FIRST: 501, SECOND: 502})
    assert [record.code for record in caplog.records if record.message == "refused"] == ["some_new_code"]


@pytest.mark.parametrize("answer", [outcomes(""), page_of_html(502), Reply(200, {"success": True}), Reply(200, "[")])
@in_virtual_time
async def test_an_answer_that_does_not_fit_what_was_sent_is_unknown(approved, salesforce, answer):
    salesforce.will("Query", rows(an_order(a_line(FIRST), a_line(SECOND))))
    salesforce.will("Update", answer)
    with pytest.raises(UpstreamOutcomeUnknown):
        await approved.tell_services(ORDER, {FIRST: 501, SECOND: 502})
    assert salesforce.count("Update") == 1
