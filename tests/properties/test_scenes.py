"""Scenes by hand: they show that stories come to something, and that a portal that does wrong is found out."""

from datetime import timedelta
from typing import Any

import pytest

from portal_app.storage import users
from portal_app.storage.signups import Signups
from portal_app.workflows.sign_up_account import SignUpAccount
from portal_app.workflows.signing_up import SigningUp
from tests.fakes.troubles import Trouble
from tests.properties.scenes import Person, Scene, Step
from tests.properties.stage import Stage

SUBMIT, DELIVER, CONFIRM, ADVANCE = (Step(what) for what in ("submit", "deliver", "confirm", "advance"))
SAME_NUMBER = Step("submit", which=3)
SETTLED, NOT_SETTLED = Step("wait", which=4), Step("wait", which=1)
LOST = ("crash_before_call", "crash_after_call", "lost_before", "lost_after", "late", "garbled")
CODE_ARRIVES = (Step("link"), DELIVER, Step("code"))


def confirmed(kind: str, at: int = 1, on: str = "AddClient") -> Step:
    return Step("confirm", trouble=Trouble(kind, at, on))


def a_scene(*steps: Step, lenient: bool = False, verdict: str = "", first: Person = Person()) -> Scene:
    return Scene((first, Person(), Person()), lenient, verdict, steps)


def templates(stage: Stage, scene: Scene) -> list[str]:
    return [mail["template"] for mail in stage.play(scene).outside.mails]


def test_a_sign_up_without_trouble_ends_with_a_customer(stage):
    story = stage.play(a_scene(SUBMIT, DELIVER, CONFIRM))
    assert [mail["template"] for mail in story.outside.mails] == ["verify_email", "welcome"]
    assert [row["Portal_Status__c"] for row in story.outside.salesforce.records["Account"]] == ["Active", None, None]
    assert len(story.outside.whmcs.made_by_us()) == len(story.sessions) == 1


def test_a_client_with_two_factors_is_linked_and_sets_a_password(stage):
    linked = a_scene(*CODE_ARRIVES, Step("first_password"), first=Person(client="plain", two_factor=True))
    assert templates(stage, linked) == ["link_code", "welcome"]


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_staff_decide_about_somebody_else(stage, verdict):
    stranger = a_scene(Step("submit", which=3, right=False), DELIVER, CONFIRM, verdict=verdict)
    ends = {"approve": "welcome", "reject": "signup_not_confirmed"}
    assert templates(stage, stranger) == ["verify_email", "signup_waiting", ends[verdict]]


@pytest.mark.parametrize(
    "kind", ["crash_before_call", "crash_after_call", "lost_before", "lost_after", "late", "garbled"]
)
@pytest.mark.parametrize("lenient", [False, True])
def test_f7_a_lost_answer_ends_with_one_client(stage, kind, lenient):
    story = stage.play(a_scene(SUBMIT, DELIVER, confirmed(kind), lenient=lenient))
    assert story.troubles.struck == [kind]
    assert [mail["template"] for mail in story.outside.mails] == ["verify_email", "welcome"]
    assert len(story.outside.whmcs.made_by_us()) == 1


@pytest.mark.parametrize("at", range(1, 12))
def test_i7_a_crash_at_any_commit_of_a_confirmation_loses_nothing(stage, at):
    story = stage.play(a_scene(SUBMIT, DELIVER, confirmed("crash_after_commit", at, on="")))
    # Before the second commit the link was not used, so that it can be opened again.
    welcomed = "welcome" in [mail["template"] for mail in story.outside.mails]
    assert welcomed == (at > 1)


def test_without_the_look_a_repeat_is_found_out(stage, monkeypatch):
    async def nobody(self: Any, record: Any) -> None: ...

    monkeypatch.setattr(SignUpAccount, "_under_its_email", nobody)
    _is_found_out(stage, a_scene(SUBMIT, DELIVER, confirmed("lost_before"), SETTLED, ADVANCE), "without a look")


def test_without_the_settle_time_a_repeat_is_found_out(stage, monkeypatch):
    monkeypatch.setitem(SigningUp.__init__.__kwdefaults__, "settle", timedelta(0))
    scene = a_scene(SUBMIT, DELIVER, confirmed("late"), NOT_SETTLED, ADVANCE, SETTLED, lenient=True)
    _is_found_out(stage, scene, "without a look after the settle time")


def test_f7_adopting_a_client_without_our_marker_is_found_out(stage, monkeypatch):
    async def adopted(self: Any, record: Any, found: Any) -> Any:
        return await self._moves.to(record, "ADDED", whmcs_client_id=found.whmcs_client_id)

    monkeypatch.setattr(SignUpAccount, "_met", adopted)
    _is_found_out(stage, a_scene(SUBMIT, DELIVER, Step("appear"), CONFIRM), "without our marker")


def test_without_the_claim_a_second_client_for_one_number_is_found_out(stage, monkeypatch):
    async def unclaimed(self: Any, record: Any, to_state: str) -> Any:
        return await self.step(record, to_state)

    monkeypatch.setattr(Signups, "claim_account", unclaimed)
    scene = a_scene(SUBMIT, SAME_NUMBER, DELIVER, confirmed("lost_after"), Step("confirm", which=1))
    _is_found_out(stage, scene, "two clients of ours for C-1000")


def test_a_user_made_before_the_mapping_is_found_out(stage, monkeypatch):
    completed = SignUpAccount._completed

    async def in_two_transactions(self: Any, record: Any) -> Any:
        async def mapped(session: Any, **them: Any) -> None:
            row = {name: them[name] for name in ("user_id", "whmcs_client_id", "sf_account_id", "sf_contact_id")}
            await users.set_mapping(session, self._db.dialect, row)

        async with self._db.write() as tx:
            user = record.user_id, record.payload.email, record.payload.password_hash, record.locale
            await self._users._add(tx, *user)
        self._users.create_linked = mapped
        return await completed(self, record)

    monkeypatch.setattr(SignUpAccount, "_completed", in_two_transactions)
    with pytest.raises(AssertionError, match="has no mapping"):
        for at in range(4, 12):
            stage.play(a_scene(SUBMIT, DELIVER, confirmed("crash_after_commit", at, on="")))


def _is_found_out(stage: Stage, scene: Scene, how: str) -> None:
    with pytest.raises(AssertionError, match=how):
        stage.play(scene)
