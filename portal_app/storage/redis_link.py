"""One careful connection pool to Redis: short timeouts, and left alone for a while when it fails."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from portal_app.storage.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

TIMEOUT_S: Final = 0.25
MOST_CONNECTIONS: Final = 20
FAILURES: Final = 3
BYPASS: Final = timedelta(seconds=5)


class RedisAway(RedisConnectionError):
    """Redis failed three times in a row a moment ago, so it was not asked."""


class RedisLink:
    """Shared by cache, flash and bus. Every failure is a RedisError; nobody may need an answer to go on."""

    def __init__(self, url: str, clock: Clock, *, timeout_s: float = TIMEOUT_S) -> None:
        self._clock, self._timeout_s = clock, timeout_s
        options: dict[str, Any] = {
            "socket_timeout": timeout_s,
            "socket_connect_timeout": timeout_s,
            "retry": Retry(NoBackoff(), 0),
            "decode_responses": True,
        }
        self._pool: Any = BlockingConnectionPool.from_url(
            url, max_connections=MOST_CONNECTIONS, timeout=timeout_s, **options
        )
        self._redis = Redis(connection_pool=self._pool)
        self._failures = 0
        self._away_until: datetime | None = None

    @property
    def away(self) -> bool:
        """Whether Redis is being bypassed now."""
        return self._away_until is not None and self._clock.now() < self._away_until

    async def run(self, ask: Callable[[Redis], Awaitable[T]]) -> T:
        """The answer of one or more commands. Raises RedisError, at once while Redis is bypassed."""
        if self.away:
            raise RedisAway("bypassed")
        try:
            async with asyncio.timeout(2 * self._timeout_s):
                answer = await ask(self._redis)
        except (RedisConnectionError, OSError, TimeoutError) as broken:
            self._failed()
            raise RedisConnectionError(type(broken).__name__) from None
        except RedisError:
            self._failed()
            raise
        self._failures, self._away_until = 0, None
        return answer

    @asynccontextmanager
    async def pubsub(self) -> AsyncIterator[PubSub]:
        """A listening connection, taken outside the bypass: whoever listens paces itself."""
        async with self._redis.pubsub() as pubsub:
            yield pubsub

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.disconnect()

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            if not self.away:
                log.warning("redis bypassed")
            self._away_until = self._clock.now() + BYPASS
