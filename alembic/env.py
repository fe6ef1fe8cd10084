"""Runs the migrations over the portal's own asyncio engine, so that no second driver is needed."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import Connection, text

from alembic import context
from portal_app.storage.engine import driver_url, make_engine
from portal_app.storage.tables import metadata

MIGRATION_LOCK = 7_236_101
STATEMENT_TIMEOUT_S = 300


def run(connection: Connection) -> None:
    """Everything in one transaction: a migration is applied whole or not at all."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            _take_turns(connection)
        context.run_migrations()


def _take_turns(connection: Connection) -> None:
    # Several processes may start at once; the others find the work done.
    connection.execute(text("SET LOCAL lock_timeout = '120s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))


async def main() -> None:
    """Connect, migrate, commit."""
    url = driver_url(
        context.config.attributes.get("url") or os.environ.get("DATABASE_URL") or "sqlite:///.data/portal.db"
    )
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url, statement_timeout_s=STATEMENT_TIMEOUT_S, pool_size=0)
    engine = engine.execution_options(portal_begin="IMMEDIATE")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Offline mode is not supported: migrations look at the database they change.")
asyncio.run(main())
