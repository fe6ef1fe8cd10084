"""What in the org leads to which event."""

from __future__ import annotations

import pytest

from sandbox.app import Running
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Records
from tests.sandbox.pubsub.subscribers import CASES, CHANGES, FULFILMENT, Vendor


async def test_an_approved_order_asks_for_fulfilment_in_both_spellings(vendor: Vendor, console, order_id):
    other = "/event/OrderProvisionRequested__e"
    async with vendor.subscribed(FULFILMENT) as stream, vendor.subscribed(other) as second:
        await console("POST", f"salesforce/orders/{order_id}/approve")
        asked = await vendor.read((await stream.events(1))[0])
        again = await vendor.read((await second.events(1))[0])
    assert (asked["OrderId__c"], asked["IdemKey__c"], asked["Version__c"]) == (order_id, "key-1", 1.0)
    assert (again["Order_Id__c"], again["Correlation_Id__c"]) == (order_id, asked["CorrelationId__c"])


async def test_the_flow_begins_activation_when_only_the_status_was_set(vendor: Vendor, records: Records, order_id):
    async with vendor.subscribed(FULFILMENT) as stream:
        dml.update(records, OBJECTS["Order"], order_id, {"Status": "Approved"})
        assert len((await stream.next()).events) == 1
    order = records.live(OBJECTS["Order"], order_id) or {}
    assert order["Activation_Status__c"] == "Activating"


async def test_staff_who_start_a_failed_activation_again_ask_again(vendor: Vendor, console, records: Records, order_id):
    await console("POST", f"salesforce/orders/{order_id}/approve")
    dml.update(records, OBJECTS["Order"], order_id, {"Activation_Status__c": "Failed"})
    async with vendor.subscribed(FULFILMENT) as stream:
        await console("POST", f"salesforce/orders/{order_id}/approve")
        assert (await vendor.read((await stream.events(1))[0]))["OrderId__c"] == order_id


async def test_a_program_that_starts_an_activation_does_not_ask_itself(sandbox: Running, records: Records, order_id):
    dml.update(records, OBJECTS["Order"], order_id, {"Status": "Approved"})
    dml.update(records, OBJECTS["Order"], order_id, {"Activation_Status__c": "Failed"})
    before = _count(sandbox, "Order_Fulfilment_Requested__e")
    with records.asked_by("com/salesforce/api/rest/59.0;client=somebody"):
        dml.update(records, OBJECTS["Order"], order_id, {"Activation_Status__c": "Activating"})
    assert _count(sandbox, "Order_Fulfilment_Requested__e") == before == 1


def _count(sandbox: Running, entity: str) -> int:
    return len([one for one in sandbox.world.salesforce.events.log.last(1000) if one.entity == entity])


async def test_what_is_rolled_back_was_never_published(vendor: Vendor, sandbox: Running, records: Records, case_id):
    class Changed(Exception): ...

    async with vendor.subscribed(CASES) as stream:
        with pytest.raises(Changed), sandbox.world.store.transaction():
            dml.update(records, OBJECTS["Case"], case_id, {"Status": "Closed"})
            raise Changed
        dml.update(records, OBJECTS["Case"], case_id, {"Status": "In Progress"})
        assert len((await stream.next()).events) == 1


async def test_a_case_is_told_of_when_it_moves_and_when_it_is_answered(vendor: Vendor, console, case_id, account):
    async with vendor.subscribed(CASES) as stream:
        await console("POST", f"salesforce/cases/{case_id}/approve")
        await console("POST", f"salesforce/cases/{case_id}/reply", {"text": "hello"})
        told = [await vendor.read(one) for one in await stream.events(2)]
    assert [(one["Case_Id__c"], one["Account_Id__c"]) for one in told] == [(case_id, account["Id"])] * 2


