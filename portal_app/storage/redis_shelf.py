"""Cache entries in Redis, sealed; keys hold the environment, the schema version and the user id (H6, H7)."""

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any, Final, cast

from redis.exceptions import RedisError

from portal_app.storage.cache_shelf import ALL, Entry, Generations
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher
from portal_app.storage.redis_link import RedisLink

log = logging.getLogger(__name__)

SCHEMA: Final = 1
LOCK_MS: Final = 10_000
FOLLOW: Final = 3.0
POLL_S: Final = 0.05
GENERATION_KEPT_S: Final = 2 * 24 * 3600  # longer than any entry
MOST_UNSENT: Final = 1_000

RELEASE: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"


class RedisShelf:
    """Every failure reads as "not there". Clearing that Redis did not hear is repeated before the next read."""

    def __init__(self, link: RedisLink, env: str, clock: Clock, cipher: FieldCipher) -> None:
        self._link, self._clock, self._cipher = link, clock, cipher
        self._prefix = f"portal:{env}:v{SCHEMA}:cache:"
        self._unsent: set[tuple[str, str]] = set()

    async def read(self, user_id: str, name: str, tags: Iterable[str]) -> tuple[Entry | None, Generations]:
        """The entry and the generations it was looked up under."""
        tags = tuple(tags)
        own = (self._generation(user_id, tag) for tag in ("", *tags))
        keys = [self._value(user_id, name), *own, *(self._generation(ALL, tag) for tag in tags)]
        try:
            await self._send_unsent()
            sealed, *held = await self._link.run(lambda redis: redis.mget(keys))
        except RedisError as broken:
            log.info("cache not read", extra={"error": type(broken).__name__})
            return None, ()
        generations = tuple(g or "" for g in held)
        entry = await self._open(keys[0], sealed, generations) if sealed else None
        return entry, generations

    async def write(self, user_id: str, name: str, entry: Entry, generations: Generations, keep: timedelta) -> None:
        """Put the entry there under the generations its reading began with."""
        if not generations:
            return  # they could not be read, so it could not be told later whether the entry is still good
        key = self._value(user_id, name)
        text, *times, missing = astuple(entry)
        body = json.dumps([generations, text, [t.isoformat() for t in times], missing], ensure_ascii=False)
        sealed = self._cipher.seal("cache", "value", key, body)
        try:
            await self._link.run(lambda redis: redis.set(key, sealed, px=int(keep.total_seconds() * 1000)))
        except RedisError as broken:
            log.info("cache not written", extra={"error": type(broken).__name__})

    async def bump(self, user_id: str, tags: Iterable[str]) -> None:
        """Move generations on: of the tags, or without any of the user. `ALL` and tags: of everybody's."""
        moved = {(user_id, tag) for tag in (tuple(tags) or ("",))}
        try:
            await self._move(moved)
        except RedisError as broken:
            log.warning("cache not cleared, to be repeated", extra={"error": type(broken).__name__})
            self._unsent |= moved

    @asynccontextmanager
    async def alone(self, user_id: str, name: str) -> AsyncIterator[None]:
        """Take the lock of this entry; wait at most three seconds for another holder, then go on without."""
        key, token = self._prefix + f"lock:{user_id}:{name}", secrets.token_hex(8)
        held = await self._lock(key, token)
        try:
            yield
        finally:
            if held:
                await self._unlock(key, token)

    async def _lock(self, key: str, token: str) -> bool:
        waited = 0.0
        while waited < FOLLOW:
            try:
                if await self._link.run(lambda redis: redis.set(key, token, nx=True, px=LOCK_MS)):
                    return True
            except RedisError:
                return False
            await asyncio.sleep(POLL_S)
            waited += POLL_S
        return False

    async def _unlock(self, key: str, token: str) -> None:
        try:
            # redis-py gives eval the types of its blocking twin as well.
            await self._link.run(lambda redis: cast(Awaitable[Any], redis.eval(RELEASE, 1, key, token)))
        except RedisError:
            log.info("cache lock left to expire")

    async def _move(self, moved: set[tuple[str, str]]) -> None:
        async def send(redis: Any) -> None:
            pipe = redis.pipeline(transaction=False)
            for user_id, tag in moved:
                # A random mark, not a counter: one that was evicted must not come back as an old number.
                pipe.set(self._generation(user_id, tag), secrets.token_hex(8), ex=GENERATION_KEPT_S)
            await pipe.execute()

        await self._link.run(send)

    async def _send_unsent(self) -> None:
        if not self._unsent:
            return
        sending = set(list(self._unsent)[:MOST_UNSENT])
        await self._move(sending)
        self._unsent -= sending
        if self._unsent:
            await self._send_unsent()

    async def _open(self, key: str, sealed: Any, generations: Generations) -> Entry | None:
        try:
            held, text, times, missing = json.loads(self._cipher.open("cache", "value", key, str(sealed)))
            if tuple(held) != generations:
                return None
            as_of, fresh_until, renew_at = (datetime.fromisoformat(t) for t in times)
            return Entry(text, as_of, fresh_until, renew_at, missing)
        except (DecryptionFailed, ValueError, TypeError):
            log.warning("unreadable cache entry removed")
            await self._remove(key)
            return None

    async def _remove(self, key: str) -> None:
        try:
            await self._link.run(lambda redis: redis.delete(key))
        except RedisError:
            return

    def _value(self, user_id: str, name: str) -> str:
        if not user_id:
            raise ValueError("a cache entry belongs to a user")
        return f"{self._prefix}{user_id}:{name}"

    def _generation(self, user_id: str, tag: str) -> str:
        return f"{self._prefix}generation:{user_id}:{tag}"
