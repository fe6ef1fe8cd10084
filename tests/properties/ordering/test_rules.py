"""Every rule of ordering can be broken, and says so."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox.salesforce.objects import OBJECTS
from tests.properties.ordering.scenes import Person, Scene, Step
from tests.properties.ordering.story import Story
from tests.properties.stage import Stage

BUYS = tuple(Step(what) for what in ("choose", "answer", "accept", "look", "place", "deliver"))
ANOTHER = tuple(Step(what, line=2) for what in ("choose", "accept", "look"))
SCENE = Scene((Person(), Person()), lenient=False, steps=BUYS + ANOTHER)


def on_disk(statement: str) -> Callable[[Story], None]:
    def sabotage(story: Story) -> None:
        with sqlite3.connect(story.process.db.sqlite_path) as connection:
            connection.execute(statement)

    return sabotage


def record(kind: str, **changed: object) -> Callable[[Story], None]:
    """Whatever rules Salesforce has: the only order, or the first of its lines."""

    def sabotage(story: Story) -> None:
        first = story.market.records(kind)[0]
        story.market.org.records.write(OBJECTS[kind], first | changed)

    return sabotage


def one_line_less(story: Story) -> None:
    for row in story.market.records("OrderItem"):
        story.market.org.records.write(OBJECTS["OrderItem"], row | {"IsDeleted": True})


def ordered_again(story: Story) -> None:
    order = story.market.records("Order")[0]
    made = story.market.org.records.insert(OBJECTS["Order"], {k: v for k, v in order.items() if k != "Id"})
    assert made["Id"] != order["Id"]


def never_had(what: str) -> Callable[[Story], None]:
    """As if it had not been so at the time."""

    def sabotage(story: Story) -> None:
        for moment in story.town.moments.seen:
            for account, one in moment.people.items():
                moment.people[account] = replace(one, **{what: type(getattr(one, what))()})

    return sabotage


def moved(story: Story) -> None:
    record("Order", BillingStreet="Elsewhere 1")(story)


SABOTAGE: list[tuple[str, Callable[[Story], None]]] = [
    ("has the lines", one_line_less),
    ("2 orders with the key", ordered_again),
    ("2 orders of one cart", ordered_again),
    ("which no cart ever had", record("Order", Idempotency_Key__c="another key")),
    ("has quantities", record("OrderItem", Quantity=2.0)),
    ("of another line", record("Order", Type="VPN")),
    ("submitted by nobody of its account", record("Order", AccountId="001Q800000D0005IAB")),
    ("prices that were not those", record("OrderItem", UnitPrice=1.0)),
    ("without a payment method", never_had("card")),
    ("without a document", never_had("document")),
    ("goes to Elsewhere 1, which was not shown", moved),
    ("where nobody lived", never_had("street")),
    ("2 open orders of SIM", ordered_again),
    ("two orders share an opportunity", ordered_again),
    ("may be ordered again", on_disk("UPDATE carts SET state = 'OPEN' WHERE state = 'PLACED'")),
    ("its cart was dropped", on_disk("UPDATE carts SET state = 'DROPPED' WHERE state = 'PLACED'")),
    ("its order is another one or none", on_disk("UPDATE carts SET salesforce_order_id = 'x' WHERE state = 'PLACED'")),
    ("keeps what was chosen", on_disk("UPDATE carts SET draft_sealed = 'x' WHERE state = 'PLACED'")),
    ("left unfinished: UNSURE", on_disk("UPDATE carts SET state = 'UNSURE' WHERE state = 'OPEN'")),
    ("left unfinished: mail", on_disk("UPDATE outbox SET sent_at = NULL, next_attempt_at = '2099-01-01'")),
    ("that is not there", lambda story: setattr(story.submits[0], "order_id", "x")),
    ("0 mails about 1 orders", lambda story: story.mails.clear()),
    ("was sent 2 times", lambda story: story.mails.append(story.mails[0])),
    ("has no opportunity", record("Order", OpportunityId=None)),
]


@pytest.mark.parametrize(("complaint", "sabotage"), SABOTAGE, ids=[complaint for complaint, _ in SABOTAGE])
def test_a_broken_rule_is_named(stage: Stage, monkeypatch, complaint: str, sabotage: Callable[[Story], None]) -> None:
    async def last_act(self: Story) -> None:
        sabotage(self)

    monkeypatch.setattr(Story, "_everybody_orders", last_act)
    with pytest.raises(AssertionError, match=complaint):
        stage.play(SCENE)
