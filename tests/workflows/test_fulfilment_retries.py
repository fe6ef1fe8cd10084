"""Systems that are away: tried again with growing pauses, for a day (F12)."""

from datetime import timedelta

import pytest

from portal_app.errors import Busy, UpstreamRejected, UpstreamUnavailable
from portal_app.storage.work_queue import pause
from tests.fakes.fulfilment_world import INTERNET, SIM

DOWN = UpstreamUnavailable("whmcs", "any", "connect")
CALLS = [
    "read",
    "pay_methods",
    "checks",
    "find_services",
    "add_order",
    "find_sim",
    "sim_activation",
    "sim_number",
    "read_order",
    "accept_order",
    "find_invoice",
    "gen_invoices",
    "write_services",
    "write_order",
    "write_opportunity",
]


FAULTS = [*((call, DOWN) for call in CALLS), ("find_sim", Busy("freebit")), ("add_order", RuntimeError())]


@pytest.mark.parametrize(("call", "failure"), FAULTS)
async def test_i2_whatever_fails_for_a_while_the_order_ends_with_one_of_each_effect(works, call, failure):
    works.outside.activates_at_once = True
    works.outside.down[call] = failure
    order_id = await works.runs(SIM)
    assert "RETRY_WAIT" in await works.state(order_id)
    for _ in range(4):
        await works.works(90)
    works.outside.down.clear()
    assert await works.ends(order_id) == "COMPLETED"
    assert works.effects() == (1, 1, 1) and len(await works.mails()) == 1


async def test_f12_the_pauses_grow_and_after_a_day_a_person_must_look(works):
    works.outside.down["find_services"] = DOWN
    order_id = await works.runs(INTERNET)
    began, pauses = works.clock.now(), []
    while (record := await works.record(order_id)).next_attempt_at is not None:
        pauses.append((record.next_attempt_at - works.clock.now()).total_seconds())
        await works.works(record.next_attempt_at - works.clock.now())
    for planned, found in zip([5, 15, 60, 300, 900] + [3600] * 40, pauses, strict=False):
        assert 0.8 * planned <= found <= 1.2 * planned
    assert timedelta(hours=24) <= works.clock.now() - began < timedelta(hours=25, minutes=30)
    assert await works.state(order_id) == "ADD_INTENT NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.salesforce(order_id) == ("Failed", "PROVISIONING_ERROR")
    assert works.outside.told[-1][2] == "Given up after a day. whmcs: any connect"
    assert await works.works(timedelta(days=3)) == 0


async def test_f12_what_was_given_up_has_another_day_when_somebody_resumes_it(works):
    works.outside.down["find_services"] = DOWN
    order_id = await works.runs(INTERNET)
    await works.ends(order_id, timedelta(hours=30))
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "ADD_INTENT RETRY_WAIT WHMCS_ERROR"
    works.outside.down.clear()
    assert await works.ends(order_id) == "COMPLETED"


async def test_f12_a_step_that_goes_well_begins_a_new_day(works):
    works.outside.down["find_services"] = DOWN
    order_id = await works.runs(INTERNET)
    await works.ends(order_id, timedelta(hours=20))
    works.outside.down = {"accept_order": DOWN}
    await works.works(timedelta(hours=2))
    record = await works.record(order_id)
    assert (record.state, record.attempts, record.failing_since) == ("ACCEPT_INTENT", 1, works.clock.now())


async def test_f12_a_retry_is_not_told_to_salesforce(works):
    works.outside.down["find_services"] = DOWN
    order_id = await works.runs(INTERNET)
    await works.works(600)
    assert works.outside.told == [] and works.salesforce(order_id) == ("Activating", "")


async def test_f11_what_salesforce_refuses_to_take_is_repeated(works):
    works.outside.will("write_order", UpstreamRejected("salesforce", "UpdateOrder", "field"))
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "WRITEBACK RETRY_WAIT PROVISIONING_ERROR"
    await works.works(6.1)
    assert await works.state(order_id) == "COMPLETED"


async def test_f13a_an_order_that_fails_is_stuck_after_half_an_hour_and_one_that_waits_is_not(works):
    works.outside.activates_at_once = False
    waiting = await works.runs(SIM)
    works.outside.down["find_services"] = DOWN
    failing = await works.runs(INTERNET)
    for _ in range(31):
        await works.works(60)
    stuck = [one.salesforce_order_id for one in await works.fulfilments.stuck(timedelta(minutes=30))]
    assert failing in stuck and waiting not in stuck


def test_f12_the_pauses_are_those_of_every_queue():
    assert [round(pause(n).total_seconds() / s, 1) in (0.8, 0.9, 1.0, 1.1, 1.2) for n, s in enumerate((5, 15, 60))]
