"""Carts on their way to an order: whoever holds one may move it, and nobody else (F1, K9)."""

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.storage.cart_records import (
    OPEN,
    PLACING,
    TERMINAL,
    UNSURE,
    CartRecord,
    opened,
    sealed_draft,
    without_payload,
)
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher, KeyedIndex
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.leases import FREED, LEASE, Lease, LeaseLost, held_by, is_free, once
from portal_app.storage.tables.carts import CartRow

LONGEST_CODE: Final = 60
UNREADABLE: Final = "unreadable"
_ROW: Any = CartRow
_COLUMNS: Any = CartRow.__table__.c  # type: ignore[attr-defined]
_MAY_CHANGE: Final = frozenset(
    {
        "draft_json",
        "salesforce_order_id",
        "order_number",
        "attempts",
        "error_code",
        "submitted_at",
        "next_attempt_at",
    }
)
log = logging.getLogger(__name__)


class CartLeases:
    """The part of `Carts` that checkout and its completer move."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._cipher, self._index, self._clock = db, cipher, index, clock

    async def take(self, customer: Customer, line: ProductLine, *, version: int, order_key: str) -> CartRecord | None:
        """Hold the customer's open cart for 90 s, as PLACING.

        None when there is none, it is another version or has another key by now, or it was taken already.
        Raises: DecryptionFailed, and then holds nothing.
        """
        mine = (_ROW.user_id == customer.user_id, _ROW.line == line.value, _ROW.state == OPEN)
        same = (_ROW.version == version, _ROW.order_key == order_key)
        values = {"state": PLACING, "error_code": "", "updated_at": self._clock.now()}
        async with self._db.write() as session:
            row = (await session.execute(self._taking(*mine, *same, **values))).one_or_none()
            return None if row is None else opened(self._cipher, row)

    async def claim_due(self, limit: int) -> list[CartRecord]:
        """Up to `limit` carts to go on with now, longest untouched first, each held for 90 s in the state it is in.

        PLACING ones whose holder is gone, and UNSURE ones whose time has come. One that does not open is left to a
        person, so it blocks nobody.
        """
        now = self._clock.now()
        waiting = or_(_ROW.state == PLACING, and_(_ROW.state == UNSURE, _ROW.next_attempt_at <= now))
        due = (
            select(_ROW.cart_id)
            .where(waiting, is_free(CartRow, now))
            .order_by(_ROW.updated_at, _ROW.cart_id)
            .limit(min(limit, MOST_ROWS))
            .with_for_update(skip_locked=True)  # says nothing on SQLite, where the writer is alone anyway
        )
        async with self._db.write() as session:
            rows = (await session.execute(self._taking(_ROW.cart_id.in_(once(due))))).all()
        claimed = []
        for row in sorted(rows, key=lambda row: (row.updated_at, row.cart_id)):
            try:
                claimed.append(opened(self._cipher, row))
            except DecryptionFailed:
                await self._leave_to_a_person(without_payload(row))
        return claimed

    async def of_order_key(self, customer: Customer, order_key: str) -> CartRecord | None:
        """This customer's cart with that key, in whatever state it is; for looking at. Raises: DecryptionFailed."""
        mine = (_ROW.user_id == customer.user_id, _ROW.order_key == order_key)
        async with self._db.read() as session:
            row = await session.scalar(select(CartRow).where(*mine))
        return None if row is None else self._seen(row)

    async def submitted(self) -> list[CartRecord]:
        """For operators: carts on their way to an order, longest untouched first, without what was chosen."""
        on_their_way = select(CartRow).where(_ROW.state.in_((PLACING, UNSURE)))
        async with self._db.read() as session:
            rows = await session.scalars(on_their_way.order_by(_ROW.updated_at, _ROW.cart_id).limit(MOST_ROWS))
            return [without_payload(row) for row in rows]

    async def step(self, record: CartRecord, to_state: str, **changes: Any) -> CartRecord:
        """Like `step_in`, as a transaction of its own."""
        async with self._db.write() as session:
            return await self.step_in(session, record, to_state, **changes)

    async def step_in(self, session: AsyncSession, record: CartRecord, to_state: str, **changes: Any) -> CartRecord:
        """Move a held cart within the caller's transaction; the record as it is then.

        Only as PLACING it stays held, for 90 s from now. UNSURE without a time is due at once; with `next_attempt_at`
        None it waits for a person. Open again it has the same key and no draft; at the end the cart goes too.
        Raises: LeaseLost when somebody else took the row meanwhile or ended it, so that the transaction is undone.
        """
        if record.state in TERMINAL:
            raise LeaseLost(f"cart {record.cart_id} ended")
        changes, now = self._allowed(record, to_state, changes), self._clock.now()
        values: dict[str, Any] = {**changes, "state": to_state, "updated_at": now}
        if "draft_json" in changes:
            values["draft_sealed"] = sealed_draft(self._cipher, record.cart_id, values.pop("draft_json"))
        values |= {"lease_until": now + LEASE} if to_state == PLACING else FREED
        values |= {"payload_sealed": ""} if to_state in TERMINAL else {}
        await self._write_held(session, record, values)
        cart = Cart(record.line) if to_state in TERMINAL else record.cart
        owner = record.lease_owner if to_state == PLACING else ""
        return replace(record, state=to_state, cart=cart, lease_owner=owner, updated_at=now, **changes)

    async def release(self, record: CartRecord) -> None:
        """Let go of a cart in the state it is in; nothing happens when it is no longer ours."""
        async with self._db.write() as session:
            await session.execute(update(CartRow).where(*_held(record)).values(**FREED))

    def _seen(self, row: Any) -> CartRecord:
        """A record that proves no hold."""
        return replace(opened(self._cipher, row), lease_owner="")

    def _taking(self, *which: Any, **values: Any) -> Any:
        now = self._clock.now()
        values |= Lease.from_now(now).taken_on(CartRow)
        return update(CartRow).where(*which, is_free(CartRow, now)).values(**values).returning(*_COLUMNS)

    def _allowed(self, record: CartRecord, to_state: str, changes: dict[str, Any]) -> dict[str, Any]:
        if unknown := changes.keys() - _MAY_CHANGE:
            raise TypeError(f"a step does not change {sorted(unknown)}")
        if "error_code" in changes:
            changes["error_code"] = changes["error_code"][:LONGEST_CODE]
        if to_state == UNSURE:
            return {"next_attempt_at": self._clock.now(), **changes}
        changes = {**changes, "next_attempt_at": None}
        return changes if to_state == PLACING else {**changes, "draft_json": ""}

    async def _leave_to_a_person(self, record: CartRecord) -> None:
        log.error("a cart does not open", extra={"code": UNREADABLE})
        with suppress(LeaseLost):
            await self.step(record, UNSURE, error_code=UNREADABLE, next_attempt_at=None)

    async def _write_held(self, session: AsyncSession, record: CartRecord, values: dict[str, Any]) -> None:
        done = await session.execute(update(CartRow).where(*_held(record)).values(**values))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(f"cart {record.cart_id}")


def _held(record: CartRecord) -> tuple[Any, ...]:
    return (_ROW.cart_id == record.cart_id, *held_by(CartRow, record.lease_owner, record.fence))
