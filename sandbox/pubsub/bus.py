"""Everything about events but the wire: what is published, who listens, what goes wrong on demand."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from sandbox.clock import Clock
from sandbox.faults import BadRequest
from sandbox.pubsub import changes, flows
from sandbox.pubsub.log import EventLog
from sandbox.pubsub.schemas import CAPTURED, NAMESPACE, every_schema, schema_id, widened
from sandbox.pubsub.troubles import Trouble, Troubles
from sandbox.salesforce.objects import OBJECTS, SObject
from sandbox.salesforce.records import USER_ID, Record, Records
from sandbox.store import Store

if TYPE_CHECKING:
    from sandbox.pubsub.server import PubSubServer

GARBAGE = b"\xff" * 40
SAMPLE = {"string": "sample", "double": 1.0, "int": 1, "long": 1, "boolean": True}


@dataclass(slots=True)
class Timing:
    """Seconds: how long nothing happens before an empty response, and how long a stream without credit is kept."""

    keepalive_s: float = 270.0
    starving_s: float = 60.0


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream. `end` is set to end it: an error-code suffix, or "" for a cut without a reason."""

    topic: str
    token: str
    credit: int = 0
    delivered: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    end: str | None = None


class EventBus:
    """Made with the org; hears of every change of a record through `record_changed`."""

    def __init__(self, store: Store, clock: Clock, records: Records) -> None:
        self._store, self._clock, self._records = store, clock, records
        self.log, self.troubles, self.timing = EventLog(store, clock), Troubles(), Timing()
        self.listeners: set[Listener] = set()
        self.channels: dict[str, frozenset[str]] = {}
        self.server: PubSubServer | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._parsed: dict[str, Any] = {}
        self._sequence: dict[str, int] = {}
        records.on_change = self.record_changed

    def schema(self, wanted: str) -> str | None:
        """The text of a schema by its id, former ones too."""
        self._learn_schemas()
        found = self._store.value("SELECT text FROM sf_event_schemas WHERE id = ?", wanted)
        return None if found is None else str(found)

    def current(self, entity: str) -> tuple[str, str]:
        """Id and text of the schema new events of this entity have."""
        self._learn_schemas()
        sql = "SELECT id, text FROM sf_event_schemas WHERE entity = ? ORDER BY rowid DESC LIMIT 1"
        row = self._store.row(sql, entity) or {}
        return row["id"], row["text"]

    def entities(self, topic: str) -> frozenset[str] | None:
        """What a topic carries; None when there is no such topic."""
        self._learn_schemas()
        known = {str(row["entity"]) for row in self._store.rows("SELECT DISTINCT entity FROM sf_event_schemas")}
        captured = {f"{name}ChangeEvent" for name in CAPTURED}
        if topic == "/data/ChangeEvents":
            return frozenset(captured)
        kind, _, name = topic.rpartition("/")
        if (kind == "/event" and name in known - captured) or (kind == "/data" and name in captured):
            return frozenset({name})
        return self.channels.get(topic)

    def record_changed(self, sobject: SObject, old: Record | None, new: Record) -> None:
        """Called within the transaction of the change."""
        if sobject.name in CAPTURED:
            kind = changes.change_type(old, new)
            values, bitmaps = changes.body_of(sobject, old, new)
            if kind != "UPDATE" or bitmaps["changedFields"]:
                self._publish_change(sobject.name, [new["Id"]], kind, values, bitmaps)
        for entity, fields in flows.published(self._records, sobject, old, new):
            self.publish(entity, fields)

    def gap(self, entity: str, record_ids: list[str], kind: str = "GAP_UPDATE") -> None:
        """A change whose details are lost: the header alone."""
        none: dict[str, list[str]] = {"changedFields": [], "nulledFields": [], "diffFields": []}
        if entity not in CAPTURED or not kind.startswith("GAP_"):
            raise BadRequest(f"entity must be one of {', '.join(CAPTURED)} and kind begin with GAP_")
        fields = [one.name for one in changes.captured_fields(OBJECTS[entity])]
        self._publish_change(entity, record_ids, kind, dict.fromkeys(fields), none)

    def publish(self, entity: str, fields: Mapping[str, Any], event_id: str = "") -> int:
        """A platform event. Its position, 0 when it is held back or lost."""
        values = {"CreatedDate": int(self._clock.unix() * 1000), "CreatedById": USER_ID} | dict(fields)
        return self._publish(entity, values, event_id or str(uuid.uuid4()))

    def accept(self, entity: str, given_schema: str, payload: bytes, event_id: str) -> int:
        """What somebody else published, byte for byte. Raises: BadRequest with the reason."""
        current, text = self.current(entity)
        if given_schema != current:
            raise BadRequest("the schema of the event is not the current one")
        try:
            read = schemaless_reader(io.BytesIO(payload), self._parse(current, text), None)
        except Exception as bad:
            raise BadRequest("the payload is no event of that schema") from bad
        return self.publish(entity, read if isinstance(read, dict) else {}, event_id)

    def change_schema(self, entity: str, name: str) -> str:
        """An administrator adds a text field: the id of the schema that new events have."""
        current, text = self.current(entity)
        wide = widened(text, name)
        if wide != text:
            self._keep_schema(entity, wide)
        return schema_id(wide) if wide != text else current

    def end_streams(self, reason: str = "") -> int:
        """How many there were."""
        for one in self.listeners:
            one.end = reason
        self.wake()
        return len(self.listeners)

    def wake(self) -> None:
        """Whoever listens looks again once this transaction is over."""
        for one in self.listeners:
            one.wake.set()

    def _publish_change(
        self, entity: str, record_ids: list[str], kind: str, values: dict[str, Any], bitmaps: dict[str, list[str]]
    ) -> None:
        key = self._store.transaction_key
        if key not in self._sequence:
            self._sequence = {key: 0}
        self._sequence[key] += 1
        header = {
            "entityName": entity,
            "recordIds": record_ids,
            "changeType": kind,
            "changeOrigin": self._records.origin,
            "transactionKey": key,
            "sequenceNumber": self._sequence[key],
            "commitTimestamp": int(self._clock.unix() * 1000),
            "commitNumber": self.log.newest() + 1,
            "commitUser": USER_ID,
        }
        self._publish(f"{entity}ChangeEvent", {"ChangeEventHeader": header | bitmaps} | values, "")

    def _publish(self, entity: str, values: dict[str, Any], event_id: str) -> int:
        current, text = self.current(entity)
        out = io.BytesIO()
        schemaless_writer(out, self._parse(current, text), values)
        trouble = self.troubles.strike(entity)
        payload = GARBAGE if trouble is not None and trouble.kind == "undecodable" else out.getvalue()
        event: dict[str, Any] = {"entity": entity, "event_id": event_id, "schema_id": current, "payload": payload}
        if trouble is not None and trouble.kind in ("delay", "out_of_order", "lost"):
            self._hold(trouble, event)
            return 0
        position = self.log.append(**event)
        if trouble is not None and trouble.kind == "duplicate":
            self.log.append(**event)
        self._release("out_of_order")
        self.wake()
        return position

    def _hold(self, trouble: Trouble, event: dict[str, Any]) -> None:
        """Out of order waits for the next event, a delayed one for its time."""
        if trouble.kind == "lost":
            return
        held = self._store.insert("sf_events_held", kind=trouble.kind, **event)
        if trouble.kind == "delay":
            loop = asyncio.get_running_loop()
            self._timers.add(loop.call_later(trouble.delay_ms / 1000, self._release, "delay", held))

    def _release(self, kind: str, held: int | None = None) -> None:
        sql = "SELECT rowid AS id, * FROM sf_events_held WHERE kind = ? AND (? IS NULL OR rowid = ?) ORDER BY rowid"
        for row in self._store.rows(sql, kind, held, held):
            self._store.execute("DELETE FROM sf_events_held WHERE rowid = ?", row.pop("id"))
            row.pop("kind")
            self.log.append(**row)
            self.wake()

    def forget(self) -> None:
        """What a reset of the data takes with it."""
        self.troubles.heal()
        self.timing = Timing()
        self.wake()

    async def close(self) -> None:
        """End the streams; what was held back is let go for the next start."""
        for timer in self._timers:
            timer.cancel()
        if self.server is not None:
            await self.server.stop()
        for kind in ("delay", "out_of_order"):
            self._release(kind)

    def _parse(self, wanted: str, text: str) -> Any:
        if wanted not in self._parsed:
            self._parsed[wanted] = parse_schema(json.loads(text))
        return self._parsed[wanted]

    def _learn_schemas(self) -> None:
        """Those of the code, unless the org has them: a reset forgets what administrators changed."""
        if self._store.value("SELECT COUNT(*) FROM sf_event_schemas"):
            return
        for entity, text in every_schema().items():
            self._keep_schema(entity, text)

    def _keep_schema(self, entity: str, text: str) -> None:
        self._store.execute(
            "INSERT OR IGNORE INTO sf_event_schemas (id, entity, text) VALUES (?, ?, ?)", schema_id(text), entity, text
        )


def sample(text: str) -> dict[str, Any]:
    """Values for every field of a platform event's schema."""
    assert NAMESPACE in text
    fields = json.loads(text)["fields"][2:]
    return {one["name"]: SAMPLE.get(one["type"][1]) for one in fields}
