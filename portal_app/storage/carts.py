"""What is chosen, kept on the server: one live cart for each owner and product line, of customers and of visitors.

Prices never stand in a cart. What it holds is sealed, since SIM orders ask for personal data (C1).
"""

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.errors import Conflict
from portal_app.storage.cart_leases import CartLeases
from portal_app.storage.cart_records import (
    DROPPED,
    OPEN,
    PLACED,
    PLACING,
    SUBMITTED,
    TERMINAL,
    UNSURE,
    CartRecord,
    Guest,
    Owner,
    opened,
    sealed,
)
from portal_app.storage.encryption import DecryptionFailed
from portal_app.storage.leases import LeaseLost
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.carts import CartRow

__all__ = [
    "DROPPED",
    "OPEN",
    "PLACED",
    "PLACING",
    "SUBMITTED",
    "UNSURE",
    "CartChanged",
    "CartRecord",
    "Carts",
    "Guest",
    "LeaseLost",
    "Owner",
]

KEEP_GUEST: Final = timedelta(days=30)
KEEP_OPEN: Final = timedelta(days=90)
KEEP_DROPPED: Final = timedelta(days=30)
TRIES: Final = 3
_ROW: Any = CartRow
T = TypeVar("T")


class CartChanged(Conflict):
    """Somebody else saved this cart meanwhile: look at it again."""

    def __init__(self) -> None:
        super().__init__("cart.changed")


class Carts(CartLeases):
    """OPEN -> PLACING -> PLACED, with UNSURE while nobody knows, and OPEN again when surely nothing came of it."""

    async def find(self, owner: Owner, line: ProductLine) -> CartRecord | None:
        """The live cart of that line, for looking at. Raises: DecryptionFailed."""
        async with self._db.read() as session:
            row = await session.scalar(select(CartRow).where(*self._live(owner), _ROW.line == line.value))
        return None if row is None else self._seen(row)

    async def list_open(self, owner: Owner) -> list[CartRecord]:
        """Every live cart, in order of line. Raises: DecryptionFailed."""
        async with self._db.read() as session:
            rows = await session.scalars(select(CartRow).where(*self._live(owner)).order_by(_ROW.line))
            return [self._seen(row) for row in rows]

    async def save(self, owner: Owner, cart: Cart, *, version: int | None) -> CartRecord:
        """Keep the cart in place of the live one of its line. It has a new key when it would make another order.

        `version`: of the record it was made from; None creates one or replaces whatever is there.
        Raises: CartChanged when that version is no longer there, Conflict("cart.placing") unless it is open.
        """
        return await self._repeated(lambda session: self._save(session, owner, cart, version))

    async def drop(self, owner: Owner, line: ProductLine) -> None:
        """Empty the cart; none is fine. Raises: Conflict("cart.placing") unless it is open."""
        async with self._db.write() as session:
            row = await self._locked(session, owner, line)
            if row is not None:
                _refuse_submitted(row)
                self._end(row)

    async def adopt(self, guest: Guest, user_id: str) -> int:
        """What a visitor chose becomes the user's, in place of what the user had open; how many carts.

        A submitted cart stays, and an open one with the same plan too, since its answers are worth more.
        """
        return await self._repeated(lambda session: self._adopt(session, guest, user_id))

    async def prune(self) -> int:
        """Forget carts nobody came back to, in short transactions; how many. Orders' own rows stay, emptied."""
        now, old = self._clock.now(), _ROW.updated_at
        left = _ROW.guest_index.is_not(None)
        gone = 0
        for conditions in (
            (_ROW.state == OPEN, left, old <= now - KEEP_GUEST),
            (_ROW.state == OPEN, ~left, old <= now - KEEP_OPEN),
            (_ROW.state == DROPPED, old <= now - KEEP_DROPPED),
        ):
            gone += await delete_in_batches(self._db, CartRow, _ROW.cart_id, *conditions)
        return gone

    async def _repeated(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Two that create the same line's cart at once: the later one finds it on its next try."""
        for _ in range(TRIES):
            try:
                async with self._db.write() as session:
                    return await work(session)
            except IntegrityError:
                continue
        raise CartChanged

    async def _save(self, session: AsyncSession, owner: Owner, cart: Cart, version: int | None) -> CartRecord:
        row = await self._locked(session, owner, cart.line)
        if row is None:
            if version is not None:
                raise CartChanged
            row = self._new(owner, cart.line)
            session.add(row)
        _refuse_submitted(row)
        if version not in (None, row.version):
            raise CartChanged
        self._fill(row, cart)
        await session.flush()
        return opened(self._cipher, row)

    async def _adopt(self, session: AsyncSession, guest: Guest, user_id: str) -> int:
        left = select(CartRow).where(*self._live(guest)).order_by(_ROW.line).with_for_update()
        adopted = 0
        for row in (await session.scalars(left)).all():
            mine = await self._locked(session, user_id, ProductLine(row.line))
            if mine is not None and (mine.state != OPEN or self._same_plan(mine, row)):
                adopted += mine.state == OPEN
                self._end(row)
                continue
            if mine is not None:
                self._end(mine)
                await session.flush()  # its place must be free before the other one takes it
            row.user_id, row.guest_index, row.updated_at = user_id, None, self._clock.now()
            await session.flush()
            adopted += 1
        return adopted

    def _same_plan(self, one: CartRow, other: CartRow) -> bool:
        try:
            return opened(self._cipher, one).cart.plan == opened(self._cipher, other).cart.plan
        except DecryptionFailed:
            return False

    async def _locked(self, session: AsyncSession, owner: Owner | str, line: ProductLine) -> CartRow | None:
        mine = select(CartRow).where(*self._live(owner), _ROW.line == line.value).with_for_update()
        found: CartRow | None = await session.scalar(mine)
        return found

    def _new(self, owner: Owner, line: ProductLine) -> CartRow:
        now, guest = self._clock.now(), isinstance(owner, Guest)
        return CartRow(
            cart_id=str(uuid.uuid4()),
            user_id=None if guest else self._name(owner),
            guest_index=self._name(owner) if guest else None,
            line=line.value,
            state=OPEN,
            version=0,
            payload_sealed="",
            order_key="",
            cart_hash="",
            created_at=now,
            updated_at=now,
        )

    def _fill(self, row: CartRow, cart: Cart) -> None:
        held = self._index.of(f"cart|{cart.key()}")
        if row.cart_hash != held:
            row.cart_hash, row.order_key = held, str(uuid.uuid4())
        row.payload_sealed = sealed(self._cipher, row.cart_id, cart)
        row.version, row.error_code, row.updated_at = row.version + 1, "", self._clock.now()

    def _end(self, row: CartRow) -> None:
        row.state, row.payload_sealed, row.draft_sealed = DROPPED, "", ""
        row.updated_at = self._clock.now()

    def _live(self, owner: Owner | str) -> tuple[Any, ...]:
        column = _ROW.guest_index if isinstance(owner, Guest) else _ROW.user_id
        return (column == self._name(owner), _ROW.state.not_in(TERMINAL))

    def _name(self, owner: Owner | str) -> str:
        match owner:
            case Guest():
                return self._index.of(f"cart_guest|{owner.guest_id}")
            case str():
                return owner
        return owner.user_id


def _refuse_submitted(row: CartRow) -> None:
    if row.state != OPEN:
        raise Conflict("cart.placing")
