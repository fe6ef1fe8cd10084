"""What cannot be read is kept sealed and blocks nobody: E6, C1."""

from datetime import timedelta

import pytest

from portal_app.storage.quarantine import Kept, Quarantine, Unreadable
from tests.storage.conftest import rows

TOPIC = "/event/X__e"


@pytest.fixture
def quarantine(db, cipher, clock) -> Quarantine:
    return Quarantine(db, cipher, clock)


async def keep(quarantine: Quarantine, *events: Unreadable) -> None:
    async with quarantine._db.write() as tx:
        await quarantine.keep_in(tx, TOPIC, events)


def unreadable(number: int = 1, **changes: object) -> Unreadable:
    fields = {"event_id": f"e{number}", "reason": "avro", "schema_id": "S", "replay_id": b"\x00r", "payload": b"Hanako"}
    return Unreadable(**(fields | changes))  # type: ignore[arg-type]


async def test_e6_it_is_kept_once_with_its_reason(quarantine, clock):
    await keep(quarantine, unreadable(), unreadable(), unreadable(2))
    await keep(quarantine, unreadable())
    assert await quarantine.count() == 2
    assert set(await quarantine.latest()) == {Kept(TOPIC, f"e{n}", "avro", clock.now()) for n in (1, 2)}


async def test_e6_nothing_to_keep_is_nothing_to_do(quarantine):
    await keep(quarantine)
    assert await quarantine.count() == 0


async def test_c1_its_bytes_are_sealed(quarantine, db, cipher):
    await keep(quarantine, unreadable())
    ((quarantine_id, sealed),) = await rows(db, "SELECT quarantine_id, payload_sealed FROM quarantined_events")
    assert "Hanako" not in sealed
    assert cipher.open_bytes("quarantined_events", "payload", quarantine_id, sealed) == b"Hanako"


@pytest.mark.parametrize("schema_id", ["", "\x00\ud800", "x" * 500])
async def test_e6_no_schema_id_stops_the_stream(quarantine, schema_id):
    await keep(quarantine, unreadable(schema_id=schema_id, payload=b""))
    assert await quarantine.count() == 1


async def test_it_is_forgotten_after_a_month(quarantine, clock):
    await keep(quarantine, unreadable())
    clock.advance(timedelta(days=20))
    await keep(quarantine, unreadable(2))
    clock.advance(timedelta(days=11))
    assert (await quarantine.prune(), await quarantine.count()) == (1, 1)
