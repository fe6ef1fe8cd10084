"""What a subscriber does about failures: a script in place of the wire, time that jumps."""

import asyncio
from typing import Any

import pytest

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.salesforce.pubsub.failures import CODES, Kind, PubSubFailure
from portal_app.integrations.salesforce.pubsub.schemas import Schemas
from portal_app.integrations.salesforce.pubsub.subscriber import Subscriber
from portal_app.integrations.salesforce.pubsub.wire import After, Preset
from portal_app.integrations.upstream import CredentialRefused
from tests.integrations.salesforce.pubsub.listening import (
    ORDER_SCHEMA,
    ORDERS,
    Notebook,
    ScriptedClient,
    an_order_event,
    fetched,
)
from tests.integrations.virtual_time import in_virtual_time, now


def failure(code: str, operation: str = "Subscribe") -> PubSubFailure:
    return PubSubFailure(operation, code, CODES[code])


async def played(
    client: ScriptedClient, sink: Notebook | None = None, longest: Any = max
) -> tuple[Notebook, list[float]]:
    """Run until the script is over. The pauses made, jitter always at its upper end."""
    sink = sink or Notebook()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(seconds)

    async def fetch(schema_id: str) -> str:
        return ORDER_SCHEMA

    subscriber = Subscriber(client, Schemas(fetch), ORDERS, sink, pause=pause, jitter=longest)
    running = asyncio.create_task(subscriber.run())
    await client.exhausted.wait()
    client.state = subscriber.state
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert all(stream.closed for stream in client.streams)
    return sink, pauses


@in_virtual_time
async def test_e4_waits_double_up_to_a_minute_and_are_never_more():
    _, pauses = await played(ScriptedClient(*([failure("service.unavailable")] for _ in range(9))))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@in_virtual_time
async def test_a_line_that_is_down_for_hours_is_told_less_and_less_often(caplog):
    await played(ScriptedClient(*([failure("service.unavailable")] for _ in range(200))))
    assert [one.failures for one in caplog.records if one.levelname == "WARNING"] == [1, 2, 4, 8, 16, 32, 64, 128]


@in_virtual_time
async def test_another_reason_is_told_at_once(caplog):
    down, refused = [failure("service.unavailable")], [failure("topic.not.found")]
    await played(ScriptedClient(*[down] * 6, refused, refused, refused))
    told = [(one.failures, one.code) for one in caplog.records if one.levelname == "WARNING"]
    assert told[-2:] == [(7, "topic.not.found"), (8, "topic.not.found")]


@in_virtual_time
async def test_e4_the_jitter_is_full():
    bounds = []

    def lowest(low: float, high: float) -> float:
        bounds.append((low, high))
        return low

    _, pauses = await played(ScriptedClient(*([failure("service.unavailable")] for _ in range(3))), longest=lowest)
    assert bounds == [(0.0, 1.0), (0.0, 2.0), (0.0, 4.0)] and pauses == []


@in_virtual_time
async def test_a_response_ends_the_row_of_failures():
    bad, good = [failure("service.unavailable")], [fetched(), failure("service.unavailable")]
    _, pauses = await played(ScriptedClient(bad, bad, good, bad))
    assert pauses == [1, 2, 1, 2]


@in_virtual_time
async def test_a_stream_that_ends_after_events_is_opened_again_at_once():
    sink, pauses = await played(ScriptedClient([fetched(an_order_event(1)), None], [fetched(an_order_event(2)), None]))
    assert (pauses, len(sink.kept)) == ([], 2)


@in_virtual_time
async def test_a_stream_that_ends_without_any_is_not():
    _, pauses = await played(ScriptedClient([None], [fetched(), None], [None]))
    assert pauses == [1, 1, 2]


@in_virtual_time
async def test_three_tokens_are_tried_at_once_before_it_is_no_longer_the_tokens_fault():
    _, pauses = await played(ScriptedClient(*([failure("service.auth.error")] for _ in range(5))))
    assert len(pauses) == 2 and pauses[0] > 0


@pytest.mark.parametrize(
    ("code", "least"),
    [
        ("service.protection.triggered", 180),
        ("concurrent.client.limit.exceeded", 180),
        ("topic.not.found", 300),
        ("service.tenant.license", 300),
        ("subscription.limit.exceeded", 3600),
    ],
)
def test_what_will_not_be_better_soon_is_left_alone_for_longer(code, least):
    @in_virtual_time
    async def play() -> None:
        _, pauses = await played(ScriptedClient([failure(code)]), longest=min)
        assert pauses == [least]

    play()


@in_virtual_time
async def test_a_topic_that_is_refused_is_looked_at_again_now_and_then():
    client = ScriptedClient()
    client.topic_failures = [failure("topic.not.found", "GetTopic"), failure("topic.not.found", "GetTopic")]
    _, pauses = await played(client, longest=min)
    assert pauses == [300, 300]