async def test_notes_among_staff_and_cases_from_elsewhere_are_not_told_of(sandbox: Running, console, records, case_id):
    await console("POST", f"salesforce/cases/{case_id}/reply", {"text": "note to ourselves", "published": False})
    called = dml.create(records, OBJECTS["Case"], {"Origin": "Phone"})
    dml.update(records, OBJECTS["Case"], called, {"Status": "Closed"})
    dml.update(records, OBJECTS["Case"], case_id, {"Subject": "Another"})
    assert _count(sandbox, "Case_Status_Update__e") == 0


async def test_an_account_event_carries_only_what_was_decided_anew(vendor: Vendor, records: Records, account):
    async with vendor.subscribed("/event/Account_Eligibility_Update__e") as stream:
        dml.update(records, OBJECTS["Account"], account["Id"], {"Phone": "0312345678"})
        changes = {"Internet_Eligibility_Status__c": "Eligible", "Internet_Eligibility__c": "Home 1G"}
        dml.update(records, OBJECTS["Account"], account["Id"], changes)
        told = await vendor.read((await stream.events(1))[0])
    assert told["Account_Id__c"] == account["Id"]
    assert {name: told[name] for name in changes} == changes and told["Id_Verification_Status__c"] is None


async def test_a_change_event_says_by_bitmaps_what_changed(vendor: Vendor, sandbox: Running, records: Records, account):
    changes = {"Phone": None, "BillingCity": "Osaka"}
    async with vendor.subscribed("/data/AccountChangeEvent") as stream:
        with sandbox.world.store.transaction(), records.asked_by("com/salesforce/api/rest/59.0;client=somebody"):
            dml.update(records, OBJECTS["Account"], account["Id"], {"Phone": "0312345678"})
            dml.update(records, OBJECTS["Account"], account["Id"], changes)
        first, event = await stream.events(2)
    schema = await vendor.schema(event.event.schema_id)
    place = {one["name"]: number for number, one in enumerate(schema["fields"])}
    told, before = await vendor.read(event), await vendor.read(first)
    header = told["ChangeEventHeader"]
    top = int(header["changedFields"][0], 16)
    assert event.event.id == "" and header["recordIds"] == [account["Id"]] and header["changeType"] == "UPDATE"
    assert top & 1 << place["Phone"] and not top & 1 << place["BillingAddress"]
    assert f"{place['BillingAddress']}-0x02" in header["changedFields"]
    assert header["nulledFields"] == [f"0x{1 << place['Phone']:08X}"]
    assert (told["Name"], told["BillingAddress"]["City"], told["BillingAddress"]["Street"]) == (None, "Osaka", None)
    assert header["changeOrigin"].endswith(";client=somebody")
    assert header["transactionKey"] == before["ChangeEventHeader"]["transactionKey"]
    assert header["sequenceNumber"] == before["ChangeEventHeader"]["sequenceNumber"] + 1


async def test_a_new_record_is_told_whole_and_a_deleted_one_by_its_id(vendor: Vendor, records: Records):
    async with vendor.subscribed(CHANGES) as stream:
        product = dml.create(records, OBJECTS["Product2"], {"Name": "New", "Catalog_Order__c": 7})
        dml.delete(records, OBJECTS["Product2"], product)
        made, gone = [await vendor.read(one) for one in await stream.events(2)]
    assert (made["ChangeEventHeader"]["changeType"], made["Name"], made["Catalog_Order__c"]) == ("CREATE", "New", 7.0)
    assert (gone["ChangeEventHeader"]["changeType"], gone["Name"]) == ("DELETE", None)
    assert gone["ChangeEventHeader"]["recordIds"] == [product]


async def test_a_reset_makes_every_replay_id_worthless(sandbox: Running, console):
    log = sandbox.world.salesforce.events.log
    before = log.replay_id(log.newest())
    await console("POST", "reset")
    assert log.replay_id(log.newest())[8:] != before[8:] or log.newest() != int.from_bytes(before[:8], "big")
