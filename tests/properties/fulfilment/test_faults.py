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


@pytest.mark.timeout(0)  # ten thousand take their time, and a failure is made shorter first
@pytest.mark.parametrize("part", range(PARTS))
def test_i1_i2_each_fault_at_each_call_of_each_kind_of_order(stage: Stage, calls: Calls, part: int) -> None:
    for plan in list(systematic(calls, AT_ONCE))[part::PARTS]:
        life = stage.play(plan)
        assert not life.script.left(), f"a call never came: {plan}"


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
def test_i1_i2_i7_orders_end_whatever_fails_and_whoever_dies(stage: Stage, calls: Calls, part: int) -> None:
    left = max(ORDERS // 4, ORDERS - sum(len(plan.errands) for plan in systematic(calls, AT_ONCE)))
    for number in range(part, left // AT_ONCE, PARTS):
        stage.play(at_random(calls, AT_ONCE, FIRST_SEED + number))


def test_every_upstream_call_of_an_order_is_known(calls: Calls) -> None:
    """What the systematic part is made of: each system is asked, and each of our writes is among them."""
    for kind in KINDS:
        asked = {str(call) for call in calls[kind]}
        writes = {call.operation for call in calls[kind] if call.write}
        assert {"whmcs AddOrder 1", "whmcs AcceptOrder 1", "salesforce update Order 1"} <= asked, kind
        assert ("GenInvoices" in writes) == (kind not in ("internet", "vpn"))
    assert len(every_fault_once(calls)) > 700
