"""When an order reached its steps, as far as the portal saw it. Salesforce keeps no such times."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.domain.order_status import STEPS, StepName
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.tables.order_times import OrderTimeRow
from portal_app.storage.upsert import insert_into

_ROW: Any = OrderTimeRow


class OrderTimes:
    """The first time counts: what is seen again later was seen before."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def seen(
        self, customer_user_id: str, salesforce_order_id: str, step: StepName, at: datetime | None = None
    ) -> None:
        """Like `seen_in`, as a transaction of its own."""
        async with self._db.write() as session:
            await self.seen_in(session, customer_user_id, salesforce_order_id, step, at)

    async def seen_in(
        self,
        session: AsyncSession,
        customer_user_id: str,
        salesforce_order_id: str,
        step: StepName,
        at: datetime | None = None,
    ) -> None:
        """Note in the caller's transaction that the order was at that step; `at` is now unless said."""
        if step not in STEPS:
            raise ValueError("no step of an order")
        values = {"user_id": customer_user_id, "salesforce_order_id": salesforce_order_id, "step": step}
        insert = insert_into(OrderTimeRow, self._db.dialect).values(**values, at=at or self._clock.now())
        await session.execute(insert.on_conflict_do_nothing())

    async def of(self, customer: Customer, salesforce_order_id: str) -> dict[StepName, datetime]:
        """Step -> when (UTC), in the order of the steps; only those seen, and only for the customer's own order."""
        mine = (_ROW.user_id == customer.user_id, _ROW.salesforce_order_id == salesforce_order_id)
        async with self._db.read() as session:
            found = {row[0]: row[1] for row in await session.execute(select(_ROW.step, _ROW.at).where(*mine))}
        return {step: cast(datetime, found[step]) for step in STEPS if step in found}
