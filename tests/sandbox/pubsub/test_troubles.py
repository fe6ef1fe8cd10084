"""What the operator can do to events."""

from __future__ import annotations

import asyncio

import grpc
import grpc.aio
import pytest

from sandbox.app import Running, running
from sandbox.config import Config
from sandbox.pubsub.generated import eventbus_pb2 as eventbus
from tests.sandbox.pubsub.subscribers import CASES, Vendor

API = "salesforce/events"


@pytest.fixture
def publish(sandbox: Running):
    def one(name: str) -> None:
        sandbox.world.salesforce.events.publish("Case_Status_Update__e", {"Case_Id__c": name})

    return one


async def _names(vendor: Vendor, events) -> list[str]:
    return [(await vendor.read(one))["Case_Id__c"] for one in events]


async def test_a_duplicate_has_the_same_id_and_comes_later(vendor: Vendor, console, publish):
    await console("POST", f"{API}/troubles", {"kind": "duplicate"})
    async with vendor.subscribed(CASES) as stream:
        publish("once")
        first, second = await stream.events(2)
    assert first.event.id == second.event.id and first.replay_id < second.replay_id


async def test_out_of_order_puts_the_next_event_behind_its_successor(vendor: Vendor, console, publish):
    await console("POST", f"{API}/troubles", {"kind": "out_of_order"})
    async with vendor.subscribed(CASES) as stream:
        publish("first")
        publish("second")
        assert await _names(vendor, await stream.events(2)) == ["second", "first"]


async def test_a_delayed_event_comes_after_its_time(vendor: Vendor, console, publish):
    await console("POST", f"{API}/troubles", {"kind": "delay", "delay_ms": 50})
    async with vendor.subscribed(CASES) as stream:
        publish("late")
        publish("in time")
        assert await _names(vendor, await stream.events(2)) == ["in time", "late"]


async def test_a_lost_event_leaves_no_trace(vendor: Vendor, console, publish):
    await console("POST", f"{API}/troubles", {"kind": "lost", "entity": "Case_Status_Update__e"})
    async with vendor.subscribed(CASES) as stream:
        publish("lost")
        publish("kept")
        assert await _names(vendor, await stream.events(1)) == ["kept"]


async def test_an_undecodable_event_is_garbage_under_a_good_schema(vendor: Vendor, console, publish):
    await console("POST", f"{API}/troubles", {"kind": "undecodable"})
    async with vendor.subscribed(CASES) as stream:
        publish("never read")
        (event,) = await stream.events(1)
    with pytest.raises(Exception):  # noqa: B017  whatever the reader stumbles over
        await vendor.read(event)


async def test_calls_are_refused_as_often_as_asked_for(vendor: Vendor, console):
    body = {"kind": "refuse", "method": "GetTopic", "code": "topic.api.unavailable"}
    await console("POST", f"{API}/troubles", body)
    request = eventbus.TopicRequest(topic_name=CASES)
    refused = await vendor.refusal("GetTopic", request, eventbus.TopicInfo)
    assert refused == (grpc.StatusCode.UNAVAILABLE, "topic.api.unavailable")
    assert (await vendor.topic(CASES)).can_subscribe


async def test_a_disconnect_cuts_every_stream_without_a_code(vendor: Vendor, console):
    async with vendor.subscribed(CASES) as stream:
        assert await console("POST", f"{API}/disconnect") == {"streams": 1}
        assert await stream.end() == (grpc.StatusCode.UNAVAILABLE, "")


async def test_silence_holds_back_even_keepalives_until_healed(vendor: Vendor, console, publish):
    await console("POST", f"{API}/timing", {"keepalive_s": 0.01})
    async with vendor.subscribed(CASES) as stream:
        await console("POST", f"{API}/silence")
        publish("held back")
        reading = asyncio.create_task(stream.events(1))
        await console("GET", API)
        assert not reading.done()
        await console("DELETE", f"{API}/troubles")
        assert await _names(vendor, await reading) == ["held back"]


async def test_the_endpoint_goes_away_and_comes_back_where_it_was(vendor: Vendor, console, sandbox: Running):
    await console("POST", f"{API}/stop")
    request = eventbus.TopicRequest(topic_name=CASES)
    assert (await vendor.refusal("GetTopic", request, eventbus.TopicInfo))[0] == grpc.StatusCode.UNAVAILABLE
    state = await console("POST", f"{API}/start")
    assert state["endpoint"] == sandbox.pubsub
    fresh = [("grpc.use_local_subchannel_pool", 1)]  # the other channel knows that nobody is there, and waits
    async with grpc.aio.insecure_channel(sandbox.pubsub, options=fresh) as channel:
        vendor.channel = channel
        assert (await vendor.topic(CASES)).can_subscribe


async def test_a_gap_is_a_header_alone(vendor: Vendor, console, account):
    async with vendor.subscribed("/data/AccountChangeEvent") as stream:
        await console("POST", f"{API}/gap", {"entity": "Account", "record_ids": [account["Id"]]})
        told = await vendor.read((await stream.events(1))[0])
    assert told["ChangeEventHeader"]["changeType"] == "GAP_UPDATE" and told["Name"] is None


async def test_an_event_by_hand_is_filled_up_and_listed(vendor: Vendor, console):
    async with vendor.subscribed(CASES) as stream:
        await console(
            "POST", API, {"entity": "Case_Status_Update__e", "fields": {"Case_Id__c": "mine"}, "event_id": "e"}
        )
        (event,) = await stream.events(1)
        assert (await vendor.read(event))["Case_Id__c"] == "mine"
        state = await console("GET", API)
    assert state["events"][0] == {
        "entity": "Case_Status_Update__e",
        "event_id": "e",
        "replay_id": event.replay_id.hex(),
    }
    assert state["streams"][0]["topic"] == CASES


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"entity": "Nothing__e"}),
        ("", {"entity": "Case_Status_Update__e", "fields": {"Case_Id__c": 7}}),
        ("/troubles", {"kind": "boredom"}),
        ("/troubles", {"kind": "delay", "times": "often"}),
        ("/troubles", {"kind": "refuse", "method": "Everything"}),
        ("/troubles", {"kind": "delay", "colour": "red"}),
        ("/gap", {"entity": "Case"}),
        ("/gap", {"entity": "Account", "record_ids": [1]}),
        ("/schema", {"entity": "AccountChangeEvent", "field": "X__c"}),
        ("/timing", {"keepalive_s": "long"}),
    ],
)
async def test_what_the_console_does_not_understand_is_refused(console, path, body):
    await console("POST", API + path, body)
    assert console.status == 400


async def test_events_outlive_a_restart(tmp_path):
    config = Config(port=0, smtp_port=0, data=tmp_path, seed_size=5)
    async with running(config) as before:
        before.world.salesforce.events.troubles.add(kind="delay", delay_ms=60_000)
        for name in ("held", "kept"):
            before.world.salesforce.events.publish("Case_Status_Update__e", {"Case_Id__c": name})
    async with running(config) as after, grpc.aio.insecure_channel(after.pubsub) as channel:
        vendor = Vendor(after, channel)
        vendor.sign_in()
        async with vendor.subscribed(CASES, replay_preset=eventbus.EARLIEST) as stream:
            assert await _names(vendor, await stream.events(2)) == ["kept", "held"]
