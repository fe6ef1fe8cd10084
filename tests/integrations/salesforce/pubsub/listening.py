"""What stands around a subscriber in its tests: a sink that keeps a cursor, tokens, a client that plays a script."""

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastavro import parse_schema, schemaless_writer

from portal_app.integrations.salesforce.pubsub.decoding import Quarantined, Received
from portal_app.integrations.salesforce.pubsub.events import Role
from portal_app.integrations.salesforce.pubsub.failures import PubSubFailure
from portal_app.integrations.salesforce.pubsub.subscriber import Batch, Topic
from portal_app.integrations.salesforce.pubsub.wire import After, Fetched, Preset, Start, WireEvent

PATIENCE_S = 20
ORDERS = Topic("/event/Order_Fulfilment_Requested__e", Role.FULFILMENT)
CASES = Topic("/event/Case_Status_Update__e", Role.CASE)
ACCOUNTS = Topic("/event/Account_Eligibility_Update__e", Role.ACCOUNT)
CHANGES = Topic("/data/ChangeEvents", Role.CHANGES)
ORDER_ID, ACCOUNT_ID, CASE_ID = "801Q800000D0001IAB", "001Q800000D0001IAB", "500Q800000D0001IAB"
ORDER_SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Order_Fulfilment_Requested__e",
        "namespace": "com.sforce.eventbus",
        "fields": [
            {"name": "CreatedDate", "type": "long"},
            {"name": "CreatedById", "type": "string"},
            {"name": "OrderId__c", "type": ["null", "string"], "default": None},
        ],
        "uuid": "Zm9vYmFy",
    }
)


class Notebook:
    """A sink: a cursor, and what was written down with it, once for each event id."""

    def __init__(self, begin: Preset = Preset.LATEST) -> None:
        self.position: Start = begin
        self.batches: list[Batch] = []
        self.starts: list[Start] = []
        self.kept: dict[str, Received | Quarantined] = {}
        self.lost = 0
        self.failing: list[Exception] = []
        self.open = asyncio.Event()
        self.open.set()
        self._moved = asyncio.Event()

    async def start(self, topic: Topic) -> Start:
        self.starts.append(self.position)
        self._moved.set()
        return self.position

    async def store(self, batch: Batch) -> None:
        await self.open.wait()
        if self.failing:
            raise self.failing.pop()
        self.batches.append(batch)
        for item in batch.items:
            self.kept.setdefault(item.event_id, item)
        self.position = After(batch.cursor)
        self._moved.set()

    async def cursor_lost(self, topic: Topic) -> None:
        if self.failing:
            raise self.failing.pop()
        self.lost += 1
        self.position = Preset.EARLIEST
        self._moved.set()

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait for something written down to be so."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._moved.clear()
                await self._moved.wait()

    async def events(self, number: int) -> list[Any]:
        """What the first so many events say."""
        await self.until(lambda: len(self.kept) >= number)
        return [one.event for one in self.kept.values() if isinstance(one, Received)]


@dataclass(eq=False)
class AToken:
    value: str
    origin: str = "http://127.0.0.1:1"
    organization_id: str = "00DQ800000D0001"


@dataclass
class TokenBox:
    """Makes a token when it has none."""

    make: Callable[[], AToken]
    token: AToken | None = None
    made: int = 0
    forgotten: list[str] = field(default_factory=list)

    async def get(self) -> AToken:
        if self.token is None:
            self.token, self.made = self.make(), self.made + 1
        return self.token

    def forget(self, token: Any) -> None:
        self.forgotten.append(token.value)
        if self.token is token:
            self.token = None


class ScriptedStream:
    """Responses and failures in order, then silence."""

    def __init__(self, script: list[Any], over: asyncio.Event) -> None:
        self.script, self.asked, self.closed, self._over = script, [], False, over

    async def next(self, silence_s: float) -> Fetched | None:
        if not self.script:
            self._over.set()
            await asyncio.Event().wait()
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def ask(self, more: int) -> None:
        self.asked.append(more)

    def close(self) -> None:
        self.closed = True


class ScriptedClient:
    """In place of the gRPC client: each stream plays the next script; the last stays silent."""

    def __init__(self, *scripts: list[Any]) -> None:
        self.scripts = [list(one) for one in scripts]
        self.streams: list[ScriptedStream] = []
        self.topic_failures: list[PubSubFailure] = []
        self.exhausted = asyncio.Event()

    async def check_topic(self, name: str) -> None:
        if self.topic_failures:
            raise self.topic_failures.pop(0)

    async def subscribe(self, topic: str, start: Start, credit: int) -> ScriptedStream:
        stream = ScriptedStream(self.scripts.pop(0) if self.scripts else [], self.exhausted)
        self.streams.append(stream)
        return stream


def packed(values: dict[str, Any], schema: str = ORDER_SCHEMA) -> bytes:
    out = io.BytesIO()
    schemaless_writer(out, parse_schema(json.loads(schema)), values)
    return out.getvalue()


def an_order_event(number: int = 1, **changes: Any) -> WireEvent:
    values = {"CreatedDate": 1, "CreatedById": "005", "OrderId__c": ORDER_ID}
    fields = {"event_id": f"event-{number}", "schema_id": "S", "payload": packed(values), "replay_id": bytes([number])}
    return WireEvent(**(fields | changes))


def fetched(*events: WireEvent, position: bytes = b"newest", pending: int = 25) -> Fetched:
    return Fetched(events, position, pending)
