"""Every rule of a story can be broken, and says so."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.storage.case_posts import CasePosts
from portal_app.storage.outbox import Outbox
from portal_app.workflows import support, support_posts
from tests.fakes.troubles import Trouble
from tests.properties.stage import Stage
from tests.properties.support.scenes import Scene, Step
from tests.properties.support.story import Story

LATE = Trouble("late", 1, "create CaseComment")
LOST = Trouble("lost_after", 1, "create CaseComment")
CRASH = Trouble("crash_before_call", 1, "create CaseComment")


def scene(*steps: Step) -> Scene:
    return Scene((Step("open", right=False), *steps))


async def _never(*_: Any, **__: Any) -> bool:
    return False


async def _always(*_: Any, **__: Any) -> bool:
    return True


async def _forgets(*_: Any, **__: Any) -> bool:
    return True


@contextmanager
def _impatient() -> Iterator[None]:
    with (
        patch.object(support, "KEPT_FOR", timedelta(0)),
        patch.object(support_posts, "_may_be_under_way", lambda *_: False),
    ):
        yield


CALM = scene(Step("reply", right=True), Step("staff_says"), Step("deliver"))
SABOTAGED = [
    # Nobody looks whether the reply is there.
    (scene(Step("reply", trouble=LOST)), lambda: patch.object(SupportCases, "find_comment", _never), "nobody took it"),
    # Nobody waits for what may still arrive.
    (
        scene(Step("reply", trouble=LATE), Step("wait", which=1), Step("deliver")),
        _impatient,
        "nobody took it",
    ),
    # No outbox row is written with the post.
    (scene(Step("reply", trouble=CRASH)), lambda: patch.object(Outbox, "add", _forgets), "left: WAITING"),
    # What is only thought to be sent is noted as sent.
    (CALM, lambda: patch.object(SupportCases, "comment", _always), "was said to be sent and is not there"),
    # Files are forgotten.
    (CALM, lambda: patch("tests.fakes.help_desk.FakeFileDesk.attach", _always), "lie with []"),
]


@pytest.mark.parametrize(("played", "sabotage", "said"), SABOTAGED)
def test_a_portal_without_one_of_its_protections_is_found_out(
    stage: Stage, played: Scene, sabotage: Callable[[], AbstractContextManager[Any]], said: str
) -> None:
    with sabotage():
        with patch.object(CasePosts, "intend", _always), pytest.raises(AssertionError) as found:
            stage.play(played)
        assert said in str(found.value)


def test_the_same_scenes_hold_with_every_protection(stage: Stage) -> None:
    for played in dict.fromkeys(one for one, _, _ in SABOTAGED):
        stage.play(played)


class Tampered(Story):
    """Somebody changes the database when all is done."""

    def at_rest(self) -> list[str]:
        with sqlite3.connect(self._file) as connection:
            connection.execute("UPDATE notifications SET source_id = 'another'")
        return super().at_rest()


def test_news_that_reached_nobody_are_missed(stage: Stage) -> None:
    with patch.object(stage, "_story", Tampered), pytest.raises(AssertionError, match="told \\['another'\\]"):
        stage.play(CALM)


def test_a_settle_time_is_longer_than_a_write_and_its_begin() -> None:
    assert timedelta(seconds=support_posts.BEGIN_S + support_posts.SEND_S) < support_posts.SETTLE
