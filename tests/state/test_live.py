"""A hint on the bus re-runs the load handlers of the tabs that show its topic, and of no others."""

import asyncio
import contextlib
from contextvars import ContextVar
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.state.live import LivePush
from portal_app.storage.bus import MemoryBus
from portal_app.web.live_tabs import LiveTabs


@pytest.fixture
async def push():
    """Ada shows the catalogue, Bob his orders; nobody's socket is open, so nothing is sent."""
    tabs, bus = LiveTabs(), MemoryBus()
    for token, user, path, topic in (("t1", "ada", "/catalog", "catalog"), ("t2", "bob", "/orders", "orders")):
        tabs.bind(token, f"session-of-{user}", user)
        tabs.shows(token, path, topic, f"load_{topic}")
    app = SimpleNamespace(event_namespace=None, set_contexts=contextlib.nullcontext)
    with wiring.use(bus=bus, live_tabs=tabs):
        made = LivePush(app)  # type: ignore[arg-type]
        made.start()
        yield made
        await made.stop()


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("everybody:catalog", {("t1", "load_catalog")}),
        ("everybody:orders", {("t2", "load_orders")}),
        ("everybody:checks", set()),
        ("customer:ada:catalog", {("t1", "load_catalog")}),
        ("customer:ada:orders", set()),
        ("bus:reconnected", {("t1", "load_catalog"), ("t2", "load_orders")}),
    ],
)
async def test_a_hint_reaches_whoever_shows_its_topic(push, topic, told):
    await wiring.bus().publish(topic)
    await wiring.bus().settled()
    assert push._waiting == told


WHOSE = ContextVar("WHOSE", default="nobody's")


async def test_a_hint_given_by_an_event_of_one_tab_reaches_the_others_without_its_context(push, monkeypatch):
    seen = []

    async def send() -> None:
        seen.append(WHOSE.get())

    monkeypatch.setattr(push, "_send_soon", send)
    WHOSE.set("the event of a tab")
    await wiring.bus().publish("customer:ada:catalog")
    await wiring.bus().settled()
    await push._flush
    assert seen == ["nobody's"]


class Told(list[list[str]]):
    """The tabs that were told together, in order."""

    def __call__(self, targets: list[tuple[str, str]]) -> None:
        self.append([token for token, _ in targets])

    async def until(self, rounds: int) -> None:
        async with asyncio.timeout(5):
            while len(self) < rounds:
                await asyncio.sleep(0)


@pytest.fixture
def told(push, monkeypatch) -> Told:
    made = Told()
    monkeypatch.setattr(push, "_push", made)
    monkeypatch.setattr("portal_app.state.live.EVERYBODY_S", 0.02)
    return made


async def hint(times: int = 1) -> None:
    for _ in range(times):
        await wiring.bus().publish("everybody:catalog")
        await wiring.bus().settled()


async def test_a_storm_of_hints_for_everybody_is_one_reload_now_and_one_afterwards(push, told, monkeypatch):
    monkeypatch.setattr("portal_app.state.live.EVERYBODY_S", 0.2)
    await hint(20)
    await told.until(2)
    await push._spreading
    assert told == [["t1"], ["t1"]], "what came meanwhile is not lost, and told once"


async def test_t6_a_hint_for_everybody_lets_only_some_read_at_the_same_time(push, told, monkeypatch):
    monkeypatch.setattr("portal_app.state.live.EVERYBODY_AT_ONCE", 2)
    for number in range(2, 6):
        wiring.live_tabs().bind(f"c{number}", f"session-{number}", f"user-{number}")
        wiring.live_tabs().shows(f"c{number}", "/catalog", "catalog", "load_catalog")
    await hint()
    wiring.live_tabs().shows("c5", "/orders", "orders", "load_orders")
    await told.until(3)
    assert told == [["t1", "c2"], ["c3", "c4"], []], "who went to another page is left alone"
