"""Where cache entries lie. A shelf knows keys, generations and locks, nothing of what the entries mean."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from portal_app.storage.clock import Clock

MOST_ENTRIES: Final = 10_000
ALL: Final = "*"
"""In place of a user id: the tags of all users."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as JSON text, when it was read, until when it may be answered and from when it is renewed early.

    `missing` is the kind of a record that was not found; then there is no text.
    """

    text: str
    as_of: datetime
    fresh_until: datetime
    renew_at: datetime
    missing: str = ""


Generations = tuple[str, ...]
"""One for the user, one for each of their tags, one for each tag of all users, in order.

An entry of other generations than now is not there.
"""


class Shelf(Protocol):
    """What `CustomerCache` needs. Nothing here raises: what cannot be read is not there."""

    async def read(self, user_id: str, name: str, tags: Iterable[str]) -> tuple[Entry | None, Generations]:
        """The entry and the generations it was looked up under."""

    async def write(self, user_id: str, name: str, entry: Entry, generations: Generations, keep: timedelta) -> None:
        """Put the entry there under the generations its reading began with."""

    async def bump(self, user_id: str, tags: Iterable[str]) -> None:
        """Move generations on: of the tags, or without any of the user. `ALL` and tags: of everybody's."""

    def alone(self, user_id: str, name: str) -> AbstractAsyncContextManager[None]:
        """Be the only process that fills this entry, or wait a few seconds for the one that does."""


class MemoryShelf:
    """In this process; the entries unused for longest go first."""

    def __init__(self, env: str, clock: Clock) -> None:
        self._env, self._clock = env, clock
        self._entries: OrderedDict[tuple[str, str, str], tuple[Entry, Generations, datetime]] = OrderedDict()
        self._generations: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._everybodys: dict[str, int] = {}
        self._count = 0

    async def read(self, user_id: str, name: str, tags: Iterable[str]) -> tuple[Entry | None, Generations]:
        """The entry and the generations it was looked up under."""
        tags = tuple(tags)
        own = (self._generations.get((user_id, tag), 0) for tag in ("", *tags))
        generations = tuple(map(str, (*own, *(self._everybodys.get(tag, 0) for tag in tags))))
        key = (self._env, user_id, name)
        entry, held, until = self._entries.get(key, (None, (), self._clock.now()))
        if entry is None or held != generations or until <= self._clock.now():
            self._entries.pop(key, None)
            return None, generations
        self._entries.move_to_end(key)
        return entry, generations

    async def write(self, user_id: str, name: str, entry: Entry, generations: Generations, keep: timedelta) -> None:
        """Put the entry there under the generations its reading began with."""
        self._entries[(self._env, user_id, name)] = (entry, generations, entry.as_of + keep)
        while len(self._entries) > MOST_ENTRIES:
            self._entries.popitem(last=False)

    async def bump(self, user_id: str, tags: Iterable[str]) -> None:
        """Move generations on: of the tags, or without any of the user. `ALL` and tags: of everybody's."""
        self._count += 1  # never used twice, so a forgotten generation cannot come back
        if user_id == ALL:
            self._everybodys |= dict.fromkeys(tags, self._count)
            return
        for tag in tuple(tags) or ("",):
            self._generations[(user_id, tag)] = self._count
            self._generations.move_to_end((user_id, tag))
        while len(self._generations) > MOST_ENTRIES:
            forgotten, _ = self._generations.popitem(last=False)
            self._drop(forgotten[0])

    @asynccontextmanager
    async def alone(self, user_id: str, name: str) -> AsyncIterator[None]:
        """The single flight of this process is all there is."""
        yield

    def _drop(self, user_id: str) -> None:
        for key in [k for k in self._entries if k[1] == user_id]:
            del self._entries[key]
