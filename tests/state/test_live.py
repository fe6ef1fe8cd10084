"""A hint on the bus re-runs the load handlers of the tabs that show its topic, and of no others."""

import contextlib
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
