"""Each protection, switched off here and nowhere else: the oracle then finds what it is there to prevent.

That of the inbox, which keeps an event from being worked on twice, has its own in tests/workflows.
"""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from portal_app.domain.fulfilment import Hold, State
from portal_app.integrations.whmcs import orders as whmcs_orders
from portal_app.storage import fulfilment_leases
from portal_app.storage.fulfilment_leases import FulfilmentLeases
from portal_app.workflows import fulfilment_billing, fulfilment_failures, fulfilment_run
from portal_app.workflows.fulfilment_run import Calls
from tests.properties.fulfilment import wires
from tests.properties.fulfilment.conftest import Stage
from tests.properties.fulfilment.errands import Errand, Plan, Stop
from tests.properties.fulfilment.faults import CallName, Fault
from tests.properties.fulfilment.outside import OF_PRODUCT

ADD = CallName("whmcs", "AddOrder", 1, write=True)
DONE_AND_NOT_SAID = Plan((Errand("internet", (Fault(ADD, "reset_after"),)),), workers=2)
DONE_LATE = Plan((Errand("internet", (Fault(ADD, "delayed"),)),), workers=2)
READ_FIRST = ((OF_PRODUCT, 1), (OF_PRODUCT, 2), (OF_PRODUCT, 3), ("GetPaymentMethods", 1), ("GetPayMethods", 2))
SLOW = tuple(Fault(CallName("whmcs", name, nth, write=False), "outdated") for name, nth in READ_FIRST)
BEGUN_LATE = Plan(
    # What it reads before it sends takes so long that what then comes late would come after the settle time.
    (Errand("internet", (*SLOW, Fault(ADD, "delayed"))),),
    workers=2,
)
ZOMBIE = Plan(
    (Errand("internet", (Fault(ADD, "reset_before"),)),),
    workers=2,
    # It has looked, nothing is there, and it is about to say that it tries again; meanwhile its lease ends.
    stop=Stop("commit:ADD_INTENT->ADD_INTENT:before", 2, 300),
)


def no_probe() -> AbstractContextManager[Any]:
    """What WHMCS has already is not looked at."""
    return patch.object(fulfilment_billing, "read_marks", lambda *_: None)


@contextmanager
def no_settle_time() -> Iterator[None]:
    """What was not found is asked for again as soon as may be."""
    with (
        patch.object(fulfilment_billing, "unsettled", lambda *_: False),
        patch.object(fulfilment_failures, "settled_at", lambda *_: None),
    ):
        yield


def no_fence() -> AbstractContextManager[Any]:
    """Whoever holds an order or held it once may write it."""
    mine = fulfilment_leases._ROW.salesforce_order_id
    return patch.multiple(
        fulfilment_leases,
        _held=lambda record: (mine == record.salesforce_order_id,),
        _owned=lambda record: (mine == record.salesforce_order_id,),
    )


def no_deadline() -> AbstractContextManager[Any]:
    """A call may begin long after its intent was committed."""
    begin = Calls.begin
    return patch.object(Calls, "begin", lambda self, run, *, at: begin(self, run, at=at + 1_000_000))


def no_history() -> AbstractContextManager[Any]:
    """Two moves may have one number."""

    async def step_in(
        self: Any,
        tx: Any,
        record: Any,
        to_state: State,
        *,
        hold: Hold = Hold.NONE,
        next_attempt_at: Any = fulfilment_leases._NOW,
        took_ms: int = 0,
        **changes: Any,
    ) -> Any:
        moved = {**changes, "state": to_state, "hold": hold, "step_no": record.step_no + 1}
        return await self._write(tx, record, moved, changes, next_attempt_at)

    return patch.object(FulfilmentLeases, "step_in", step_in)


@contextmanager
def slow_whmcs() -> Iterator[None]:
    """It takes its time, and is done just before the settle time ends."""
    with patch.object(wires, "LATE_S", 45.0):
        yield


@contextmanager
def no_beginning() -> Iterator[None]:
    """A call may begin as late as it may end."""
    with (
        patch.object(fulfilment_run, "BEGINS", fulfilment_run.SHARE),
        patch.object(whmcs_orders, "remaining", lambda: math.inf),
    ):
        yield


@contextmanager
def without(*protections: Any) -> Iterator[None]:
    with ExitStack() as off:
        for protection in protections:
            off.enter_context(protection())
        yield


@pytest.mark.parametrize("plan", [DONE_AND_NOT_SAID, DONE_LATE, BEGUN_LATE, ZOMBIE])
def test_i1_with_every_protection_there_is_one_of_everything(stage: Stage, plan: Plan) -> None:
    stage.play(plan)


@pytest.mark.parametrize(
    ("plan", "off"),
    [
        pytest.param(DONE_AND_NOT_SAID, (no_probe,), id="no probe"),
        pytest.param(DONE_LATE, (slow_whmcs, no_settle_time), id="no settle time"),
        pytest.param(BEGUN_LATE, (no_beginning,), id="no latest beginning"),
        pytest.param(ZOMBIE, (no_fence, no_history, no_deadline), id="no fence"),
    ],
)
def test_i1_without_its_protection_an_order_is_doubled_and_that_is_seen(stage: Stage, plan: Plan, off: Any) -> None:
    with without(*off), pytest.raises(AssertionError, match=r"services more than once|2 orders in WHMCS"):
        stage.play(plan)


def test_k9_without_the_fence_a_zombie_reaches_the_table_and_that_is_seen(stage: Stage) -> None:
    """What then still stops it is that two moves of an order cannot have one number."""
    with without(no_fence), pytest.raises(AssertionError, match="IntegrityError"):
        stage.play(ZOMBIE)


@pytest.mark.parametrize("off", [(no_deadline,), (no_fence, no_history)], ids=["fence", "deadline"])
def test_k9_f5_the_fence_and_the_deadline_each_keep_a_zombie_from_sending(stage: Stage, off: Any) -> None:
    with without(*off):
        try:
            stage.play(ZOMBIE)
        except AssertionError as moved_back:
            assert "more than once" not in str(moved_back)
            assert "orders in WHMCS" not in str(moved_back)
