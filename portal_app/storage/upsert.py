"""INSERT ... ON CONFLICT, spelled alike for both databases."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from portal_app.storage.tables import Table

T = TypeVar("T")


def insert_into(table: type[Table], dialect: str) -> Any:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)


def upsert(table: type[Table], dialect: str, rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> Any:
    """Insert the rows; where `keys` meet an existing one, everything else takes the new value."""
    statement = insert_into(table, dialect).values(list(rows))
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
