"""One at a time, across processes: what must be looked up and then created, for one account."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete

from portal_app.errors import Conflict
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.account_locks import AccountLockRow
from portal_app.storage.upsert import insert_into

LEASE: Final = timedelta(seconds=60)
LONGEST_HOLD_S: Final = 55
"""The work ends before its lease does, or two would be at it."""
PATIENCE_S: Final = 10.0
FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 0.5
_ROW: Any = AccountLockRow


class AccountLocks:
    """A lock is a row with a lease, so that a process that died holds nobody up for more than a minute."""

    def __init__(self, db: Database, clock: Clock, *, patience_s: float = PATIENCE_S) -> None:
        self._db, self._clock, self._patience_s = db, clock, patience_s

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Be the only one under that name, for at most 55 s. No transaction stays open meanwhile. Not to be nested.

        Raises: Conflict("account.busy") when others held it for 10 s. TimeoutError when the work took too long.
        """
        owner = str(uuid.uuid4())
        try:
            await self._wait(name, owner)
            async with asyncio.timeout(LONGEST_HOLD_S):
                yield
        finally:
            # Also while being cancelled: nobody should have to wait for the lease.
            await asyncio.shield(self._release(name, owner))

    async def _wait(self, name: str, owner: str) -> None:
        now = asyncio.get_running_loop().time
        pause, until = FIRST_PAUSE_S, now() + self._patience_s
        while not await self._take(name, owner):
            if now() >= until:
                raise Conflict("account.busy")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)

    async def _take(self, name: str, owner: str) -> bool:
        now = self._clock.now()
        mine = {"lease_owner": owner, "lease_until": now + LEASE}
        insert = insert_into(AccountLockRow, self._db.dialect).values(name=name, **mine)
        over = insert.on_conflict_do_update(index_elements=["name"], set_=mine, where=_ROW.lease_until <= now)
        async with self._db.write() as session:
            return (await session.execute(over.returning(_ROW.name))).one_or_none() is not None

    async def _release(self, name: str, owner: str) -> None:
        async with self._db.write() as session:
            await session.execute(delete(AccountLockRow).where(_ROW.name == name, _ROW.lease_owner == owner))
