"""Hints between the parts of the portal: "this changed, read it again". Never data, and losing one loses nothing."""

import asyncio
import contextlib
import inspect
import json
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from portal_app.storage.kept import for_others
from portal_app.storage.redis_link import RedisLink

log = logging.getLogger(__name__)

Callback = Callable[[str, str], Awaitable[None] | None]

RECONNECTED: Final = "bus:reconnected"
"""Topic delivered in this process alone after hints may have been missed."""

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
LISTEN_S: Final = 5.0
RESEND_S: Final = 1.0
MOST_UNSENT: Final = 1_000


class Bus(Protocol):
    """Topics: customer:<user id>:<topic>, everybody:<topic>, session:<session id>:ended, work:<queue>."""

    async def publish(self, topic: str, payload: str = "") -> None:
        """Tell everybody who listens to a prefix of the topic. Never raises."""

    def subscribe(self, prefix: str, callback: Callback) -> Callable[[], None]:
        """Call back with (topic, payload) from now on; the result ends that."""

    async def start(self) -> None:
        """Begin to hear other processes."""

    async def stop(self) -> None:
        """Hear nothing more; what is being called back is cancelled."""


class MemoryBus:
    """Within this process. Plain callbacks have run when `publish` returns, coroutines run as tasks of their own."""

    def __init__(self) -> None:
        self._subscribers: dict[object, tuple[str, Callback]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def publish(self, topic: str, payload: str = "") -> None:
        """Tell everybody who listens to a prefix of the topic. Never raises."""
        self._deliver(topic, payload)

    def subscribe(self, prefix: str, callback: Callback) -> Callable[[], None]:
        """Call back with (topic, payload) from now on; the result ends that."""
        ticket = object()
        self._subscribers[ticket] = (prefix, callback)
        return lambda: void(self._subscribers.pop(ticket, None))

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Cancel what is being called back."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until every coroutine called back so far has ended. For tests and for shutting down."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    def _deliver(self, topic: str, payload: str) -> None:
        with for_others():
            for prefix, callback in list(self._subscribers.values()):
                if topic.startswith(prefix):
                    self._call(callback, topic, payload)

    def _call(self, callback: Callback, topic: str, payload: str) -> None:
        try:
            outcome = callback(topic, payload)
        except Exception as broken:
            log.error("bus callback failed", extra={"error": type(broken).__name__})
            return
        if inspect.isawaitable(outcome):
            task = asyncio.ensure_future(_finish(outcome))
            self._running.add(task)
            task.add_done_callback(self._running.discard)


class RedisBus(MemoryBus):
    """Across processes. This one hears its own messages at once, the others as soon as Redis answers again."""

    def __init__(self, link: RedisLink, env: str) -> None:
        super().__init__()
        self._link, self._channel = link, f"portal:{env}:bus"
        self._origin = uuid.uuid4().hex
        self._listener: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._unsent: dict[tuple[str, str], None] = {}
        self._resending: asyncio.Task[None] | None = None

    async def publish(self, topic: str, payload: str = "") -> None:
        """Tell everybody who listens to a prefix of the topic. Never raises."""
        self._deliver(topic, payload)
        if not await self._send(topic, payload):
            self._send_later(topic, payload)

    async def start(self) -> None:
        """Listen; returns once connected or after a second, and goes on trying in the background."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="redis-bus")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._connected.wait(), 1)

    async def stop(self) -> None:
        """Stop listening and cancel what is being called back."""
        tasks = [task for task in (self._listener, self._resending) if task is not None]
        self._listener = self._resending = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await super().stop()

    async def _send(self, topic: str, payload: str) -> bool:
        message = json.dumps({"from": self._origin, "topic": topic, "payload": payload})
        try:
            await self._link.run(lambda redis: redis.publish(self._channel, message))
        except RedisError as broken:
            log.warning("hint not sent to other processes", extra={"error": type(broken).__name__})
            return False
        return True

    def _send_later(self, topic: str, payload: str) -> None:
        """A Redis that is slow for a moment cuts nobody off, so nobody else would notice that a hint is missing."""
        self._unsent[topic, payload] = None
        if len(self._unsent) > MOST_UNSENT:
            self._unsent = {(RECONNECTED, ""): None}  # too many to name: everything is to be read again
        if self._resending is None or self._resending.done():
            with for_others():
                self._resending = asyncio.create_task(self._resend(), name="redis-bus-resend")

    async def _resend(self) -> None:
        while self._unsent:
            await asyncio.sleep(RESEND_S)
            for hint in list(self._unsent):
                if not await self._send(*hint):
                    break
                self._unsent.pop(hint, None)

    async def _listen(self) -> None:
        pause, first = FIRST_PAUSE_S, True
        while True:
            try:
                async with self._link.pubsub() as pubsub:
                    await pubsub.subscribe(self._channel)
                    while not self._connected.is_set():
                        await self._hear(pubsub)
                    if not first:
                        self._deliver(RECONNECTED, "")
                    pause, first = FIRST_PAUSE_S, False
                    while True:
                        await self._hear(pubsub)
            except (RedisError, OSError, TimeoutError) as broken:
                log.warning("bus connection lost", extra={"error": type(broken).__name__})
            self._connected.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311, spreads load
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _hear(self, pubsub: PubSub) -> None:
        message = await pubsub.get_message(timeout=LISTEN_S)
        if message is None:
            # Nothing for a while: make sure that the other end is there at all.
            await pubsub.ping()
            message = await pubsub.get_message(timeout=LISTEN_S)
            if message is None:
                raise TimeoutError("no answer to a ping")
        if message["type"] == "subscribe":
            self._connected.set()
        elif message["type"] == "message":
            self._take(message["data"])

    def _take(self, data: Any) -> None:
        try:
            message = json.loads(data)
            origin, topic, payload = message["from"], str(message["topic"]), str(message["payload"])
        except (ValueError, KeyError, TypeError):
            log.warning("hint of an unknown shape ignored")
            return
        if origin != self._origin:
            self._deliver(topic, payload)


async def _finish(outcome: Awaitable[None]) -> None:
    try:
        await outcome
    except Exception as broken:
        log.error("bus callback failed", extra={"error": type(broken).__name__})


def void(_: object) -> None:
    """Drop a value."""
