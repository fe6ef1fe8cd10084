"""Listens to one topic for as long as it runs: hands over what comes, and asks for more once that is stored.

Everything durable is the sink's. Whatever goes wrong, the next stream begins where the sink says it stands (E2-E4, E6).
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from portal_app.errors import UpstreamError
from portal_app.integrations.salesforce.pubsub.client import PubSubClient, Stream
from portal_app.integrations.salesforce.pubsub.decoding import Decoder, Quarantined, Received
from portal_app.integrations.salesforce.pubsub.events import Role
from portal_app.integrations.salesforce.pubsub.failures import SYSTEM, Kind, PubSubFailure
from portal_app.integrations.salesforce.pubsub.schemas import BadSchema, Schemas
from portal_app.integrations.salesforce.pubsub.wire import After, Fetched, Start, Timing
from portal_app.integrations.upstream import CredentialRefused

WANTED: Final = 25
MOST_TOKENS: Final = 3
"""Refused tokens in a row before it is no longer the token's fault."""
UNEXPLAINED: Final = 3
"""A replay id that is refused this often without a reason is taken for stale."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topic:
    """`/event/X__e`, `/event/X__chn`, `/data/XChangeEvent`; `role` says what its platform events mean."""

    name: str
    role: Role

    @property
    def label(self) -> str:
        """For logs, which take no word that begins with a slash, and a long one for a secret."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one response brought, in order of delivery, and the cursor to keep with it.

    Without items only the cursor moves: everything before it has been handed over already.
    """

    topic: Topic
    items: tuple[Received | Quarantined, ...]
    cursor: bytes


class NotStored(Exception):
    """A sink's own no, where nothing is broken: somebody else listens by now. `code` is a word for logs and health."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sink(Protocol):
    """Where a subscription stands, and where its events go. Errors are taken as "not stored": all of it comes again.

    Each may raise NotStored.
    """

    async def start(self, topic: Topic) -> Start:
        """Where to begin, asked for each stream: after the stored cursor, else what the setting says.

        LATEST knows nothing of the time before the first response, up to 270 s: the reconciler has to cover it.
        """
        ...

    async def store(self, batch: Batch) -> None:
        """Events to the inbox, the undecodable to quarantine, the cursor: ONE transaction; a repeat changes nothing."""
        ...

    async def cursor_lost(self, topic: Topic) -> None:
        """The cursor was refused. When this returns, `start` answers EARLIEST until a cursor is stored again, crash or
        not, event-driven caches are flushed, and the reconciler is called for everything since the last commit (E3).
        """
        ...


@dataclass(slots=True)
class SubscriberState:
    """For health and metrics. `status` is connecting, connected, waiting or stopped; times are the loop's."""

    status: str = "stopped"
    code: str = ""
    failures: int = 0
    streams: int = 0
    received: int = 0
    quarantined: int = 0
    cursors_lost: int = 0
    cursor: bytes = b""
    heard_at: float | None = None


