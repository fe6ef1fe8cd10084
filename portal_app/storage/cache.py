"""What is not a list with a mirror: one customer's reads, kept for a while (H1-H7).

No key can be made without a user id. Clearing moves a generation on, so that a fill begun before it is never seen.
"""

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.storage.cache_shelf import ALL, Entry, MemoryShelf, Shelf
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.flights import Flights
from portal_app.storage.kept import NotKept, gave_old, only_kept
from portal_app.storage.redis_link import RedisLink
from portal_app.storage.redis_shelf import RedisShelf

T = TypeVar("T")

MISSING_TTL: Final = timedelta(seconds=10)
CEILING: Final = timedelta(hours=24)
JITTER: Final = 0.1
EARLY: Final = 0.1
"""In the last tenth of its life an entry is still answered, and renewed in the background."""

OnEvent = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Cached(Generic[T]):
    """`as_of` is when it was read (UTC). `stale`: it could not be read again, this is the last copy."""

    value: T
    as_of: datetime
    stale: bool = False


class Cache(Protocol):
    """See `CustomerCache`, which both kinds are."""

    async def fetch(
        self,
        customer: Customer,
        name: str,
        load: Callable[[], Awaitable[T]],
        *,
        model: type[T],
        ttl: timedelta,
        stale_if_error: timedelta | None = None,
        keep_for: timedelta | None = None,
        tags: Iterable[str] = (),
        anew: bool = False,
    ) -> Cached[T]: ...

    async def clear(self, customer_or_user_id: Customer | str, *tags: str) -> None: ...

    async def clear_all(self, *tags: str) -> None: ...


@lru_cache(maxsize=200)
def _adapter(model: Any) -> TypeAdapter[Any]:
    """Making one takes milliseconds."""
    return TypeAdapter(model)


class CustomerCache:
    """The rules, over a shelf that keeps the entries."""

    def __init__(self, shelf: Shelf, clock: Clock, on_event: OnEvent | None) -> None:
        self._shelf, self._clock = shelf, clock
        self._on_event = on_event or (lambda kind, name: None)
        self._flights: Flights[Any] = Flights()

    async def fetch(
        self,
        customer: Customer,
        name: str,
        load: Callable[[], Awaitable[T]],
        *,
        model: type[T],
        ttl: timedelta,
        stale_if_error: timedelta | None = None,
        keep_for: timedelta | None = None,
        tags: Iterable[str] = (),
        anew: bool = False,
    ) -> Cached[T]:
        """The kept value, or what `load` gives, which is asked once for all who wait.

        An entry lives for `ttl` less up to a tenth. When `load` fails, a copy no older than `stale_if_error` is
        answered instead. NotFound is kept for 10 s, no other error ever. `name` is `kind` or `kind:id`; only the kind
        is counted. `anew` asks although the kept value is good, which stays for the case that the answer fails.
        Those who read only what is kept are given a copy no older than `stale_if_error` or `keep_for` at once, which
        is for what nobody may be shown in place of an answer that failed; past its time it is read anew meanwhile.
        Raises: whatever `load` raises; NotKept for those who read only what is kept, before anybody is asked.
        """
        kind: Any = model
        reading = _Reading(
            customer.user_id,
            name,
            tuple(sorted(set(tags))),
            _adapter(kind),
            load,
            ttl,
            stale_if_error,
            min(max(ttl, stale_if_error or ttl, keep_for or ttl), CEILING),
        )
        if only_kept():
            return await self._kept(reading, anew)
        if anew:
            return await self._flights.wait((*reading.key, "anew"), lambda: self._fill(reading, renew=True))
        return await self._flights.wait(reading.key, lambda: self._answer(reading))

    async def clear(self, customer_or_user_id: Customer | str, *tags: str) -> None:
        """Forget what one user's entries with any of these tags hold; without tags everything of that user."""
        user_id = customer_or_user_id if isinstance(customer_or_user_id, str) else customer_or_user_id.user_id
        self._flights.part(lambda key: key[0] == user_id)
        await self._shelf.bump(user_id, tags)
        for tag in tags or ("all",):
            self._count("invalidation", tag)

    async def clear_all(self, *tags: str) -> None:
        """Forget what every user's entries with any of these tags hold: events about them may have been missed (H5)."""
        if not tags:
            raise ValueError("which tags?")
        self._flights.part(lambda key: True)
        await self._shelf.bump(ALL, tags)
        for tag in tags:
            self._count("invalidation", tag)

    async def stop(self) -> None:
        """Cancel reads under way."""
        await self._flights.stop()

    async def settled(self) -> None:
        """Wait until nothing is being read."""
        await self._flights.settled()

    async def _answer(self, reading: "_Reading[T]") -> Cached[T]:
        entry = await self._good(reading)
        if entry is None:
            self._count("miss", reading.name)
            return await self._fill(reading)
        return self._hit(reading, entry)

    async def _kept(self, reading: "_Reading[T]", anew: bool) -> Cached[T]:
        """Waits for no flight: what this reader may not wait for must not become another's answer.

        What is past its time is read anew for whoever asks next, as soon as this reader shows that somebody looks.
        """
        entry = None if anew else await self._readable(reading)
        now = self._clock.now()
        if entry is not None and now < entry.fresh_until:
            return self._hit(reading, entry)
        if entry is None or not reading.may_be_shown(entry, now):
            self._count("not_kept", reading.name)
            raise NotKept(reading.name.partition(":")[0])
        self._count("old", reading.name)
        gave_old()
        self._flights.join(reading.key, lambda: self._answer(reading))
        return reading.cached(entry)

    async def _good(self, reading: "_Reading[T]") -> Entry | None:
        """The entry that may be answered now."""
        entry = await self._readable(reading)
        return entry if entry is not None and self._clock.now() < entry.fresh_until else None

    async def _readable(self, reading: "_Reading[T]") -> Entry | None:
        """The entry, whatever its age; what was cleared is not there."""
        entry, _ = await self._shelf.read(reading.user_id, reading.name, reading.tags)
        return entry if entry is not None and (entry.missing or reading.valid(entry)) else None

    def _hit(self, reading: "_Reading[T]", entry: Entry) -> Cached[T]:
        self._count("hit", reading.name)
        if entry.missing:
            raise NotFound(entry.missing, reading.name)
        if self._clock.now() >= entry.renew_at:
            self._flights.join((*reading.key, "renew"), lambda: self._fill(reading, renew=True))
        return reading.cached(entry)

    async def _fill(self, reading: "_Reading[T]", *, renew: bool = False) -> Cached[T]:
        async with self._shelf.alone(reading.user_id, reading.name):
            entry, generations = await self._shelf.read(reading.user_id, reading.name, reading.tags)
            now = self._clock.now()
            # Another process may have filled it while we waited for our turn.
            if entry and now < entry.fresh_until and not renew and not entry.missing and reading.valid(entry):
                return reading.cached(entry)
            try:
                value = await reading.load()
            except NotFound as missing:
                until = now + MISSING_TTL
                kept = Entry("", now, until, until, missing=missing.kind)
                await self._shelf.write(reading.user_id, reading.name, kept, generations, MISSING_TTL)
                raise
            except (UpstreamError, Busy, TimeoutError):
                if entry is None or not reading.may_be_stale(entry, now):
                    raise
                self._count("stale", reading.name)
                return reading.cached(entry, stale=True)
            fresh = self._entry(reading, value, now)
            await self._shelf.write(reading.user_id, reading.name, fresh, generations, reading.kept_for)
            return Cached(value, now)

    def _entry(self, reading: "_Reading[T]", value: T, now: datetime) -> Entry:
        # Never longer than asked for: the jitter only shortens.
        lifetime = min(reading.ttl, CEILING) * random.uniform(1 - JITTER, 1)  # noqa: S311, spreads load
        text = reading.adapter.dump_json(value).decode()
        return Entry(text, now, now + lifetime, now + lifetime * (1 - EARLY))

    def _count(self, kind: str, name: str) -> None:
        self._on_event(kind, name.partition(":")[0])


