"""Each protection of events, switched off: the matching scene then goes wrong, so the scenes can see the fault."""

import contextlib
import shutil
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import update

from portal_app.integrations.salesforce.pubsub.subscriber import NotStored
from portal_app.integrations.salesforce.pubsub.wire import Preset
from portal_app.storage import replay_cursors
from portal_app.storage.replay_cursors import ReplayCursorRow, ReplayCursors
from portal_app.workflows import event_intake
from portal_app.workflows.event_intake import EventIntake
from tests.fakes.events import ORDERS, Intake, batch, received


@pytest.fixture
async def pair(migrated_file, tmp_path):
    """Two processes over one database."""
    database = tmp_path / "portal.db"
    shutil.copy(migrated_file, database)
    made = [Intake(database), Intake(database)]
    yield made
    for one in made:
        await one.close()


async def a_repeat_is_one_event(one: Intake, _: Intake) -> bool:
    await one.sink.start(ORDERS)
    for _ in range(2):
        await one.sink.store(batch(received(1)))
    return await one.inbox.depth() == 1


async def who_was_deposed_takes_back_no_rewind(one: Intake, other: Intake) -> bool:
    await one.sink.start(ORDERS)
    await other.sink.start(ORDERS)
    await other.sink.cursor_lost(ORDERS)
    with contextlib.suppress(NotStored):
        await one.sink.store(batch(received(1)))
    return await other.sink.start(ORDERS) is Preset.EARLIEST


async def who_does_not_lead_stores_nothing(one: Intake, _: Intake) -> bool:
    await one.sink.start(ORDERS)
    one.leads = False
    with contextlib.suppress(NotStored):
        await one.sink.store(batch(received(1)))
    return await one.inbox.depth() == 0


async def a_gap_flushes_what_was_kept(one: Intake, _: Intake) -> bool:
    await one.sink.start(ORDERS)
    await one.sink.store(batch(received(1)))
    return one.caches.calls == ["everything"]


def no_uniqueness(patch: pytest.MonkeyPatch) -> None:
    stored = event_intake.arrival
    patch.setattr(event_intake, "arrival", lambda one: replace(stored(one), event_id=str(uuid.uuid4())))


def no_fence(patch: pytest.MonkeyPatch) -> None:
    async def change(self, tx, topic, fence, values) -> None:
        await tx.execute(update(ReplayCursorRow).where(replay_cursors._C.topic == topic).values(**values))

    patch.setattr(ReplayCursors, "_change", change)


def no_proof(patch: pytest.MonkeyPatch) -> None:
    async def believed(self) -> None: ...

    patch.setattr(EventIntake, "_prove", believed)


def no_flush(patch: pytest.MonkeyPatch) -> None:
    async def nothing(self, topic) -> None: ...

    patch.setattr(EventIntake, "_settle_doubt", nothing)


@pytest.mark.parametrize(
    ("scene", "switch_off"),
    [
        (a_repeat_is_one_event, no_uniqueness),
        (who_was_deposed_takes_back_no_rewind, no_fence),
        (who_does_not_lead_stores_nothing, no_proof),
        (a_gap_flushes_what_was_kept, no_flush),
    ],
)
@pytest.mark.parametrize("protected", [True, False])
async def test_i1_a_protection_that_is_off_is_seen(pair, monkeypatch, scene, switch_off, protected):
    if not protected:
        switch_off(monkeypatch)
    assert await scene(*pair) is protected
