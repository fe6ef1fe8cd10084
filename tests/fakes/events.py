"""What stands around events that came from Salesforce: an intake over a real database, and what it clears and tells."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal_app.integrations.salesforce.pubsub.decoding import Quarantined, Received
from portal_app.integrations.salesforce.pubsub.events import ChangeType, Event, FulfilmentRequested, RecordChanged, Role
from portal_app.integrations.salesforce.pubsub.subscriber import Batch, Topic
from portal_app.storage.bus import MemoryBus
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.engine import Database
from portal_app.storage.inbox import Inbox
from portal_app.storage.quarantine import Quarantine
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.workflows.event_intake import EventIntake
from tests.fakes.clock import FakeClock

ORDERS = Topic("/event/Order_Fulfilment_Requested__e", Role.FULFILMENT)
CHANGES = Topic("/data/ChangeEvents", Role.CHANGES)
ORDER_ID, OTHER_ORDER_ID = "801Q800000D0001IAB", "801Q800000D0002IAB"
ACCOUNT_ID, CASE_ID, LINE_ID = "001Q800000D0001IAB", "500Q800000D0001IAB", "802Q800000D0001IAB"


class Cleared:
    """In place of the caches that events keep fresh: what was cleared, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def clear(*about: Any) -> None:
            self.calls.append(":".join([name, *(getattr(one, "user_id", str(one)) for one in about)]))

        return clear


@dataclass
class Intake:
    """One process: `sink` is what the subscribers are given. `leads` can be taken away."""

    database: Path | str
    clock: Clock = field(default_factory=FakeClock)
    everything: bool = False
    leads: bool = True

    def __post_init__(self) -> None:
        url = str(self.database)
        self.db = Database(url if "://" in url else f"sqlite:///{url}")
        cipher = FieldCipher({"k1": bytes(range(32))})
        self.bus, self.caches, self.heard = MemoryBus(), Cleared(), list[str]()
        self.bus.subscribe("", lambda topic, _: self.heard.append(topic))
        self.inbox, self.cursors = Inbox(self.db, cipher, self.clock), ReplayCursors(self.db, self.clock)
        self.quarantine = Quarantine(self.db, cipher, self.clock)
        self.sink = EventIntake(
            inbox=self.inbox,
            cursors=self.cursors,
            quarantine=self.quarantine,
            caches=self.caches,  # type: ignore[arg-type]
            db=self.db,
            bus=self.bus,
            leads=self._leads,
            everything=self.everything,
        )

    async def _leads(self) -> bool:
        return self.leads

    async def kept(self) -> list[str]:
        """Ids of all events that wait."""
        return sorted(event.event_id for event in await self.inbox.claim(200))

    async def close(self) -> None:
        await self.db.dispose()


def received(number: int = 1, event: Event | None = None, **changes: Any) -> Received:
    event = event or FulfilmentRequested(ORDER_ID)
    return Received(**({"event_id": f"e{number}", "event": event, "replay_id": b"r", "topic": ORDERS.name} | changes))


def quarantined(number: int = 1, **changes: Any) -> Quarantined:
    fields = {"event_id": f"q{number}", "reason": "avro", "replay_id": b"r", "topic": ORDERS.name, "schema_id": "S"}
    return Quarantined(**(fields | {"payload": b"garbage"} | changes))


def batch(*items: Received | Quarantined, cursor: bytes = b"cursor", topic: Topic = ORDERS) -> Batch:
    return Batch(topic, items, cursor)


def changed(entity: str, *record_ids: str, **changes: Any) -> RecordChanged:
    """A change by staff, of all that matters unless `changed` says what."""
    none: frozenset[str] = frozenset()
    fields: dict[str, Any] = {
        "entity": entity,
        "record_ids": record_ids,
        "change_type": ChangeType.UPDATE,
        "changed": none,
        "nulled": none,
        "diffed": none,
        "from_portal": False,
        "committed_at": datetime(2026, 1, 15, 2, 0, tzinfo=UTC),
        "transaction_key": "t",
        "sequence_number": 1,
    }
    return RecordChanged(**(fields | changes))
