"""Answers that were lost: nobody knows, so it is looked for until it is known, and never done twice (F1-F6)."""

from datetime import timedelta

import pytest

from portal_app.domain.fulfilment import SimWishes, billed_lines
from portal_app.errors import Busy, UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from tests.fakes.fulfilment_world import EID, INTERNET, NUMBER, SIM, Placed

MOST = {"add_order", "accept_order", "sim_activation", "gen_invoices"}
STATE = {
    "add_order": "ADD_INTENT",
    "accept_order": "ACCEPT_INTENT",
    "sim_activation": "SIM_INTENT",
    "gen_invoices": "INVOICE_INTENT",
}


@pytest.mark.parametrize("trouble", ["lost_before", "lost_after", "late"])
@pytest.mark.parametrize("call", sorted(MOST))
async def test_f4_a_lost_answer_is_looked_after_and_nothing_happens_twice(works, call, trouble):
    works.outside.activates_at_once = True
    works.outside.will(call, trouble)
    order_id = await works.runs(SIM)
    assert (await works.state(order_id)).startswith(f"{STATE[call]} RETRY_WAIT")
    await works.works(30)
    works.outside.arrive()
    assert await works.ends(order_id) == "COMPLETED"
    assert works.effects() == (1, 1, 1) and len(await works.mails()) == 1


@pytest.mark.parametrize("call", ["add_order", "accept_order", "gen_invoices"])
async def test_f4_nothing_is_asked_again_before_the_settle_time_is_over(works, call):
    works.outside.activates_at_once = True
    works.outside.will(call, "late")
    order_id = await works.runs(SIM)
    for _ in range(23 if call == "accept_order" else 11):
        await works.works(5)
        await works.fulfilment.requested(order_id)
    assert works.outside.asked.count(call) == 1
    works.outside.late.clear()
    await works.works(5)
    assert works.outside.asked.count(call) == 2 and await works.state(order_id) == "COMPLETED"


async def test_f10_the_network_has_ten_minutes_to_show_a_line_before_it_is_asked_again(works):
    works.outside.will("sim_activation", "late")
    order_id = await works.runs(SIM)
    await works.ends(order_id, timedelta(minutes=9))
    assert works.outside.asked.count("sim_activation") == 1
    works.outside.late.clear()
    works.outside.activates_at_once = True
    assert await works.ends(order_id) == "COMPLETED" and works.outside.activations == [NUMBER]


async def test_f4_an_answer_lost_while_the_effect_comes_late_is_adopted(works):
    works.outside.will("add_order", "late")
    order_id = await works.runs(INTERNET)
    works.outside.arrive()
    await works.works(61)
    assert await works.state(order_id) == "COMPLETED"
    record = await works.record(order_id)
    assert (record.whmcs_order_id, record.whmcs_service_ids) == (9001, {1: 501, 2: 502})
    assert record.whmcs_invoice_id == 7001 and works.outside.asked.count("add_order") == 1


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamReplyChanged("whmcs", "AddOrder", "json"),
        ConnectionResetError("reset"),
        KeyError("surprise"),
        TimeoutError(),
    ],
    ids=["html", "reset", "surprise", "timeout"],
)
async def test_f4_whatever_is_no_clear_no_counts_as_unknown(works, failure):
    works.outside.will("add_order", failure)
    order_id = await works.runs(INTERNET)
    record = await works.record(order_id)
    assert record.intent_at == works.clock.now()
    assert record.next_attempt_at == works.clock.now() + timedelta(seconds=60)
    await works.works(61)
    assert await works.state(order_id) == "COMPLETED"


@pytest.mark.parametrize(
    "failure", [UpstreamUnavailable("whmcs", "AddOrder", "connect"), Busy("whmcs")], ids=["refused", "busy"]
)
@pytest.mark.parametrize("call", sorted(MOST))
async def test_f5_what_was_surely_not_sent_is_repeated_without_the_settle_time(works, call, failure):
    works.outside.activates_at_once = True
    works.outside.will(call, failure)
    order_id = await works.runs(SIM)
    assert (await works.record(order_id)).intent_at is None
    await works.works(6.1)
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 1, 1)


async def test_f5_a_refused_connection_after_a_lost_answer_still_waits_for_what_was_sent_first(works):
    works.outside.will("add_order", "late")
    order_id = await works.runs(INTERNET)
    works.outside.down["find_services"] = UpstreamUnavailable("whmcs", "GetClientsProducts", "connect")
    await works.works(60)
    assert (await works.record(order_id)).intent_at is not None
    works.outside.down.clear()
    works.outside.arrive()
    assert await works.ends(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)


async def test_f4_a_repeated_call_is_an_intent_of_its_own(works):
    works.outside.will("add_order", "lost_before", "lost_before")
    order_id = await works.runs(INTERNET)
    await works.works(61)
    assert (await works.record(order_id)).intent_at == works.clock.now()
    assert await works.works(59) == 0 or works.outside.asked.count("add_order") == 2
    await works.works(61)
    assert await works.state(order_id) == "COMPLETED"
    assert (await works.history(order_id)).count("ADD_INTENT") == 3


