"""Hints reach who listens, and never harm who sends."""

import asyncio
import logging

import pytest

from portal_app.storage.bus import RECONNECTED, MemoryBus, RedisBus
from portal_app.storage.redis_link import BYPASS, RedisLink
from tests.storage.conftest import PATIENT_S, eventually


class Ear:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, topic: str, payload: str) -> None:
        self.heard.append((topic, payload))

    async def slowly(self, topic: str, payload: str) -> None:
        await asyncio.sleep(0)
        self.heard.append((topic, payload))


@pytest.fixture
def ear() -> Ear:
    return Ear()


class TestMemory:
    """Within a process."""

    async def test_a_plain_callback_has_run_when_publish_returns(self, ear):
        bus = MemoryBus()
        bus.subscribe("session:", ear)
        await bus.publish("session:1:ended", "logout")
        await bus.publish("work:inbox")
        assert ear.heard == [("session:1:ended", "logout")]

    async def test_a_coroutine_runs_beside_the_publisher(self, ear):
        bus = MemoryBus()
        bus.subscribe("", ear.slowly)
        await bus.publish("work:inbox")
        assert ear.heard == []
        await bus.settled()
        assert ear.heard == [("work:inbox", "")]

    async def test_who_unsubscribed_hears_nothing(self, ear):
        bus = MemoryBus()
        bus.subscribe("work:", ear)()
        await bus.publish("work:inbox")
        assert ear.heard == []

    async def test_two_subscriptions_of_one_callback_are_two(self, ear):
        bus = MemoryBus()
        bus.subscribe("work:", ear)
        bus.subscribe("work:", ear)()
        await bus.publish("work:inbox")
        assert len(ear.heard) == 1

    async def test_i5_a_broken_callback_harms_neither_publisher_nor_others_and_logs_no_data(self, ear, caplog):
        bus = MemoryBus()

        def broken(topic: str, payload: str) -> None:
            raise ValueError("canary-4711")

        async def broken_later(topic: str, payload: str) -> None:
            raise ValueError("canary-4711")

        for callback in (broken, broken_later, ear):
            bus.subscribe("", callback)
        with caplog.at_level(logging.DEBUG):
            await bus.publish("work:inbox")
            await bus.settled()
        assert ear.heard == [("work:inbox", "")]
        assert {record.__dict__["error"] for record in caplog.records} == {"ValueError"}
        assert "canary-4711" not in caplog.text

    async def test_stopping_cancels_what_is_being_called_back(self):
        bus, ended = MemoryBus(), []

        async def endless(topic: str, payload: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(topic)

        bus.subscribe("", endless)
        await bus.publish("work:inbox")
        await asyncio.sleep(0)
        await bus.stop()
        assert ended == ["work:inbox"]


@pytest.fixture
async def make_bus(clock):
    """A bus as one process has it, by the address of its Redis."""
    made: list[tuple[RedisBus, RedisLink]] = []

    async def make(url: str, env: str = "test") -> RedisBus:
        link = RedisLink(url, clock, timeout_s=PATIENT_S)
        bus = RedisBus(link, env)
        made.append((bus, link))
        await bus.start()
        return bus

    yield make
    for bus, link in made:
        await bus.stop()
        await link.close()


class TestRedis:
    """Across processes."""

    async def test_every_process_hears_a_hint_once(self, make_bus, fresh_redis):
        one, two = await make_bus(fresh_redis), await make_bus(fresh_redis)
        ears = [Ear(), Ear()]
        for bus, ear in zip((one, two), ears, strict=True):
            bus.subscribe("customer:", ear)
        await one.publish("customer:ada:invoices", "名")
        await one.publish("customer:ada:services")
        await eventually(lambda: len(ears[1].heard) == 2)
        wanted = [("customer:ada:invoices", "名"), ("customer:ada:services", "")]
        assert [ear.heard for ear in ears] == [wanted, wanted]

    async def test_environments_do_not_hear_each_other(self, make_bus, fresh_redis, ear):
        one, other = await make_bus(fresh_redis), await make_bus(fresh_redis, "other")
        witness = Ear()
        other.subscribe("", ear)
        (await make_bus(fresh_redis)).subscribe("", witness)
        await one.publish("work:inbox")
        await eventually(lambda: witness.heard)
        assert ear.heard == []

    async def test_junk_on_the_channel_is_ignored(self, make_bus, fresh_redis, clock, ear):
        bus = await make_bus(fresh_redis)
        bus.subscribe("work:", ear)
        link = RedisLink(fresh_redis, clock, timeout_s=PATIENT_S)
        for junk in ("x", "[]", "{}", '{"from": 1, "topic": null}'):
            await link.run(lambda redis, junk=junk: redis.publish("portal:test:bus", junk))
        await link.close()
        await (await make_bus(fresh_redis)).publish("work:inbox")
        await eventually(lambda: ear.heard)
        assert ear.heard == [("work:inbox", "")]

    async def test_h1_without_redis_a_process_still_hears_itself(self, make_bus, own_redis, ear):
        bus = await make_bus(own_redis.url)
        bus.subscribe("work:", ear)
        own_redis.kill()
        await bus.publish("work:inbox")
        assert ear.heard == [("work:inbox", "")]

    async def test_h1_a_hint_sent_while_redis_was_slow_reaches_the_others_later(
        self, make_bus, fresh_redis, ear, clock, monkeypatch
    ):
        monkeypatch.setattr("portal_app.storage.bus.RESEND_S", 0.01)
        one, two = await make_bus(fresh_redis), await make_bus(fresh_redis)
        two.subscribe("customer:", ear)
        one._link._away_until = clock.now() + BYPASS
        await one.publish("customer:ada:invoices")
        await one.publish("customer:ada:invoices")
        assert ear.heard == []
        clock.advance(BYPASS)
        await eventually(lambda: ear.heard)
        assert ear.heard == [("customer:ada:invoices", "")]

    async def test_h1_too_many_hints_to_keep_become_one_to_read_everything(
        self, make_bus, fresh_redis, ear, clock, monkeypatch
    ):
        monkeypatch.setattr("portal_app.storage.bus.RESEND_S", 0.01)
        monkeypatch.setattr("portal_app.storage.bus.MOST_UNSENT", 3)
        one, two = await make_bus(fresh_redis), await make_bus(fresh_redis)
        two.subscribe("", ear)
        one._link._away_until = clock.now() + BYPASS
        for number in range(4):
            await one.publish(f"customer:{number}:invoices")
        clock.advance(BYPASS)
        await eventually(lambda: ear.heard)
        assert ear.heard == [(RECONNECTED, "")]

    async def test_a_process_can_start_before_redis_does(self, make_bus, own_redis, ear, clock):
        own_redis.kill()
        bus = await make_bus(own_redis.url)
        bus.subscribe("work:", ear)
        own_redis.start_again()
        sender = await make_bus(own_redis.url)
        async with asyncio.timeout(20):
            while not ear.heard:
                await sender.publish("work:inbox")
                await asyncio.sleep(0.05)

    async def test_a_lost_connection_is_made_again_and_listeners_are_told(self, make_bus, own_redis, ear, clock):
        bus = await make_bus(own_redis.url)
        bus.subscribe("", ear)
        own_redis.kill()
        own_redis.start_again()
        await eventually(lambda: (RECONNECTED, "") in ear.heard, limit_s=15)
        await (await make_bus(own_redis.url)).publish("work:inbox")
        await eventually(lambda: ("work:inbox", "") in ear.heard)

    async def test_a_silent_redis_is_noticed(self, make_bus, own_redis, ear, monkeypatch):
        monkeypatch.setattr("portal_app.storage.bus.LISTEN_S", 0.1)
        bus = await make_bus(own_redis.url)
        bus.subscribe("", ear)
        own_redis.pause()
        await eventually(lambda: not bus._connected.is_set())
        own_redis.resume()
        await eventually(lambda: (RECONNECTED, "") in ear.heard, limit_s=15)

    async def test_a_quiet_channel_is_no_lost_connection(self, make_bus, fresh_redis, ear, monkeypatch):
        monkeypatch.setattr("portal_app.storage.bus.LISTEN_S", 0.4)  # a busy machine answers a ping within that
        bus = await make_bus(fresh_redis)
        bus.subscribe("", ear)
        await asyncio.sleep(1)
        assert bus._connected.is_set()
        await (await make_bus(fresh_redis)).publish("work:inbox")
        await eventually(lambda: ear.heard)
        assert ear.heard == [("work:inbox", "")]
