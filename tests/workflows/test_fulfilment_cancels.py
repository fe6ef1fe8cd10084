"""Orders that staff call off on the way (F13)."""

from datetime import timedelta

import pytest

from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from tests.fakes.fulfilment_world import INTERNET, SIM

OVER = {"status": "Cancelled"}


def called_off(works, order_id: str, status: str = "Cancelled"):
    async def act() -> None:
        works.outside.change(order_id, status=status)

    return act


async def begun(works, line, *, during: str, status: str = "Cancelled") -> str:
    """Called off while that call was under way."""
    order_id = works.approve(line)
    works.outside.will(during, called_off(works, order_id, status))
    await works.fulfilment.requested(order_id)
    await works.works()
    return order_id


@pytest.mark.parametrize("status", ["Cancelled", "Rejected", "cancelled "])
async def test_f13_an_order_that_is_called_off_before_it_began_ends_at_once(works, status):
    order_id = await works.runs(INTERNET, status=status)
    assert await works.history(order_id) == ["CANCELLED"]
    assert works.outside.asked == ["read"] and works.outside.told == []


async def test_f13_an_order_that_is_called_off_while_it_waits_ends(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, **OVER)
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "CANCELLED" and works.effects() == (0, 0, 0)


async def test_f13_a_scheduled_order_that_is_called_off_never_begins(works):
    day = works.clock.today_in_japan() + timedelta(days=3)
    order_id = await works.runs(INTERNET, starts_on=day, is_scheduled=True)
    works.outside.change(order_id, **OVER)
    await works.works(timedelta(days=3))
    assert await works.state(order_id) == "CANCELLED" and works.effects() == (0, 0, 0)


@pytest.mark.parametrize("line", [INTERNET, SIM])
async def test_f13_a_pending_order_in_whmcs_is_taken_back(works, line):
    order_id = await begun(works, line, during="add_order")
    assert await works.history(order_id) == ["VALIDATED", "ADD_INTENT", "ADDED", "CANCEL_INTENT", "CANCELLED"]
    assert works.outside.billing_orders == {9001: "Cancelled"} and works.outside.activations == []
    assert works.outside.told == [] and await works.mails() == []
    assert await works.audited() == ["order.fulfilment_cancelled ok"]


@pytest.mark.parametrize("trouble", ["lost_before", "lost_after", "late"])
async def test_f13_a_lost_answer_to_taking_back_is_looked_after(works, trouble):
    works.outside.will("cancel_order", trouble)
    order_id = await begun(works, INTERNET, during="add_order")
    assert (await works.state(order_id)).startswith("CANCEL_INTENT RETRY_WAIT")
    await works.works(30)
    works.outside.arrive()
    assert await works.ends(order_id) == "CANCELLED" and works.outside.billing_orders == {9001: "Cancelled"}


async def test_f13_a_refusal_to_take_back_waits_for_staff(works):
    works.outside.will("cancel_order", UpstreamRejected("whmcs", "CancelOrder", "other"))
    order_id = await begun(works, INTERNET, during="add_order")
    assert await works.state(order_id) == "CANCEL_INTENT PAUSED WHMCS_ERROR"
    assert works.salesforce(order_id) == ("Activating", "")
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "CANCELLED"


@pytest.mark.parametrize(("status", "state"), [("Cancelled", "CANCELLED"), (None, "CANCELLED"), ("Active", "review")])
async def test_f13_what_a_person_did_in_whmcs_meanwhile_counts(works, status, state):
    works.outside.will("cancel_order", UpstreamUnavailable("whmcs", "CancelOrder", "connect"))
    order_id = await begun(works, INTERNET, during="add_order")
    works.outside.billing_orders.pop(9001)
    if status:
        works.outside.billing_orders[9001] = status
    await works.works(10)
    expected = "CANCEL_INTENT NEEDS_REVIEW WHMCS_ERROR" if state == "review" else state
    assert await works.state(order_id) == expected


async def test_f13_an_order_that_is_approved_again_in_between_is_left_to_a_person(works):
    works.outside.will("cancel_order", UpstreamUnavailable("whmcs", "CancelOrder", "connect"))
    order_id = await begun(works, INTERNET, during="add_order")
    works.outside.change(order_id, status="Approved")
    await works.works(10)
    assert await works.state(order_id) == "CANCEL_INTENT NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.outside.billing_orders == {9001: "Pending"}


async def test_f13_a_lost_order_that_is_called_off_is_looked_for_first(works):
    works.outside.will("add_order", "late")
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, **OVER)
    await works.works(30)
    assert (await works.state(order_id)).startswith("ADD_INTENT")
    works.outside.arrive()
    await works.works(31)
    assert await works.state(order_id) == "CANCELLED" and works.outside.billing_orders == {9001: "Cancelled"}


async def test_f13_a_lost_order_that_never_came_is_over_after_the_settle_time(works):
    works.outside.will("add_order", "lost_before")
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, **OVER)
    await works.works(61)
    assert await works.state(order_id) == "CANCELLED" and works.outside.asked.count("add_order") == 1


async def test_f13_a_line_that_was_asked_for_is_not_taken_back_by_a_machine(works):
    order_id = await works.runs(SIM)
    works.outside.change(order_id, **OVER)
    await works.works(5)
    assert await works.state(order_id) == "SIM_WAIT NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.outside.told == [] and works.outside.billing_orders == {9001: "Pending"}


@pytest.mark.parametrize("status", ["Cancelled", "Rejected"])
async def test_f13_an_order_that_is_accepted_is_not_taken_back_by_a_machine(works, status):
    order_id = await begun(works, INTERNET, during="accept_order", status=status)
    assert await works.state(order_id) == "WRITEBACK NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.outside.told == [] and works.salesforce(order_id) == ("Activating", "")
    assert await works.mails() == [] and works.outside.billing_orders == {9001: "Active"}


@pytest.mark.parametrize(
    ("during", "state"), [("find_sim", "SIM_INTENT"), ("sim_number", "ACCEPT_INTENT"), ("accept_order", "ACCEPTED")]
)
async def test_f13_a_sim_order_is_left_to_a_person_wherever_it_is_called_off(works, during, state):
    works.outside.activates_at_once = True
    works.outside.will("sim_activation", UpstreamUnavailable("freebit", "AddEsim", "connect"))
    order_id = await begun(works, SIM, during=during)
    await works.works(10)
    found = await works.state(order_id)
    assert found.endswith("NEEDS_REVIEW PROVISIONING_ERROR") or found == "CANCELLED", (found, state)
    assert works.effects()[2] == 0 and works.salesforce(order_id)[0] != "Activated"
