"""Rows of `id_mappings`: made with their guards, read as customers."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.errors import Conflict
from portal_app.storage.tables.id_mappings import IdMapping
from portal_app.storage.upsert import upsert

_ROW: Any = IdMapping


async def set_mapping(session: AsyncSession, dialect: str, values: dict[str, Any]) -> None:
    """Insert or replace the mapping of a user, within the caller's transaction, which stays usable after a refusal.

    Raises: Conflict("users.client_taken" | "users.account_taken") when a record is another user's.
    """
    try:
        async with session.begin_nested():
            await session.execute(upsert(IdMapping, dialect, [values], ["user_id"]))
    except IntegrityError:
        # Which guard refused is named differently by each database.
        others = select(_ROW.user_id).where(
            _ROW.whmcs_client_id == values["whmcs_client_id"], _ROW.user_id != values["user_id"]
        )
        taken = "users.account_taken" if await session.scalar(others) is None else "users.client_taken"
        raise Conflict(taken) from None


async def customers(
    session: AsyncSession, *conditions: Any, by: Any = _ROW.whmcs_client_id, limit: int | None = None
) -> list[Customer]:
    """Linked customers, by client id unless told otherwise."""
    chosen = select(_ROW).where(*conditions).order_by(by).limit(limit)
    return [Customer(row.user_id, row.whmcs_client_id, row.sf_account_id) for row in await session.scalars(chosen)]
