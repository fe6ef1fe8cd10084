"""`events`: is Salesforce heard, and having it said again."""

from contextlib import asynccontextmanager

import pytest

from portal_app import cli, settings, wiring
from portal_app.cli import events

TOPIC = "/event/Order_Fulfilment_Requested__e"


@asynccontextmanager
async def opened():
    async with wiring.opened(settings.load()):
        yield


async def heard_once() -> None:
    """A cursor is stored for the topic."""
    async with opened():
        fence = (await wiring.replay_cursors().take(TOPIC, everything=False)).fence
        async with wiring.database().write() as tx:
            await wiring.replay_cursors().move_in(tx, TOPIC, fence, b"\x00\x07")


async def run(*words: str) -> int:
    """As `main` does, in the loop of the test."""
    asked = cli.commands._parser().parse_args(["events", *words])
    return await asked.run(settings.load(), asked)


async def test_status_names_every_topic_and_its_cursor(capsys, migrated):
    await heard_once()
    assert await run("status") == 0
    said = capsys.readouterr().out
    assert f"{TOPIC}" in said and "AAc=" in said and "connected" in said
    assert "In quarantine: 0." in said


async def test_e3_replay_sets_cursors_back_and_tells_who_listens(capsys, migrated, monkeypatch):
    await heard_once()
    hinted = []

    async def hint(chosen, topic) -> None:
        hinted.append(topic)

    monkeypatch.setattr(events, "hint_worker", hint)
    assert await run("replay", "--topic", TOPIC) == 0
    assert TOPIC in capsys.readouterr().out
    assert hinted == ["work:replay"]
    async with opened():
        (cursor,) = await wiring.replay_cursors().all()
    assert (cursor.replay_id, cursor.from_earliest) == (b"", True)


async def test_a_topic_nobody_has_heard_of_cannot_be_replayed(capsys, migrated):
    assert await run("replay", "--topic", "/event/Unknown__e") == 1
    assert "Nobody has listened to that yet" in capsys.readouterr().err


def test_events_alone_is_not_understood(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["events"])
    assert ended.value.code == 2
