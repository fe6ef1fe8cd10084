"""The wire client, over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import grpc.aio
import pytest

from portal_app.errors import ConfigError
from portal_app.integrations.salesforce.pubsub.client import PubSubClient
from portal_app.integrations.salesforce.pubsub.failures import Kind, PubSubFailure
from portal_app.integrations.salesforce.pubsub.wire import After, Preset, Timing
from tests.integrations.salesforce.pubsub.listening import CASES, PATIENCE_S, AToken, TokenBox


@pytest.fixture
async def deaf_port() -> AsyncIterator[int]:
    """Accepts connections and never says a word."""
    server = await asyncio.start_server(lambda reader, writer: asyncio.Event().wait(), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def stuck_port() -> AsyncIterator[int]:
    """Speaks gRPC and never answers a call."""

    class Stuck(grpc.GenericRpcHandler):
        def service(self, details):
            async def never(request, context):
                await asyncio.Event().wait()

            return grpc.unary_unary_rpc_method_handler(never)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Stuck(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(0)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "api.pubsub.salesforce.com",
        "host:port",
        "host:99999",
        "http://api.pubsub.salesforce.com:7443",
        "user@host:7443",
        "host:7443/path",
        "ftp://host:7443",
        "http://127.0.0.1.example.com:7443",
    ],
)
def test_an_endpoint_that_is_none_or_would_send_tokens_in_plain_text_is_refused(endpoint):
    with pytest.raises(ConfigError, match="SF_PUBSUB_ENDPOINT"):
        PubSubClient(endpoint, TokenBox(lambda: AToken("t")))


@pytest.mark.parametrize(
    ("endpoint", "target", "plain"),
    [
        ("api.pubsub.salesforce.com:7443", "api.pubsub.salesforce.com:7443", False),
        ("https://api.pubsub.salesforce.com:443", "api.pubsub.salesforce.com:443", False),
        ("127.0.0.1:3902", "127.0.0.1:3902", True),
        ("http://localhost:3902", "localhost:3902", True),
        ("[::1]:3902", "[::1]:3902", True),
        ("https://127.0.0.1:3902", "127.0.0.1:3902", False),
    ],
)
def test_only_this_machine_is_spoken_to_in_plain_text(endpoint, target, plain):
    client = PubSubClient(endpoint, TokenBox(lambda: AToken("t")))
    assert (client._target, client._plain) == (target, plain)


async def test_a_topic_that_may_be_listened_to_passes_and_another_does_not(client):
    await client.check_topic(CASES.name)
    with pytest.raises(PubSubFailure) as refused:
        await client.check_topic("/event/Nothing__e")
    assert (refused.value.kind, refused.value.code) == (Kind.REFUSED, "topic.not.found")
    assert refused.value.rpc_id


async def test_a_refused_token_is_forgotten_and_the_next_call_has_another(client, tokens, sandbox):
    await client.check_topic(CASES.name)
    sandbox.world.salesforce.sessions.expire()
    with pytest.raises(PubSubFailure) as refused:
        await client.check_topic(CASES.name)
    assert (refused.value.kind, len(tokens.forgotten)) == (Kind.AUTH, 1)
    await client.check_topic(CASES.name)
    assert tokens.made == 2


async def test_another_failure_keeps_the_token(client, tokens, bus):
    bus.troubles.add(kind="refuse", method="GetSchema", code="schema.api.unavailable")
    with pytest.raises(PubSubFailure):
        await client.get_schema("A")
    assert tokens.forgotten == []


async def test_a_call_without_an_answer_ends_at_its_deadline(stuck_port):
    client = PubSubClient(f"127.0.0.1:{stuck_port}", TokenBox(lambda: AToken("t")), Timing(call_s=0.1))
    with pytest.raises(PubSubFailure) as late:
        await client.check_topic(CASES.name)
    assert (late.value.kind, late.value.code) == (Kind.RETRY, "grpc_deadline_exceeded")
    await client.stop()


async def test_a_port_that_accepts_and_says_nothing_ends_at_the_deadline_too(deaf_port):
    client = PubSubClient(f"127.0.0.1:{deaf_port}", TokenBox(lambda: AToken("t")), Timing(call_s=0.1))
    with pytest.raises(PubSubFailure) as late:
        await client.get_schema("A")
    assert late.value.kind is Kind.RETRY
    await client.stop()


async def test_nobody_there_is_a_passing_failure(unused_tcp_port_factory):
    client = PubSubClient(f"127.0.0.1:{unused_tcp_port_factory()}", TokenBox(lambda: AToken("t")))
    with pytest.raises(PubSubFailure) as nobody:
        await client.check_topic(CASES.name)
    assert (nobody.value.kind, nobody.value.code) == (Kind.RETRY, "grpc_unavailable")
    await client.stop()


async def test_a_sign_in_that_names_no_org_is_told_before_anything_is_sent(deaf_port):
    client = PubSubClient(f"127.0.0.1:{deaf_port}", TokenBox(lambda: AToken("t", organization_id="")))
    with pytest.raises(PubSubFailure) as refused:
        await client.check_topic(CASES.name)
    assert (refused.value.kind, refused.value.code) == (Kind.REFUSED, "no_tenant_id")


async def test_no_error_shows_the_token(client, tokens, sandbox):
    await client.check_topic(CASES.name)
    secret = tokens.token.value
    sandbox.world.salesforce.sessions.expire()
    with pytest.raises(PubSubFailure) as refused:
        await client.check_topic(CASES.name)
    assert secret not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"


async def test_a_replay_id_travels_as_it_is(client, bus):
    bus.publish("Case_Status_Update__e", {"Case_Id__c": "first"})
    first = bus.log.last(1)[0].position
    bus.publish("Case_Status_Update__e", {"Case_Id__c": "second"})
    stream = await client.subscribe(CASES.name, After(bus.log.replay_id(first)), 25)
    got = await stream.next(PATIENCE_S)
    assert [one.replay_id for one in got.events] == [bus.log.replay_id(bus.log.last(1)[0].position)]
    assert (got.pending, len(got.events[0].schema_id)) == (24, 22)
    stream.close()


@pytest.mark.parametrize("credit", [0, -1, 101])
async def test_e4_no_stream_is_opened_with_a_credit_out_of_range(client, credit):
    with pytest.raises(ValueError, match="1 to 100"):
        await client.subscribe(CASES.name, Preset.LATEST, credit)


async def test_e4_silence_is_a_dead_line(client, bus):
    bus.troubles.silent = True
    stream = await client.subscribe(CASES.name, Preset.LATEST, 25)
    with pytest.raises(PubSubFailure) as dead:
        await stream.next(0.1)
    assert (dead.value.kind, dead.value.code) == (Kind.RETRY, "silent")
    stream.close()


@pytest.fixture
async def stream(client, bus):
    """Has had one event."""
    opened = await client.subscribe(CASES.name, Preset.EARLIEST, 25)
    bus.publish("Case_Status_Update__e", {"Case_Id__c": "first"})
    await opened.next(PATIENCE_S)
    yield opened
    opened.close()


async def test_a_stream_that_ends_says_why(stream, bus):
    bus.end_streams("subscription.limit.exceeded")
    with pytest.raises(PubSubFailure) as spent:
        await stream.next(PATIENCE_S)
    assert spent.value.kind is Kind.SPENT


async def test_a_reason_that_asking_for_more_has_hidden_is_a_passing_failure(stream, bus):
    bus.end_streams("subscription.limit.exceeded")
    stream.ask(25)
    with pytest.raises(PubSubFailure) as hidden:
        await stream.next(PATIENCE_S)
    assert hidden.value.kind in (Kind.SPENT, Kind.RETRY)


async def test_everything_ends_with_the_client(client, bus):
    stream = await client.subscribe(CASES.name, Preset.LATEST, 25)
    reading = asyncio.create_task(stream.next(PATIENCE_S))
    async with asyncio.timeout(PATIENCE_S):
        while not bus.listeners:
            await asyncio.sleep(0)
    await client.stop()
    await asyncio.wait([reading], timeout=PATIENCE_S)
    assert reading.done()
    reading.cancelled() or reading.exception()


async def test_a_stream_whose_session_ended_forgets_its_token(stream, sandbox, bus, tokens):
    sandbox.world.salesforce.sessions.expire()
    bus.wake()
    with pytest.raises(PubSubFailure) as refused:
        await stream.next(PATIENCE_S)
    assert (refused.value.kind, len(tokens.forgotten), tokens.token) == (Kind.AUTH, 1, None)
