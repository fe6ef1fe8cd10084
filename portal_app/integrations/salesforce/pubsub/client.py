"""The Salesforce Pub/Sub API on the wire: one channel, unary calls with deadlines, subscription streams.

Source: Salesforce, Pub/Sub API guide.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlsplit

import grpc
import grpc.aio

from portal_app.errors import ConfigError
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.pubsub.failures import Kind, PubSubFailure, failure_of
from portal_app.integrations.salesforce.pubsub.generated import eventbus_pb2 as eventbus
from portal_app.integrations.salesforce.pubsub.wire import (
    After,
    Fetched,
    Preset,
    Start,
    Timing,
    Token,
    TokenSource,
    WireEvent,
)
from portal_app.settings import LOOPBACK

SERVICE: Final = "/eventbus.v1.PubSub"
LARGEST: Final = 8 * 1024 * 1024
MOST_CREDIT: Final = 100


class PubSubClient:
    """Belongs to the event loop that uses it first. `endpoint` is `host:port`; without TLS only on this machine.

    Raises: ConfigError for an endpoint that is none.
    """

    def __init__(self, endpoint: str, tokens: TokenSource, timing: Timing | None = None) -> None:
        self._target, self._plain = _target(endpoint)
        self._tokens, self._timing = tokens, timing or Timing()
        self._channel: grpc.aio.Channel | None = None

    async def stop(self) -> None:
        """Close the channel and every stream on it."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    async def get_schema(self, schema_id: str) -> str:
        """The Avro schema as JSON text. Raises: PubSubFailure, and what the token source raises."""
        request = eventbus.SchemaRequest(schema_id=schema_id)
        reply = await self._ask("GetSchema", request, eventbus.SchemaInfo)
        return str(reply.schema_json)

    async def check_topic(self, name: str) -> None:
        """Whether this topic exists and we may listen. Raises: PubSubFailure, and what the token source raises."""
        info = await self._ask("GetTopic", eventbus.TopicRequest(topic_name=name), eventbus.TopicInfo)
        if not info.can_subscribe:
            raise PubSubFailure("GetTopic", "subscription.topic.cannot.subscribe", Kind.REFUSED, rpc_id=info.rpc_id)

    async def subscribe(self, topic: str, start: Start, credit: int) -> "Stream":
        """Open a stream and ask for the first `credit` events (1 to 100). Raises: what the token source raises."""
        token = await self._tokens.get()
        metadata = _metadata(token, "Subscribe")
        rpc = self._open().stream_stream(
            f"{SERVICE}/Subscribe",
            request_serializer=eventbus.FetchRequest.SerializeToString,
            response_deserializer=eventbus.FetchResponse.FromString,
        )
        return Stream(rpc, metadata, _first(topic, start, credit), lambda: self._tokens.forget(token))

    async def _ask(self, method: str, request: Any, reply: Any) -> Any:
        token = await self._tokens.get()
        rpc = self._open().unary_unary(
            f"{SERVICE}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=reply.FromString,
        )
        try:
            return await rpc(request, metadata=_metadata(token, method), timeout=self._timing.call_s)
        except grpc.aio.AioRpcError as broken:
            failure = failure_of(method, broken.code(), broken.details(), broken.trailing_metadata())
        if failure.kind is Kind.AUTH:
            self._tokens.forget(token)
        raise failure

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            options = [
                ("grpc.keepalive_time_ms", int(self._timing.http2_ping_s * 1000)),
                ("grpc.keepalive_timeout_ms", int(self._timing.http2_pong_s * 1000)),
                ("grpc.max_receive_message_length", LARGEST),
                ("grpc.enable_http_proxy", 0),
                # Attempts are spaced by the subscriber, with jitter; the channel's own two-minute pauses come on top.
                ("grpc.max_reconnect_backoff_ms", 5000),
            ]
            if self._plain:
                self._channel = grpc.aio.insecure_channel(self._target, options=options)
            else:
                self._channel = grpc.aio.secure_channel(self._target, grpc.ssl_channel_credentials(), options=options)
        return self._channel


class Stream:
    """One subscription. Requests go out through a queue: writing to a stream that has ended would raise here."""

    def __init__(self, rpc: Any, metadata: tuple[tuple[str, str], ...], first: Any, on_refused: Any) -> None:
        self._requests: asyncio.Queue[Any] = asyncio.Queue()
        self._requests.put_nowait(first)
        self._on_refused = on_refused
        self._call = rpc(self._outgoing(), metadata=metadata)
        self._responses = self._call.__aiter__()

    async def next(self, silence_s: float) -> Fetched | None:
        """The next response; None at an orderly end. Raises: PubSubFailure, also after `silence_s` without a word."""
        try:
            async with asyncio.timeout(silence_s):
                return _fetched(await anext(self._responses))
        except StopAsyncIteration:
            return None
        except TimeoutError:
            failure = PubSubFailure("Subscribe", "silent", Kind.RETRY)
        except grpc.aio.AioRpcError as broken:
            failure = failure_of("Subscribe", broken.code(), broken.details(), broken.trailing_metadata())
        if failure.kind is Kind.AUTH:
            self._on_refused()
        raise failure

    def ask(self, more: int) -> None:
        """Add to the credit.

        A request that crosses the end of the stream makes gRPC report INTERNAL in place of the reason: taken for a
        passing failure, and a reason that lasts is told again when the stream is opened the next time.
        """
        self._requests.put_nowait(eventbus.FetchRequest(num_requested=more))

    def close(self) -> None:
        """End it now. Safe to repeat."""
        self._call.cancel()

    async def _outgoing(self) -> AsyncIterator[Any]:
        while True:
            yield await self._requests.get()


def _first(topic: str, start: Start, credit: int) -> Any:
    if not 0 < credit <= MOST_CREDIT:
        raise ValueError("credit must be 1 to 100")
    request = eventbus.FetchRequest(topic_name=topic, num_requested=credit)
    if isinstance(start, After):
        request.replay_preset, request.replay_id = eventbus.CUSTOM, start.replay_id
    else:
        request.replay_preset = eventbus.EARLIEST if start is Preset.EARLIEST else eventbus.LATEST
    return request


def _fetched(reply: Any) -> Fetched:
    events = (WireEvent(one.event.id, one.event.schema_id, one.event.payload, one.replay_id) for one in reply.events)
    return Fetched(tuple(events), reply.latest_replay_id, reply.pending_num_requested)


def _metadata(token: Token, operation: str) -> tuple[tuple[str, str], ...]:
    """Raises: PubSubFailure when the sign-in did not say which org this is."""
    tenant = as_18(token.organization_id)
    if tenant is None:
        raise PubSubFailure(operation, "no_tenant_id", Kind.REFUSED)
    return (("accesstoken", token.value), ("instanceurl", token.origin), ("tenantid", tenant))


def _target(endpoint: str) -> tuple[str, bool]:
    """Host and port, and whether in plain text: on this machine, unless it says https. Raises: ConfigError."""
    text = endpoint if "://" in endpoint else f"//{endpoint}"
    parts = urlsplit(text)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    sound = host and port and parts.scheme in ("", "http", "https") and not (parts.path.strip("/") or parts.query)
    if not sound or "@" in parts.netloc:
        raise ConfigError(["SF_PUBSUB_ENDPOINT: must be host:port"])
    local = host in LOOPBACK
    if parts.scheme == "http" and not local:
        raise ConfigError(["SF_PUBSUB_ENDPOINT: plain text is for loopback hosts only"])
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}", local and parts.scheme != "https"
