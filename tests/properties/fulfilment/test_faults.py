"""Whatever goes wrong between us and the three systems, every order ends as exactly one of everything.

First each fault at each call of each kind of order, then orders with several at random while workers die. A failure
prints its plan. PORTAL_ORDERS says how many orders are played in all.
"""

import os
from collections.abc import Mapping, Sequence

import pytest

from tests.properties.fulfilment.conftest import Stage
from tests.properties.fulfilment.errands import Errand, Plan, at_random, every_fault_once, systematic
from tests.properties.fulfilment.faults import CallName
from tests.properties.fulfilment.orders import KINDS, Kind

ORDERS = int(os.environ.get("PORTAL_ORDERS", "1000"))
AT_ONCE = 20
PARTS = 4
FIRST_SEED = int(os.environ.get("PORTAL_SEED", "1"))

Calls = Mapping[Kind, Sequence[CallName]]


@pytest.fixture(scope="module")
def calls(stage: Stage) -> Calls:
    """What an order asks of the outside when all goes well, by kind."""
    found = {}
    for kind in KINDS:
        life = stage.play(Plan((Errand(kind),)))
        [placed] = life.placed
        found[kind] = life.script.calls[placed.order_id]
    return found
