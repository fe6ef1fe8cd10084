"""One at a time for each key, so that parallel guesses cannot outrun the count of failures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from portal_app.errors import Busy

MOST_WAITING: Final = 5


class Lanes:
    """`async with lanes.of(key)`: the others of that key wait, in order and not too many."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lanes: dict[str, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        """How many keys somebody works on."""
        return len(self._lanes)

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Raises: Busy when too many wait already."""
        lock, waiting = self._lanes.get(key, (asyncio.Lock(), 0))
        if waiting > MOST_WAITING:
            raise Busy(self._what, retry_after=5)
        self._lanes[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._lanes[key]
            if waiting == 1:
                del self._lanes[key]
            else:
                self._lanes[key] = (lock, waiting - 1)
