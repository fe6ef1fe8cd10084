"""From the bytes of an event to what it says, or to the reason why that cannot be told (E6)."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastavro import schemaless_reader

from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.pubsub.bitmaps import BadBitmap, names_in
from portal_app.integrations.salesforce.pubsub.events import (
    OUR_CLIENT,
    ChangeType,
    Event,
    NotOurEvent,
    RecordChanged,
    Role,
    moment,
    read_platform_event,
)
from portal_app.integrations.salesforce.pubsub.schemas import HEADER, BadSchema, Schema, Schemas
from portal_app.integrations.salesforce.pubsub.wire import WireEvent

LONGEST_ID: Final = 200
"""Of an event id as the inbox keeps it."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event that was understood. `event_id` is the same for every delivery of it (E1); `replay_id` is opaque."""

    event_id: str
    event: Event
    replay_id: bytes
    topic: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An event that was not. `payload` is what came, byte for byte: it may hold customer data, so it is kept sealed."""

    event_id: str
    reason: str
    replay_id: bytes
    topic: str
    schema_id: str
    payload: bytes = field(repr=False)


class Undecodable(ValueError):
    """`reason` is a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Decoder:
    """For one topic."""

    def __init__(self, topic: str, role: Role, schemas: Schemas) -> None:
        self._topic, self._role, self._schemas = topic, role, schemas

    async def read(self, wire: WireEvent) -> Received | Quarantined:
        """Never fails over what the event says. Raises: UpstreamError when its schema cannot be fetched just now."""
        try:
            schema = await self._schemas.get(wire.schema_id)
            event_id, event = understood(schema, wire, self._role)
        except (BadSchema, Undecodable, NotOurEvent) as bad:
            return Quarantined(_own_id(wire), bad.reason, wire.replay_id, self._topic, wire.schema_id, wire.payload)
        return Received(event_id, event, wire.replay_id, self._topic)


def understood(schema: Schema, wire: WireEvent, role: Role) -> tuple[str, Event]:
    """Its identity and what it says. Raises: Undecodable, NotOurEvent."""
    fields = unpacked(schema, wire.payload)
    if not schema.changes:
        return _own_id(wire), read_platform_event(role, fields)
    try:
        changed = read_change(schema, fields[HEADER])
    except BadBitmap as bad:
        raise Undecodable("bitmap") from bad
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as bad:
        raise Undecodable("change_header") from bad
    return change_id(changed, fields[HEADER]["recordIds"]), changed


def unpacked(schema: Schema, payload: bytes) -> dict[str, Any]:
    """One Avro record without any frame around it, and nothing after it. Raises: Undecodable."""
    source = io.BytesIO(payload)
    try:
        record = schemaless_reader(source, schema.parsed, None)
    except Exception as bad:  # the reader raises whatever it stumbled over
        raise Undecodable("avro") from bad
    if not isinstance(record, dict) or source.read(1):
        raise Undecodable("avro")  # bytes left over: written with another schema
    return record


def read_change(schema: Schema, header: Mapping[str, Any]) -> RecordChanged:
    """Raises: BadBitmap; KeyError, TypeError, ValueError, OverflowError for a header of another shape."""
    ids = [as_18(one) for one in header["recordIds"]]
    entity, key = header["entityName"], header["transactionKey"]
    if not isinstance(entity, str) or not isinstance(key, str) or not entity:
        raise ValueError("header")
    origin = header.get("changeOrigin") or ""
    return RecordChanged(
        entity,
        tuple(one for one in ids if one is not None) if None not in ids else (),
        ChangeType(header["changeType"]),
        _named(schema, header, "changedFields"),
        _named(schema, header, "nulledFields"),
        _named(schema, header, "diffFields"),
        OUR_CLIENT in origin.split(";"),
        moment(header["commitTimestamp"]),
        key,
        int(header["sequenceNumber"]),
    )


def _named(schema: Schema, header: Mapping[str, Any], name: str) -> frozenset[str]:
    return frozenset(names_in(header.get(name) or (), schema.shape))


def change_id(changed: RecordChanged, record_ids: list[str]) -> str:
    """Change events often have no id of their own: transaction, place in it, and the records are one (E1)."""
    records = hashlib.sha256("\n".join(record_ids).encode()).hexdigest()[:32]
    text = f"cdc:{changed.entity}:{changed.transaction_key}:{changed.sequence_number}:{records}"
    return text if len(text) <= LONGEST_ID else "cdc:" + hashlib.sha256(text.encode()).hexdigest()


def _own_id(wire: WireEvent) -> str:
    """Salesforce's id, which repeats keep; without one, the bytes themselves are the identity."""
    if 0 < len(wire.event_id) <= LONGEST_ID and wire.event_id.isprintable():
        return wire.event_id
    return "raw:" + hashlib.sha256(wire.schema_id.encode() + b"\0" + wire.payload).hexdigest()
