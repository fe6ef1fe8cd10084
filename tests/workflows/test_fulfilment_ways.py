"""Orders that go well: every state, every effect once, what Salesforce, the customer and the pages learn of it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import SimWishes
from portal_app.domain.notices import NoticeKind
from portal_app.workflows.order_notices import order_notice
from tests.fakes.fulfilment_world import (
    EID,
    INTERNET,
    NUMBER,
    PRODUCT_NUMBER,
    SIM,
    TYPED,
    VPN,
    FulfilmentWorld,
    a_fulfilment_world,
)

PLAIN = ["VALIDATED", "ADD_INTENT", "ADDED", "ACCEPT_INTENT", "ACCEPTED", "WRITEBACK", "COMPLETED"]
MOBILE = [
    *PLAIN[:3],
    "SIM_INTENT",
    "SIM_WAIT",
    "SIM_ACTIVE",
    "ACCEPT_INTENT",
    "ACCEPTED",
    "INVOICE_INTENT",
    "INVOICED",
    "WRITEBACK",
    "COMPLETED",
]


@pytest.fixture
async def hasty(migrated_file, tmp_path) -> AsyncIterator[FulfilmentWorld]:
    """Where everything settles within half a second."""
    shutil.copy(migrated_file, tmp_path / "hasty.db")
    async with a_fulfilment_world(tmp_path / "hasty.db", settle=timedelta(seconds=0.5)) as made:
        yield made


@pytest.mark.parametrize("line", [INTERNET, VPN])
async def test_i1_an_order_runs_to_its_end_at_once_with_one_of_each_effect(works, line):
    order_id = await works.runs(line)
    assert await works.history(order_id) == PLAIN
    assert works.effects() == (1, 0, 1)
    assert [one.status for one in works.outside.services] == ["Active"] * len(works.outside.orders[order_id].lines)


async def test_i1_a_sim_order_is_active_before_it_is_accepted_and_billed(works):
    order_id = await works.runs(SIM)
    assert await works.state(order_id) == "SIM_WAIT"
    assert works.effects() == (1, 1, 0) and set(works.outside.billing_orders.values()) == {"Pending"}
    works.network_activates()
    await works.works(5)
    assert await works.history(order_id) == MOBILE
    assert works.effects() == (1, 1, 1)
    assert works.outside.services[0].number == "09012345678"
    assert works.outside.activations == [NUMBER]


async def test_i1_the_invoice_of_a_sim_order_is_for_exactly_its_services(works):
    works.outside.activates_at_once = True
    await works.runs(INTERNET)
    order_id = await works.runs(SIM)
    ids = (await works.record(order_id)).whmcs_service_ids.values()
    assert works.outside.invoices[(await works.record(order_id)).whmcs_invoice_id] == tuple(ids)


async def test_a_card_is_activated_with_its_product_number(works):
    works.outside.activates_at_once = True
    wishes = SimWishes(form="physical", product_number=PRODUCT_NUMBER, phone_number=TYPED)
    order_id = await works.runs(SIM, sim=wishes)
    assert await works.state(order_id) == "COMPLETED"
    assert works.outside.sims[NUMBER].product_number == PRODUCT_NUMBER


async def test_a_sim_order_that_costs_nothing_asks_for_no_invoice(works):
    works.outside.activates_at_once = True
    order_id = works.approve(SIM)
    free = tuple(replace(line, unit_price=line.unit_price * 0) for line in works.outside.orders[order_id].lines)
    works.outside.change(order_id, lines=free)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 1, 0)


async def test_f11_salesforce_learns_every_id_and_that_it_runs(works):
    order_id = await works.runs(INTERNET)
    order, record = works.outside.orders[order_id], await works.record(order_id)
    assert (order.activation, order.error_code) == ("Activated", "")
    assert order.whmcs_order_id == str(record.whmcs_order_id) == "9001"
    assert [line.whmcs_service_id for line in order.lines] == ["501", "502"]
    assert works.outside.served == {order.salesforce_opportunity_id: 501}


async def test_i1_one_mail_leaves_and_never_twice_with_the_news_from_salesforce(works):
    told = order_notice(NoticeKind.ORDER_ACTIVATED, "801000000000001AAA", "00000001", "internet")
    assert await works.notices.tell(works.mine.user_id, told)
    first, second = await works.runs(INTERNET), await works.runs(VPN)
    assert first == "801000000000001AAA"
    mails = await works.mails()
    assert [one.get("values", {}).get("order_id") for one in mails] == [first, second]
    assert await works.notices.unread(works.mine) == 2
    values = {"number": "00000002", "line": "vpn", "order_id": second}
    assert mails[1] == {"template": "order_active", "user_id": works.mine.user_id, "values": values}


async def test_no_mail_leaves_for_an_order_that_was_not_placed_in_the_portal(works):
    order_id = await works.runs(INTERNET, from_portal=False)
    assert await works.state(order_id) == "COMPLETED" and await works.mails() == []


async def test_the_timeline_knows_when_each_step_was_reached(works):
    order_id = await works.runs(SIM)
    at_first = works.clock.now()
    works.network_activates()
    await works.works(60)
    seen = await works.order_times.of(works.mine, order_id)
    assert list(seen) == ["approved", "billing", "set_up", "active"]
    assert seen["billing"] == at_first and seen["set_up"] == seen["active"] == works.clock.now()


async def test_the_customer_sees_how_far_it_has_come(works):
    order_id = await works.runs(SIM)
    other = await works.a_customer("bob@example.com", "001000000000009AAA", 109)
    progress = await works.fulfilment.progress(works.mine, order_id)
    assert (progress.state, progress.billed, progress.set_up) == ("SIM_WAIT", True, False)
    assert await works.fulfilment.progress(other, order_id) is None
    works.network_activates()
    await works.works(60)
    progress = await works.fulfilment.progress(works.mine, order_id)
    assert (progress.state, progress.billed, progress.set_up) == ("COMPLETED", True, True)


async def test_pages_look_again_after_every_step(works):
    await works.runs(INTERNET)
    mine = f"customer:{works.mine.user_id}:"
    heard = [topic.removeprefix(mine) for topic in works.heard if topic.startswith(mine)]
    assert heard.count("orders") >= len(PLAIN)
    assert {"services", "invoices"} <= set(heard) and works.heard[-1] == "work:outbox"
    assert {"orders", "services", "billing"} <= set(works.forgotten)


async def test_a_cache_that_is_away_holds_up_nothing(works):
    for copy in works.copies.values():
        copy.broken = True
    assert await works.state(await works.runs(INTERNET)) == "COMPLETED"


async def test_f14_the_history_says_who_asked_and_how_long_each_step_took(works):
    order_id = works.approve(INTERNET)
    await works.fulfilment.requested(order_id, correlation_id="AB12-CD34")
    await works.works()
    steps = await works.fulfilments.history(order_id)
    assert {one.correlation_id for one in steps} == {"AB12-CD34"}
    assert [one.step_no for one in steps] == list(range(1, 8)) and all(one.took_ms >= 0 for one in steps)
    assert await works.audited() == ["order.fulfilled ok"]


async def test_f1_every_intent_is_committed_before_its_call_and_its_result_after(works):
    works.outside.activates_at_once = True
    await works.runs(SIM)
    seen = works.hooks.seen
    for call, before, after in (
        ("add_order", "VALIDATED->ADD_INTENT", "ADD_INTENT->ADDED"),
        ("sim_activation", "ADDED->SIM_INTENT", "SIM_INTENT->SIM_WAIT"),
        ("accept_order", "SIM_ACTIVE->ACCEPT_INTENT", "ACCEPT_INTENT->ACCEPTED"),
        ("gen_invoices", "ACCEPTED->INVOICE_INTENT", "INVOICE_INTENT->INVOICED"),
    ):
        order = [f"commit:{before}:after", f"call:{call}:before", f"call:{call}:after", f"commit:{after}:before"]
        assert [one for one in seen if one in order] == order
    assert seen[:2] == ["commit:->RECEIVED:before", "commit:->RECEIVED:after"]
    assert [one for one in seen if one.endswith(":before") and "write_" in one] == [
        "call:write_services:before",
        "call:write_order:before",
        "call:write_opportunity:before",
    ]


async def test_f3_a_probe_comes_before_the_very_first_call(works):
    works.outside.activates_at_once = True
    await works.runs(SIM)
    asked = [one for one in works.outside.asked if one in ("find_services", "find_sim", "read_order", "find_invoice")]
    assert asked[0] == "find_services"
    for probe, call in (
        ("find_services", "add_order"),
        ("find_sim", "sim_activation"),
        ("read_order", "accept_order"),
        ("find_invoice", "gen_invoices"),
    ):
        assert works.outside.asked.index(probe) < works.outside.asked.index(call)


async def test_f13b_every_call_that_must_not_be_repeated_ends_before_the_settle_time(works):
    works.outside.activates_at_once = True
    await works.runs(SIM)
    for call in ("add_order", "sim_activation", "gen_invoices"):
        assert 40 < works.outside.time_left[call] <= 48
    assert 88 < works.outside.time_left["accept_order"] <= 96, "modules run meanwhile; it has two settle times (F6)"


async def test_f5_a_call_that_takes_too_long_is_cut_off_and_its_outcome_is_unknown(hasty):
    async def slow() -> None:
        await asyncio.sleep(5)

    hasty.outside.will("add_order", slow)
    order_id = await hasty.runs(INTERNET)
    assert await hasty.state(order_id) == "ADD_INTENT RETRY_WAIT PROVISIONING_ERROR"
    record = await hasty.record(order_id)
    assert record.intent_at == hasty.clock.now() and record.next_attempt_at > hasty.clock.now()
    await hasty.works(60)
    assert await hasty.state(order_id) == "COMPLETED" and hasty.effects() == (1, 0, 1)


async def test_c1_nothing_personal_is_in_the_rows_the_history_or_the_audit(works, caplog):
    works.outside.activates_at_once = True
    await works.runs(SIM)
    found = [await works.rows(f"SELECT * FROM {table}") for table in ("fulfilments", "fulfilment_steps", "audit_log")]
    for secret in (NUMBER, NUMBER[3:], TYPED, EID, "hanako"):
        assert secret not in str(found) and secret not in caplog.text


@pytest.mark.parametrize("activation", ["Activated", "activated "])
async def test_e5_an_order_that_runs_already_is_done_without_asking_anything_of_anybody(works, activation):
    order_id = await works.runs(INTERNET, activation=activation)
    assert await works.history(order_id) == ["COMPLETED"]
    assert works.outside.asked == ["read"] and await works.mails() == []


async def test_e5_an_order_that_nobody_has_approved_waits_for_them(works):
    order_id = await works.runs(INTERNET, status="Pending Review", activation="Not Started")
    assert await works.state(order_id) == "RECEIVED" and await works.works(timedelta(days=3)) == 0
    works.outside.change(order_id, status="Approved", activation="Activating")
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_e5_an_event_that_comes_while_it_is_decided_to_wait_is_not_lost(works):
    order_id = works.approve(INTERNET, status="Pending Review", activation="Not Started")

    async def approved_behind_us() -> None:
        # The answer under way still says that it is not.
        works.outside.change(order_id, status="Approved", activation="Activating")
        await works.fulfilment.requested(order_id)
        works.outside.change(order_id, status="Pending Review", activation="Not Started")

    works.outside.will("read", approved_behind_us)
    await works.fulfilment.requested(order_id)
    assert await works.fulfilment.once() == 1
    works.outside.change(order_id, status="Approved", activation="Activating")
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_a_product_line_of_its_own_is_none_of_ours(works):
    order_id = works.approve(INTERNET)
    works.outside.change(order_id, line=ProductLine.OTHER)
    await works.fulfilment.requested(order_id)
    await works.works()
    assert await works.state(order_id) == "VALIDATED PAUSED VALIDATION_ERROR"


async def test_a_scheduled_order_waits_for_its_day_in_japan(works):
    today = works.clock.today_in_japan()
    day = today + timedelta(days=3)
    order_id = await works.runs(INTERNET, starts_on=day, is_scheduled=True)
    assert await works.state(order_id) == "SCHEDULED"
    assert works.salesforce(order_id) == ("Scheduled", "") and works.effects() == (0, 0, 0)
    assert (await works.record(order_id)).next_attempt_at.isoformat() == "2026-01-17T15:00:00+00:00"
    await works.works(timedelta(days=2, hours=11))
    assert await works.state(order_id) == "SCHEDULED"
    await works.works(timedelta(hours=1))
    assert await works.state(order_id) == "COMPLETED" and works.salesforce(order_id) == ("Activated", "")
    assert works.outside.told[:2] == [("Scheduled", "", ""), ("Activating", "", "")]


async def test_what_stops_an_order_is_found_before_its_day(works):
    works.outside.methods = ()
    day = works.clock.today_in_japan() + timedelta(days=3)
    order_id = await works.runs(INTERNET, starts_on=day, is_scheduled=True)
    assert await works.state(order_id) == "VALIDATED PAUSED PAYMENT_METHOD_MISSING"


async def test_a_scheduled_order_is_looked_at_again_when_staff_change_the_day(works):
    day = works.clock.today_in_japan() + timedelta(days=3)
    order_id = await works.runs(INTERNET, starts_on=day, is_scheduled=True)
    works.outside.change(order_id, starts_on=None, is_scheduled=False)
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"