class NoTokens(ScriptedClient):
    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures = list(failures)

    async def subscribe(self, topic, start, credit):
        if self.failures:
            raise self.failures.pop(0)
        return await super().subscribe(topic, start, credit)


@in_virtual_time
async def test_without_a_token_it_waits_and_longer_when_our_credential_was_refused():
    refused, down = CredentialRefused("salesforce", "Login", "x"), UpstreamUnavailable("salesforce", "Login", "x")
    _, pauses = await played(NoTokens(down, refused, down))
    assert pauses == [1, 300, 4]


@in_virtual_time
async def test_e3_a_refused_cursor_is_given_up_once_and_all_that_is_retained_is_asked_for():
    sink = Notebook()
    sink.position = After(b"old")
    corrupted = [failure("subscription.fetch.replayid.corrupted")]
    _, pauses = await played(ScriptedClient(corrupted, [fetched(an_order_event())]), sink)
    assert sink.starts[:2] == [After(b"old"), Preset.EARLIEST] and (sink.lost, pauses) == (1, [])


@in_virtual_time
async def test_e3_a_cursor_that_could_not_be_given_up_is_not_forgotten_silently():
    sink = Notebook()
    sink.position = After(b"old")
    sink.failing = [RuntimeError("database away")]
    corrupted = [failure("subscription.fetch.replayid.corrupted")]
    await played(ScriptedClient(corrupted, corrupted), sink)
    assert sink.starts == [After(b"old"), After(b"old"), Preset.EARLIEST] and sink.lost == 1


@in_virtual_time
async def test_e3_a_refusal_whose_reason_was_lost_on_the_way_costs_the_cursor_the_third_time():
    sink = Notebook()
    sink.position = After(b"old")
    unexplained = PubSubFailure("Subscribe", "grpc_invalid_argument", Kind.OUR_FAULT, unexplained=True)
    await played(ScriptedClient([unexplained], [unexplained], [unexplained]), sink)
    assert sink.starts == [After(b"old")] * 3 + [Preset.EARLIEST]


@in_virtual_time
async def test_e3_a_refusal_while_asking_for_everything_does_not_loop():
    corrupted = [failure("subscription.fetch.replayid.corrupted")]
    sink, pauses = await played(ScriptedClient(corrupted, corrupted), Notebook(Preset.EARLIEST))
    assert (sink.lost, pauses) == (0, [1, 2])


@in_virtual_time
async def test_e2_the_cursor_is_the_last_events_and_an_empty_response_moves_it():
    script = [fetched(an_order_event(1), an_order_event(2), position=b"ahead"), fetched(position=b"alive")]
    sink, _ = await played(ScriptedClient([*script, None]))
    assert [batch.cursor for batch in sink.batches] == [b"\x02", b"alive"]
    assert [len(batch.items) for batch in sink.batches] == [2, 0]


@in_virtual_time
async def test_e2_what_was_not_stored_is_asked_for_again_from_the_old_cursor():
    sink = Notebook()
    sink.position = After(b"\x01")
    sink.failing = [RuntimeError("database away")]
    await played(ScriptedClient([fetched(an_order_event(2))], [fetched(an_order_event(2)), None]), sink)
    assert sink.starts[:2] == [After(b"\x01"), After(b"\x01")] and list(sink.kept) == ["event-2"]


@in_virtual_time
async def test_e4_more_is_asked_for_after_storing_and_never_beyond_what_is_wanted():
    sink, client = Notebook(), ScriptedClient()
    client.scripts = [
        [fetched(*(an_order_event(n) for n in range(1, 14))), fetched(an_order_event(20), pending=24), None]
    ]
    sink.open.clear()
    playing = asyncio.create_task(played(client, sink))
    await asyncio.sleep(30)
    assert client.streams[0].asked == []
    sink.open.set()
    await playing
    assert client.streams[0].asked == [13]


@in_virtual_time
async def test_e4_keepalives_are_not_answered():
    client = ScriptedClient([fetched(pending=25)] * 50 + [None])
    await played(client)
    assert client.streams[0].asked == []


@in_virtual_time
async def test_e6_a_poison_event_does_not_hold_up_the_next():
    script = [fetched(an_order_event(1, payload=b"\xff"), an_order_event(2)), None]
    client = ScriptedClient(script)
    sink, _ = await played(client)
    assert [type(one).__name__ for one in sink.kept.values()] == ["Quarantined", "Received"]
    assert sink.position == After(b"\x02") and client.state.quarantined == 1


@in_virtual_time
async def test_the_state_tells_what_health_asks_for():
    client = ScriptedClient([fetched(an_order_event(1)), failure("service.unavailable")])
    before = now()
    await played(client)
    state = client.state
    assert (state.received, state.streams, state.cursor, state.code) == (1, 2, b"\x01", "service.unavailable")
    assert state.heard_at == before
