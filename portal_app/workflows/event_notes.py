"""What is kept of a Salesforce event until it is worked on: ids and names, never a value (E5)."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

from portal_app.integrations.salesforce.pubsub.decoding import Received
from portal_app.integrations.salesforce.pubsub.events import (
    AccountChanged,
    CaseChanged,
    ChangeType,
    Event,
    FulfilmentRequested,
    RecordChanged,
)
from portal_app.storage.inbox import LONGEST_ID, Arrival

SOURCE: Final = "salesforce"
URGENT: Final = FulfilmentRequested.__name__
"""Somebody waits for these: staff change ten thousand records at once, and an order is approved meanwhile."""
MOST_IDS: Final = 200
"""Of more records changed at once only the fact is kept: each of that kind is in doubt then."""
MOST_NAMES: Final = 100


def arrival(received: Received) -> Arrival:
    """The event as the inbox keeps it."""
    event = received.event
    kind = f"{type(event).__name__}.{event.entity}" if isinstance(event, RecordChanged) else type(event).__name__
    body = json.dumps({"event": type(event).__name__, "topic": received.topic} | _said(event))
    return Arrival(safe_id(received.event_id), "".join(c for c in kind if c.isprintable())[:100], body.encode())


def read_note(body: bytes) -> tuple[str, Event]:
    """Topic and event. Raises: ValueError, KeyError, TypeError for what no version of this program wrote."""
    said: dict[str, Any] = json.loads(body)
    match said["event"]:
        case "FulfilmentRequested":
            return said["topic"], FulfilmentRequested(said["order"], correlation_id=said["correlation"])
        case "AccountChanged":
            return said["topic"], AccountChanged(said["account"], frozenset(said["names"]))
        case "CaseChanged":
            return said["topic"], CaseChanged(said["case"], said["account"])
        case "RecordChanged":
            return said["topic"], _record(said)
    raise ValueError("an event of no known kind")


def safe_id(event_id: str) -> str:
    """An id that fits a column; one that does not is known by its digest."""
    if 0 < len(event_id) <= LONGEST_ID and event_id.isprintable():
        return event_id
    return "digest:" + hashlib.sha256(event_id.encode(errors="surrogatepass")).hexdigest()


def _said(event: Event) -> dict[str, Any]:
    match event:
        case FulfilmentRequested():
            return {"order": event.order_id, "correlation": event.correlation_id[:80]}
        case AccountChanged():
            return {"account": event.account_id, "names": _few(event.changed)}
        case CaseChanged():
            return {"case": event.case_id, "account": event.account_id}
    names = event.changed | event.nulled | event.diffed
    return {
        "entity": event.entity,
        "ids": event.record_ids if len(event.record_ids) <= MOST_IDS else (),
        "change": event.change_type,
        "names": _few(names),
        "ours": event.from_portal,
        "at": event.committed_at.isoformat(),
    }


def _few(names: frozenset[str]) -> list[str]:
    return sorted(names) if len(names) <= MOST_NAMES else []


def _record(said: dict[str, Any]) -> RecordChanged:
    none: frozenset[str] = frozenset()
    return RecordChanged(
        said["entity"],
        tuple(said["ids"]),
        ChangeType(said["change"]),
        frozenset(said["names"]),
        none,
        none,
        bool(said["ours"]),
        datetime.fromisoformat(said["at"]).astimezone(UTC),
        "",
        0,
    )
