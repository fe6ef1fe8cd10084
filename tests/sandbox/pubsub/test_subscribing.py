"""Subscribe: credit, keepalives, where a stream begins, and how it is refused."""

from __future__ import annotations

import grpc
import grpc.aio
import pytest

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.pubsub.generated import eventbus_pb2 as eventbus
from tests.sandbox.pubsub.subscribers import CASES, CHANGES, FULFILMENT, Vendor


@pytest.fixture
def publish(sandbox: Running):
    def many(number: int) -> None:
        for count in range(number):
            sandbox.world.salesforce.events.publish("Case_Status_Update__e", {"Case_Id__c": f"case {count}"})

    return many


async def test_events_are_delivered_up_to_the_credit_and_no_further(vendor: Vendor, publish, sandbox: Running):
    async with vendor.subscribed(CASES, credit=3) as stream:
        publish(5)
        assert len(await stream.events(3)) == 3
        (listener,) = sandbox.world.salesforce.events.listeners
        assert (listener.credit, listener.delivered) == (0, 3)
        stream.ask(10)
        response = await stream.next()
        assert (len(response.events), response.pending_num_requested) == (2, 8)


async def test_credit_is_added_up_and_capped_at_a_hundred(vendor: Vendor, publish):
    async with vendor.subscribed(CASES, credit=90) as stream:
        stream.ask(90)
        stream.ask(90)
        publish(1)
        await stream.next()
        publish(1)
        pending = (await stream.next()).pending_num_requested
        assert pending <= 99


async def test_when_nothing_happens_an_empty_response_tells_the_position(vendor: Vendor, sandbox: Running, publish):
    sandbox.world.salesforce.events.timing.keepalive_s = 0.05
    async with vendor.subscribed(CASES, credit=7) as stream:
        alive = await stream.next()
        assert (list(alive.events), alive.pending_num_requested) == ([], 7)
    publish(1)
    custom = {"replay_preset": eventbus.CUSTOM, "replay_id": alive.latest_replay_id}
    async with vendor.subscribed(CASES, **custom) as stream:
        assert len(await stream.events(1)) == 1


@pytest.mark.parametrize(("keepalive_s", "starving_s"), [(0.01, 0.2), (60, 0.05)])
async def test_without_credit_there_are_no_keepalives_and_the_stream_ends(
    vendor: Vendor, sandbox: Running, publish, keepalive_s, starving_s
):
    timing = sandbox.world.salesforce.events.timing
    timing.keepalive_s, timing.starving_s = keepalive_s, starving_s
    async with vendor.subscribed(CASES, credit=1) as stream:
        publish(2)
        assert len(await stream.events(1)) == 1
        assert await stream.next() is grpc.aio.EOF
        assert await stream.end() == (grpc.StatusCode.OK, "")


async def test_latest_earliest_and_custom_begin_where_they_say(vendor: Vendor, publish):
    publish(3)
    async with vendor.subscribed(CASES, replay_preset=eventbus.EARLIEST) as stream:
        first, second, third = await stream.events(3)
    async with vendor.subscribed(CASES, replay_preset=eventbus.CUSTOM, replay_id=first.replay_id) as stream:
        assert [one.replay_id for one in await stream.events(2)] == [second.replay_id, third.replay_id]
    async with vendor.subscribed(CASES, replay_preset=eventbus.LATEST) as stream:
        publish(1)
        assert (await stream.events(1))[0].replay_id > third.replay_id


@pytest.mark.parametrize(
    "mangle", [lambda good: good[:8], lambda good: b"\x7f" * 8 + good[8:], lambda good: b"0123456789"]
)
async def test_a_replay_id_that_is_none_of_ours_is_corrupted(vendor: Vendor, publish, sandbox: Running, mangle):
    publish(1)
    log = sandbox.world.salesforce.events.log
    bad = mangle(log.replay_id(log.newest()))
    async with vendor.subscribed(CASES, replay_preset=eventbus.CUSTOM, replay_id=bad) as stream:
        assert await stream.end() == (grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")


async def test_events_and_replay_ids_are_gone_after_72_hours(vendor: Vendor, publish, sandbox: Running, clock: Clock):
    publish(1)
    log = sandbox.world.salesforce.events.log
    old = log.replay_id(log.newest())
    clock.advance(73 * 3600)
    vendor.sign_in()
    async with vendor.subscribed(CASES, replay_preset=eventbus.CUSTOM, replay_id=old) as stream:
        assert (await stream.end())[1] == "subscription.fetch.replayid.corrupted"
    publish(1)
    async with vendor.subscribed(CASES, replay_preset=eventbus.EARLIEST) as stream:
        response = await stream.next()
        assert (len(response.events), response.pending_num_requested) == (1, 99)


async def test_replay_ids_do_not_survive_a_move_of_the_org(vendor: Vendor, publish, sandbox: Running, console):
    publish(1)
    log = sandbox.world.salesforce.events.log
    before = log.replay_id(log.newest())
    await console("POST", "salesforce/events/corrupt-replay")
    async with vendor.subscribed(CASES, replay_preset=eventbus.CUSTOM, replay_id=before) as stream:
        assert (await stream.end())[1] == "subscription.fetch.replayid.corrupted"


@pytest.mark.parametrize(
    ("first", "status", "code"),
    [
        ({"topic": ""}, "INVALID_ARGUMENT", "topic.validation.empty"),
        ({"topic": "/event/Nothing__e"}, "NOT_FOUND", "topic.not.found"),
        ({"topic": "/data/CaseChangeEvent"}, "NOT_FOUND", "topic.not.found"),
        ({"credit": 0}, "INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid"),
        ({"replay_preset": eventbus.CUSTOM}, "INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused_by_name(vendor: Vendor, first, status, code):
    async with vendor.subscribed(**{"topic": FULFILMENT} | first) as stream:
        assert await stream.end() == (grpc.StatusCode[status], code)


@pytest.mark.parametrize(
    ("number", "topic", "code"),
    [
        (5, FULFILMENT, "subscription.fetch.topic.mismatch"),
        (0, "", "subscription.fetch.requested.events.invalid"),
    ],
)
async def test_a_later_request_that_makes_no_sense_ends_the_stream(vendor: Vendor, number, topic, code):
    async with vendor.subscribed(CASES) as stream:
        stream.ask(number, topic)
        assert await stream.end() == (grpc.StatusCode.INVALID_ARGUMENT, code)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("accesstoken", "nobody", "service.auth.error"),
        ("instanceurl", "acme", "service.auth.headers.invalid"),
        ("tenantid", "00D000000000000", "service.auth.headers.invalid"),
    ],
)
async def test_every_call_says_who_asks_and_for_which_org(vendor: Vendor, key, value, code):
    vendor.metadata[key] = value
    refused = (grpc.StatusCode.UNAUTHENTICATED, code)
    async with vendor.subscribed(CHANGES) as stream:
        assert await stream.end() == refused
    request = eventbus.TopicRequest(topic_name=CHANGES)
    assert await vendor.refusal("GetTopic", request, eventbus.TopicInfo) == refused


async def test_a_stream_ends_with_its_session(vendor: Vendor, console, publish):
    async with vendor.subscribed(CASES) as stream:
        await console("POST", "salesforce/sessions/expire")
        publish(1)
        assert await stream.end() == (grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
