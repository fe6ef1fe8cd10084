"""Two workers at once: what one held when it was killed the other ends, and one that stood still is too late."""

import os
import signal
import time
from typing import Any, Final

import pytest

from tests.crashes.nursery import KILLED
from tests.crashes.ward import Point, Ward
from tests.properties.fulfilment.orders import Kind

LEASE_S: Final = 2.0
MOST_S: Final = 20.0
"""The lease, the settle time, and as much again as a busy machine takes; the limit in production is 100 s (F13b)."""
WHERE: Final[list[tuple[Kind, str]]] = [
    ("internet", "commit:RECEIVED->VALIDATED:before"),
    ("internet", "call:add_order:before"),
    ("internet", "commit:ADD_INTENT->ADDED:before"),
    ("internet", "call:accept_order:before"),
    ("internet", "commit:WRITEBACK->COMPLETED:before"),
    ("esim", "call:sim_activation:before"),
    ("esim", "call:gen_invoices:before"),
]
SHORT: Final[dict[str, Any]] = {"lease_s": LEASE_S, "settle_s": LEASE_S}


@pytest.mark.timeout(300)
def test_k9_i7_an_orphaned_order_is_taken_over_after_its_lease(ward: Ward) -> None:
    where = Point("killed", "call:add_order:after")
    placed = ward.town.order("internet")
    errand = ward.errand(order_id=placed.order_id, request=True, die_at=(where.name, 1), **SHORT)
    other = ward.nursery.start(ward.errand("serve", **SHORT, seconds=60.0))
    assert ward.nursery.run(errand) == KILLED
    began = time.monotonic()
    if ward.nursery.wait(other) == 0 and ward.state_of(placed) != "COMPLETED":  # it had ended before there was work
        assert ward.nursery.run(ward.errand("serve", **SHORT, seconds=60.0)) == 0
    assert time.monotonic() - began < MOST_S
    assert not ward.wrongs([(where, placed)])


@pytest.mark.timeout(300)
def test_k9_f5_a_zombie_that_goes_on_after_its_lease_writes_and_sends_nothing(ward: Ward) -> None:
    orders = [(Point("stopped", name), ward.town.order(kind)) for kind, name in WHERE]
    zombies = []
    for point, placed in orders:
        errand = ward.errand(order_id=placed.order_id, request=True, stop_at=(point.name, 1), mails=False, **SHORT)
        zombies.append(ward.nursery.start(errand))
        assert ward.nursery.stopped(zombies[-1]), f"{point} was not passed\n{ward.log()}"
    assert ward.nursery.run(ward.errand("serve", **SHORT, seconds=60.0)) == 0, ward.log()
    ended, sent = ward.rows("SELECT * FROM fulfilments ORDER BY salesforce_order_id"), ward.town.writes()
    for pid in zombies:
        os.kill(pid, signal.SIGCONT)
        assert ward.nursery.wait(pid) == 0, ward.log()
    assert ward.rows("SELECT * FROM fulfilments ORDER BY salesforce_order_id") == ended
    assert ward.town.writes() == sent
    assert not ward.wrongs(orders)
