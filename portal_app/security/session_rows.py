"""The rows sessions are kept in: which of them live, and how they are ended."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.security.session import Session
from portal_app.storage.tables.second_factors import TotpRow
from portal_app.storage.tables.sessions import SessionRow

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
REPLACED: Final = timedelta(seconds=30)
"""How long a session lives on whose successor is on its way to the browser."""
_ROW: Any = SessionRow


def new_row(user_id: str, device_label: str, amr: tuple[str, ...], now: datetime) -> SessionRow:
    """A row with an id of its own."""
    session_id = str(uuid.uuid4())
    return SessionRow(
        session_id=session_id,
        user_id=user_id,
        family=session_id,
        nonce=secrets.token_hex(16),
        rotated_at=now,
        device_label=device_label[:100],
        created_at=now,
        last_seen_at=now,
        idle_until=now + IDLE,
        absolute_until=now + ABSOLUTE,
        auth_time=now,
        amr=" ".join(amr),
    )


def live(now: datetime) -> tuple[Any, ...]:
    """What is true of the rows of live sessions."""
    return (_ROW.revoked_at.is_(None), _ROW.idle_until > now, _ROW.absolute_until > now)


def row_alive(row: SessionRow, now: datetime) -> bool:
    """The same, of a row that was read."""
    return row.revoked_at is None and now < row.idle_until and now < row.absolute_until


def alive(session: Session, now: datetime) -> bool:
    """Whether its time has not come."""
    return now < session.idle_until and now < session.absolute_until


async def live_rows(db: AsyncSession, user_id: str, now: datetime) -> list[SessionRow]:
    """A user's live sessions, oldest first."""
    mine = select(SessionRow).where(*live(now), _ROW.user_id == user_id)
    return list(await db.scalars(mine.order_by(_ROW.created_at, _ROW.session_id)))


async def live_ids(db: AsyncSession, user_id: str, now: datetime) -> list[str]:
    """Their ids, oldest first."""
    return [row.session_id for row in await live_rows(db, user_id, now)]


async def family_ids(db: AsyncSession, family: str) -> list[str]:
    """Every session of that family, over or not."""
    return list(await db.scalars(select(_ROW.session_id).where(_ROW.family == family)))


async def revoke(tx: AsyncSession, session_ids: list[str], reason: str, now: datetime) -> None:
    """End them; those that are over stay as they are."""
    if session_ids:
        which = (_ROW.session_id.in_(session_ids), _ROW.revoked_at.is_(None))
        await tx.execute(update(SessionRow).where(*which).values(revoked_at=now, revoked_reason=reason))


async def advance(tx: AsyncSession, row: SessionRow, now: datetime) -> bool:
    """Take the row from this generation to the next; False when it is there already."""
    which = (*live(now), _ROW.session_id == row.session_id, _ROW.generation == row.generation)
    values = {"generation": row.generation + 1, "rotated_at": now, "last_seen_at": now, "idle_until": now + IDLE}
    done = await tx.execute(update(SessionRow).where(*which).values(**values))
    return done.rowcount == 1  # type: ignore[attr-defined]


async def touch(tx: AsyncSession, session_id: str, now: datetime) -> None:
    """Push the idle end back, unless it has come."""
    which = (*live(now), _ROW.session_id == session_id)
    await tx.execute(update(SessionRow).where(*which).values(last_seen_at=now, idle_until=now + IDLE))


async def replace(tx: AsyncSession, session_id: str, now: datetime) -> None:
    """It ends soon, whatever becomes of who was to end it."""
    soon = now + REPLACED
    which = (*live(now), _ROW.session_id == session_id, _ROW.absolute_until > soon)
    await tx.execute(update(SessionRow).where(*which).values(absolute_until=soon))


async def add_amr(tx: AsyncSession, session_id: str, amr: str) -> None:
    """The session was proven by that, too."""
    row = await tx.get(SessionRow, session_id)
    if row is not None and amr not in row.amr.split():
        row.amr = f"{row.amr} {amr}"


async def wants_second_factor(tx: AsyncSession, user_id: str) -> bool:
    """Whether the user has an authenticator that counts."""
    row: Any = TotpRow
    mine = select(row.user_id).where(row.user_id == user_id, row.confirmed_at.is_not(None))
    return await tx.scalar(mine) is not None
