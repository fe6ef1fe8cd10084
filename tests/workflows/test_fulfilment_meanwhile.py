"""What people do to an order while it is on its way, in Salesforce or in WHMCS: nothing of it makes two of anything."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.fulfilment import SimWishes, billed_lines
from portal_app.domain.sims import Sim
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from tests.fakes.fulfilment_world import EID, INTERNET, NUMBER, SIM, SKUS, Placed

OTHER_NUMBER, OTHER_TYPED = "+818011112222", "080-1111-2222"
A_LINE = Sim(NUMBER, "active", "esim", "voice", SKUS[SIM], "4G")
CONNECT = UpstreamUnavailable("whmcs", "GetOrders", "connect")


# In WHMCS


async def test_f3_an_order_whose_marks_were_not_kept_and_whose_answer_was_lost_is_not_placed_twice(works):
    works.outside.keeps_marks = False
    works.outside.will("add_order", "lost_after")
    order_id = await works.runs(INTERNET)
    assert await works.ends(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert works.effects() == (1, 0, 1) and works.salesforce(order_id) == ("Failed", "WHMCS_ERROR")
    assert "service 501, 502 of WHMCS is new and has no mark" in works.outside.told[0][2]


async def test_f3_once_staff_have_cancelled_what_has_no_mark_the_order_is_placed(works):
    works.outside.keeps_marks = False
    works.outside.will("add_order", "lost_after")
    order_id = await works.runs(INTERNET)
    await works.ends(order_id)
    works.outside.billing_orders[9001] = "Cancelled"
    works.outside.services = [replace(one, status="Cancelled") for one in works.outside.services]
    works.outside.keeps_marks = True
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects()[0] == 1


async def test_f3_a_service_without_a_mark_stops_nothing_that_was_surely_not_sent(works):
    works.outside.services.append(Placed(400, 8000, 101, 11, ""))
    works.outside.will("add_order", UpstreamUnavailable("whmcs", "AddOrder", "connect"))
    order_id = await works.runs(INTERNET)
    assert await works.ends(order_id) == "COMPLETED"


@pytest.mark.parametrize("status", ["Cancelled", "Fraud", None])
async def test_no_line_is_asked_for_when_staff_took_the_order_back_in_whmcs(works, status):
    order_id = works.approve(SIM)

    async def taken_back() -> None:
        if status is None:
            del works.outside.billing_orders[9001]
        else:
            works.outside.billing_orders[9001] = status

    works.outside.will("find_services", "", taken_back)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADDED NEEDS_REVIEW WHMCS_ERROR" and works.outside.activations == []


async def test_no_line_is_asked_for_again_when_staff_took_the_order_back_in_whmcs_meanwhile(works):
    works.outside.will("sim_activation", UpstreamRejected("freebit", "AddEsim", "invalid"))
    order_id = await works.runs(SIM)
    works.outside.billing_orders[9001] = "Cancelled"
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "SIM_INTENT NEEDS_REVIEW WHMCS_ERROR" and works.outside.activations == []


async def test_marks_at_another_order_than_the_one_that_was_answered_are_a_persons(works):
    order_id = works.approve(INTERNET)

    async def moved() -> None:
        for one in works.outside.services:
            one.order_id = 9055

    works.outside.will("find_services", "", moved)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADDED NEEDS_REVIEW WHMCS_ERROR"


async def test_f4_of_two_orders_the_one_that_a_person_left_its_marks_is_accepted(works):
    order_id = works.approve(INTERNET)

    async def twice() -> None:
        works.billing_orders.make(101, order_id, billed_lines(works.outside.orders[order_id]), invoice=True)

    works.outside.will("add_order", twice)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADDED NEEDS_REVIEW WHMCS_ERROR"
    works.outside.billing_orders[9002] = "Cancelled"
    works.outside.services = [replace(one, mark="") if one.order_id == 9002 else one for one in works.outside.services]
    assert (await works.record(order_id)).whmcs_order_id == 9002
    await works.fulfilment.resume(order_id)
    assert await works.ends(order_id) == "COMPLETED"
    assert works.outside.billing_orders == {9001: "Active", 9002: "Cancelled"}
    assert works.outside.orders[order_id].whmcs_order_id == "9001"


async def test_g4_marks_at_another_order_than_the_one_salesforce_names_are_a_persons(works):
    works.outside.will("add_order", "lost_after")
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, whmcs_order_id="77")
    assert await works.ends(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert works.outside.orders[order_id].whmcs_order_id == "77"


async def test_f6_an_accept_that_still_runs_at_whmcs_is_not_asked_for_again(works):
    works.outside.will("accept_order", "late")
    order_id = await works.runs(INTERNET)
    await works.works(119)
    assert works.outside.asked.count("accept_order") == 1
    works.outside.arrive()
    assert await works.ends(order_id) == "COMPLETED" and works.outside.asked.count("accept_order") == 1


async def test_f6_a_module_that_said_no_is_not_asked_again_because_the_order_could_not_be_read_then(works):
    async def refuses() -> None:
        works.outside.down["read_order"] = CONNECT
        raise UpstreamRejected("whmcs", "AcceptOrder", "other")

    works.outside.will("accept_order", refuses)
    order_id = await works.runs(INTERNET)
    works.outside.down.clear()
    assert await works.state(order_id) == "ACCEPT_INTENT PAUSED WHMCS_ERROR"
    assert await works.works(timedelta(days=1)) == 0 and works.outside.asked.count("accept_order") == 1


async def test_f6_not_pending_any_more_is_looked_into_when_the_order_can_be_read_again(works):
    async def refuses() -> None:
        works.outside.billing_orders[9001] = "Active"
        works.outside.down["read_order"] = CONNECT
        raise UpstreamRejected("whmcs", "AcceptOrder", "ambiguous_state")

    works.outside.will("accept_order", refuses)
    order_id = await works.runs(INTERNET)
    works.outside.down.clear()
    assert await works.ends(order_id) == "COMPLETED"


async def test_f13_an_order_that_was_paid_at_once_is_not_taken_back_behind_its_money(works):
    order_id = works.approve(INTERNET)

    async def called_off() -> None:
        works.outside.change(order_id, status="Cancelled")
        works.outside.paid.add(9001)

    works.outside.will("add_order", called_off)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "CANCEL_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert works.outside.billing_orders == {9001: "Pending"}


# In Salesforce


async def test_e5_an_order_that_staff_delivered_themselves_is_not_placed_by_a_later_attempt(works):
    works.outside.will("add_order", "lost_before")
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, activation="Activated")
    assert await works.ends(order_id) == "ADD_INTENT NEEDS_REVIEW VALIDATION_ERROR"
    assert works.effects() == (0, 0, 0) and works.salesforce(order_id) == ("Activated", "")


async def test_e5_an_order_that_is_not_approved_any_more_waits_until_it_is(works):
    works.outside.will("add_order", UpstreamUnavailable("whmcs", "AddOrder", "connect"))
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, status="Pending Review", activation="Not Started")
    assert await works.ends(order_id) == "ADD_INTENT" and works.effects() == (0, 0, 0)
    works.outside.change(order_id, status="Approved", activation="Activating")
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_i1_an_order_whose_type_changed_before_it_was_placed_is_billed_as_what_it_is_then(works):
    works.outside.activates_at_once = True
    works.outside.will("add_order", "lost_before")
    order_id = await works.runs(INTERNET)
    sims = works.approve(SIM)
    now = works.outside.orders[sims]
    works.outside.change(order_id, line=SIM, lines=now.lines, sim=now.sim)
    assert await works.ends(order_id) == "COMPLETED"
    assert (await works.record(order_id)).line == "sim" and works.effects() == (1, 1, 1)


async def test_f10_the_number_a_line_was_found_under_is_noted_and_not_the_one_that_was_refused(works):
    works.outside.will("sim_activation", UpstreamRejected("freebit", "AddEsim", "invalid"))
    order_id = await works.runs(SIM)
    works.outside.activates_at_once = True
    works.outside.change(order_id, sim=SimWishes(form="esim", eid=EID, phone_number=OTHER_TYPED))
    works.outside.sims[OTHER_NUMBER] = replace(A_LINE, number=OTHER_NUMBER, eid=EID)
    await works.fulfilment.resume(order_id)
    assert await works.ends(order_id) == "COMPLETED" and works.outside.activations == []
    assert [one.number for one in works.outside.services] == ["08011112222", ""]


@pytest.mark.parametrize("at_once", [True, False])
async def test_i1_the_line_of_one_order_is_never_taken_for_that_of_another(works, at_once):
    works.outside.activates_at_once = at_once
    first = await works.runs(SIM)
    second = await works.runs(SIM)
    assert await works.state(first) == ("COMPLETED" if at_once else "SIM_WAIT")
    assert await works.state(second) == "SIM_INTENT NEEDS_REVIEW SIM_ERROR"
    assert "Order 00000001 has the same phone number" in works.outside.told[-1][2]
    works.outside.activates_at_once = True
    works.outside.change(second, sim=SimWishes(form="esim", eid=EID, phone_number=OTHER_TYPED))
    await works.fulfilment.resume(second)
    assert await works.ends(second) == "COMPLETED" and works.outside.activations == [NUMBER, OTHER_NUMBER]


async def test_i1_of_two_orders_for_one_line_at_the_same_moment_at_most_one_goes_on(works):
    first, second = await works.begin(SIM), await works.begin(SIM)
    await works.works()
    assert len(works.outside.activations) <= 1
    assert "NEEDS_REVIEW" in await works.state(first) + await works.state(second)
    for one in (first, second):
        await works.fulfilment.resume(one)
        await works.works()
    assert sorted([await works.state(first), await works.state(second)]) == [
        "SIM_INTENT NEEDS_REVIEW SIM_ERROR",
        "SIM_WAIT",
    ]
    assert len(works.outside.activations) == 1


async def test_a_number_that_is_free_again_may_be_ordered_again(works):
    works.outside.activates_at_once = True
    await works.runs(SIM)
    works.outside.sims.clear()
    assert await works.state(await works.runs(SIM)) == "COMPLETED"


async def test_f13a_any_line_that_is_named_waits_for_a_document(works):
    works.fulfilment._driver._steps["VALIDATED"].__self__._sims._documents_for = frozenset({ProductLine.INTERNET})
    works.outside.document = DocumentCheck("submitted")
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "VALIDATED PAUSED IDENTITY_NOT_VERIFIED"


async def test_f3_an_order_whose_lines_name_services_without_our_mark_is_a_persons(works):
    order_id = works.approve(INTERNET)
    first, second = works.outside.orders[order_id].lines
    works.outside.change(order_id, lines=(first, replace(second, whmcs_service_id="4711")))
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR" and works.effects() == (0, 0, 0)
    assert "Line 2 of the order names a service" in works.outside.told[0][2]


@pytest.mark.parametrize("call", ["sim_number", "find_invoice"])
async def test_a_service_that_staff_deleted_is_a_persons_at_once(works, call):
    works.outside.activates_at_once = True
    works.outside.will(call, NotFound("service", 501))
    order_id = await works.runs(SIM)
    assert (await works.state(order_id)).endswith("NEEDS_REVIEW WHMCS_ERROR")


# Beside the way


async def test_the_opportunity_is_noted_at_the_services_and_no_order_waits_for_it(works):
    first = await works.runs(INTERNET)
    assert works.outside.noted == dict.fromkeys((501, 502), works.outside.orders[first].salesforce_opportunity_id)
    works.outside.down["note_opportunity"] = UpstreamOutcomeUnknown("whmcs", "UpdateClientProduct", "field_not_kept")
    second = await works.runs(INTERNET)
    assert await works.state(second) == "COMPLETED"
    assert works.outside.time_left["note_opportunity"] <= 10


async def test_what_was_sent_with_the_order_is_not_noted_again(works):
    make = works.billing_orders.make
    works.billing_orders.make = lambda *asked, **said: replace(make(*asked, **said), is_noted=True)
    assert await works.state(await works.runs(INTERNET)) == "COMPLETED"
    assert "note_opportunity" not in works.outside.asked


async def test_an_order_without_an_opportunity_has_none_noted(works):
    await works.runs(INTERNET, salesforce_opportunity_id="")
    assert "note_opportunity" not in works.outside.asked
