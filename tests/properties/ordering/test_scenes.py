"""Scenes by hand: they show that stories come to something, and that a shop that does wrong is found out."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.orders import Orders
from portal_app.workflows import checkout
from portal_app.workflows.address import AddressBook
from portal_app.workflows.checkout import Checkout
from portal_app.workflows.checkout_moves import CheckoutMoves
from tests.fakes.troubles import Trouble
from tests.properties.ordering.scenes import LOST, PLACING, Person, Scene, Step
from tests.properties.stage import Stage

SIM, INTERNET, VPN = range(3)
RESUME, DELIVER = Step("resume"), Step("deliver")
SETTLED, NOT_SETTLED, LEASE_OVER = Step("wait", which=3), Step("wait", which=1), Step("wait", which=4)


def ready(line: int = SIM, **chosen: Any) -> tuple[Step, ...]:
    """Everything up to the button."""
    return tuple(Step(what, line=line, **chosen) for what in ("choose", "answer", "accept", "look"))


def placing(kind: str = "", line: int = SIM, at: int = 1, on: str = PLACING, what: str = "place") -> Step:
    return Step(what, line=line, trouble=Trouble(kind, at, on) if kind else None)


def a_scene(*steps: Step, lenient: bool = False, first: Person = Person()) -> Scene:
    return Scene((first, Person()), lenient, steps)


@pytest.mark.parametrize("line", [SIM, INTERNET, VPN])
def test_an_order_without_trouble_is_placed_at_once(stage, line):
    story = stage.play(a_scene(*ready(line), placing(line=line)))
    assert [submit.outcome for submit in story.submits] == ["placed"]
    assert [mail["template"] for mail in story.mails] == ["order_placed"]


@pytest.mark.parametrize("kind", [*LOST, "crash_before_call"])
@pytest.mark.parametrize("lenient", [False, True])
def test_f8_a_lost_answer_ends_with_one_order(stage, kind, lenient):
    story = stage.play(a_scene(*ready(), placing(kind), lenient=lenient))
    assert story.troubles.struck == [kind]
    assert len(story.town.orders()) == 1


@pytest.mark.parametrize("at", range(1, 9))
def test_i7_a_crash_at_any_commit_of_a_submit_loses_nothing(stage, at):
    story = stage.play(a_scene(*ready(), placing("crash_after_commit", at, on="")))
    assert len(story.town.orders()) == 1


@pytest.mark.parametrize("what", ["twice", "both", "meanwhile"])
def test_k12_two_tabs_make_one_order(stage, what):
    story = stage.play(a_scene(*ready(), Step("look"), placing(what=what)))
    assert len(story.town.orders()) == 1


def test_o5_a_price_that_changed_since_the_page_was_drawn_is_shown_first(stage):
    scene = a_scene(*ready(), Step("price"), placing())
    story = stage.play(scene)
    assert [submit.outcome for submit in story.submits] == ["", "placed"]


@pytest.mark.parametrize(
    "person", [Person(card=False), Person(document="Rejected"), Person(document="")], ids=["card", "rejected", "none"]
)
def test_i4_a_gate_that_is_closed_stops_the_order(stage, person):
    story = stage.play(a_scene(*ready(), placing(), first=person))
    assert story.submits[0].outcome == ""


def test_somebody_elses_page_orders_nothing(stage):
    story = stage.play(a_scene(*ready(), Step("stranger")))
    assert [submit.outcome for submit in story.submits] == ["", "placed"]


def _is_found_out(stage: Stage, scene: Scene, how: str) -> None:
    with pytest.raises(AssertionError, match=how):
        stage.play(scene)


def test_without_the_look_a_repeat_is_found_out(stage, monkeypatch):
    async def nothing(*_: Any, **__: Any) -> None: ...

    monkeypatch.setattr(Orders, "find", nothing)
    _is_found_out(stage, a_scene(*ready(), placing("lost_after"), SETTLED, RESUME, lenient=True), "without a look")


def test_a_new_key_each_time_is_found_out(stage, monkeypatch):
    place = Orders.place

    async def renamed(self: Any, customer: Any, draft: Any, key: str) -> Any:
        return await place(self, customer, draft, str(uuid.uuid4()))

    monkeypatch.setattr(Orders, "place", renamed)
    _is_found_out(stage, a_scene(*ready(), placing()), "which no cart ever had")


def test_a_price_from_the_copy_is_found_out(stage, monkeypatch):
    async def copy(self: Any, **_: Any) -> Any:
        return (await self.get_catalog()).catalog

    monkeypatch.setattr(PriceBook, "read_now", copy)
    _is_found_out(stage, a_scene(*ready(), Step("price"), Step("look"), placing()), "prices that were not those")


def test_without_the_settle_time_a_repeat_is_found_out(stage, monkeypatch):
    monkeypatch.setitem(Checkout.__init__.__kwdefaults__, "settle", timedelta(0))
    scene = a_scene(*ready(), placing("late"), NOT_SETTLED, RESUME, lenient=True)
    _is_found_out(stage, scene, "without a look after the settle time")


def test_a_lost_order_whose_cart_is_opened_again_is_found_out(stage, monkeypatch):
    async def opened(self: Any, record: Any, code: str) -> Any:
        return await self.reopened(record)

    monkeypatch.setattr(CheckoutMoves, "unsure", opened)
    _is_found_out(stage, a_scene(*ready(), placing("late"), SETTLED), "may be ordered again")


def test_a_price_that_was_not_shown_is_found_out(stage, monkeypatch):
    class Always(str):
        def __ne__(self, other: object) -> bool:
            return False

    monkeypatch.setattr(checkout, "fingerprint_of", lambda *_: Always())
    _is_found_out(stage, a_scene(*ready(), Step("price"), placing()), "prices that were not those")


@pytest.mark.parametrize(
    ("line", "person", "how"),
    [
        (VPN, Person(card=False), "without a payment method"),
        (SIM, Person(document="Rejected"), "without a document"),
        (INTERNET, Person(offering="Apartment 1G"), "where it cannot be had"),
    ],
    ids=["card", "document", "address"],
)
def test_i4_a_gate_that_nobody_asks_about_is_found_out(stage, monkeypatch, line, person, how):
    monkeypatch.setattr(checkout, "missing", lambda *_: ())
    _is_found_out(stage, a_scene(*ready(line), placing(line=line), first=person), how)


MOVES = (
    *ready(INTERNET)[:-1],
    Step("move", line=INTERNET, which=1),
    DELIVER,
    *ready(INTERNET)[1:],
    placing(line=INTERNET),
)


def test_a_new_address_is_not_ordered_for_before_it_was_checked(stage):
    story = stage.play(a_scene(*MOVES))
    assert [submit.outcome for submit in story.submits] == ["", "placed"]


def test_an_address_that_nobody_checked_is_found_out(stage, monkeypatch):
    async def nothing(*_: Any, **__: Any) -> None: ...

    monkeypatch.setattr(Checks, "reset_availability", nothing)
    _is_found_out(stage, a_scene(*MOVES), "which nobody checked")


def test_an_address_on_its_way_to_salesforce_is_not_ordered_for(stage, monkeypatch):
    async def settled(*_: Any) -> bool:
        return False

    waiting = tuple(step for step in MOVES if step is not DELIVER)
    assert stage.play(a_scene(*waiting)).submits[0].outcome == ""
    monkeypatch.setattr(AddressBook, "is_settling", settled)
    _is_found_out(stage, a_scene(*waiting), "which nobody checked")