class MemoryCache(CustomerCache):
    """In this process."""

    def __init__(self, env: str, clock: Clock, *, on_event: OnEvent | None = None) -> None:
        super().__init__(MemoryShelf(env, clock), clock, on_event)


class RedisCache(CustomerCache):
    """Shared by all processes, sealed. Without Redis every read is live, still once for all who wait in a process."""

    def __init__(
        self, link: RedisLink, env: str, clock: Clock, cipher: FieldCipher, *, on_event: OnEvent | None = None
    ) -> None:
        super().__init__(RedisShelf(link, env, clock, cipher), clock, on_event)


@dataclass(frozen=True, slots=True)
class _Reading(Generic[T]):
    """One call of `fetch`."""

    user_id: str
    name: str
    tags: tuple[str, ...]
    adapter: TypeAdapter[T]
    load: Callable[[], Awaitable[T]]
    ttl: timedelta
    stale_if_error: timedelta | None
    kept_for: timedelta

    @property
    def key(self) -> tuple[str, str]:
        """Of the flight that all who ask for it share."""
        return self.user_id, self.name

    def valid(self, entry: Entry) -> bool:
        """Whether the text is still what this program's model reads (H6)."""
        try:
            self.adapter.validate_json(entry.text)
        except ValidationError:
            return False
        return True

    def cached(self, entry: Entry, stale: bool = False) -> Cached[T]:
        return Cached(self.adapter.validate_json(entry.text), entry.as_of, stale)

    def may_be_stale(self, entry: Entry, now: datetime) -> bool:
        oldest = self.stale_if_error
        return oldest is not None and now - entry.as_of <= oldest and not entry.missing and self.valid(entry)

    def may_be_shown(self, entry: Entry, now: datetime) -> bool:
        """To those who read only what is kept. That something was not there may be otherwise by now."""
        return now - entry.as_of < self.kept_for and not entry.missing
