"""An approved order against the stand-in: every kind of SIM, every way it fails, and the lines counted over there."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import billed_lines
from portal_app.integrations.freebit.sims import Sims
from portal_app.wiring import freebit as room
from portal_app.workflows.fulfilment_sims import SimSteps
from sandbox.config import DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY
from sandbox.freebit import codes
from sandbox.freebit.lines import ACTIVE, Line
from tests.fakes.freebit import CARD, EID, OTHER_EID
from tests.fakes.settings import a_settings
from tests.fakes.sim_life import SimLife, Staff
from tests.fakes.sim_orders import OWNER, VOICE, a_card, a_sim_order, an_esim, moving
from tests.integrations.freebit.conftest import QUICK

SETTLE_S, TAKES_S = 60, 30
QUICKER = replace(QUICK, write_s=0.15, least_left_s=0.05)
KINDS = {
    "esim": (an_esim(), "over_the_air", "mvno/esim/addAcnt"),
    "esim moving": (moving(an_esim()), "over_the_air", "mvno/esim/addAcnt"),
    "card": (a_card(), "over_the_air", "mvno/ota/addAcnt"),
    "card moving": (moving(a_card()), "over_the_air", "mvno/ota/addAcnt"),
    "prepared card": (a_card(), "prepared", "mvno/semiblack/addAcnt"),
}
LATE_MS = {"late_reply": 250, "lost": 1}
FAULTS = (*LATE_MS, "effect_no_reply", "http500", "truncated", "busy_code")
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def begin(sandbox, connect, april):
    """An order of that kind, on its way."""

    def begun(kind="esim", policy=QUICKER, **changed):
        wishes, stock, _ = KINDS[kind]
        sims = Sims(connect(policy=policy), april, stock=stock)
        documented = frozenset({ProductLine.SIM})
        steps = SimSteps(sims, Staff(), april, plan_codes={VOICE: "PNEW_5G"}, documents_for=documented)
        return SimLife(steps, april, a_sim_order(replace(wishes, **changed)), timedelta(seconds=SETTLE_S))

    return begun


@pytest.fixture
def later(sandbox, april):
    def pass_time(seconds=TAKES_S):
        april.advance(seconds)
        sandbox.world.clock.advance(seconds)

    return pass_time


def lines(sandbox):
    """Activations that were accepted and not refused afterwards."""
    return [one for one in sandbox.world.freebit.work.all() if one.kind == "activation" and one.state != "failed"]


async def until_done(order, later, visits=6):
    for _ in range(visits):
        await order.work()
        if order.done or order.held:
            return
        later()


@every_kind
async def test_f13a_every_kind_of_sim_comes_to_life_with_its_number_and_plan(sandbox, begin, later, kind):
    order = begin(kind)
    await order.steps.identity(OWNER, order.order)
    await until_done(order, later)
    [made] = lines(sandbox)
    line = sandbox.world.freebit.lines.find(made.account)
    moves = order.order.sim.port_in is not None
    assert (order.done, line.status, line.plan, line.sim_kind) == (True, ACTIVE, "PNEW_5G", "E0")
    assert line.account == ("07000000009" if moves else "07000000001")
    assert (line.eid, line.product_number) == ((EID, "") if "esim" in kind else ("", CARD))
    assert made.payload.get("reserve_number", "") == ("1200000001" if moves else "")


@every_kind
async def test_f13a_what_the_network_fails_later_says_its_code_and_is_asked_for_again_by_staff(
    sandbox, begin, later, kind
):
    sandbox.world.freebit.behaviour.next_codes = [codes.PORT_NAME]
    order = begin(kind)
    await until_done(order, later)
    assert order.held == "Freebit refused: 400-501 (port_in_name)" and not lines(sandbox)
    order.forget()
    await until_done(order, later)
    assert (order.done, len(lines(sandbox))) == (True, 1)


@every_kind
async def test_f11_what_the_network_refuses_at_once_says_its_code_and_leaves_nothing(sandbox, begin, later, kind):
    sandbox.world.freebit.behaviour.plans = ["OTHER"]
    order = begin(kind)
    await until_done(order, later)
    assert order.held == "Freebit refused: 400-401 (plan_unknown)" and not lines(sandbox)
    sandbox.world.freebit.behaviour.plans = ["PNEW_5G"]
    order.forget()
    await until_done(order, later)
    assert (order.done, len(lines(sandbox))) == (True, 1)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1200009001", "400-501 (port_in_name)"),
        ("1200009002", "400-502 (port_in_expired)"),
        ("1200009003", "400-503 (port_in_used)"),
    ],
)
@pytest.mark.parametrize("kind", ["esim moving", "card moving"])
async def test_f13a_the_old_operators_no_is_shown_to_staff(sandbox, begin, later, kind, number, shown):
    order = begin(kind)
    order.order = replace(order.order, sim=moving(KINDS[kind][0], reservation_number=number))
    await until_done(order, later)
    assert order.held == f"Freebit refused: {shown}" and not lines(sandbox)


async def test_f13a_a_reservation_that_has_ended_is_the_networks_no(sandbox, begin, later):
    order = begin("esim moving")
    later(11 * 86_400)
    await until_done(order, later)
    assert order.held == "Freebit refused: 400-502 (port_in_expired)" and not lines(sandbox)


async def test_f13a_a_prepared_card_takes_no_number_along(sandbox, begin, later):
    order = begin("prepared card", phone_number="", port_in=moving(a_card()).port_in)
    await until_done(order, later)
    assert order.held == "Freebit was not asked: unsupported" and not lines(sandbox)


@every_kind
async def test_f10_a_number_that_runs_with_another_sim_is_a_persons(sandbox, begin, later, kind):
    for number in ("07000000001", "07000000009"):
        sandbox.world.freebit.lines.save(Line(number, ACTIVE, "esim", eid=OTHER_EID, activated_on="20260101"))
    order = begin(kind)
    await until_done(order, later)
    assert order.held == "review" and not lines(sandbox)


@pytest.mark.parametrize("kind", ["esim", "card", "esim moving", "card moving"])
async def test_f10_a_sim_that_runs_under_another_number_is_refused(sandbox, begin, later, kind):
    taken = Line("07000000005", ACTIVE, "esim", eid=EID, product_number=CARD, activated_on="20260101")
    sandbox.world.freebit.lines.save(taken)
    order = begin(kind)
    await until_done(order, later)
    assert order.held == "Freebit refused: 400-103 (sim_in_use)" and not lines(sandbox)


@pytest.mark.parametrize("fault", FAULTS)
async def test_f10_whatever_becomes_of_the_answer_there_is_one_line(sandbox, begin, later, fault):
    for kind, (_, _, operation) in KINDS.items():
        order = begin(kind)
        await order.steps.find(OWNER, order.steps.wanted(OWNER, order.order, billed_lines(order.order)))  # signs in
        sandbox.world.faults.add("freebit", operation, fault, 1, LATE_MS.get(fault))
        await until_done(order, later)
        assert (order.done, order.held, len(lines(sandbox))) == (True, "", 1), kind
        sandbox.world.store.execute("DELETE FROM fb_lines")
        sandbox.world.store.execute("DELETE FROM fb_work")


@pytest.mark.parametrize("fault", ["late_reply", "lost", "effect_no_reply"])
async def test_f10_a_lost_answer_to_the_queueing_of_a_card_costs_no_second_card(sandbox, begin, later, fault):
    order = begin("prepared card")
    sandbox.world.faults.add("freebit", "mvno/semiblack/addTempAcnt", fault, 1, LATE_MS.get(fault))
    await until_done(order, later)
    cards = [line for line in sandbox.world.freebit.lines.all() if line.product_number == CARD]
    assert (order.done, len(lines(sandbox)), len(cards)) == (True, 1, 1)


async def test_f10_a_hidden_line_is_waited_for_and_not_asked_for_again(sandbox, begin, later):
    sandbox.world.freebit.behaviour.shows_pending = False
    sandbox.world.faults.add("freebit", "mvno/esim/addAcnt", "effect_no_reply", 1, None)
    order = begin()
    await until_done(order, later)
    assert (order.done, sandbox.world.freebit.calls["mvno/esim/addAcnt"]) == (True, 1)


async def test_f5_a_network_whose_login_is_down_is_surely_not_asked(sandbox, begin, later):
    sandbox.world.faults.add("freebit", "authOem", "http500", 3, None)
    order = begin(policy=QUICK)
    await until_done(order, later, visits=10)
    assert (order.done, len(lines(sandbox))) == (True, 1)


# Wiring


@pytest.fixture
def network(sandbox):
    return {
        "FREEBIT_API_BASE_URL": sandbox.freebit_url,
        "FREEBIT_CLIENT_ID": DEMO_FREEBIT_ID,
        "FREEBIT_CLIENT_SECRET": DEMO_FREEBIT_KEY,
        "FREEBIT_PLAN_CODES": f"{VOICE}=PNEW_5G",
        "FREEBIT_WRITE_TIMEOUT_MS": "1500",
        "FULFILMENT_SETTLE_SECONDS": "40",
        "WHMCS_WRITE_TIMEOUT_MS": "30000",
        "FREEBIT_SETTLE_SECONDS": "25",
    }


async def test_the_room_is_built_from_settings(sandbox, network, april):
    async with AsyncExitStack() as stack:
        given = {"checks": Staff(), "clock": april, "upstreams": ("whmcs",)}
        parts = room.build(a_settings(**network), given, stack)
        upstream, steps = parts["upstreams"][-1], parts["sim_steps"]
        assert (len(parts["upstreams"]), upstream.policy.name, upstream.policy.write_s) == (2, "freebit", 1.5)
        assert steps.settle == timedelta(seconds=65)
        await SimLife(steps, april, a_sim_order(), steps.settle).work()
    assert [line.plan for line in sandbox.world.freebit.lines.all() if line.eid == EID] == ["PNEW_5G"]


async def test_without_an_address_there_is_no_network_but_the_steps_say_so(april):
    async with AsyncExitStack() as stack:
        parts = room.build(a_settings(), {"checks": Staff(), "clock": april, "upstreams": ()}, stack)
    assert parts["sims"] is None and "upstreams" not in parts
    assert isinstance(parts["sim_steps"], SimSteps)
