"""The Pub/Sub API on its own port: gRPC with the vendor's flow control, keepalives, codes and trailers.

Source: Pub/Sub API guide. What is believed only is marked [U].
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, NoReturn

import grpc
import grpc.aio

from sandbox.faults import BadRequest
from sandbox.pubsub.bus import EventBus, Listener
from sandbox.pubsub.generated import eventbus_pb2 as eventbus
from sandbox.pubsub.log import BadReplayId, Kept
from sandbox.salesforce.records import ORG_ID

SERVICE = "eventbus.v1.PubSub"
CODE_PREFIX = "sfdc.platform.eventbus.grpc."
MOST_CREDIT = 100
LARGEST_RESPONSE = 3_000_000
LARGEST_REQUEST = 4 * 1024 * 1024
STATUSES = {
    "service.auth.": grpc.StatusCode.UNAUTHENTICATED,
    "service.protection.": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "service.unavailable": grpc.StatusCode.UNAVAILABLE,
    "concurrent.client.limit.exceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "topic.not.found": grpc.StatusCode.NOT_FOUND,
    "topic.meta.permission": grpc.StatusCode.PERMISSION_DENIED,
    "topic.api.unavailable": grpc.StatusCode.UNAVAILABLE,
    "schema.api.unavailable": grpc.StatusCode.UNAVAILABLE,
    "schema.meta.permission": grpc.StatusCode.PERMISSION_DENIED,
    "subscription.limit.exceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "subscription.internal.error": grpc.StatusCode.INTERNAL,
    "subscription.topic.cannot.subscribe": grpc.StatusCode.PERMISSION_DENIED,
}


class Refusal(Exception):
    """Ends a call. `code` is an error-code suffix, "" for a broken line that names none."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = code, words or code

    @property
    def status(self) -> grpc.StatusCode:
        if not self.code:
            return grpc.StatusCode.UNAVAILABLE
        found = (status for start, status in STATUSES.items() if self.code.startswith(start))
        return next(found, grpc.StatusCode.INVALID_ARGUMENT)


