"""How listening stands, for who listens and for who only has the database (G2, E3)."""

import asyncio
import shutil
from datetime import timedelta

import pytest

from portal_app.integrations.salesforce.pubsub.subscriber import SubscriberState
from portal_app.workflows.event_standing import EventStanding, as_lines
from tests.fakes.events import CHANGES, ORDERS, Intake, batch, quarantined, received


@pytest.fixture
async def intake(migrated_file, tmp_path):
    database = tmp_path / "portal.db"
    shutil.copy(migrated_file, database)
    made = Intake(database)
    yield made
    await made.close()


@pytest.fixture
def live() -> dict[str, SubscriberState]:
    return {}


@pytest.fixture
def standing(intake, live):
    def of(**changes) -> EventStanding:
        fields = {"enabled": True, "channel": ORDERS.name, "topics": [ORDERS.name, CHANGES.name]}
        stores = {"cursors": intake.cursors, "quarantine": intake.quarantine, "inbox": intake.inbox}
        return EventStanding(**(stores | {"clock": intake.clock, "live": lambda: live} | fields | changes))

    return of


async def heard(intake: Intake, *topics, cursor: bytes = b"\x00c") -> None:
    for topic in topics:
        await intake.sink.start(topic)
        await intake.sink.store(batch(cursor=cursor, topic=topic))


async def test_before_the_first_word_nothing_is_known(standing):
    found = await standing().get()
    assert (found.status, found.listening, found.heard_s) == ("unknown", False, None)
    assert [(one.cursor, one.stored_at) for one in found.topics] == [("", None)] * 2


async def test_who_does_not_listen_says_what_the_database_says(standing, intake):
    await heard(intake, ORDERS, CHANGES)
    intake.clock.advance(300)
    found = await standing().get()
    assert (found.status, found.listening, found.heard_s) == ("connected", False, 300)
    assert found.topics[0].cursor == "AGM="
    intake.clock.advance(31)
    assert (await standing().get()).status == "disconnected"


async def test_one_topic_that_is_silent_makes_the_whole_disconnected(standing, intake):
    await heard(intake, ORDERS)
    intake.clock.advance(331)
    await heard(intake, CHANGES)
    found = await standing().get()
    assert [one.status for one in found.topics] == ["disconnected", "connected"]
    assert (found.status, found.heard_s) == ("disconnected", 331)


async def test_who_listens_knows_its_streams(standing, intake, live):
    now = asyncio.get_running_loop().time()
    live[ORDERS.name] = SubscriberState(status="connected", received=7, heard_at=now - 5)
    live[CHANGES.name] = SubscriberState(status="waiting", code="service.unavailable", heard_at=now - 9)
    found = await standing().get()
    assert (found.listening, found.status) == (True, "disconnected")
    assert [(one.status, one.code) for one in found.topics] == [
        ("connected", ""),
        ("disconnected", "service.unavailable"),
    ]
    assert 9 <= found.heard_s < 60
    live[CHANGES.name].status = "connected"
    assert (await standing().get()).status == "connected"


async def test_what_waits_and_what_nobody_could_read_is_counted(standing, intake):
    await heard(intake, ORDERS)
    await intake.sink.store(batch(received(), quarantined()))
    await intake.inbox.accept("whmcs", "h1", "InvoicePaid", b"{}")
    intake.clock.advance(90)
    found = await standing().get()
    assert (found.waiting_s, found.quarantined) == (90, 1)


async def test_e3_a_cursor_older_than_sixty_hours_is_said_to_be(standing, intake):
    await heard(intake, ORDERS, CHANGES)
    intake.clock.advance(timedelta(hours=60))
    assert not any(one.old for one in (await standing().get()).topics)
    intake.clock.advance(1)
    found = await standing().get()
    assert all(one.old for one in found.topics)
    assert any("60 hours" in line for line in as_lines(found))


async def test_e3_a_gap_is_said_until_it_is_covered(standing, intake):
    began = intake.clock.now()
    await heard(intake, ORDERS)
    found = await standing().get()
    assert found.gap_since == began
    assert any("may be missing" in line for line in as_lines(found))
    await intake.cursors.covered(intake.clock.now())
    assert (await standing().get()).gap_since is None


async def test_switched_off_is_said_and_not_called_a_fault(standing):
    found = await standing(enabled=False).get()
    assert (found.enabled, found.status) == (False, "disconnected")
    assert (found.topics, found.heard_s, found.gap_since) == ((), None, None), "nobody is called because of them"
    assert as_lines(found) == ["Events are switched off (SF_EVENTS_ENABLED): only the polls look."]


async def test_people_read_each_topic_in_a_line(standing, intake):
    await heard(intake, ORDERS)
    lines = as_lines(await standing().get())
    assert any(ORDERS.name in line and "connected" in line and "AGM=" in line for line in lines)
    assert any(CHANGES.name in line and "never" in line for line in lines)
    assert lines[-1] == "Oldest event waiting: 0 s. In quarantine: 0."
