"""What payment gateways are called. Everybody's the same, rarely changed, never worth failing for."""

from datetime import datetime, timedelta

from portal_app.errors import Busy, UpstreamError
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.storage.clock import Clock

_KEPT = timedelta(hours=1)
_AFTER_FAILURE = timedelta(minutes=1)


class Gateways:
    """Module name -> display name, kept for an hour in this process."""

    def __init__(self, client: WhmcsClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._names: dict[str, str] = {}
        self._fresh_until: datetime | None = None

    async def names(self, caller: Caller) -> dict[str, str]:
        """The last names known, by lower-case module. Without an answer from WHMCS modules keep their own names."""
        now = self._clock.now()
        if self._fresh_until is None or now >= self._fresh_until:
            self._fresh_until = now + _AFTER_FAILURE
            try:
                rows = await self._client.get_payment_methods(caller=caller)
            except (UpstreamError, Busy):
                return self._names
            self._names = {row.module.lower(): row.displayname or row.module for row in rows.items}
            self._fresh_until = now + _KEPT
        return self._names
