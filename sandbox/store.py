"""The sandbox's memory: one SQLite file (WAL), so that a restart finds everything again."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]
SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
SCHEMA_VERSION = 1


class Store:
    """Synchronous and single-threaded on purpose: between two awaits a handler is alone with the data."""

    def __init__(self, folder: Path | None) -> None:
        if folder is None:
            target = ":memory:"
        else:
            folder.mkdir(parents=True, exist_ok=True)
            target = str(folder / f"sandbox-v{SCHEMA_VERSION}.sqlite3")
        self._db = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        self._transaction = ""

    def close(self) -> None:
        self._db.close()

    @property
    def transaction_key(self) -> str:
        """The same for everything within one transaction."""
        return self._transaction if self._db.in_transaction else str(uuid.uuid4())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nested use joins the outer transaction."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._transaction = str(uuid.uuid4())
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def rows(self, sql: str, *args: Any) -> list[Row]:
        return [dict(row) for row in self._db.execute(sql, args)]

    def row(self, sql: str, *args: Any) -> Row | None:
        found = self._db.execute(sql, args).fetchone()
        return None if found is None else dict(found)

    def value(self, sql: str, *args: Any) -> Any:
        found = self._db.execute(sql, args).fetchone()
        return None if found is None else found[0]

    def execute(self, sql: str, *args: Any) -> int:
        """How many rows were touched."""
        return self._db.execute(sql, args).rowcount

    def get(self, table: str, row_id: int) -> Row | None:
        return self.row(f"SELECT * FROM {table} WHERE id = ?", row_id)

    def insert(self, table: str, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))
        return int(cursor.lastrowid or 0)

    def insert_many(self, table: str, rows: Iterable[Row]) -> None:
        """All rows must have the same columns."""
        rows = list(rows)
        if rows:
            names, marks = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
            self._db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def update(self, table: str, row_id: int, **columns: Any) -> None:
        if columns:
            pairs = ", ".join(f"{name} = ?" for name in columns)
            self._db.execute(f"UPDATE {table} SET {pairs} WHERE id = ?", (*columns.values(), row_id))

    def empty(self) -> None:
        """Forget everything, keep the tables."""
        tables = [row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        with self.transaction():
            for table in tables:
                if not table.startswith("sqlite_"):
                    self._db.execute(f"DELETE FROM {table}")
