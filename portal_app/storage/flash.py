"""Values handed from an HTTP answer to the next page, once: what was typed, which error it had."""

import json
import logging
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final, Protocol

from redis.exceptions import RedisError

from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.redis_link import RedisLink

log = logging.getLogger(__name__)

MOST_KEPT: Final = 5_000
LONGEST_KEY: Final = 64


class Flash(Protocol):
    """`put` on one request, `take` on the next. What is gone, unknown or too old reads as empty."""

    async def put(self, values: dict[str, str], ttl_s: int = 300) -> str:
        """Keep the values; the result is the unguessable key to take them with."""

    async def take(self, key: str) -> dict[str, str]:
        """The values, which are gone afterwards."""


class MemoryFlash:
    """In this process. Bounded: the oldest go first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, dict[str, str]]] = OrderedDict()

    async def put(self, values: dict[str, str], ttl_s: int = 300) -> str:
        """Keep the values; the result is the unguessable key to take them with."""
        key = secrets.token_urlsafe(16)
        self._kept[key] = (self._clock.now() + timedelta(seconds=ttl_s), dict(values))
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    async def take(self, key: str) -> dict[str, str]:
        """The values, which are gone afterwards."""
        until, values = self._kept.pop(key, (self._clock.now(), {}))
        return values if until > self._clock.now() else {}


class RedisFlash:
    """Across processes, sealed. Without Redis it works as long as the next page is served by the same process."""

    def __init__(self, link: RedisLink, env: str, cipher: FieldCipher, clock: Clock) -> None:
        self._link, self._prefix, self._cipher = link, f"portal:{env}:flash:", cipher
        self._fallback = MemoryFlash(clock)

    async def put(self, values: dict[str, str], ttl_s: int = 300) -> str:
        """Keep the values; the result is the unguessable key to take them with."""
        key = secrets.token_urlsafe(16)
        sealed = self._cipher.seal("flash", "values", key, json.dumps(values))
        try:
            await self._link.run(lambda redis: redis.set(self._prefix + key, sealed, ex=ttl_s))
        except RedisError as broken:
            log.warning("flash kept in memory", extra={"error": type(broken).__name__})
            return await self._fallback.put(values, ttl_s)
        return key

    async def take(self, key: str) -> dict[str, str]:
        """The values, which are gone afterwards."""
        if not 0 < len(key) <= LONGEST_KEY:
            return {}
        if values := await self._fallback.take(key):
            return values
        try:
            sealed = await self._link.run(lambda redis: redis.getdel(self._prefix + key))
            return json.loads(self._cipher.open("flash", "values", key, str(sealed))) if sealed else {}
        except (RedisError, DecryptionFailed) as broken:
            log.warning("flash not read", extra={"error": type(broken).__name__})
            return {}
