"""SQLAlchemy compiles a statement once for all databases of a run, and not again for each test's own.

It keeps what it compiled by dialect object; two of one kind that serve one schema are alike.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from portal_app.storage import engine

_compiled: dict[Any, Any] = {}
_make_engine = engine.make_engine


def share_compiled_statements() -> None:
    """From now on, in this process."""
    for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[assignment,method-assign]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment,method-assign]
    engine.make_engine = _sharing


def _sharing(*args: Any, **options: Any) -> AsyncEngine:
    return _make_engine(*args, **options).execution_options(compiled_cache=_compiled)
