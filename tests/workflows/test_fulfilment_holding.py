"""Who works on an order: one at a time, however many try, and nobody who was thought dead (K9, I7)."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from portal_app.storage.clock import Clock
from tests.fakes.fulfilment_world import CARD, INTERNET, SIM, VPN, Crash, FulfilmentWorld, a_fulfilment_world


class RealClock(Clock):
    """Of this machine, with the one thing the worlds ask of theirs."""

    def advance(self, by: Any) -> None:
        """It moves by itself."""


@pytest.fixture
async def two(migrated_file, tmp_path) -> AsyncIterator[list[FulfilmentWorld]]:
    """Two processes of one portal."""
    shutil.copy(migrated_file, tmp_path / "two.db")
    async with a_fulfilment_world(tmp_path / "two.db") as one:
        other = FulfilmentWorld(tmp_path / "two.db", one)
        yield [one, other]
        await other.close()


@pytest.fixture
async def lively(migrated_file, tmp_path) -> AsyncIterator[FulfilmentWorld]:
    """With real time, and holds that end after a third of a second."""
    shutil.copy(migrated_file, tmp_path / "lively.db")
    lease, clock = timedelta(seconds=0.3), RealClock()
    async with a_fulfilment_world(tmp_path / "lively.db", lease=lease, clock=clock) as made:
        yield made


async def test_several_orders_are_worked_on_at_the_same_time(works):
    waiting, all_there = 0, asyncio.Event()

    async def until_all_are_there() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 4:
            all_there.set()
        await asyncio.wait_for(all_there.wait(), 10)

    works.outside.will("pay_methods", *[until_all_are_there] * 4)
    order_ids = [await works.begin(line) for line in (INTERNET, VPN, INTERNET, SIM, VPN)]
    assert await works.fulfilment.once() == 4
    await works.works()
    states = [await works.state(one) for one in order_ids]
    assert states == ["COMPLETED", "COMPLETED", "COMPLETED", "SIM_WAIT", "COMPLETED"]


async def test_one_order_that_breaks_does_not_stop_the_others(works, monkeypatch, caplog):
    order_ids = [await works.begin() for _ in range(3)]
    step_in = works.fulfilments.step_in

    async def broken(tx, record, *args, **kwargs):
        if record.salesforce_order_id == order_ids[1]:
            raise RuntimeError("disk full")
        return await step_in(tx, record, *args, **kwargs)

    monkeypatch.setattr(works.fulfilments, "step_in", broken)
    await works.works()
    assert [await works.state(one) for one in order_ids] == ["COMPLETED", "RECEIVED", "COMPLETED"]
    assert "fulfilment interrupted" in caplog.text and "disk full" not in caplog.records[-1].getMessage()
    monkeypatch.undo()
    await works.works(91)
    assert await works.state(order_ids[1]) == "COMPLETED"


async def test_i1_two_processes_that_do_everything_at_once_do_it_once(two):
    two[0].outside.activates_at_once = True
    order_ids = [await two[0].begin(line) for line in (INTERNET, SIM, VPN) * 3]
    for n in range(1, 4):
        two[0].outside.change(order_ids[3 * n - 2], sim=an_own_number(two[0], order_ids[3 * n - 2], n))
    while await two[0].fulfilment.depth():
        await asyncio.gather(*(world.fulfilment.once() for world in two * 2))
    assert [await two[0].state(one) for one in order_ids] == ["COMPLETED"] * 9
    assert two[0].effects() == (9, 3, 9) and len(await two[0].mails()) == 9


def an_own_number(world: FulfilmentWorld, order_id: str, n: int) -> Any:
    from dataclasses import replace

    return replace(world.outside.orders[order_id].sim, phone_number=f"090-1234-567{n}")


async def test_k9_a_zombie_whose_order_was_taken_over_writes_nothing(two, caplog):
    caplog.set_level(logging.WARNING)
    zombie, other = two

    async def sleeps_too_long() -> None:
        zombie.clock.advance(91)
        await other.works()

    zombie.outside.will("pay_methods", sleeps_too_long)
    order_id = await zombie.begin(INTERNET)
    await zombie.fulfilment.once()
    assert await other.state(order_id) == "COMPLETED" and zombie.effects() == (1, 0, 1)
    assert "fulfilment taken over" in caplog.text
    assert len(await other.history(order_id)) == 7 and len(await other.mails()) == 1


async def test_k9_a_zombie_that_wakes_before_its_call_sends_nothing(two, monkeypatch):
    zombie, other = two
    order_id = await zombie.begin(INTERNET)
    begun = zombie.fulfilment._driver._steps["ADD_INTENT"]

    async def stopped_for_long(run) -> None:
        zombie.clock.advance(151)
        await other.works(61)
        run.ends_at -= 1000  # the loop's clock went on, too
        await begun(run)

    monkeypatch.setitem(zombie.fulfilment._driver._steps, "ADD_INTENT", stopped_for_long)
    await zombie.fulfilment.once()
    await other.works(61)
    assert await other.state(order_id) == "COMPLETED"
    assert zombie.effects() == (1, 0, 1) and zombie.outside.asked.count("add_order") == 1


async def test_f13b_the_hold_is_renewed_while_a_call_takes_its_time(lively):
    taken: list[int] = []

    async def takes_its_time() -> None:
        await asyncio.sleep(0.7)
        taken.append(len(await lively.fulfilments.claim_due(5)))

    lively.outside.will("add_order", takes_its_time)
    order_id = await lively.runs(INTERNET)
    assert taken == [0] and await lively.state(order_id) == "COMPLETED"


async def test_k9_work_ends_where_it_is_when_the_hold_is_lost(lively, caplog):
    went_on: list[str] = []

    async def is_robbed() -> None:
        async with lively.db.write() as tx:
            from sqlalchemy import text

            await tx.execute(text("UPDATE fulfilments SET fence = fence + 1, lease_owner = 'another'"))
        await asyncio.sleep(5)
        went_on.append("no")

    lively.outside.will("add_order", is_robbed)
    order_id = await lively.begin(INTERNET)
    await asyncio.wait_for(lively.fulfilment.once(), 4)
    assert went_on == [] and await lively.state(order_id) == "ADD_INTENT"
    assert "fulfilment taken over" in caplog.text


async def test_a_database_that_hiccups_does_not_end_the_hold(lively, monkeypatch, caplog):
    renew, failures = lively.fulfilments.renew, [OSError("gone")]

    async def hiccups(record) -> None:
        if failures:
            raise failures.pop()
        await renew(record)

    monkeypatch.setattr(lively.fulfilments, "renew", hiccups)

    async def takes_its_time() -> None:
        await asyncio.sleep(0.5)

    lively.outside.will("add_order", takes_its_time)
    assert await lively.state(await lively.runs(INTERNET)) == "COMPLETED" and not failures


async def test_k9_work_ends_when_the_hold_could_not_be_renewed_for_as_long_as_it_lasts(lively, monkeypatch, caplog):
    async def is_silent(record) -> None:
        raise OSError("gone")

    monkeypatch.setattr(lively.fulfilments, "renew", is_silent)
    went_on: list[str] = []

    async def takes_its_time() -> None:
        await asyncio.sleep(5)
        went_on.append("no")

    lively.outside.will("add_order", takes_its_time)
    order_id = await lively.begin(INTERNET)
    await asyncio.wait_for(lively.fulfilment.once(), 4)
    assert went_on == [] and await lively.state(order_id) == "ADD_INTENT" and "fulfilment taken over" in caplog.text


async def test_g1_work_that_is_cancelled_leaves_a_state_to_go_on_from(works):
    async def forever() -> None:
        await asyncio.sleep(60)

    works.outside.will("add_order", forever)
    order_id = await works.begin(INTERNET)
    working = asyncio.create_task(works.fulfilment.once())
    while "add_order" not in works.outside.asked:
        await asyncio.sleep(0.005)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await works.state(order_id) == "ADD_INTENT"
    await works.works(91)
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_g1_told_to_stop_it_sends_what_it_announced_and_lets_go_at_the_next_state(works):
    told_to_stop: list[bool] = []

    async def is_told() -> None:
        told_to_stop.append(True)

    works.outside.will("add_order", is_told)
    order_id = await works.begin(INTERNET)
    await works.fulfilment.once(stopping=lambda: bool(told_to_stop))
    assert await works.state(order_id) == "ADDED" and "accept_order" not in works.outside.asked
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


@pytest.mark.parametrize(
    "call", ["report", "add_order", "sim_activation", "sim_number", "accept_order", "gen_invoices", "write_order"]
)
async def test_i7_a_process_that_dies_right_after_an_effect_does_not_repeat_it(works, call):
    works.outside.activates_at_once, works.outside.methods = True, ()
    works.hooks.die_at(f"call:{call}:after")
    order_id = await works.begin(SIM)
    with pytest.raises(Crash):
        await works.works()
        works.outside.methods = (CARD,)
        await works.works(900)
    alive = await works.again()
    alive.outside.methods = (CARD,)
    await alive.fulfilment.requested(order_id)
    assert await alive.ends(order_id) == "COMPLETED"
    assert alive.effects() == (1, 1, 1) and len(await alive.mails()) == 1
    assert alive.salesforce(order_id) == ("Activated", "")
    await alive.close()
