"""One process of the portal in virtual time, which may die at any commit and any call."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.security.limits import Limits
from portal_app.storage.clock import Clock
from portal_app.storage.jobs import ReconcileReports
from portal_app.workflows.account_check import AccountCheck
from tests.fakes.becoming_world import BecomingWorld
from tests.fakes.clock import FakeClock
from tests.fakes.registry import Office, Registry
from tests.fakes.salesforce import HereAndNow
from tests.fakes.troubles import Troubles

BEGINNING: Final = FakeClock().now()


class LoopClock(Clock):
    """The time of the running loop, so that waiting and the clock agree."""

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())


class Outside:
    """What stays when a process dies."""

    def __init__(self, troubles: Troubles, *, lenient: bool) -> None:
        self.troubles, self.clock = troubles, LoopClock()
        self.whmcs = Registry(troubles=troubles, lenient=lenient)
        self.salesforce = Office(troubles=troubles)
        self.mails: list[dict[str, Any]] = []


class Process(BecomingWorld):
    """All objects of the portal over the outside; every write passes by `troubles`."""

    def __init__(self, database: Path, outside: Outside) -> None:
        self._troubles = outside.troubles
        super().__init__(database, outside)  # type: ignore[arg-type]
        reports = ReconcileReports(self.db, self.clock)
        self.check = AccountCheck(
            users=self.users,
            logins=self.logins,
            accounts=self.accounts,
            signups=self.signups,
            outbox=self.outbox,
            db=self.db,
            reports=reports,
            bus=self.bus,
            clock=self.clock,
        )

    def _stores(self) -> None:
        super()._stores()
        write = self.db.write

        @asynccontextmanager
        async def passing() -> AsyncIterator[AsyncSession]:
            await self._troubles.before_write()
            async with write() as session:
                yield session

        self.db.write = passing  # type: ignore[method-assign]

    def _security(self) -> None:
        super()._security()
        self.limits = Limits(None, 1000.0, self.clock)
        self.passwords._pool = HereAndNow()  # type: ignore[assignment]

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        await super()._take(payload, reference)
        self.mails[-1]["reference"] = reference
