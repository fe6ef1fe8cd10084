"""Topics and schemas."""

from __future__ import annotations

import grpc

from sandbox.app import Running
from sandbox.pubsub.generated import eventbus_pb2 as eventbus
from tests.sandbox.pubsub.subscribers import CASES, FULFILMENT, Vendor


async def test_a_topic_names_its_schema_and_the_schema_its_fields(vendor: Vendor):
    topic = await vendor.topic(FULFILMENT)
    schema = await vendor.schema(topic.schema_id)
    assert (topic.can_subscribe, topic.can_publish, len(topic.schema_id)) == (True, True, 22)
    assert [one["name"] for one in schema["fields"]][:3] == ["CreatedDate", "CreatedById", "OrderId__c"]


async def test_an_unknown_schema_is_refused(vendor: Vendor):
    request = eventbus.SchemaRequest(schema_id="AAAAAAAAAAAAAAAAAAAAAA")
    refused = await vendor.refusal("GetSchema", request, eventbus.SchemaInfo)
    assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "schema.validation.failed")


async def test_an_address_is_defined_once_and_named_after_that(vendor: Vendor):
    schema = await vendor.schema((await vendor.topic("/data/AccountChangeEvent")).schema_id)
    kinds = {one["name"]: one["type"] for one in schema["fields"]}
    assert kinds["BillingAddress"][1]["name"] == "Address"
    assert kinds["ShippingAddress"] == ["null", "com.sforce.eventbus.Address"]
    assert "BillingCity" not in kinds and schema["fields"][0]["name"] == "ChangeEventHeader"


async def test_an_administrators_change_shows_in_mid_stream_as_another_schema(
    vendor: Vendor, console, sandbox: Running
):
    bus = sandbox.world.salesforce.events
    async with vendor.subscribed(CASES) as stream:
        bus.publish("Case_Status_Update__e", {"Case_Id__c": "before"})
        await console("POST", "salesforce/events/schema", {"entity": "Case_Status_Update__e", "field": "Extra__c"})
        bus.publish("Case_Status_Update__e", {"Case_Id__c": "after", "Extra__c": "more"})
        before, after = await stream.events(2)
    assert before.event.schema_id != after.event.schema_id == (await vendor.topic(CASES)).schema_id
    assert "Extra__c" not in await vendor.read(before)
    assert (await vendor.read(after))["Extra__c"] == "more"


async def test_publishing_answers_for_each_event_on_its_own(vendor: Vendor):
    schema_id = (await vendor.topic(CASES)).schema_id
    values = {"CreatedDate": 1, "CreatedById": "005000000000001AAA", "Case_Id__c": "ours", "Account_Id__c": None}
    payload = await vendor.write(schema_id, values)
    events = [
        eventbus.ProducerEvent(id="good", schema_id=schema_id, payload=payload),
        eventbus.ProducerEvent(id="bad", schema_id=schema_id, payload=b"\xff"),
        eventbus.ProducerEvent(id="old", schema_id="AAAAAAAAAAAAAAAAAAAAAA", payload=payload),
    ]
    request = eventbus.PublishRequest(topic_name=CASES, events=events)
    async with vendor.subscribed(CASES) as stream:
        reply = await vendor.ask("Publish", request, eventbus.PublishResponse)
        (delivered,) = await stream.events(1)
    good, bad, old = reply.results
    assert (good.correlation_key, good.replay_id) == ("good", delivered.replay_id)
    assert (bad.correlation_key, bad.error.code, bad.replay_id) == ("bad", eventbus.PUBLISH, b"")
    assert "schema" in old.error.msg and old.replay_id == b""
