"""One worker process in virtual time: it may die at any named point, and may stand still for longer than its lease."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.upstream import UpstreamPolicy
from portal_app.storage.engine import Database
from portal_app.worker.outbox import OutboxSender
from tests.fakes.troubles import Crash
from tests.properties.fulfilment.outside import FREEBIT_ROOT, SITE, WHMCS_ROOT, Outside
from tests.properties.fulfilment.parts import Parts, Patience, Way
from tests.properties.fulfilment.seed import CUSTOMERS
from tests.properties.fulfilment.wires import Corridor, Wires
from tests.properties.ordering.seed import private_key
from tests.properties.process import LoopClock

OF_ACCOUNT = {one.salesforce_account_id: one for one in CUSTOMERS}


def quick(policy: UpstreamPolicy) -> UpstreamPolicy:
    """As in production, but as fast as the other side can."""
    return replace(policy, per_second=100_000, per_minute=None)


def unbroken(policy: UpstreamPolicy) -> UpstreamPolicy:
    """Without a breaker each fault meets the call it is for."""
    return replace(quick(policy), breaker_failures=10_000, breaker_calls=10_000, retry_share=1.0)


class _Untouched:
    """In place of the copies of services and invoices."""

    async def refresh(self, customer: Customer) -> None:
        pass


class Worker(Parts):
    """All objects fulfilment needs, over the outside. `at_point` is told of every named point it passes."""

    def __init__(
        self,
        database: Path,
        outside: Outside,
        *,
        at_point: Callable[["Worker", str], None] = lambda worker, name: None,
        breaker: bool = False,
        patience: Patience = Patience(),
    ) -> None:
        self.outside, self._at_point = outside, at_point
        self.dead, self.points, self._frozen_until = False, 0, 0.0
        wires = Wires(outside, self)
        way = Way(
            SITE,
            WHMCS_ROOT,
            FREEBIT_ROOT,
            private_key(),
            lambda usage: Threads(14, lambda: SfSession(usage.note, wires), Corridor(wires, self)),
            wires.whmcs(),
            wires.freebit(),
            quick if breaker else unbroken,
            LoopClock(),
        )
        db = Database(f"sqlite:///{database}")
        for name in ("read", "write"):
            setattr(db, name, self._while_awake(getattr(db, name)))
        super().__init__(db, LoopClock(), way, patience=patience, checkpoint=self._checkpoint)
        self.sender = OutboxSender(self.outbox, {"mail": self._take})
        self.users.find_customer_of_account = self._customer_of  # type: ignore[method-assign]

    async def _customer_of(self, account_id: str) -> Customer | None:
        """Known since before the first order, and asked at every step."""
        await self.awake()
        return OF_ACCOUNT.get(account_id)

    def _whmcs(self, way: Way) -> None:
        super()._whmcs(way)
        # Which copies are cleared says nothing about orders, and takes as long as the orders themselves.
        self.services = self.billing = _Untouched()  # type: ignore[assignment]

    def alive(self) -> None:
        """Raises: Crash when it is dead."""
        if self.dead:
            raise Crash

    def frozen_for(self) -> float:
        """Seconds."""
        return max(0.0, self._frozen_until - asyncio.get_running_loop().time())

    async def awake(self) -> None:
        """Waits while it is frozen. Raises: Crash when it is dead."""
        self.alive()
        while pause := self.frozen_for():
            await asyncio.sleep(pause)
        self.alive()

    def die(self) -> None:
        """Raises: Crash, from now on at everything it does."""
        self.dead = True
        raise Crash

    def freeze(self, seconds: float) -> None:
        """Nothing of it moves for so long."""
        self._frozen_until = asyncio.get_running_loop().time() + seconds

    def _checkpoint(self, name: str) -> None:
        self.alive()
        self.points += 1
        self._at_point(self, name)

    def _while_awake(self, opened: Callable[[], Any]) -> Callable[[], Any]:
        @asynccontextmanager
        async def passing() -> AsyncIterator[AsyncSession]:
            await self.awake()
            async with opened() as session:
                yield session

        return passing

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        await self.awake()
        self.outside.mails.append({**payload, "reference": reference})
