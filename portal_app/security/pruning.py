"""Deleting old rows without holding the database for long."""

from typing import Any

from sqlalchemy import delete, select

from portal_app.storage.engine import MOST_ROWS, Database


async def delete_in_batches(db: Database, table: Any, key: Any, condition: Any) -> int:
    """Delete the rows that meet the condition, at most 200 in one transaction; how many went."""
    gone = 0
    while True:
        async with db.write() as tx:
            done = await tx.execute(delete(table).where(key.in_(select(key).where(condition).limit(MOST_ROWS))))
        gone += done.rowcount  # type: ignore[attr-defined]
        if done.rowcount < MOST_ROWS:  # type: ignore[attr-defined]
            return gone
