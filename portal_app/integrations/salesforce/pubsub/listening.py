"""Every topic of a deployment over one channel. Run by whoever leads, and by nobody else at the same time."""

import asyncio
from collections.abc import Mapping, Sequence

from portal_app.integrations.salesforce.pubsub.client import PubSubClient
from portal_app.integrations.salesforce.pubsub.schemas import Schemas
from portal_app.integrations.salesforce.pubsub.subscriber import (
    WANTED,
    Sink,
    Subscriber,
    SubscriberState,
    Topic,
    fetch_schema,
)
from portal_app.integrations.salesforce.pubsub.wire import Timing, TokenSource


class Listening:
    """One subscriber for each topic, one sink for all. May be run again after it was cancelled, in another loop too.

    Raises: ConfigError for an endpoint that is none, ValueError when a topic is named twice.
    """

    def __init__(
        self,
        endpoint: str,
        tokens: TokenSource,
        topics: Sequence[Topic],
        sink: Sink,
        *,
        wanted: int = WANTED,
        timing: Timing | None = None,
    ) -> None:
        names = [topic.name for topic in topics]
        if len(set(names)) != len(names):
            raise ValueError("a topic is named twice: its events would be delivered, and paid for, twice")
        self._client = PubSubClient(endpoint, tokens, timing)
        self._schemas = Schemas(lambda schema_id: fetch_schema(self._client, schema_id))
        self._subscribers = {
            topic.name: Subscriber(self._client, self._schemas, topic, sink, wanted=wanted, timing=timing)
            for topic in topics
        }

    @property
    def states(self) -> Mapping[str, SubscriberState]:
        """By topic name."""
        return {name: one.state for name, one in self._subscribers.items()}

    async def check(self) -> None:
        """Ask whether each topic may be listened to. Not while it runs. Raises: UpstreamError of the first refused."""
        try:
            for name in self._subscribers:
                await self._client.check_topic(name)
        finally:
            await self._client.stop()

    async def run(self) -> None:
        """Until it is cancelled. A batch that is being stored is cut off then: its transaction decides."""
        try:
            async with asyncio.TaskGroup() as group:
                for subscriber in self._subscribers.values():
                    group.create_task(subscriber.run())
        finally:
            await self._schemas.stop()
            await self._client.stop()
