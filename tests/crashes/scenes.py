"""The ways of an order on which workers are killed."""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.crashes.ward import Point, Ward
from tests.properties.fulfilment.orders import Kind, Placed
from tests.properties.fulfilment.seed import add_card

RECEIVED: Final = ("commit:->RECEIVED:before",)
"""Before this nobody knows of the order: its event comes again."""


@dataclass
class Played:
    """Where orders were killed, and what is not as it should be."""

    points: list[Point] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scene:
    """One kind of order on its way. `cancel_at`: there staff call it off. `no_card`: there is none at first.

    `only`: the points whose names have that in them; the others are those of another scene.
    """

    name: str
    kind: Kind
    state: str = "COMPLETED"
    cancel_at: str = ""
    no_card: bool = False
    only: str = ""

    def play(self, ward: Ward) -> Played:
        """Each point once."""
        how: dict[str, Any] = {"cancel_at": self.cancel_at} if self.cancel_at else {}
        prepared = _without_card if self.no_card else None
        points = [one for one in ward.points_of(self.name, self.kind, prepared=prepared, **how) if self._wants(one)]
        killed = ward.dies_at(self.kind, points, prepared=prepared, **how)
        ward.ask_again([placed for point, placed in killed if point.name in RECEIVED])
        ward.converges()
        if self.no_card:
            for _, placed in killed:
                ward.town.do(lambda world, who=placed.customer: add_card(world, who))
            ward.converges("resume")
        return Played(points, ward.wrongs(killed, state=self.state))

    def _wants(self, point: Point) -> bool:
        return any(word in point.name for word in self.only.split("|")) and point.name != self.cancel_at


def _without_card(ward: Ward, placed: Placed) -> None:
    sql = "DELETE FROM paymethods WHERE client_id = ?"
    ward.town.do(lambda world: world.store.execute(sql, placed.customer.whmcs_client_id))


SCENES: Final = (
    Scene("internet", "internet"),
    Scene("vpn", "vpn"),
    Scene("esim", "esim"),
    Scene("card", "card", only="SIM|sim"),
    Scene("port_in", "port_in", only="SIM|sim"),
    Scene("called off", "esim", state="CANCELLED", cancel_at="call:add_order:after", only="ADDED|CANCEL|cancel"),
    Scene("no card", "internet", no_card=True),
)
