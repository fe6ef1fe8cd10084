"""How often somebody may do something: moving windows, shared through Redis, or in this process when there is none.

When Redis does not answer, this process keeps counting by itself at half the size: slower, never unlimited.
"""

import hashlib
import math
from bisect import bisect_right
from collections import OrderedDict
from datetime import timedelta
from typing import Final, Protocol

from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from portal_app.errors import TooManyTries
from portal_app.storage.clock import Clock

RULES: Final[dict[str, tuple[int, int]]] = {  # name -> how many, in how many seconds
    "read": (120, 60),
    "write": (20, 60),
    "sign_in": (60, 60),  # per address, and only to spare the password threads; the lockout guards accounts
    "second_factor": (10, 300),  # per address, and only to slow it down; each user has counts in the database
    "email_change": (5, 3600),  # each is a mail to an address that may be somebody else's
    "refresh": (30, 300),
    "sign_up_email": (5, 3600),
    "sign_up_email_day": (10, 86400),  # each is a mail to an address that may be somebody else's
    "sign_up_number": (5, 3600),
    "number_lookup": (10, 3600),  # per browser: who tries customer numbers out
    "forgot": (10, 3600),  # per address and purpose, left out without a word
    "sso_link": (10, 60),
    "cart": (60, 60),  # plans chosen, per user or per a visitor's network
    "upload": (10, 3600),
    "case": (5, 3600),
    "comment": (20, 3600),  # replies, closing, opening again; repeats of a key are free
    "attachment": (30, 3600),
    "attachment_read": (300, 3600),
    "address": (20, 3600),  # changes that are worked on; repeats of a key are free
    "profile": (20, 3600),
    "availability": (10, 3600),
    "webhook": (200, 4),  # 50 a second with a burst of 200
    "webhook_address": (200, 4),
    "order": (20, 3600),  # submits that are worked on; repeats of a key are free
    "audit_refusal": (10, 60),
}
BYPASS: Final = timedelta(seconds=5)
REDIS_TIMEOUT_S: Final = 0.25


class Windows(Protocol):
    """Moving windows by key; the library's Redis storage is one."""

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool: ...

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]: ...


class Limits:
    """One `hit` per act. `identity` is hashed before it becomes a key."""

    def __init__(self, redis_url: str | None, scale: float, clock: Clock) -> None:
        self._scale, self._clock = scale, clock
        self._memory = MemoryWindows(clock)
        self._redis = _redis_windows(redis_url) if redis_url else None
        self._bypass_until = clock.now()

    async def hit(self, name: str, identity: str) -> None:
        """Count one act of that kind. Raises TooManyTries when the window is full; a refused act is not counted."""
        key = f"{name}:{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
        if self._redis is not None and self._clock.now() >= self._bypass_until:
            try:
                await self._hit(self._redis, name, key)
                return
            except StorageError:
                self._bypass_until = self._clock.now() + BYPASS
        await self._hit(self._memory, name, key, 0.5 if self._redis else 1)

    async def close(self) -> None:
        """Let the Redis connections go."""
        if self._redis is not None:
            await self._redis.bridge.get_connection().aclose()  # type: ignore[attr-defined]

    async def _hit(self, windows: Windows, name: str, key: str, share: float = 1) -> None:
        amount, seconds = RULES[name]
        most = max(1, round(amount * self._scale * share))
        if await windows.acquire_entry(key, most, seconds):
            return
        oldest, _ = await windows.get_moving_window(key, most, seconds)
        wait = math.ceil(oldest + seconds - self._clock.now().timestamp())
        raise TooManyTries(min(max(1, wait), seconds))


class MemoryWindows:
    """Moving windows of one process.

    The library's own memory storage walks every key in a thread after each hit, which many visitors would feel.
    """

    def __init__(self, clock: Clock, most_keys: int = 50_000) -> None:
        self._clock, self._most = clock, most_keys
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count it if there is room in the window."""
        now = self._clock.now().timestamp()
        times = self._live(key, now - expiry)
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        self._times[key] = times
        self._times.move_to_end(key)
        while len(self._times) > self._most:
            self._times.popitem(last=False)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest counted act was, and how many are in the window."""
        now = self._clock.now().timestamp()
        times = self._live(key, now - expiry)
        return (times[0], len(times)) if times else (now, 0)

    def _live(self, key: str, since: float) -> list[float]:
        times = self._times.get(key, [])
        return times[bisect_right(times, since) :]


def _redis_windows(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+redis+{url}" if url.startswith("unix:") else f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="portal:limit",
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to the client, whose own default waits for seconds
    )
