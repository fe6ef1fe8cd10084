"""One call through all of it: deadline, retries, breaker, what is reported."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import (
    SALESFORCE,
    WHMCS,
    CredentialRefused,
    TryAgain,
    Upstream,
    deadline,
    remaining,
)
from portal_app.integrations.upstream.deadline import begins_within
from tests.fakes.clock import FakeClock
from tests.integrations.virtual_time import in_virtual_time, now


class Sender:
    """Plays one behaviour per call, the last for ever: an exception to raise, seconds (float) to take, or a value."""

    def __init__(self, *plays):
        self.plays, self.calls = list(plays), []

    async def __call__(self, seconds):
        self.calls.append((round(now(), 3), seconds))
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if isinstance(play, Exception):
            raise play
        if isinstance(play, float):
            await asyncio.sleep(play)
        return play

    @property
    def pauses(self):
        times = [at for at, _ in self.calls]
        return [round(b - a, 3) for a, b in pairwise(times)]


@pytest.fixture
def events():
    return []


@pytest.fixture
def upstream(events):
    return Upstream(WHMCS, FakeClock(), lambda *event: events.append(event[:3]))


def again(retry_after=None):
    return TryAgain("whmcs", "Read", "http_503", retry_after=retry_after)


@in_virtual_time
async def test_t2_a_read_is_tried_three_times(upstream, events):
    sender = Sender(again(), again(), "answer")
    assert await upstream.call("Read", sender) == "answer"
    assert [outcome for _, _, outcome in events] == ["unavailable", "unavailable", "ok"]


@in_virtual_time
async def test_t2_after_three_tries_the_failure_is_raised(upstream):
    sender = Sender(again())
    with pytest.raises(UpstreamUnavailable):
        await upstream.call("Read", sender)
    assert len(sender.calls) == 3


@in_virtual_time
async def test_a_write_is_never_repeated(upstream):
    sender = Sender(again(), "answer")
    with pytest.raises(UpstreamUnavailable):
        await upstream.call("Write", sender, write=True)
    assert len(sender.calls) == 1


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamUnavailable("whmcs", "Read", "not_json"),
        UpstreamRejected("whmcs", "Read", "validation"),
        UpstreamReplyChanged("whmcs", "Read"),
        NotFound("invoice"),
        CredentialRefused("whmcs", "Read"),
    ],
    ids=lambda failure: type(failure).__name__,
)
@in_virtual_time
async def test_t2_nothing_else_is_repeated(upstream, failure):
    sender = Sender(failure)
    with pytest.raises(type(failure)):
        await upstream.call("Read", sender)
    assert len(sender.calls) == 1


@in_virtual_time
async def test_t1_pauses_are_jittered_up_to_the_doubling_base(events):
    for _ in range(50):
        sender = Sender(again(), again(), "answer")
        await Upstream(WHMCS, FakeClock()).call("Read", sender)
        assert 0 <= sender.pauses[0] <= 0.2
        assert 0 <= sender.pauses[1] <= 0.4


@in_virtual_time
async def test_t1_retry_after_is_honoured_up_to_thirty_seconds(upstream):
    sender = Sender(again(retry_after=7), "answer")
    await upstream.call("Read", sender)
    assert sender.pauses == [7]
    impatient = Sender(again(retry_after=31), "answer")
    with pytest.raises(TryAgain):
        await upstream.call("Read", impatient)
    assert len(impatient.calls) == 1


@in_virtual_time
async def test_t1_retries_stay_within_a_tenth_of_the_calls():
    upstream = Upstream(WHMCS, FakeClock())
    for _ in range(60):
        await upstream.call("Read", Sender("answer"))
        await asyncio.sleep(0.3)
    first_tries = retries = 0
    for _ in range(10):  # a success between keeps the breaker out of it
        sender = Sender(again(), "answer")
        with suppress(TryAgain):
            await upstream.call("Read", sender)
        first_tries, retries = first_tries + 1, retries + len(sender.calls) - 1
        await upstream.call("Read", Sender("answer"))
    assert 6 <= retries <= 8


@in_virtual_time
async def test_t1_no_call_starts_with_less_than_half_a_second_left(upstream, events):
    sender = Sender("answer")
    with deadline(0.4), pytest.raises(UpstreamUnavailable, match="deadline"):
        await upstream.call("Read", sender)
    assert sender.calls == []
    assert events == [("whmcs", "Read", "deadline")]


@in_virtual_time
async def test_f4_a_write_that_could_not_begin_in_time_is_not_sent_and_a_read_is(upstream):
    sender = Sender("answer", "answer")
    with begins_within(5):
        await upstream.call("Write", sender, write=True)
        await asyncio.sleep(6)
        assert await upstream.call("Read", sender) == "answer"
        with pytest.raises(UpstreamUnavailable, match="deadline"):
            await upstream.call("Write", sender, write=True)
    assert len(sender.calls) == 2


@in_virtual_time
async def test_t1_a_call_gets_what_is_left_of_the_deadline(upstream):
    sender = Sender(60.0)
    began = now()
    with deadline(3), pytest.raises(UpstreamUnavailable, match="timeout"):
        await upstream.call("Read", sender)
    assert now() - began == 3
    assert sender.calls[0][1] == 3


@in_virtual_time
async def test_t1_no_retry_is_waited_for_past_the_deadline(upstream):
    sender = Sender(again(retry_after=10))
    began = now()
    with deadline(10.2), pytest.raises(TryAgain):
        await upstream.call("Read", sender)
    assert now() == began


@in_virtual_time
async def test_an_inner_deadline_cannot_extend_an_outer_one_unless_the_work_is_shared():
    with deadline(5):
        with deadline(60):
            assert remaining() == 5
        with deadline(60, inherit=False):
            assert remaining() == 60
        assert remaining() == 5


@in_virtual_time
async def test_a_slow_read_times_out_after_twelve_seconds_and_is_repeated(upstream):
    sender = Sender(60.0, "answer")
    began = now()
    assert await upstream.call("Read", sender) == "answer"
    assert 12 <= now() - began < 12.3


@in_virtual_time
async def test_a_write_without_an_answer_has_an_unknown_outcome(upstream, events):
    with pytest.raises(UpstreamOutcomeUnknown):
        await upstream.call("Write", Sender(60.0), write=True)
    assert events == [("whmcs", "Write", "timeout")]


@in_virtual_time
async def test_t3_after_a_refused_credential_nothing_is_sent_for_fifteen_minutes(upstream, events):
    sender = Sender(CredentialRefused("whmcs", "Read", "credential"), "answer")
    with pytest.raises(CredentialRefused):
        await upstream.call("Read", sender)
    with pytest.raises(UpstreamUnavailable):
        await upstream.call("Read", sender)
    assert len(sender.calls) == 1
    assert [outcome for _, _, outcome in events] == ["credential", "breaker_open"]
    await asyncio.sleep(900)
    assert await upstream.call("Read", sender) == "answer"


@in_virtual_time
async def test_t3_business_refusals_do_not_open_the_breaker(upstream):
    for _ in range(20):
        with pytest.raises(UpstreamRejected):
            await upstream.call("Read", Sender(UpstreamRejected("whmcs", "Read", "not_found")))
    assert upstream.state()["breaker"] == "closed"


@in_virtual_time
async def test_a_dead_upstream_is_asked_five_times_then_left_alone(upstream):
    sender = Sender(UpstreamUnavailable("whmcs", "Read", "http_500"))
    for _ in range(30):
        with pytest.raises(UpstreamUnavailable):
            await upstream.call("Read", sender)
    assert len(sender.calls) == 5


@in_virtual_time
async def test_an_open_breaker_ends_the_retries_of_a_call_under_way(upstream):
    for _ in range(4):
        with pytest.raises(UpstreamUnavailable):
            await upstream.call("Read", Sender(UpstreamUnavailable("whmcs", "Read")))
    sender = Sender(again())
    with pytest.raises(TryAgain):
        await upstream.call("Read", sender)
    assert len(sender.calls) == 1


@in_virtual_time
async def test_no_slot_is_held_while_a_retry_is_waited_for(events):
    upstream = Upstream(WHMCS, FakeClock())
    slow = asyncio.create_task(upstream.call("Read", Sender(again(retry_after=20), "late")))
    await asyncio.sleep(1)
    assert upstream.state()["running"] == 0
    assert await slow == "late"


@in_virtual_time
async def test_t6_a_full_queue_is_counted_and_nothing_is_sent(upstream, events):
    calls = [asyncio.create_task(upstream.call("Read", Sender(1.0))) for _ in range(109)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, Busy) for result in results) == events.count(("whmcs", "Read", "busy"))
    assert isinstance(results[108], Busy)


@in_virtual_time
async def test_a_cancelled_call_is_reported_and_forgotten(upstream, events):
    call = asyncio.create_task(upstream.call("Read", Sender(60.0)))
    await asyncio.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert events == [("whmcs", "Read", "cancelled")]
    assert upstream.state()["running"] == 0


@in_virtual_time
async def test_health_sees_breaker_queue_and_times(upstream):
    await upstream.call("Read", Sender("answer"))
    state = upstream.state()
    assert (state["system"], state["breaker"], state["waiting"]) == ("whmcs", "closed", 0)
    assert state["last_ok_at"] == "2026-01-15T03:00:00+00:00"
    assert state["last_failed_at"] == ""


def lost():
    return UpstreamOutcomeUnknown("salesforce", "Upsert", "timeout")


@in_virtual_time
async def test_f8_an_upsert_by_our_key_is_sent_again_when_its_answer_was_lost():
    sender = Sender(lost(), "answer")
    upstream = Upstream(SALESFORCE, FakeClock())
    assert await upstream.call("Upsert", sender, write=True, repeatable=True) == "answer"


@in_virtual_time
async def test_f8_an_upsert_whose_second_answer_is_lost_too_is_of_unknown_outcome():
    sender = Sender(lost())
    with pytest.raises(UpstreamOutcomeUnknown):
        await Upstream(SALESFORCE, FakeClock()).call("Upsert", sender, write=True, repeatable=True)
    assert len(sender.calls) == 2


@pytest.mark.parametrize("failure", [lost(), again()])
@in_virtual_time
async def test_t2_any_other_write_is_sent_once(failure):
    sender = Sender(failure)
    with pytest.raises((UpstreamOutcomeUnknown, TryAgain)):
        await Upstream(SALESFORCE, FakeClock()).call("Create", sender, write=True)
    assert len(sender.calls) == 1


@in_virtual_time
async def test_t2_a_write_that_names_its_attempts_had_no_effect_and_is_sent_that_often():
    locked = TryAgain("salesforce", "Create", "row_locked", retry_after=0.5, attempts=3)
    sender = Sender(locked, locked, "answer")
    assert await Upstream(SALESFORCE, FakeClock()).call("Create", sender, write=True) == "answer"
    assert len(sender.calls) == 3
