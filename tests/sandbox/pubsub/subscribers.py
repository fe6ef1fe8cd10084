"""The outside of the Pub/Sub server: a bare gRPC client that shows every response, code and trailer."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from fastavro import parse_schema, schemaless_reader, schemaless_writer

from sandbox.app import Running
from sandbox.pubsub.generated import eventbus_pb2 as eventbus
from sandbox.salesforce.records import ORG_ID

FULFILMENT = "/event/Order_Fulfilment_Requested__e"
CASES = "/event/Case_Status_Update__e"
CHANGES = "/data/ChangeEvents"
PREFIX = "sfdc.platform.eventbus.grpc."
PATIENCE_S = 20


@dataclass
class Opened:
    """One subscription stream, fed by hand."""

    call: Any
    requests: asyncio.Queue[Any]

    def ask(self, number: int, topic: str = "") -> None:
        self.requests.put_nowait(eventbus.FetchRequest(num_requested=number, topic_name=topic))

    async def next(self) -> Any:
        """The next response, or grpc.aio.EOF."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.call.read()

    async def events(self, number: int) -> list[Any]:
        """So many events, over as many responses as it takes."""
        found: list[Any] = []
        while len(found) < number:
            found += (await self.next()).events
        return found

    async def end(self) -> tuple[grpc.StatusCode, str]:
        """Status and error-code suffix once the stream has ended."""
        async with asyncio.timeout(PATIENCE_S):
            status = await self.call.code()
            return status, code_in(await self.call.trailing_metadata())


def code_in(trailers: Any) -> str:
    return dict(trailers or ()).get("error-code", "").removeprefix(PREFIX)


@dataclass
class Vendor:
    """The API as a stranger's client would call it. `metadata` is sent with every call."""

    sandbox: Running
    channel: grpc.aio.Channel
    metadata: dict[str, str] = field(default_factory=dict)

    def sign_in(self) -> None:
        token = self.sandbox.world.salesforce.sessions.open()
        self.metadata = {"accesstoken": token, "instanceurl": self.sandbox.url, "tenantid": ORG_ID}

    async def ask(self, method: str, request: Any, reply: Any) -> Any:
        rpc = self.channel.unary_unary(
            f"/eventbus.v1.PubSub/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=reply.FromString,
        )
        return await rpc(request, metadata=tuple(self.metadata.items()), timeout=PATIENCE_S)

    async def refusal(self, method: str, request: Any, reply: Any) -> tuple[grpc.StatusCode, str]:
        try:
            await self.ask(method, request, reply)
        except grpc.aio.AioRpcError as refused:
            return refused.code(), code_in(refused.trailing_metadata())
        raise AssertionError(f"{method} was not refused")

    async def topic(self, name: str) -> Any:
        return await self.ask("GetTopic", eventbus.TopicRequest(topic_name=name), eventbus.TopicInfo)

    async def schema(self, schema_id: str) -> dict[str, Any]:
        info = await self.ask("GetSchema", eventbus.SchemaRequest(schema_id=schema_id), eventbus.SchemaInfo)
        return json.loads(info.schema_json)

    @asynccontextmanager
    async def subscribed(self, topic: str, credit: int = 100, **first: Any) -> AsyncIterator[Opened]:
        """A stream that is known to be listening, unless it was refused at once."""
        opened = self.open()
        opened.requests.put_nowait(eventbus.FetchRequest(topic_name=topic, num_requested=credit, **first))
        async with asyncio.timeout(PATIENCE_S):
            while not (opened.call.done() or self._listening(topic)):
                await asyncio.sleep(0)
        try:
            yield opened
        finally:
            opened.call.cancel()
            async with asyncio.timeout(PATIENCE_S):
                while self._listening(topic):
                    await asyncio.sleep(0)

    def open(self) -> Opened:
        requests: asyncio.Queue[Any] = asyncio.Queue()

        async def outgoing() -> AsyncIterator[Any]:
            while True:
                yield await requests.get()

        rpc = self.channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe",
            request_serializer=eventbus.FetchRequest.SerializeToString,
            response_deserializer=eventbus.FetchResponse.FromString,
        )
        return Opened(rpc(outgoing(), metadata=tuple(self.metadata.items())), requests)

    def _listening(self, topic: str) -> bool:
        return any(one.topic == topic for one in self.sandbox.world.salesforce.events.listeners)

    async def read(self, event: Any) -> dict[str, Any]:
        """What an event says, by its own schema."""
        parsed = parse_schema(await self.schema(event.event.schema_id))
        return schemaless_reader(io.BytesIO(event.event.payload), parsed, None)  # type: ignore[return-value]

    async def write(self, schema_id: str, values: dict[str, Any]) -> bytes:
        out = io.BytesIO()
        schemaless_writer(out, parse_schema(await self.schema(schema_id)), values)
        return out.getvalue()
