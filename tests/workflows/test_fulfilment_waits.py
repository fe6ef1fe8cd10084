"""Orders that wait for somebody: each code, what Salesforce is told, and how they go on."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal_app.domain.documents import DocumentCheck
from portal_app.domain.fulfilment import SimWishes
from portal_app.domain.pay_methods import PayMethod
from portal_app.errors import NotFound, UpstreamRejected, UpstreamUnavailable
from tests.fakes.fulfilment_world import CARD, EID, INTERNET, NUMBER, OTHER_ACCOUNT, SIM, TYPED, VPN

QUARTER = timedelta(minutes=15)


def changed_line(works, order_id: str, **changes) -> None:
    lines = works.outside.orders[order_id].lines
    works.outside.change(order_id, lines=(lines[0], replace(lines[1], **changes)))


async def test_f12_a_missing_payment_method_pauses_the_order_and_salesforce_shows_why(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "VALIDATED PAUSED PAYMENT_METHOD_MISSING"
    assert works.salesforce(order_id) == ("Failed", "PAYMENT_METHOD_MISSING")
    assert works.effects() == (0, 0, 0) and await works.audited() == ["order.paused PAYMENT_METHOD_MISSING"]


async def test_a_payment_method_that_is_added_resumes_the_order_by_itself(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.methods = (CARD,)
    works.heard.clear()
    await works.fulfilment.payment_methods_changed(works.mine)
    assert "work:fulfilments" in works.heard
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.salesforce(order_id) == ("Activated", "")
    assert ("Activating", "", "") in works.outside.told and works.effects() == (1, 0, 1)


async def test_a_payment_method_is_found_within_a_quarter_of_an_hour_though_no_hint_came(works):
    works.outside.methods = (PayMethod(2, "card", "Old", expires_on=date(2025, 12, 31)),)
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "VALIDATED PAUSED PAYMENT_METHOD_MISSING"
    works.outside.methods = (CARD,)
    assert await works.works(QUARTER - timedelta(seconds=1)) == 0
    await works.works(1)
    assert await works.state(order_id) == "COMPLETED"


async def test_looking_again_in_vain_leaves_no_history_and_writes_nothing_to_salesforce(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    for _ in range(5):
        await works.works(QUARTER)
    assert await works.history(order_id) == ["VALIDATED", "VALIDATED(PAUSED)"]
    assert len(works.outside.told) == 1 and works.outside.asked.count("report") == 1
    assert await works.audited() == ["order.paused PAYMENT_METHOD_MISSING"]


async def test_somebody_elses_payment_method_resumes_nothing(works):
    works.outside.methods = ()
    await works.runs(INTERNET)
    other = await works.a_customer("bob@example.com", OTHER_ACCOUNT, 109)
    works.heard.clear()
    await works.fulfilment.payment_methods_changed(other)
    await works.fulfilment.checks_changed(works.mine)
    assert works.heard == [] and await works.works() == 0


async def test_staff_who_cleared_the_error_see_it_again_while_it_still_holds(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, activation="Activating", error_code="")
    await works.fulfilment.requested(order_id)
    await works.works()
    assert works.salesforce(order_id) == ("Failed", "PAYMENT_METHOD_MISSING")


@pytest.mark.parametrize("state", ["submitted", "rejected", "not_submitted"])
async def test_f13a_a_sim_waits_until_the_document_is_verified(works, state):
    works.outside.activates_at_once = True
    works.outside.document = DocumentCheck(state)
    order_id = await works.runs(SIM)
    assert await works.state(order_id) == "VALIDATED PAUSED IDENTITY_NOT_VERIFIED" and works.effects() == (0, 0, 0)
    works.outside.document = DocumentCheck("verified")
    await works.fulfilment.checks_changed(works.mine)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_f13a_the_document_is_read_again_before_the_network_is_asked(works):
    async def withdrawn() -> None:
        works.outside.document = DocumentCheck("rejected")

    works.outside.will("add_order", withdrawn)
    order_id = await works.runs(SIM)
    assert await works.state(order_id) == "ADDED PAUSED IDENTITY_NOT_VERIFIED" and works.effects() == (1, 0, 0)
    assert works.outside.orders[order_id].whmcs_order_id == "9001"
    works.outside.document = DocumentCheck("verified")
    works.outside.activates_at_once = True
    await works.works(QUARTER)
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 1, 1)


@pytest.mark.parametrize("line", [INTERNET, VPN])
async def test_f13a_other_lines_need_no_document(works, line):
    works.outside.document = None
    assert await works.state(await works.runs(line)) == "COMPLETED"


@pytest.mark.parametrize(
    "wishes",
    [SimWishes(form="esim", eid=EID), SimWishes(form="physical", phone_number=TYPED)],
    ids=["no number", "no card"],
)
async def test_f13a_what_staff_have_to_fill_in_is_waited_for(works, wishes):
    works.outside.activates_at_once = True
    order_id = await works.runs(SIM, sim=wishes)
    assert await works.state(order_id) == "VALIDATED PAUSED SIM_STOCK_MISSING" and works.effects() == (0, 0, 0)
    assert await works.works(timedelta(days=1)) == 0
    works.outside.change(order_id, sim=SimWishes(form="esim", eid=EID, phone_number=TYPED))
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"whmcs_product_id": None}, "MAPPING_ERROR"),
        ({"cycle": None}, "MAPPING_ERROR"),
        ({"quantity": Decimal(2)}, "VALIDATION_ERROR"),
        ({"unit_price": Decimal(-1)}, "VALIDATION_ERROR"),
    ],
)
async def test_f12_an_order_that_cannot_be_billed_waits_for_staff_and_is_read_anew(works, wrong, code):
    order_id = works.approve(INTERNET)
    line = works.outside.orders[order_id].lines[1]
    changed_line(works, order_id, **wrong)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == f"VALIDATED PAUSED {code}"
    assert works.salesforce(order_id) == ("Failed", code) and "Line 2" in works.outside.told[0][2]
    assert await works.works(timedelta(days=2)) == 0
    right = {name: getattr(line, name) for name in wrong}
    changed_line(works, order_id, **right)
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_an_account_that_nobody_linked_waits_for_the_link(works):
    order_id = await works.runs(INTERNET, salesforce_account_id=OTHER_ACCOUNT)
    assert await works.state(order_id) == "VALIDATED PAUSED MAPPING_ERROR"
    assert works.salesforce(order_id) == ("Failed", "MAPPING_ERROR")
    assert not [topic for topic in works.heard if topic.startswith("customer:")]
    await works.a_customer("bob@example.com", OTHER_ACCOUNT, 109)
    assert await works.fulfilment.resume(order_id) == "woken"
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.outside.services[0].client_id == 109


async def test_o2_an_account_that_was_linked_to_somebody_else_meanwhile_stops_the_order(works):
    works.outside.will("accept_order", UpstreamUnavailable("whmcs", "AcceptOrder", "connect"))
    order_id = await works.runs(INTERNET)
    other = await works.a_customer("bob@example.com", "", 109)
    await works.users.link(works.mine.user_id, 101, "")
    await works.users.link(other.user_id, 109, works.mine.salesforce_account_id)
    await works.works(10)
    assert await works.state(order_id) == "ACCEPT_INTENT NEEDS_REVIEW MAPPING_ERROR"
    assert set(works.outside.billing_orders.values()) == {"Pending"}


async def test_a_client_whmcs_does_not_know_is_a_matter_of_mapping(works):
    works.outside.will("pay_methods", NotFound("client", 101))
    assert await works.state(await works.runs(INTERNET)) == "VALIDATED PAUSED MAPPING_ERROR"


async def test_f12_what_whmcs_refuses_is_not_asked_for_again_by_itself(works):
    works.outside.will("add_order", UpstreamRejected("whmcs", "AddOrder", "gateway"))
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "ADD_INTENT PAUSED WHMCS_ERROR"
    assert works.outside.told == [("Failed", "WHMCS_ERROR", "WHMCS refused AddOrder: gateway")]
    assert await works.works(timedelta(days=3)) == 0
    assert await works.fulfilment.resume(order_id) == "woken"
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_a_product_that_staff_correct_after_a_refusal_is_the_one_asked_for(works):
    works.outside.will("add_order", UpstreamRejected("whmcs", "AddOrder", "product"))
    order_id = await works.runs(INTERNET)
    changed_line(works, order_id, whmcs_product_id=77)
    await works.fulfilment.resume(order_id)
    await works.works()
    assert [one.product_id for one in works.outside.services] == [11, 77]


async def test_f6_an_order_that_whmcs_does_not_accept_waits_for_staff(works):
    works.outside.will("accept_order", UpstreamRejected("whmcs", "AcceptOrder", "module"))
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "ACCEPT_INTENT PAUSED WHMCS_ERROR"
    assert await works.works(timedelta(days=1)) == 0
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_f6_a_refusal_to_accept_what_is_active_is_no_failure(works):
    async def accepted_by_a_person() -> None:
        works.outside.billing_orders[9001] = "Active"

    works.outside.will("accept_order", accepted_by_a_person)
    assert await works.state(await works.runs(INTERNET)) == "COMPLETED"


@pytest.mark.parametrize("status", ["Cancelled", "Fraud", None])
async def test_f6_an_order_that_is_neither_pending_nor_active_in_whmcs_needs_a_person(works, status):
    works.outside.will("accept_order", UpstreamUnavailable("whmcs", "AcceptOrder", "connect"))
    order_id = await works.runs(INTERNET)
    if status is None:
        del works.outside.billing_orders[9001]
    else:
        works.outside.billing_orders[9001] = status
    await works.works(10)
    assert await works.state(order_id) == "ACCEPT_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert works.salesforce(order_id) == ("Failed", "WHMCS_ERROR")


async def test_f3_marks_that_whmcs_does_not_keep_stop_the_order_with_its_ids_stored(works):
    works.outside.keeps_marks = False
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "ADDED PAUSED MARKER_FIELD_MISSING"
    record = await works.record(order_id)
    assert (record.whmcs_order_id, record.whmcs_service_ids) == (9001, {1: 501, 2: 502})
    assert works.salesforce(order_id) == ("Failed", "MARKER_FIELD_MISSING")
    for number, service in enumerate(works.outside.services, 1):
        service.mark = f"portal:{order_id}:{number}"
    await works.fulfilment.resume(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_an_order_that_is_not_in_salesforce_is_left_to_a_person(works):
    await works.fulfilment.requested("801000000000009AAA")
    await works.works()
    assert await works.state("801000000000009AAA") == "RECEIVED NEEDS_REVIEW VALIDATION_ERROR"


async def test_what_is_no_id_of_an_order_is_left_to_a_person_once(works):
    junk = NotFound("Order")
    works.outside.down |= {"read": junk, "report": junk}
    await works.fulfilment.requested("nonsense")
    await works.works()
    assert await works.state("nonsense") == "RECEIVED NEEDS_REVIEW VALIDATION_ERROR"
    assert await works.works(timedelta(days=2)) == 0


async def test_an_order_that_somebody_else_set_up_is_not_set_up_again(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, activation="Activated", error_code="", whmcs_order_id="77")
    works.outside.methods = (CARD,)
    await works.works(QUARTER)
    assert await works.state(order_id) == "VALIDATED NEEDS_REVIEW VALIDATION_ERROR" and works.effects() == (0, 0, 0)


async def test_an_approval_that_staff_take_back_is_waited_for_again(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.change(order_id, status="Pending Review", activation="Not Started", error_code="")
    works.outside.methods = (CARD,)
    await works.works(QUARTER)
    assert await works.state(order_id) == "VALIDATED" and await works.works(timedelta(days=2)) == 0
    works.outside.change(order_id, status="Approved", activation="Activating")
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_f10_a_refusal_of_the_network_waits_for_staff_and_is_repeated_only_for_them(works):
    order_id = await works.runs(SIM)
    works.network_activates("failed", failure="400-501")
    await works.works(5)
    assert await works.state(order_id) == "SIM_INTENT PAUSED SIM_ERROR"
    assert works.outside.told == [("Failed", "SIM_ERROR", "Freebit refused: 400-501 (port_in_name)")]
    assert await works.works(timedelta(days=2)) == 0 and works.effects() == (1, 1, 0)
    await works.fulfilment.order_changed(order_id)
    assert await works.works() == 0
    works.outside.change(order_id, activation="Activating", error_code="")
    await works.fulfilment.order_changed(order_id)
    works.outside.activates_at_once = True
    await works.works()
    assert await works.state(order_id) == "COMPLETED"
    assert works.outside.activations == [NUMBER, NUMBER] and works.effects()[2] == 1


async def test_a_sim_that_is_late_is_reported_and_still_waited_for(works):
    order_id = await works.runs(SIM)
    await works.ends(order_id, timedelta(minutes=21))
    assert await works.state(order_id) == "SIM_WAIT NEEDS_REVIEW SIM_ERROR"
    assert works.salesforce(order_id) == ("Failed", "SIM_ERROR")
    works.network_activates()
    await works.works(timedelta(hours=1))
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 1, 1)
    assert works.salesforce(order_id) == ("Activated", "")


async def test_the_network_is_asked_often_at_first_and_then_less_and_less(works):
    order_id = await works.runs(SIM)
    began, looks = works.clock.now(), []
    while (works.clock.now() - began) < timedelta(minutes=15):
        looks.append((await works.record(order_id)).next_attempt_at - works.clock.now())
        await works.works(looks[-1])
    assert looks[0] == timedelta(seconds=2) and looks == sorted(looks) and len(looks) < 40
    assert "SIM_WAIT" not in (await works.history(order_id))[5:]


async def test_a_number_that_runs_for_another_contract_is_left_to_a_person(works):
    works.outside.activates_at_once = True
    first = await works.runs(SIM)
    other = SimWishes(form="esim", eid="89049032000001000000000000000171", phone_number=TYPED)
    second = await works.runs(SIM, sim=other)
    assert await works.state(first) == "COMPLETED"
    assert await works.state(second) == "SIM_INTENT NEEDS_REVIEW SIM_ERROR"
    assert works.outside.activations == [NUMBER]
