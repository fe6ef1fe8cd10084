"""What payment gateways are called. Everybody's the same, rarely changed, never worth failing for."""

from contextlib import suppress
from datetime import datetime, timedelta

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamError
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.storage.clock import Clock
from portal_app.storage.kept import NotKept, only_kept

_KEPT = timedelta(hours=1)
_AFTER_FAILURE = timedelta(minutes=1)


class Gateways:
    """Module name -> display name, kept for an hour in this process."""

    def __init__(self, client: WhmcsClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._modules: tuple[str, ...] = ()
        self._names: dict[str, str] = {}
        self._fresh_until: datetime | None = None

    async def names(self, caller: Caller) -> dict[str, str]:
        """The last names known, by lower-case module. Without an answer from WHMCS modules keep their own names.

        Raises: NotKept where they were never read and only what is kept is asked for.
        """
        if self._due() and not (only_kept() and self._names):
            if only_kept():
                raise NotKept("gateways")  # before it could count as a try that failed
            self._fresh_until = self._clock.now() + _AFTER_FAILURE
            with suppress(UpstreamError, Busy):
                await self._read(caller)
        return self._names

    async def shown_to(self, customer: Customer) -> dict[str, str]:
        """The same, asked for by whoever looks at a page."""
        return await self.names(Caller(customer.user_id))

    async def modules(self, caller: Caller) -> tuple[str, ...]:
        """The modules customers may pay by, in WHMCS's order. Raises: UpstreamError, Busy when none was ever read."""
        if not self._modules:
            await self._read(caller)
        else:
            await self.names(caller)
        return self._modules

    def _due(self) -> bool:
        return self._fresh_until is None or self._clock.now() >= self._fresh_until

    async def _read(self, caller: Caller) -> None:
        rows = (await self._client.get_payment_methods(caller=caller)).items
        self._modules = tuple(row.module for row in rows)
        self._names = {row.module.lower(): row.displayname or row.module for row in rows}
        self._fresh_until = self._clock.now() + _KEPT
