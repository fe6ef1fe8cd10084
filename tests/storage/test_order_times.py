"""When orders reached their steps."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.storage.order_times import OrderTimes

ORDER = "801000000000001AAA"


@pytest.fixture
def times(db, clock) -> OrderTimes:
    return OrderTimes(db, clock)


async def test_steps_are_told_in_their_order_with_the_time_they_were_seen(times, customer, clock):
    approved = clock.now() + timedelta(days=1)
    await times.seen(customer.user_id, ORDER, "approved", approved)
    await times.seen(customer.user_id, ORDER, "placed")
    assert list((await times.of(customer, ORDER)).items()) == [("placed", clock.now()), ("approved", approved)]


async def test_the_first_time_stays(times, customer, clock):
    first = clock.now()
    await times.seen(customer.user_id, ORDER, "active")
    clock.advance(60)
    await times.seen(customer.user_id, ORDER, "active")
    assert await times.of(customer, ORDER) == {"active": first}


async def test_seen_by_several_at_once_is_seen_once(times, other_db, customer, clock):
    elsewhere = OrderTimes(other_db, clock)
    await asyncio.gather(*(one.seen(customer.user_id, ORDER, "placed") for one in [times, elsewhere] * 3))
    assert await times.of(customer, ORDER) == {"placed": clock.now()}


async def test_o1_another_customers_order_has_no_times(times, customer, other_customer):
    await times.seen(customer.user_id, ORDER, "placed")
    assert await times.of(other_customer, ORDER) == {}
    assert await times.of(customer, "801000000000002AAA") == {}


async def test_f1_a_step_is_noted_exactly_when_its_transaction_is(db, times, customer):
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await times.seen_in(session, customer.user_id, ORDER, "placed")
            raise ZeroDivisionError
    assert await times.of(customer, ORDER) == {}


async def test_what_is_no_step_is_refused(times, customer):
    with pytest.raises(ValueError, match="no step"):
        await times.seen(customer.user_id, ORDER, "shipped")
