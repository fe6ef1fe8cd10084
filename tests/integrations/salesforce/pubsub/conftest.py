"""A sandbox with real sockets, and subscribers on the portal's side of them."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from portal_app.integrations.salesforce.pubsub.client import PubSubClient
from portal_app.integrations.salesforce.pubsub.schemas import Schemas
from portal_app.integrations.salesforce.pubsub.subscriber import Subscriber, Topic, fetch_schema
from portal_app.integrations.salesforce.pubsub.wire import Timing
from sandbox.app import Running, running
from sandbox.config import Config
from sandbox.pubsub.bus import EventBus
from sandbox.salesforce.records import ORG_ID
from tests.integrations.salesforce.pubsub.listening import PATIENCE_S, AToken, Notebook, TokenBox

QUICK = Timing(silence_s=PATIENCE_S, first_wait_s=0.01, longest_wait_s=0.05)


@pytest.fixture
async def sandbox() -> AsyncIterator[Running]:
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as started:
        yield started


@pytest.fixture
def bus(sandbox: Running) -> EventBus:
    return sandbox.world.salesforce.events


@pytest.fixture
def tokens(sandbox: Running) -> TokenBox:
    return TokenBox(lambda: AToken(sandbox.world.salesforce.sessions.open(), sandbox.url, ORG_ID))


@pytest.fixture
async def client(sandbox: Running, tokens: TokenBox) -> AsyncIterator[PubSubClient]:
    made = PubSubClient(sandbox.pubsub, tokens, QUICK)
    yield made
    await made.stop()


@pytest.fixture
async def listen(client: PubSubClient, bus: EventBus) -> AsyncIterator[Callable]:
    """`await listen(topic, sink)` gives a running subscriber, once the sandbox knows it."""
    tasks: list[asyncio.Task[None]] = []
    schemas = Schemas(lambda schema_id: fetch_schema(client, schema_id))

    async def begin(topic: Topic, sink: Notebook, timing: Timing = QUICK) -> Subscriber:
        subscriber = Subscriber(client, schemas, topic, sink, timing=timing)
        tasks.append(asyncio.create_task(subscriber.run()))
        async with asyncio.timeout(PATIENCE_S):
            while not any(one.topic == topic.name for one in bus.listeners):
                await asyncio.sleep(0)
        return subscriber

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await schemas.stop()
