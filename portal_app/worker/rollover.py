"""When a new day begins in Japan, unpaid invoices become overdue without anything changing in WHMCS."""

import asyncio
from datetime import timedelta
from typing import Final

from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.users import Users
from portal_app.worker.sync import INVOICES

LONGEST_SESSION: Final = timedelta(hours=12)
AT_ONCE: Final = 50
BETWEEN_S: Final = 0.25


class Rollover:
    """Lets open pages read again; the day itself is taken into account by every read."""

    def __init__(self, users: Users, bus: Bus, clock: Clock, *, between_s: float = BETWEEN_S) -> None:
        self._users, self._bus, self._clock, self._between_s = users, bus, clock, between_s

    async def announce(self) -> str:
        """Tell the pages of everybody who may have one open, some at a time so that they do not all read at once."""
        customers = await self._users.customers_seen_since(self._clock.now() - LONGEST_SESSION)
        for number, customer in enumerate(customers, 1):
            await self._bus.publish(f"customer:{customer.user_id}:{INVOICES}")
            if number % AT_ONCE == 0:
                await asyncio.sleep(self._between_s)
        return f"{len(customers)} customers"
