"""Ordering where writers work side by side: two processes on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal_app.storage import migrate
from portal_app.workflows.checkout import Placement
from tests.fakes.catalog import SIM
from tests.fakes.checkout_world import CheckoutWorld, Crash


@pytest.fixture
async def two(fresh_postgres: str) -> AsyncIterator[list[CheckoutWorld]]:
    """Two processes of one portal, and a customer with a complete cart."""
    migrate.upgrade(fresh_postgres)
    one = CheckoutWorld(fresh_postgres)
    one.mine = await one.a_customer()
    await one.fill(SIM)
    other = CheckoutWorld(fresh_postgres, one)
    yield [one, other]
    await one.close()
    await other.close()


async def at_once(*work: Any) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


async def ended_once(world: CheckoutWorld, orders: int = 1) -> None:
    """Each of them, with one mail and one note."""
    assert len(set(world.keys())) == len(world.keys()) == orders and await world.state() == "PLACED"
    assert (await world.audited()).count("order.placed ok") == orders
    assert len(await world.rows("SELECT 1 FROM outbox WHERE kind = 'mail'")) == orders


async def test_submits_in_two_processes_make_one_order(two):
    offer = await two[0].offer()
    answers = await at_once(*(world.submit(offer) for world in two * 6))
    assert {str(one) for one in answers if not isinstance(one, Placement)} <= {"checkout.in_progress"}
    await ended_once(two[0])


async def test_two_workers_end_each_lost_order_once(two):
    for orders in (1, 2, 3):
        two[0].outside.will("create", "lost_before")
        await two[0].order()
        two[0].clock.advance(61)
        await at_once(*(world.checkout.resume_due() for world in two * 2))
        await ended_once(two[0], orders)
        two[0].outside.orders[-1].status = "Cancelled"
        await two[0].fill(SIM)


async def test_a_tick_and_a_submit_at_once_never_order_what_was_not_shown(two):
    for _ in range(5):
        offer = await two[0].offer()
        tick = two[1].fill(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",))
        submitted, _ = await at_once(two[0].submit(offer), tick)
        if isinstance(submitted, Placement):
            assert two[0].outside.orders[0].draft.lines == offer.lines
            break
        assert str(submitted) == "checkout.changed" and two[0].keys() == []
        await two[0].fill(SIM)


@pytest.mark.parametrize("commit", [2, 4])
async def test_i7_the_other_process_ends_what_a_dying_one_began(two, commit):
    offer = await two[0].offer()
    two[0].db.crash_at(commit, after=True)
    with pytest.raises(Crash):
        await two[0].submit(offer)
    other = two[1]
    other.mine = two[0].mine
    for _ in range(3):
        await other.works_on(100)
    await ended_once(other)