class Subscriber:
    """One topic. Run one for the whole deployment: every subscriber spends the daily allocation of deliveries."""

    def __init__(
        self,
        client: PubSubClient,
        schemas: Schemas,
        topic: Topic,
        sink: Sink,
        *,
        wanted: int = WANTED,
        timing: Timing | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._client, self._topic, self._sink = client, topic, sink
        self._decoder = Decoder(topic.name, topic.role, schemas)
        self._wanted, self._timing = wanted, timing or Timing()
        self._pause, self._jitter = pause, jitter
        self._credit = 0
        self._refusals: dict[Kind, int] = {}
        self.state = SubscriberState()

    async def run(self) -> None:
        """Until it is cancelled; a failure never ends it."""
        try:
            while True:
                wait_s = await self._once()
                if wait_s > 0:
                    self.state.status = "waiting"
                    await self._pause(wait_s)
        finally:
            self.state.status = "stopped"

    async def _once(self) -> float:
        """One stream from opening to its end; how long to wait before the next."""
        self.state.status = "connecting"
        start: Start | None = None
        before = self.state.received
        try:
            start = await self._sink.start(self._topic)
            await self._listen(start)
        except PubSubFailure as failure:
            return await self._after(failure, start)
        except CredentialRefused as refused:
            return self._told(refused.code, self._timing.refused_s)
        except UpstreamError as failure:
            return self._told(failure.code or "upstream", self._backoff())
        except NotStored as told:
            return self._told(told.code, self._backoff())
        except Exception as broken:  # the sink, or a defect of ours: nothing is lost, the stream begins again
            log.exception("event_stream_broken", extra={"topic": self._topic.label, "error": type(broken).__name__})
            return self._told("not_stored", self._backoff())
        return 0.0 if self.state.received != before else self._told("closed", self._backoff())

    async def _listen(self, start: Start) -> None:
        await self._client.check_topic(self._topic.name)
        stream = await self._client.subscribe(self._topic.name, start, self._wanted)
        self._credit = self._wanted
        self.state.status, self.state.streams = "connected", self.state.streams + 1
        try:
            while (fetched := await stream.next(self._timing.silence_s)) is not None:
                await self._take(stream, fetched)
        finally:
            stream.close()

    async def _take(self, stream: Stream, fetched: Fetched) -> None:
        self._heard()
        items = tuple([await self._decoder.read(one) for one in fetched.events])
        cursor = fetched.events[-1].replay_id if fetched.events else fetched.position
        if cursor:
            await self._sink.store(Batch(self._topic, items, cursor))
            self.state.cursor = cursor
        self._count(items)
        self._credit = self._credit - len(items) if items else fetched.pending
        # Only now: what is not stored must not be followed by more (E4). An answer to every response would pile up.
        if self._credit <= self._wanted // 2:
            stream.ask(self._wanted - max(self._credit, 0))
            self._credit = self._wanted

    def _heard(self) -> None:
        self.state.heard_at = asyncio.get_running_loop().time()
        self.state.failures, self.state.code, self._refusals = 0, "", {}

    def _count(self, items: tuple[Received | Quarantined, ...]) -> None:
        self.state.received += len(items)
        reasons = Counter(one.reason for one in items if isinstance(one, Quarantined))
        self.state.quarantined += reasons.total()
        for reason, count in sorted(reasons.items()):
            log.error("event_quarantined", extra={"topic": self._topic.label, "reason": reason, "count": count})

    async def _after(self, failure: PubSubFailure, start: Start | None) -> float:
        """What a failed call leads to."""
        again = self._refusals[failure.kind] = self._refusals.get(failure.kind, 0) + 1
        if failure.kind is Kind.AUTH and again <= MOST_TOKENS:
            return self._told(failure.code, 0.0)
        if isinstance(start, After) and _is_stale(failure, again):
            return await self._lose_cursor(failure)
        steady = {
            Kind.SLOW_DOWN: self._timing.slow_down_s,
            Kind.SPENT: self._timing.spent_s,
            Kind.REFUSED: self._timing.refused_s,
        }
        if failure.kind in steady:
            # Twice as long at most: many subscribers must not come back at the same moment.
            return self._told(failure.code, self._jitter(steady[failure.kind], 2 * steady[failure.kind]))
        return self._told(failure.code, self._backoff())

    async def _lose_cursor(self, failure: PubSubFailure) -> float:
        try:
            await self._sink.cursor_lost(self._topic)
        except NotStored as told:
            return self._told(told.code, self._backoff())
        except Exception as broken:  # it is asked again once the same cursor is refused again
            log.exception("cursor_not_given_up", extra={"topic": self._topic.label, "error": type(broken).__name__})
            return self._told("not_stored", self._backoff())
        self.state.cursors_lost += 1
        log.error("replay_cursor_refused", extra={"topic": self._topic.label, "code": failure.code})
        self._told(failure.code, 0.0)
        return 0.0 if self.state.failures <= 1 else self._backoff()

    def _told(self, code: str, wait_s: float) -> float:
        again = self.state.code == code
        self.state.code, self.state.failures = code, self.state.failures + 1
        failures = self.state.failures
        # What lasts for hours is told less and less often: the 1st time, the 2nd, the 4th, the 8th...
        quiet = again and failures & (failures - 1) != 0
        level = logging.DEBUG if quiet else logging.WARNING if wait_s else logging.INFO
        fields = {"system": SYSTEM, "topic": self._topic.label, "code": code, "seconds": wait_s, "failures": failures}
        log.log(level, "event_stream_ended", extra=fields)
        return wait_s

    def _backoff(self) -> float:
        """Full jitter: anything from nothing to a bound that doubles with each failure in a row."""
        bound = min(self._timing.longest_wait_s, self._timing.first_wait_s * 2 ** min(self.state.failures, 16))
        return self._jitter(0.0, bound)


def _is_stale(failure: PubSubFailure, again: int) -> bool:
    """A proxy may have taken the reason away; asking for all that is retained is safe, asking for ever is not."""
    if failure.kind is Kind.STALE_CURSOR:
        return True
    return failure.code == "grpc_invalid_argument" and failure.operation == "Subscribe" and again >= UNEXPLAINED


async def fetch_schema(client: PubSubClient, schema_id: str) -> str:
    """For Schemas. One Salesforce will not give makes its events undecodable; one it cannot give just now does not.

    Raises: BadSchema, UpstreamError.
    """
    try:
        return await client.get_schema(schema_id)
    except PubSubFailure as failure:
        if failure.kind in (Kind.REFUSED, Kind.OUR_FAULT):
            raise BadSchema("schema_refused") from failure
        raise
