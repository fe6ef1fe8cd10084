"""Every rule of a story can be broken, and says so."""

import sqlite3
from collections.abc import Callable

import pytest

from tests.properties.scenes import Person, Scene, Step
from tests.properties.stage import Stage
from tests.properties.story import Story

SCENE = Scene(
    (Person(), Person(client="plain"), Person()),
    lenient=False,
    verdict="",
    steps=(Step("submit"), Step("deliver"), Step("confirm"), Step("submit", who=2), Step("deliver")),
)


def on_disk(statement: str) -> Callable[[Story], None]:
    def sabotage(story: Story) -> None:
        with sqlite3.connect(story.process.db.sqlite_path) as connection:
            connection.execute(statement)

    return sabotage


def sent_again(story: Story) -> None:
    story.outside.mails.append(story.outside.mails[0])


def made_again(story: Story) -> None:
    story.outside.whmcs.clients.append({**story.outside.whmcs.made_by_us()[0], "id": 77})


def client(story: Story, **changed: object) -> None:
    next(row for row in story.outside.whmcs.clients if row["email"] == story.town.mail(1)).update(changed)


def account(story: Story, who: int, **changed: object) -> None:
    story.outside.salesforce.records["Account"][who].update(changed)


SABOTAGE: list[tuple[str, Callable[[Story], None]]] = [
    ("has no mapping", on_disk("DELETE FROM id_mappings")),
    ("mapping of nobody", on_disk("DELETE FROM users")),
    ("its user exists", on_disk("UPDATE signups SET state = 'REFUSED' WHERE state = 'COMPLETED'")),
    ("keeps what was typed", on_disk("UPDATE signups SET payload_sealed = 'x' WHERE state = 'COMPLETED'")),
    ("what signups kept is lost", on_disk("UPDATE signups SET payload_sealed = 'x' WHERE state = 'AWAITING_EMAIL'")),
    ("what outbox kept is lost", on_disk("UPDATE outbox SET sent_at = NULL")),
    ("left unfinished: mail", on_disk("UPDATE outbox SET sent_at = NULL WHERE kind = 'mail'")),
    ("left unfinished: PROVEN", on_disk("UPDATE signups SET state = 'PROVEN' WHERE state = 'AWAITING_EMAIL'")),
    ("needs review", on_disk("UPDATE signups SET state = 'NEEDS_REVIEW' WHERE state = 'AWAITING_EMAIL'")),
    ("its mails are", on_disk("DELETE FROM outbox WHERE dedupe_key LIKE '%welcome'")),
    ("another account than the one proved", on_disk("UPDATE id_mappings SET sf_account_id = '001000000000002AAA'")),
    ("was sent 2 times", sent_again),
    ("two clients of sign-up", made_again),
    ("two clients of ours for C-1000", made_again),
    ("somebody else became Inactive", lambda story: client(story, status="Inactive")),
    ("active for nobody", lambda story: account(story, 1, Portal_Status__c="Active")),
    ("names #5 - X", lambda story: account(story, 1, WH_Account__c="#5 - X")),
    ("never written back", lambda story: account(story, 0, Portal_Status__c=None)),
]


@pytest.mark.parametrize(("complaint", "sabotage"), SABOTAGE, ids=[complaint for complaint, _ in SABOTAGE])
def test_a_broken_rule_is_named(stage: Stage, monkeypatch, complaint: str, sabotage: Callable[[Story], None]) -> None:
    async def last_act(self: Story) -> None:
        sabotage(self)

    monkeypatch.setattr(Story, "_everybody_signs_in", last_act)
    with pytest.raises(AssertionError, match=complaint):
        stage.play(SCENE)