async def test_f4_no_answer_ever_ends_with_a_person_after_a_day_and_at_most_one_order(works):
    works.outside.down["add_order"] = UpstreamOutcomeUnknown("whmcs", "AddOrder", "timeout")
    order_id = await works.runs(INTERNET)
    assert await works.ends(order_id, timedelta(hours=30)) == "ADD_INTENT NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.effects() == (0, 0, 0) and works.salesforce(order_id) == ("Failed", "PROVISIONING_ERROR")


def placed(works, order_id: str, *numbers: int, whmcs_order_id: int = 9001) -> None:
    """Services with our mark, from before."""
    works.outside.billing_orders[whmcs_order_id] = "Pending"
    for number in numbers:
        service_id = 800 + len(works.outside.services)
        mark = f"portal:{order_id}:{number}"
        works.outside.services.append(Placed(service_id, whmcs_order_id, 101, 10 + number, mark))


async def test_g4_after_a_restored_backup_the_order_that_is_there_is_adopted(works):
    order_id = works.approve(INTERNET)
    lines = billed_lines(works.outside.orders[order_id])
    works.billing_orders.make(101, order_id, lines, invoice=True)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"
    assert works.effects() == (1, 0, 1) and "add_order" not in works.outside.asked


async def test_g4_after_a_restored_backup_a_line_that_is_active_is_adopted(works):
    works.outside.activates_at_once = True
    order_id = await works.runs(SIM)
    async with works.db.write() as tx:
        from sqlalchemy import text

        await tx.execute(text("DELETE FROM fulfilment_steps"))
        await tx.execute(text("DELETE FROM fulfilments"))
    works.outside.change(order_id, activation="Activating", error_code="")
    await works.fulfilment.requested(order_id)
    assert await works.ends(order_id) == "COMPLETED"
    assert works.effects() == (1, 1, 1) and len(await works.mails()) == 1


@pytest.mark.parametrize("numbers", [(1,), (2,), (1, 1, 2), (1, 2, 2), (1, 2, 3), (3,)])
async def test_f4_a_part_of_an_order_or_more_than_one_is_frozen_for_a_person(works, numbers):
    order_id = works.approve(INTERNET)
    placed(works, order_id, *numbers)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert works.salesforce(order_id) == ("Failed", "WHMCS_ERROR")
    assert await works.audited() == ["order.needs_review WHMCS_ERROR"]
    assert await works.works(timedelta(days=3)) == 0
    assert len(works.outside.services) == len(numbers) and "add_order" not in works.outside.asked


async def test_f4_lines_in_two_orders_of_whmcs_are_frozen_for_a_person(works):
    order_id = works.approve(INTERNET)
    placed(works, order_id, 1)
    placed(works, order_id, 2, whmcs_order_id=9002)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR"


async def test_f4_a_person_who_puts_it_right_lets_it_go_on(works):
    order_id = works.approve(INTERNET)
    placed(works, order_id, 1, 1, 2)
    await works.fulfilment.requested(order_id)
    await works.works()
    del works.outside.services[1]
    assert await works.fulfilment.resume(order_id) == "woken"
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and "add_order" not in works.outside.asked


async def test_f4_two_services_found_after_adding_freeze_the_order(works):
    order_id = works.approve(INTERNET)

    async def twice() -> None:
        lines = billed_lines(works.outside.orders[order_id])
        works.billing_orders.make(101, order_id, lines, invoice=True)

    works.outside.will("add_order", twice)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "ADDED NEEDS_REVIEW WHMCS_ERROR"
    assert set(works.outside.billing_orders.values()) == {"Pending"}


async def test_f3_an_order_that_names_an_order_without_our_mark_is_never_added_again(works):
    order_id = await works.runs(INTERNET, whmcs_order_id="77")
    assert await works.state(order_id) == "ADD_INTENT NEEDS_REVIEW WHMCS_ERROR"
    assert "add_order" not in works.outside.asked
    assert "order 77 of WHMCS" in works.outside.told[0][2]


async def test_f3_the_ids_are_those_of_the_marks_whatever_order_they_were_answered_in(works):
    order_id = works.approve(INTERNET)

    async def swapped() -> None:
        first, second = works.outside.services
        first.mark, second.mark = second.mark, first.mark

    works.outside.will("find_services", "")
    works.outside.will("find_services", swapped)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert (await works.record(order_id)).whmcs_service_ids == {1: 502, 2: 501}
    assert works.outside.served.popitem()[1] == 502


async def test_f10_a_number_that_staff_change_behind_a_lost_answer_is_left_to_a_person(works):
    works.outside.will("sim_activation", "late")
    order_id = await works.runs(SIM)
    works.outside.change(order_id, sim=SimWishes(form="esim", eid=EID, phone_number="080-1111-2222"))
    await works.works(61)
    assert await works.state(order_id) == "SIM_INTENT NEEDS_REVIEW SIM_ERROR"
    assert works.outside.asked.count("sim_activation") == 1


async def test_an_invoice_that_did_not_come_of_it_is_looked_for_and_asked_for_again(works):
    works.outside.activates_at_once = True
    bill = works.billing_orders._bill
    works.billing_orders._bill = lambda ids: 0
    order_id = await works.runs(SIM)
    assert await works.state(order_id) == "INVOICE_INTENT RETRY_WAIT WHMCS_ERROR"
    works.billing_orders._bill = bill
    assert await works.works(59) == 0
    await works.works(1)
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 1, 1)
