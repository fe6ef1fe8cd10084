"""The sandbox's idea of now. Tests move it; nobody sleeps."""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime, timedelta, timezone

JAPAN = timezone(timedelta(hours=9), "JST")


class Clock:
    """Real time plus an offset. With `today` pinned, calendar days stand still while seconds go on."""

    def __init__(self, today: date | None = None) -> None:
        self._pinned = today
        self._offset = 0.0

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    async def pause(self, seconds: float) -> None:
        """Let real time pass: latency, and faults that are late."""
        await asyncio.sleep(seconds)

    def unix(self) -> float:
        """Seconds since the epoch: token lifetimes and webhook timestamps."""
        return time.time() + self._offset

    def local(self) -> datetime:
        """Server-local time in Japan, without zone, as WHMCS stores it."""
        now = datetime.fromtimestamp(self.unix(), JAPAN).replace(tzinfo=None, microsecond=0)
        if self._pinned is None:
            return now
        return datetime.combine(self._pinned, now.time())

    def today(self) -> date:
        return self.local().date()

    def instant(self) -> str:
        """For logs: Japan time with milliseconds and offset."""
        return datetime.fromtimestamp(self.unix(), JAPAN).isoformat(timespec="milliseconds")

    def stamp(self) -> str:
        return self.local().strftime("%Y-%m-%d %H:%M:%S")
