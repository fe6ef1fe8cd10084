"""The one source of time. Everything that needs it takes a Clock, so that tests can move it."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Protocol

JAPAN: Final = timezone(timedelta(hours=9), "JST")  # no daylight saving, so no time zone data is needed

# Counts through a suspended machine where the system offers it; never jumps when the wall clock is set.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class HasTime(Protocol):
    """What can tell the time of the database."""

    async def now(self) -> datetime:
        """UTC."""


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)

    def today_in_japan(self) -> date:
        """The Japanese calendar day, which decides whether an invoice is overdue."""
        return self.now().astimezone(JAPAN).date()


class DatabaseClock(Clock):
    """Database time: all processes agree on leases and expiry, and none jumps when a machine's clock is set (G5).

    Reads like the machine's clock until the first `follow`.
    """

    def __init__(self) -> None:
        self._follow(datetime.now(UTC))

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.clock_gettime(_STEADY) - self._steady)

    async def follow(self, database: HasTime) -> None:
        """Set it by the database. Call when starting and every minute; when that fails the old reckoning goes on."""
        before = time.clock_gettime(_STEADY)
        told = await database.now()
        half_way = (time.clock_gettime(_STEADY) - before) / 2
        self._follow(told + timedelta(seconds=half_way))

    def _follow(self, at: datetime) -> None:
        self._at, self._steady = at, time.clock_gettime(_STEADY)
