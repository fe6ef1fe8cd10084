"""The records themselves: kept, numbered, found by id or external id. No rule of Salesforce is checked here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from sandbox.clock import JAPAN, Clock
from sandbox.salesforce import ids
from sandbox.salesforce.objects import OBJECTS, SObject
from sandbox.salesforce.values import spoken
from sandbox.store import Store

Record = dict[str, Any]
OnChange = Callable[[SObject, "Record | None", Record], None]
ORG_ID, USER_ID = ids.make("00D", 1), ids.make("005", 1)


class Records:
    """A record is a dict of field names to values as spoken on the wire; absent means null."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.on_change: OnChange | None = None
        self.origin = ""

    @property
    def by_client(self) -> bool:
        """Whether what happens now was asked for by an API client that gave its name."""
        return ";client=" in self.origin

    @contextmanager
    def asked_by(self, origin: str) -> Iterator[None]:
        """For as long as the block lasts, changes have this origin."""
        self.origin = origin
        try:
            yield
        finally:
            self.origin = ""

    def now(self) -> str:
        """Follows the sandbox's calendar, so that TODAY and CreatedDate agree."""
        return spoken(self.clock.local().replace(tzinfo=JAPAN).astimezone(UTC))

    def get(self, sobject: SObject, record_id: str) -> Record | None:
        """Deleted ones too."""
        text = self.store.value("SELECT fields FROM sf_records WHERE id = ? AND object = ?", record_id, sobject.name)
        return None if text is None else json.loads(text)

    def live(self, sobject: SObject, record_id: str) -> Record | None:
        found = self.get(sobject, record_id)
        return None if found is None or found["IsDeleted"] else found

    def all(self, sobject: SObject, where: str = "", values: Iterable[Any] = ()) -> list[Record]:
        """In order of id. `where` is SQL that narrows the choice, beginning with AND."""
        sql = f"SELECT fields FROM sf_records WHERE object = ? {where} ORDER BY id"
        return [json.loads(row["fields"]) for row in self.store.rows(sql, sobject.name, *values)]

    def having(self, sobject: SObject, field: str, value: str) -> list[Record]:
        """Live records whose reference field has this id."""
        found = self.all(sobject, f"AND json_extract(fields, '$.{field}') = ?", [value])
        return [record for record in found if not record["IsDeleted"]]

    def by_external(self, sobject: SObject, field: str, value: Any) -> list[Record]:
        sql = "SELECT id FROM sf_external WHERE object = ? AND field = ? AND value = ? ORDER BY id"
        rows = self.store.rows(sql, sobject.name, field, external_key(value))
        found = (self.live(sobject, row["id"]) for row in rows)
        return [record for record in found if record is not None]

    def next_number(self, name: str) -> int:
        sql = "INSERT INTO sf_counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last"
        return int(self.store.value(sql, name))

    def insert(self, sobject: SObject, values: Record) -> Record:
        """With id and system fields. Ids are never used twice, not even after a rollback of the numbers."""
        now = self.now()
        record = {"Id": ids.make(sobject.prefix, self.next_number(sobject.name)), "IsDeleted": False} | values
        record |= {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        record |= {"CreatedById": USER_ID, "LastModifiedById": USER_ID}
        self.write(sobject, record)
        if self.on_change is not None:
            self.on_change(sobject, None, record)
        return record

    def update(self, sobject: SObject, record: Record) -> None:
        now = self.now()
        old = self.get(sobject, record["Id"]) if self.on_change is not None else None
        new = record | {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": USER_ID}
        self.write(sobject, new)
        if self.on_change is not None and old is not None:
            self.on_change(sobject, old, new)

    def write(self, sobject: SObject, record: Record) -> None:
        kept = {name: value for name, value in record.items() if value is not None}
        text = json.dumps(kept, ensure_ascii=False)
        self.store.execute("INSERT OR REPLACE INTO sf_records VALUES (?, ?, ?)", kept["Id"], sobject.name, text)
        self.store.execute("DELETE FROM sf_external WHERE id = ?", kept["Id"])
        for field in sobject.fields.values():
            if "external" in field.flags and field.name in kept and not kept["IsDeleted"]:
                key = external_key(kept[field.name])
                row = {"object": sobject.name, "field": field.name, "value": key, "id": kept["Id"]}
                self.store.insert("sf_external", **row)


def external_key(value: Any) -> str:
    """External ids are compared without regard to case."""
    return str(value).casefold()


def object_of(record_id: str) -> SObject | None:
    return next((one for one in OBJECTS.values() if one.prefix == record_id[:3]), None)
