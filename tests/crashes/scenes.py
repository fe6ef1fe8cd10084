"""The ways of an order on which workers are killed."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sandbox.whmcs.paymethods import stored
from sandbox.world import World
from tests.crashes.ward import Point, Prepared, Ward
from tests.properties.fulfilment.orders import Kind, Placed, change
from tests.properties.fulfilment.seed import CUSTOMERS, add_card

RECEIVED: Final = ("commit:->RECEIVED:before",)
"""Before this nobody knows of the order: its event comes again."""


@dataclass
class Played:
    """Where orders were killed, and what is not as it should be."""

    points: list[Point] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scene:
    """One kind of order on its way. `cancel_at`: there staff call it off. `prepared`: done to it beforehand.

    `only`: the points whose names have that in them; the others are those of another scene.
    """

    name: str
    kind: Kind
    state: str = "COMPLETED"
    cancel_at: str = ""
    prepared: Prepared | None = None
    only: str = ""

    def play(self, ward: Ward) -> Played:
        """Each point once."""
        how: dict[str, Any] = {"cancel_at": self.cancel_at} if self.cancel_at else {}
        prepared = self.prepared
        points = [one for one in ward.points_of(self.name, self.kind, prepared=prepared, **how) if self._wants(one)]
        killed = ward.dies_at(self.kind, points, prepared=prepared, **how)
        ward.ask_again([placed for point, placed in killed if point.name in RECEIVED])
        ward.converges()
        if prepared is _without_card:
            ward.town.do(_cards_for_all)
            ward.converges("resume")
        return Played(points, ward.wrongs(killed, state=self.state))

    def _wants(self, point: Point) -> bool:
        return any(word in point.name for word in self.only.split("|")) and point.name != self.cancel_at


class Heard(Scene):
    """From the event to the row: intake, cursor, inbox. Salesforce delivers what was not stored, and more, again."""

    def play(self, ward: Ward) -> Played:
        points = ward.points_of(self.name, self.kind, task="hear")
        killed = ward.dies_at(self.kind, points, task="hear", at_once=1)
        orders = [placed for _, placed in killed]
        ward.again("hear", *orders)
        ward.again("hear", *orders, offset_s=200.0)
        ward.converges()
        kept = ward.rows("SELECT event_id, count(*) AS n FROM inbox_events GROUP BY 1 HAVING count(*) > 1")
        return Played(points, ward.wrongs(killed) + [f"{row['event_id']} is kept {row['n']} times" for row in kept])


class Mailed(Scene):
    """The last word: the mail about a service that runs. What was handed over twice is one mail, by its Message-ID."""

    def play(self, ward: Ward) -> Played:
        points = ward.points_of(self.name, self.kind, prepared=_fulfilled, task="post", mails=True)
        killed = ward.dies_at(self.kind, points, prepared=_fulfilled, task="post", at_once=1, mails=True)
        ward.converges()
        sent = ward.mails_by_order()
        often = [
            f"{point}: {len(sent[placed.order_id])} mails" for point, placed in killed if len(sent[placed.order_id]) > 2
        ]
        return Played(points, ward.wrongs(killed) + often)


def _fulfilled(ward: Ward, placed: Placed) -> None:
    assert ward.nursery.run(ward.errand(order_id=placed.order_id, request=True, mails=False)) == 0


def _without_card(ward: Ward, placed: Placed) -> None:
    sql = "DELETE FROM paymethods WHERE client_id = ?"
    ward.town.do(lambda world: world.store.execute(sql, placed.customer.whmcs_client_id))


def _cards_for_all(world: World) -> None:
    for customer in CUSTOMERS:
        if not stored(world, customer.whmcs_client_id):
            add_card(world, customer)


def _for_tomorrow(ward: Ward, placed: Placed) -> None:
    def put_off(world: World) -> None:
        tomorrow = f"{world.clock.today() + timedelta(days=1)}T00:00:00.000+0900"
        change(world, "Order", placed.order_id, Activation_Type__c="Scheduled", Activation_Scheduled_At__c=tomorrow)

    ward.town.do(put_off)


SCENES: Final = (
    Scene("internet", "internet"),
    Scene("vpn", "vpn"),
    Scene("esim", "esim"),
    Scene("card", "card", only="SIM|sim"),
    Scene("port_in", "port_in", only="SIM|sim"),
    Scene("called off", "esim", state="CANCELLED", cancel_at="call:add_order:after", only="ADDED|CANCEL|cancel"),
    Scene("no card", "internet", prepared=_without_card, only="VALIDATED|report"),
    Scene("scheduled", "internet", prepared=_for_tomorrow, only="SCHEDULED|report"),
    Heard("heard", "internet"),
    Mailed("mailed", "internet"),
)