class PubSubServer:
    """One endpoint. `session_valid` says whether an access token is good and keeps it alive."""

    def __init__(self, bus: EventBus, session_valid: Callable[[str], bool]) -> None:
        self._bus, self._valid = bus, session_valid
        self._server: grpc.aio.Server | None = None
        self._host, self.port = "", 0

    async def start(self, host: str, port: int) -> int:
        """The port it listens on. Raises: OSError when it is taken."""
        self._server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", LARGEST_REQUEST),
                # A client may ask every ten seconds whether we are there; the default allows every five minutes only.
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
            ]
        )
        self._server.add_generic_rpc_handlers((self._handlers(),))
        name = f"[{host}]" if ":" in host else host
        try:
            self._host, self.port = host, self._server.add_insecure_port(f"{name}:{port}")
        except RuntimeError as taken:
            raise OSError(f"port {port} is taken") from taken
        await self._server.start()
        return self.port

    async def stop(self) -> None:
        """Ends every stream without a word, as a machine does that goes away."""
        server, self._server = self._server, None
        if server is not None:
            self._bus.end_streams()
            await server.stop(0)

    async def set_up(self, up: bool) -> bool:
        """Take the endpoint away, or bring it back where it was."""
        if up and self._server is None:
            await self.start(self._host, self.port)
        elif not up:
            await self.stop()
        return self._server is not None

    @property
    def endpoint(self) -> str:
        return f"{self._host}:{self.port}"

    def _handlers(self) -> Any:
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "GetTopic": _wired(unary, self._get_topic, eventbus.TopicRequest),
                "GetSchema": _wired(unary, self._get_schema, eventbus.SchemaRequest),
                "Publish": _wired(unary, self._publish, eventbus.PublishRequest),
                "Subscribe": _wired(stream, self._subscribe, eventbus.FetchRequest),
            },
        )

    async def _get_topic(self, request: Any, context: Any) -> Any:
        with_token = await self._authorised(context, "GetTopic")
        entities = await self._topic(request.topic_name, context)
        single = next(iter(entities)) if len(entities) == 1 else ""
        return eventbus.TopicInfo(
            topic_name=request.topic_name,
            tenant_guid=ORG_ID,
            can_publish=request.topic_name.endswith("__e"),
            can_subscribe=bool(with_token),
            schema_id=self._bus.current(single)[0] if single else "",  # [U] what a channel of several answers
            rpc_id=str(uuid.uuid4()),
        )

    async def _get_schema(self, request: Any, context: Any) -> Any:
        await self._authorised(context, "GetSchema")
        text = self._bus.schema(request.schema_id)
        if text is None:
            await _refuse(context, Refusal("schema.validation.failed", "The schema id is unknown."))
        return eventbus.SchemaInfo(schema_json=text, schema_id=request.schema_id, rpc_id=str(uuid.uuid4()))

    async def _publish(self, request: Any, context: Any) -> Any:
        await self._authorised(context, "Publish")
        entities = await self._topic(request.topic_name, context)
        if not request.topic_name.endswith("__e") or not request.events:
            code = "publish.event.count.invalid" if not request.events else "topic.meta.permission"
            await _refuse(context, Refusal(code))
        entity = next(iter(entities))
        results = [self._published(entity, one) for one in request.events]
        schema = self._bus.current(entity)[0]
        return eventbus.PublishResponse(results=results, schema_id=schema, rpc_id=str(uuid.uuid4()))

    def _published(self, entity: str, event: Any) -> Any:
        """An event that fails does not fail the call."""
        try:
            position = self._bus.accept(entity, event.schema_id, event.payload, event.id)
        except BadRequest as bad:
            error = eventbus.Error(code=eventbus.PUBLISH, msg=str(bad))
            return eventbus.PublishResult(error=error, correlation_key=event.id)
        return eventbus.PublishResult(replay_id=self._bus.log.replay_id(position), correlation_key=event.id)

    async def _subscribe(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        token = await self._authorised(context, "Subscribe")
        first = await anext(requests, None)
        if first is None:
            return
        entities = await self._topic(first.topic_name, context)
        try:
            position = self._begin(first)
            listener = Listener(first.topic_name, token)
            _add_credit(listener, first.num_requested)
        except Refusal as refusal:
            await _refuse(context, refusal)
        reading = asyncio.create_task(_read_requests(requests, listener))
        self._bus.listeners.add(listener)
        try:
            async for response in self._responses(listener, entities, position):
                yield response
        except Refusal as refusal:
            await _refuse(context, refusal)
        finally:
            self._bus.listeners.discard(listener)
            reading.cancel()

    def _begin(self, first: Any) -> int:
        log = self._bus.log
        if first.replay_preset == eventbus.EARLIEST:
            return 0
        if first.replay_preset == eventbus.LATEST:
            return log.now()
        if not first.replay_id:
            raise Refusal("subscription.fetch.replayid.validation.failed", "The Replay ID validation failed.")
        try:
            return log.position(first.replay_id)
        except BadReplayId as bad:
            words = "The Replay ID is corrupted. Ensure that you enter the entire Replay ID value."
            raise Refusal("subscription.fetch.replayid.corrupted", words) from bad

    async def _responses(self, listener: Listener, entities: frozenset[str], position: int) -> AsyncIterator[Any]:
        """Until the stream is ended, cut, or left without credit for too long."""
        bus, loop = self._bus, asyncio.get_running_loop()
        sent_at = loop.time()
        while True:
            listener.wake.clear()
            self._check(listener)
            events = [] if bus.troubles.silent else bus.log.after(entities, position, listener.credit)
            if events:
                events = _of_one_response(events)
                position, sent_at = events[-1].position, loop.time()
                listener.credit -= len(events)
                listener.delivered += len(events)
                yield self._response(listener, events)
                continue
            starving = listener.credit == 0
            limit = bus.timing.starving_s if starving else bus.timing.keepalive_s
            try:
                async with asyncio.timeout_at(None if bus.troubles.silent else sent_at + limit):
                    await listener.wake.wait()
            except TimeoutError:
                if starving:
                    return
                sent_at = loop.time()
                yield self._response(listener, [])

    def _check(self, listener: Listener) -> None:
        if listener.end is not None:
            raise Refusal(listener.end, listener.end or "RST_STREAM closed stream")
        if not self._valid(listener.token):
            raise Refusal("service.auth.error", "The session has expired.")

    def _response(self, listener: Listener, events: list[Kept]) -> Any:
        """`latest_replay_id` is that of the whole log, so it may be ahead of the events in the response [U]."""
        log = self._bus.log
        carried = [
            eventbus.ConsumerEvent(
                event=eventbus.ProducerEvent(id=one.event_id, schema_id=one.schema_id, payload=one.payload),
                replay_id=log.replay_id(one.position),
            )
            for one in events
        ]
        return eventbus.FetchResponse(
            events=carried,
            latest_replay_id=log.replay_id(log.now()),
            rpc_id=str(uuid.uuid4()),
            pending_num_requested=listener.credit,
        )

    async def _authorised(self, context: Any, method: str) -> str:
        """The access token of the call."""
        sent = dict(context.invocation_metadata() or ())
        token = str(sent.get("accesstoken", ""))
        trouble = self._bus.troubles.refuse(method)
        if trouble is not None:
            await _refuse(context, Refusal(trouble.code))
        if not token or not str(sent.get("instanceurl", "")).startswith("http") or sent.get("tenantid") != ORG_ID:
            await _refuse(context, Refusal("service.auth.headers.invalid", "One or more headers are invalid."))
        if not self._valid(token):
            await _refuse(context, Refusal("service.auth.error", "An authentication exception occurred."))
        return token

    async def _topic(self, name: str, context: Any) -> frozenset[str]:
        if not name:
            await _refuse(context, Refusal("topic.validation.empty", "The topic name is empty."))
        entities = self._bus.entities(name)
        if entities is None:
            await _refuse(context, Refusal("topic.not.found", f"The topic {name} was not found."))
        return entities


def _wired(kind: Any, method: Any, request: Any) -> Any:
    return kind(
        method,
        request_deserializer=request.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )


async def _refuse(context: Any, refusal: Refusal) -> NoReturn:
    trailers = (("error-code", CODE_PREFIX + refusal.code),) if refusal.code else ()
    await context.abort(refusal.status, f"{refusal.words} rpcId: {uuid.uuid4()}", trailers)
    raise AssertionError("abort does not return")


async def _read_requests(requests: AsyncIterator[Any], listener: Listener) -> None:
    """Later requests add credit. A half-closed stream goes on with what it has."""
    async for request in requests:
        try:
            if request.topic_name not in ("", listener.topic):
                raise Refusal("subscription.fetch.topic.mismatch")
            _add_credit(listener, request.num_requested)
        except Refusal as refusal:
            listener.end = refusal.code
        listener.wake.set()


def _add_credit(listener: Listener, wanted: int) -> None:
    if wanted <= 0:
        raise Refusal("subscription.fetch.requested.events.invalid", "The number of requested events must be positive.")
    listener.credit = min(MOST_CREDIT, listener.credit + wanted)


def _of_one_response(events: list[Kept]) -> list[Kept]:
    """As many as fit."""
    size = 0
    fitting: list[Kept] = []
    for one in events:
        size += len(one.payload) + 200
        if fitting and size > LARGEST_RESPONSE:
            break
        fitting.append(one)
    return fitting
