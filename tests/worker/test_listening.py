"""Listening goes on as long as this process leads, and begins anew when told: E9."""

import asyncio

import pytest

from portal_app.integrations.salesforce.pubsub.subscriber import SubscriberState
from portal_app.worker.listening import AGAIN_S, EventListening

TOPIC = "/event/X__e"


class Streams:
    """In place of the real ones: counts how often it began and ended. `failing`: how the next runs end."""

    def __init__(self) -> None:
        self.began = self.ended = 0
        self.failing: list[Exception] = []
        self.states = {TOPIC: SubscriberState(status="connected")}
        self.changed, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def run(self) -> None:
        self.began += 1
        self.changed.set()
        if self.failing:
            raise self.failing.pop()
        try:
            await asyncio.Event().wait()
        finally:
            await self.may_end.wait()
            self.ended += 1
            self.changed.set()

    async def until(self, began: int) -> None:
        async with asyncio.timeout(5):
            while self.began < began:
                self.changed.clear()
                await self.changed.wait()


class Pauses:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def duty(streams, pauses):
    made = EventListening(streams, pause=pauses)
    yield made
    await made.end()


async def test_it_listens_between_begin_and_end(duty, streams):
    assert (duty.active, dict(duty.states)) == (False, {})
    await duty.begin()
    await streams.until(1)
    assert (duty.active, duty.states) == (True, streams.states)
    await duty.end()
    assert (streams.began, streams.ended, duty.active, dict(duty.states)) == (1, 1, False, {})


async def test_e9_beginning_twice_opens_no_second_set_of_streams(duty, streams):
    await duty.begin()
    await duty.begin()
    await streams.until(1)
    await duty.end()
    await duty.end()
    assert (streams.began, streams.ended) == (1, 1)


async def test_it_may_lead_again(duty, streams):
    for number in (1, 2):
        await duty.begin()
        await streams.until(number)
        await duty.end()
    assert streams.ended == 2


async def test_told_of_a_rewind_every_stream_begins_anew(duty, streams, pauses):
    await duty.begin()
    await streams.until(1)
    duty.again("work:replay", "")
    await streams.until(2)
    assert (streams.ended, pauses.seconds) == (1, [])


async def test_a_defect_ends_no_duty(duty, streams, pauses):
    streams.failing = [ValueError(), ValueError()]
    await duty.begin()
    await streams.until(3)
    assert pauses.seconds == [AGAIN_S] * 2
    assert duty.active


async def test_streams_that_do_not_end_in_time_keep_nobody_from_listening_again(duty, streams, monkeypatch):
    monkeypatch.setattr("portal_app.worker.listening.ENDING_S", 0.01)
    await duty.begin()
    await streams.until(1)
    streams.may_end.clear()
    duty.again()
    await streams.until(2)
    assert duty.active
    streams.may_end.set()


async def test_switched_off_there_is_nothing_to_do():
    duty = EventListening(None)
    await duty.begin()
    duty.again()
    assert (duty.active, dict(duty.states)) == (False, {})
    await duty.end()
