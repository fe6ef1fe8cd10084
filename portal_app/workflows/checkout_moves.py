"""How a submitted cart moves: each move is one transaction with the mail, the time and the audit row it causes."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.domain.orders import PlacedOrder
from portal_app.integrations.salesforce.orders import Orders
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.carts import OPEN, PLACED, UNSURE, CartRecord, Carts
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.work_queue import pause
from portal_app.workflows.checkout_offer import NOT_PLACED

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 28
"""5 s, 15 s, 1, 5, 15 min, then hourly make a day (F12). Then a person must look."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""How often a cart that is left to a person is compared with what that person did in Salesforce."""
GAVE_UP: Final = "gave_up"
LONGEST_NUMBER: Final = 30


class CheckoutMoves:
    """Every move raises LeaseLost when somebody else took the cart over; the old holder then writes nothing (K9)."""

    def __init__(
        self,
        *,
        carts: Carts,
        orders: Orders,
        order_times: OrderTimes,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
        settle: timedelta,
    ) -> None:
        self._carts, self._orders, self._order_times = carts, orders, order_times
        self._outbox, self._db, self._bus, self._audit = outbox, db, bus, audit
        self._clock, self._settle = clock, settle

    async def placed(self, customer: Customer, record: CartRecord, placed: PlacedOrder) -> CartRecord:
        """The end: the cart is an order, and the customer gets a mail about it, once."""
        order_id, number = placed.salesforce_order_id, placed.number[:LONGEST_NUMBER]
        values = {"number": number, "line": record.line.value, "order_id": order_id}
        mail = {"template": "order_placed", "user_id": record.user_id, "values": values}
        async with self._db.write() as tx:
            await self._outbox.add(tx, "mail", f"order:{order_id}:placed", mail)
            await self._audit.record(
                "order.placed",
                user_id=record.user_id,
                outcome="ok",
                detail={"cart": record.cart_id, "line": record.line.value, "order": order_id},
                session=tx,
            )
            await self._order_times.seen_in(tx, record.user_id, order_id, "placed")
            done = await self._carts.step_in(
                tx, record, PLACED, salesforce_order_id=order_id, order_number=number, error_code=""
            )
        log.info("order placed", extra={"kind": record.line.value, "user_id": record.user_id})
        await self._told(customer)
        return done

    async def unsure(self, record: CartRecord, code: str) -> CartRecord:
        """An answer was lost: look again when Salesforce must have finished with it."""
        log.warning("order unsure", extra={"code": code, "user_id": record.user_id})
        at = self._clock.now() + self._settle
        return await self._stays(record, attempts=record.attempts, error_code=code, next_attempt_at=at)

    async def failed(self, record: CartRecord, code: str, *, lost: bool = False) -> CartRecord:
        """Stay, and try again after a growing pause; after a day of that a person must look.

        `lost`: an answer was lost once more, so not before Salesforce must have finished.
        """
        attempts = record.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            return await self.left_to_a_person(record, GAVE_UP)
        log.warning("order step failed", extra={"state": record.state, "reason": code, "attempts": attempts})
        now = self._clock.now()
        at = max(now + pause(record.attempts), now + self._settle if lost else now)
        return await self._stays(record, attempts=attempts, error_code=code, next_attempt_at=at)

    async def wait(self, record: CartRecord, until: datetime) -> CartRecord:
        """Stay, and look again then; nothing went wrong."""
        return await self._stays(record, attempts=record.attempts, error_code=record.error_code, next_attempt_at=until)

    async def left_to_a_person(self, record: CartRecord, code: str) -> CartRecord:
        """Nothing is sent any more. What staff put right in Salesforce is found within the hour."""
        at = self._clock.now() + LOOK_AGAIN
        if record.error_code == code:
            return await self._carts.step(record, UNSURE, error_code=code, next_attempt_at=at)
        log.error("order needs review", extra={"reason": code, "user_id": record.user_id})
        async with self._db.write() as tx:
            await self._audited(tx, "order.needs_review", record, code)
            held = await self._carts.step_in(tx, record, UNSURE, error_code=code, next_attempt_at=at)
        await self._bus.publish(f"customer:{record.user_id}:cart")
        return held

    async def reopened(self, record: CartRecord, code: str = "", *, why: str = "", mail: bool = False) -> CartRecord:
        """Surely no order came of it: the cart may be changed or submitted again, with the same key.

        `code`: what its page says about that. `mail`: the customer was told before to wait, so a mail calls them back.
        """
        values = {"line": record.line.value}
        call = {"template": "checkout_not_placed", "user_id": record.user_id, "values": values}
        async with self._db.write() as tx:
            if mail:
                await self._outbox.add(tx, "mail", f"cart:{record.cart_id}:{record.fence}:not_placed", call)
            if code:
                await self._audited(tx, "order.not_placed", record, why or code)
            opened = await self._carts.step_in(tx, record, OPEN, error_code=code, attempts=0)
        await self._bus.publish(f"customer:{record.user_id}:cart")
        if mail:
            await self._bus.publish("work:outbox")
        return opened

    async def called_back(self, record: CartRecord, why: str) -> CartRecord:
        """Open again after the customer was told to wait."""
        return await self.reopened(record, NOT_PLACED, why=why, mail=True)

    async def _stays(self, record: CartRecord, **changes: Any) -> CartRecord:
        held = await self._carts.step(record, UNSURE, **changes)
        await self._bus.publish(f"customer:{record.user_id}:cart")
        return held

    async def _audited(self, tx: AsyncSession, event: str, record: CartRecord, code: str) -> None:
        detail = {"cart": record.cart_id, "line": record.line.value}
        await self._audit.record(event, user_id=record.user_id, outcome=code, detail=detail, session=tx)

    async def _told(self, customer: Customer) -> None:
        """Pages look again. It is all in the database: what fails here is only seen later."""
        try:
            await self._orders.clear(customer)
        except Exception:
            log.exception("orders copy not cleared", extra={"user_id": customer.user_id})
        for topic in (f"customer:{customer.user_id}:orders", f"customer:{customer.user_id}:cart", "work:outbox"):
            await self._bus.publish(topic)
