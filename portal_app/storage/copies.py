"""Copies of one kind of WHMCS record: what replacing, adding and removing means for every mirror."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import delete, select

from portal_app.storage.clock import Clock
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.tables import Table
from portal_app.storage.upsert import batches, upsert

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drift:
    """How many rows of the copy had to be added, changed, removed to agree with WHMCS."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.added + self.changed + self.removed

    def __add__(self, other: "Drift") -> "Drift":
        return Drift(self.added + other.added, self.changed + other.changed, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """How a record is kept: its table, the name of its id, and the two ways between record and row."""

    table: type[Table]
    key: str
    to_row: Callable[[T], dict[str, Any]]
    of_row: Callable[[Any], T]


class Copies(Generic[T]):
    """Writes only what differs, in order of id and at most 200 rows a transaction, so that writers never wait long."""

    def __init__(self, db: Database, clock: Clock, shape: Shape[T]) -> None:
        self._db, self._clock, self._shape = db, clock, shape
        columns: Any = shape.table.__table__.c  # type: ignore[attr-defined]
        self._c, self._id = columns, columns[shape.key]

    async def replace_all(self, whmcs_client_id: int, records: Sequence[T]) -> Drift:
        """Make the copy of one client exactly these. Raises ValueError for a record of another client."""
        wanted = {self._key(r): self._shape.to_row(r) for r in records}
        if any(row["whmcs_client_id"] != whmcs_client_id for row in wanted.values()):
            raise ValueError("a record of another client")
        held = await self._rows(self._c.whmcs_client_id == whmcs_client_id)
        drift = await self._write(wanted, held)
        return drift + await self._remove(whmcs_client_id, held.keys() - wanted.keys())

    async def upsert_many(self, records: Iterable[T]) -> Drift:
        """Add or change these, whoever's they are."""
        drift = Drift()
        for part in batches(records, MOST_ROWS):
            wanted = {self._key(r): self._shape.to_row(r) for r in part}
            drift += await self._write(wanted, await self._rows(self._id.in_(wanted)))
        return drift

    async def remove(self, record_id: int, whmcs_client_id: int) -> bool:
        """Drop one record of one client; whether there was one."""
        return (await self._remove(whmcs_client_id, {record_id})).removed == 1

    async def find(self, *conditions: Any) -> T | None:
        """The one record that meets them."""
        async with self._db.read() as session:
            row = (await session.execute(select(*self._c).where(*conditions))).one_or_none()
        return None if row is None else self._shape.of_row(row)

    async def ids_of(self, whmcs_client_id: int) -> set[int]:
        """Ids of every record in the copy of one client."""
        async with self._db.read() as session:
            return set(await session.scalars(select(self._id).where(self._c.whmcs_client_id == whmcs_client_id)))

    async def _rows(self, condition: Any) -> dict[int, dict[str, Any]]:
        async with self._db.read() as session:
            rows = (await session.execute(select(*self._c).where(condition))).mappings().all()
        return {row[self._shape.key]: {k: v for k, v in row.items() if k != "copied_at"} for row in rows}

    async def _write(self, wanted: dict[int, dict[str, Any]], held: dict[int, dict[str, Any]]) -> Drift:
        differing = sorted(key for key, row in wanted.items() if held.get(key) != row)
        now = self._clock.now()
        for part in batches(differing, MOST_ROWS):
            rows = [{**wanted[key], "copied_at": now} for key in part]
            async with self._db.write() as session:
                await session.execute(upsert(self._shape.table, self._db.dialect, rows, [self._shape.key]))
        changed = sum(1 for key in differing if key in held)
        return Drift(added=len(differing) - changed, changed=changed)

    async def _remove(self, whmcs_client_id: int, ids: Iterable[int]) -> Drift:
        removed = 0
        for part in batches(sorted(ids), MOST_ROWS):
            async with self._db.write() as session:
                done = await session.execute(
                    delete(self._shape.table).where(self._id.in_(part), self._c.whmcs_client_id == whmcs_client_id)
                )
            removed += done.rowcount  # type: ignore[attr-defined]
        return Drift(removed=removed)

    def _key(self, record: T) -> int:
        return getattr(record, self._shape.key)
