"""Orders are counted as health and metrics show them, without a record being read."""

from datetime import timedelta

import pytest

from portal_app.domain.fulfilment import Code, Hold, State
from portal_app.storage.fulfilment_counts import FulfilmentCounts
from portal_app.storage.fulfilments import Fulfilments

HELD = {"hold": Hold.PAUSED, "next_attempt_at": None}


@pytest.fixture
def fulfilments(db, cipher, clock) -> Fulfilments:
    return Fulfilments(db, cipher, clock)


@pytest.fixture
def counts(db, clock) -> FulfilmentCounts:
    return FulfilmentCounts(db, clock, stuck_after=timedelta(minutes=30))


@pytest.fixture
def an_order(fulfilments):
    async def make(number: int, *moves: tuple[State, dict]) -> None:
        order_id = f"80100000000000{number}AAA"
        await fulfilments.receive(order_id)
        record = await fulfilments.claim(order_id)
        for state, changes in moves:
            record = await fulfilments.step(record, state, **changes)
        await fulfilments.release(record)

    return make


async def test_nothing_is_counted_where_there_is_nothing(counts):
    found = await counts.get()
    assert (found.orders, found.held, found.stuck, found.due, found.due_since) == ({}, {}, 0, 0, None)


async def test_orders_are_counted_by_state_and_what_is_held_by_code(counts, an_order):
    for number in (1, 2):
        await an_order(number, (State.VALIDATED, HELD | {"error_code": Code.PAYMENT_METHOD_MISSING}))
    await an_order(3, (State.VALIDATED, HELD | {"hold": Hold.REVIEW, "error_code": Code.MAPPING_ERROR}))
    await an_order(4, (State.CANCELLED, {}))
    found = await counts.get()
    assert found.orders == {
        (State.VALIDATED, Hold.PAUSED): 2,
        (State.VALIDATED, Hold.REVIEW): 1,
        (State.CANCELLED, Hold.NONE): 1,
    }
    assert found.held == {"PAYMENT_METHOD_MISSING": 2, "MAPPING_ERROR": 1}


async def test_f14_what_is_due_and_what_is_stuck_is_counted_as_the_lists_have_it(counts, an_order, fulfilments, clock):
    began = clock.now()
    await an_order(1)
    clock.advance(60)
    await an_order(2)
    await an_order(3, (State.VALIDATED, {}), (State.SCHEDULED, {"next_attempt_at": clock.now() + timedelta(days=2)}))
    found = await counts.get()
    assert (found.due, found.due_since, found.stuck) == (2, began, 0)
    clock.advance(29 * 60 + 1)
    assert (await counts.get()).stuck == 1
    clock.advance(24 * 3600)
    assert (await counts.get()).stuck == len(await fulfilments.stuck(timedelta(minutes=30))) == 2
