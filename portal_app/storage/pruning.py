"""Changing many rows in short transactions: SQLite has one writer at a time."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select

from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.tables import Table


async def in_batches(db: Database, key: Any, conditions: tuple[Any, ...], act: Callable[[Any], Any]) -> int:
    """Apply `act`, given which rows, to all that meet the conditions; how many. It must make them meet them no more."""
    total = 0
    while True:
        some = select(key).where(*conditions).limit(MOST_ROWS)
        async with db.write() as session:
            done = await session.execute(act(key.in_(some)))
        total += done.rowcount  # type: ignore[attr-defined]
        if done.rowcount < MOST_ROWS:  # type: ignore[attr-defined]
            return total


async def delete_in_batches(db: Database, table: type[Table], key: Any, *conditions: Any) -> int:
    """Delete what meets the conditions; how many rows went."""
    return await in_batches(db, key, conditions, lambda which: delete(table).where(which))
