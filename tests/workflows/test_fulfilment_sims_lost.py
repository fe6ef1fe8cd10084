"""Whatever becomes of the requests and answers: never two lines for one order, and one in the end."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.integrations.freebit.sims import Sims
from portal_app.workflows.fulfilment_sims import SimSteps
from tests.fakes.lossy_freebit import AFTER, BEFORE, WRITES, LoopClock, LossyFreebit
from tests.fakes.sim_life import SimLife, Staff
from tests.fakes.sim_orders import a_sim_order, an_esim
from tests.integrations.virtual_time import in_virtual_time

ARRIVES_S, HIDDEN_S = 60, 600
PAUSES_S = (1, 5, 15, 60, 300, 900)
LIVES = 75


def an_order(freebit=None, settle_s=ARRIVES_S + HIDDEN_S, remembers=True):
    freebit, clock = freebit or LossyFreebit(), LoopClock()
    sims, documented = Sims(freebit.client(), clock), frozenset({ProductLine.SIM})
    steps = SimSteps(sims, Staff(), clock, plan_codes={}, documents_for=documented)
    return SimLife(steps, clock, a_sim_order(), timedelta(seconds=settle_s), remembers)


async def finish(order):
    for _ in range(60):
        await order.work()
        if order.done or order.held:
            return
        await asyncio.sleep(60)


@pytest.mark.parametrize("shows_pending", [True, False], ids=["shown", "hidden"])
@pytest.mark.parametrize("careless", [True, False], ids=["careless", "careful"])
@pytest.mark.parametrize("kind", WRITES)
def test_f10_whatever_becomes_of_the_request_there_is_one_line(kind, careless, shows_pending):
    freebit = LossyFreebit(
        careless=careless, shows_pending=shows_pending, writes=[kind], slow_s=ARRIVES_S - 1, takes_s=HIDDEN_S - 1
    )

    @in_virtual_time
    async def live():
        order = an_order(freebit)
        await finish(order)
        if kind == "unknown_code":
            assert order.held == "Freebit refused: 999-999 (other)"
            order.forget()
            await finish(order)
        assert (order.done, order.held, freebit.alive(), len(freebit.accepted)) == (True, "", 1, 1)

    live()


@in_virtual_time
async def test_f10_a_careless_network_that_is_not_waited_for_makes_two():
    for kind, settle_s in (*((kind, 1) for kind in AFTER), ("slow", 1), ("slow", HIDDEN_S)):
        freebit = LossyFreebit(
            careless=True, shows_pending=False, writes=[kind], slow_s=ARRIVES_S - 1, takes_s=HIDDEN_S - 1
        )
        await finish(an_order(freebit, settle_s))
        assert freebit.alive() >= 2, kind


async def _number_changes(remembers: bool) -> tuple[LossyFreebit, SimLife]:
    """Staff correct the number while nobody knows what became of the request, a long time before anybody looks."""
    freebit = LossyFreebit(careless=True, writes=["effect_no_reply"])
    order = an_order(freebit, remembers=remembers)
    await order.work()
    order.order = a_sim_order(an_esim(phone_number="070-0000-0002", eid="89049032123451234512345678901332"))
    await asyncio.sleep(ARRIVES_S + HIDDEN_S + 1)
    await finish(order)
    return freebit, order


@in_virtual_time
async def test_f10_a_number_changed_behind_a_request_is_a_persons_and_no_second_line():
    freebit, order = await _number_changes(remembers=True)
    assert (order.held, freebit.alive()) == ("review", 1)


@in_virtual_time
async def test_f10_the_number_that_was_asked_for_matters():
    freebit, _ = await _number_changes(remembers=False)
    assert freebit.alive() == 2


@in_virtual_time
async def test_f13a_what_staff_correct_after_a_failure_is_asked_for():
    freebit = LossyFreebit(endings=["400-501"])
    order = an_order(freebit)
    await finish(order)
    assert order.held == "Freebit refused: 400-501 (port_in_name)"
    order.forget()
    order.order = a_sim_order(an_esim(phone_number="070-0000-0002"))
    await finish(order)
    assert (order.done, freebit.alive(), len(freebit.accepted)) == (True, 1, 2)


@in_virtual_time
async def test_f13a_a_line_that_never_comes_is_waited_for_and_one_that_nobody_sees_is_a_persons():
    for shows_pending, held in ((True, ""), (False, "review")):
        freebit = LossyFreebit(shows_pending=shows_pending, careless=True, takes_s=10**6)
        order = an_order(freebit)
        await finish(order)
        assert (order.done, order.held, freebit.alive()) == (False, held, 1)


@pytest.mark.parametrize("part", range(4))
def test_f10_random_lives_end_with_one_line_and_never_have_two(part):
    for seed in range(part * LIVES, (part + 1) * LIVES):
        in_virtual_time(_random_life)(seed)


async def _random_life(seed: int) -> None:
    """Faults of requests and looks, dying workers, failing activations, impatient staff; then all is well again."""
    chance = Random(seed)
    freebit = LossyFreebit(
        careless=chance.random() < 0.5,
        shows_pending=chance.random() < 0.5,
        takes_s=chance.choice((1, 30, 120, HIDDEN_S - 1)),
        slow_s=chance.choice((0, 5, 39, ARRIVES_S - 1)),
        writes=chance.choices(WRITES, k=chance.randrange(6)),
        reads=chance.choices(("", "", *BEFORE, "late_reply"), k=chance.randrange(12)),
        endings=chance.choices(("", "400-501", "999-1"), k=chance.randrange(3)),
    )
    order = an_order(freebit)
    for _ in range(200):
        await order.work(dies_after_s=chance.choice((None, None, None, 0, 1)))
        assert freebit.alive() <= 1, f"seed {seed}"
        if order.done:
            break
        if order.held:
            order.forget()
        await asyncio.sleep(chance.choice(PAUSES_S))
    else:
        raise AssertionError(f"seed {seed} does not end")
    assert [one.state for one in freebit.accepted].count("active") == 1, f"seed {seed}"
