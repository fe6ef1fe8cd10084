"""The events that happened, in SQLite beside the records: what is rolled back was never published. Kept for 72 hours.

A replay id is ten bytes: a position that grows with time but not evenly, and two bytes for this generation of the org,
which a reset changes. Only this file looks inside.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.store import Row, Store

RETENTION_S = 72 * 3600.0
PER_SECOND = 1_000_000
GENERATION = "pubsub generation"


class BadReplayId(ValueError):
    """None of ours, of another generation, or of events that are gone."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An event in the log."""

    position: int
    entity: str
    event_id: str
    schema_id: str
    payload: bytes


class EventLog:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self.retention_s = RETENTION_S
        self._floor = 0

    def append(self, entity: str, event_id: str, schema_id: str, payload: bytes) -> int:
        """Its position."""
        position = max(self.newest() + random.randint(1, 5), self._at(self._clock.unix()))
        self._store.insert(
            "sf_events",
            position=position,
            entity=entity,
            event_id=event_id,
            schema_id=schema_id,
            payload=payload,
            created_at=self._clock.unix(),
        )
        if position % 128 == 0:
            self.purge()
        return position

    def after(self, entities: frozenset[str], position: int, limit: int) -> list[Kept]:
        """In order; what is older than the retention is gone."""
        marks = ", ".join("?" * len(entities))
        sql = f"SELECT * FROM sf_events WHERE position > ? AND entity IN ({marks}) ORDER BY position LIMIT ?"
        return [_kept(row) for row in self._store.rows(sql, max(position, self._oldest()), *sorted(entities), limit)]

    def last(self, limit: int) -> list[Kept]:
        """Newest first."""
        rows = self._store.rows("SELECT * FROM sf_events ORDER BY position DESC LIMIT ?", limit)
        return [_kept(row) for row in rows]

    def newest(self) -> int:
        """The last position there is, or that was ever told."""
        return max(self._floor, int(self._store.value("SELECT COALESCE(MAX(position), 0) FROM sf_events")))

    def now(self) -> int:
        """A position after everything so far and before everything to come."""
        self._floor = max(self.newest(), self._at(self._clock.unix()))
        return self._floor

    def purge(self) -> None:
        self._store.execute("DELETE FROM sf_events WHERE position < ?", self._oldest())

    def replay_id(self, position: int) -> bytes:
        return position.to_bytes(8, "big") + self._generation()

    def position(self, replay_id: bytes) -> int:
        """Raises: BadReplayId."""
        position = int.from_bytes(replay_id[:8], "big")
        if len(replay_id) != 10 or replay_id[8:] != self._generation():
            raise BadReplayId("another org")
        if not self._oldest() <= position <= max(self.newest(), self._at(self._clock.unix())):
            raise BadReplayId("out of range")
        return position

    def move_org(self) -> None:
        """What a migration or a sandbox refresh does: no replay id handed out so far is good any more."""
        old = int.from_bytes(self._generation(), "big")
        new = (old + 1 + secrets.randbelow(65_000)) % 65_536
        self._store.execute("UPDATE sf_counters SET last = ? WHERE name = ?", new, GENERATION)

    def _oldest(self) -> int:
        return self._at(self._clock.unix() - self.retention_s)

    def _at(self, unix: float) -> int:
        return int(unix * PER_SECOND)

    def _generation(self) -> bytes:
        found = self._store.value("SELECT last FROM sf_counters WHERE name = ?", GENERATION)
        if found is None:
            found = secrets.randbelow(65_536)
            self._store.insert("sf_counters", name=GENERATION, last=found)
        return int(found).to_bytes(2, "big")


def _kept(row: Row) -> Kept:
    return Kept(row["position"], row["entity"], row["event_id"], row["schema_id"], row["payload"])
