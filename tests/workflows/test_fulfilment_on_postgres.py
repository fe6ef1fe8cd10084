"""Fulfilment where writers work side by side: two processes on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from portal_app.storage import migrate
from tests.fakes.fulfilment_world import INTERNET, SIM, VPN, Crash, FulfilmentWorld, a_fulfilment_world


@pytest.fixture
async def two(fresh_postgres: str) -> AsyncIterator[list[FulfilmentWorld]]:
    """Two processes of one portal."""
    migrate.upgrade(fresh_postgres)
    async with a_fulfilment_world(fresh_postgres) as one:
        other = FulfilmentWorld(fresh_postgres, one)
        yield [one, other]
        await other.close()


async def test_i1_two_processes_that_claim_at_once_do_everything_once(two):
    one = two[0]
    one.outside.activates_at_once = True
    order_ids = [await one.begin(line) for line in (INTERNET, SIM, VPN) * 4]
    for n, order_id in enumerate(order_ids[1::3]):
        one.outside.change(order_id, sim=replace(one.outside.orders[order_id].sim, phone_number=f"090-1234-567{n}"))
    said = [world.fulfilment.requested(order_id) for world in two for order_id in order_ids]
    worked = [world.fulfilment.once() for world in two * 3]
    await asyncio.gather(*said, *worked)
    while await one.fulfilment.depth():
        await asyncio.gather(*(world.fulfilment.once() for world in two * 2))
    assert [await one.state(order_id) for order_id in order_ids] == ["COMPLETED"] * 12
    assert one.effects() == (12, 4, 12) and len(await one.mails()) == 12
    for order_id in order_ids:
        steps = await one.fulfilments.history(order_id)
        assert [step.step_no for step in steps] == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("hook", ["call:add_order:after", "commit:ACCEPT_INTENT->ACCEPTED:before"])
async def test_i7_the_other_process_ends_what_a_dying_one_began(two, hook):
    one, other = two
    order_id = await one.begin(INTERNET)
    one.hooks.die_at(hook)
    with pytest.raises(Crash):
        await one.works()
    assert await other.works(60) == 0
    assert await other.works(31) == 1
    assert await other.state(order_id) == "COMPLETED" and other.effects() == (1, 0, 1)
