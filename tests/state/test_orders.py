"""The list of orders, and one order: steps, words, sums, and what is said when Salesforce does not answer."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from portal_app import routes, wiring
from portal_app.components.order_list import NEXT_WORDS, WANTED_WORDS
from portal_app.components.status import ORDER_WORDS
from portal_app.components.timeline import STATE_WORDS
from portal_app.domain.catalog import Cycle, ProductLine
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.fulfilment import CUSTOMERS_TURN, Code, Hold, State
from portal_app.domain.order_status import ACTIVATIONS, STATUSES, STEPS, Shown
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state import order_progress
from portal_app.state.dashboard import DashboardState
from portal_app.state.order import OrderState
from portal_app.state.order_rows import Wanted
from portal_app.state.order_steps import step_rows
from portal_app.state.orders import OrdersState
from portal_app.text import say
from tests.fakes.catalog import SIM, VPN
from tests.fakes.ordering_screens import (
    ORDER_ID,
    ScreenFulfilment,
    ScreenOrders,
    ScreenOrderTimes,
    a_progress,
    an_order,
    an_ordered_item,
)
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("salesforce", "Query")
PAGE = routes.order(ORDER_ID)
NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)


@pytest.fixture
def desk(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    parts: dict[str, Any] = {
        "orders": ScreenOrders(),
        "order_times": ScreenOrderTimes(),
        "fulfilment": ScreenFulfilment(),
    }
    with wiring.use(**parts):
        yield SimpleNamespace(**vars(outside), **parts)


# The list


async def test_orders_in_progress_stand_apart_from_those_that_ended(desk, tab):
    desk.orders.orders = [
        an_order(4, plan="Internet Gold (Home 1G)"),
        an_order(3, "Cancelled"),
        an_order(2, "Approved", "Activating", line=SIM),
        an_order(1, "Activated", "Activated", line=VPN),
    ]
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    assert [(row.kind, row.status) for row in state.rows] == [("internet", "under_review"), ("sim", "setting_up")]
    assert [row.status for row in state.past] == ["cancelled", "active"]
    assert [row.plan for row in state.rows] == ["Internet Gold (Home 1G)", ""]
    assert (state.rows[0].number, state.rows[0].href) == ("00000104", "/orders/801000000000004AAA")
    assert (state.rows[0].placed, state.as_of, state.notice) == ("15 Jan 2026", "11:55", "")


async def test_a_start_day_is_shown_while_it_is_ahead(desk, tab):
    desk.orders.orders = [
        an_order(1, "Approved", "Scheduled", starts_on=date(2026, 1, 20)),
        an_order(2, "Approved", "Activating", starts_on=date(2026, 1, 2)),
        an_order(3, "Cancelled", "Scheduled", starts_on=date(2026, 1, 20)),
    ]
    state = tab(OrdersState, routes.ORDERS, locale="ja")
    await state.load()
    assert [row.starts for row in (*state.rows, *state.past)] == ["2026年1月20日", "", ""]


async def test_a_stale_list_says_so_with_its_time(desk, tab):
    desk.orders.orders, desk.orders.stale = [an_order(1)], True
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    assert (state.notice, len(state.rows), state.as_of) == ("orders.stale", 1, "11:55")


@pytest.mark.parametrize("failure", [DOWN, Busy("queue"), TimeoutError()])
async def test_rows_already_shown_stay_when_salesforce_goes_down(desk, tab, failure):
    desk.orders.orders = [an_order(1)]
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    desk.orders.failure = failure
    await state.load()
    assert (state.notice, len(state.rows), state.known) == ("orders.unavailable", 1, True)


async def test_a_list_never_read_is_not_taken_for_an_empty_one(desk, tab):
    desk.orders.failure = DOWN
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    assert (state.loaded, state.known, state.notice) == (True, False, "orders.unavailable")


async def test_a_customer_without_an_account_with_us_has_no_orders(desk, tab):
    desk.orders.failure = NotFound("Account")
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    assert (state.known, state.rows, state.notice) == (True, [], "")


async def test_refresh_asks_salesforce_anew(desk, tab):
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    await settled(state.refresh())
    assert (desk.orders.anew, state.refreshing) == ([False, True], False)


async def test_statuses_nobody_has_thought_of_read_as_in_progress_and_are_told_to_the_operator(desk, tab, caplog):
    desk.orders.orders = [an_order(1, "On Hold", "Parked")]
    state = tab(OrdersState, routes.ORDERS)
    with caplog.at_level(logging.WARNING, "portal_app"):
        await state.load()
    assert [row.status for row in state.rows] == ["in_progress"]
    assert "On Hold / Parked" in [getattr(record, "state", "") for record in caplog.records]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("status", STATUSES)
async def test_every_pair_of_statuses_has_words_and_a_whole_timeline(desk, tab, status, activation):
    desk.orders.orders = [an_order(1, status, activation)]
    state = tab(OrderState, PAGE)
    await state.load()
    assert state.found == "found"
    assert [step.name for step in state.steps] == list(STEPS)
    shown = {step.state for step in state.steps}
    assert shown <= set(STATE_WORDS)
    assert all(step.sentence for step in state.steps if step.state != "stopped")


def test_every_word_for_an_order_is_known_to_the_pages():
    known = {shown.value for shown in Shown} - {"in_progress"}
    assert set(ORDER_WORDS) == set(NEXT_WORDS) == known
    assert {*WANTED_WORDS, ""} == set(get_args(Wanted))


# One order


async def test_an_order_just_placed_is_thanked_for_and_says_by_when_it_is_checked(desk, tab):
    desk.orders.orders = [an_order(1, placed_at=NOW - timedelta(minutes=1))]
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.head.number, state.head.status, state.head.just_placed) == ("00000101", "under_review", True)
    placed, review, *rest = state.steps
    assert (placed.state, placed.time, placed.reference) == ("done", "11:59", "Order 00000101")
    assert (review.state, review.note) == ("now", "Expected by 19 Jan 2026")
    assert {step.state for step in rest} == {"ahead"}
    desk.clock.advance(timedelta(hours=1))
    await state.load()
    assert not state.head.just_placed


async def test_a_review_that_takes_longer_promises_no_day(desk, tab):
    desk.orders.orders = [an_order(1, placed_at=NOW - timedelta(days=8))]
    state = tab(OrderState, PAGE)
    await state.load()
    assert state.steps[1].note.startswith("This takes longer than usual")


async def test_every_step_that_was_seen_has_its_time(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Activating", whmcs_order_id="7001")]
    desk.order_times.times = {"approved": NOW - timedelta(days=1), "billing": NOW - timedelta(minutes=5)}
    state = tab(OrderState, PAGE)
    await state.load()
    assert [(step.state, step.time) for step in state.steps] == [
        ("done", "11:00"),
        ("done", ""),
        ("done", "14 Jan 2026 12:00"),
        ("done", "11:55"),
        ("now", ""),
        ("ahead", ""),
    ]
    assert state.steps[3].reference == "Reference 7001"
    assert (state.head.billing_number, state.steps[4].sentence) == (
        "7001",
        "We arrange the installation with you and connect the line.",
    )


@pytest.mark.parametrize(
    ("line", "title", "sentence"),
    [
        (SIM, "SIM set up", "We are preparing your SIM."),
        (VPN, "Router set up", "We are preparing your router and shipping it."),
        (ProductLine.OTHER, "Set up", "We are setting up your service."),
    ],
)
def test_setting_up_is_told_in_the_words_of_the_line(line, title, sentence):
    order = an_order(1, "Approved", "Activating", line=line, whmcs_order_id="7001")
    step = next(step for step in step_rows(order, {}, NOW, "en") if step.name == "set_up")
    assert (step.title, step.sentence) == (title, sentence)


def test_a_day_staff_have_set_stands_at_the_last_step():
    order = an_order(1, "Approved", "Scheduled", starts_on=date(2026, 1, 20), whmcs_order_id="7001")
    assert step_rows(order, {}, NOW, "en")[-1].note == "Starts on 20 Jan 2026"


@pytest.mark.parametrize(
    ("code", "wanted"), [("PAYMENT_METHOD_MISSING", "payment"), ("IDENTITY_NOT_VERIFIED", "document"), ("X", "")]
)
async def test_what_the_order_waits_for_has_its_way(desk, tab, code, wanted):
    desk.orders.orders = [an_order(1, error_code=code)]
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.head.wanted, "waiting" in {step.state for step in state.steps}) == (wanted, bool(wanted))
    assert state.head.here == PAGE
    assert state.head.document_href == f"{routes.VERIFICATION}?returnTo={PAGE}"


async def test_a_delayed_order_names_its_number_and_never_a_code(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Failed", error_code="WHMCS_ERROR")]
    state = tab(OrderState, PAGE)
    await state.load()
    late = next(step for step in state.steps if step.state == "delayed")
    assert late.note == "If you contact us, tell us order number 00000101."
    assert "WHMCS" not in str(state.steps) + str(state.head)


# What the portal's own record adds


def states_of(state):
    return " ".join(step.state for step in state.steps)


async def test_billing_is_done_as_soon_as_the_portal_has_done_it(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Activating")]
    state = tab(OrderState, PAGE)
    await state.load()
    assert states_of(state) == "done done done now ahead ahead"
    desk.fulfilment.known = {ORDER_ID: a_progress(State.ADDED)}
    await state.load()
    assert (states_of(state), state.head.status) == ("done done done done now ahead", "setting_up")


async def test_a_sim_waits_for_the_network_then_for_the_last_entries_then_for_nothing(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Activating", line=SIM)]
    state, told = tab(OrderState, PAGE), []
    for progress in (
        a_progress(State.SIM_INTENT),
        a_progress(State.SIM_WAIT),
        a_progress(State.ACCEPT_INTENT, set_up=True),
        a_progress(State.COMPLETED),
    ):
        desk.fulfilment.known = {ORDER_ID: progress}
        await state.load()
        told.append((states_of(state), *[step.sentence for step in state.steps if step.state == "now"]))
    assert told == [
        ("done done done done now ahead", "We are preparing your SIM."),
        ("done done done done now ahead", "The mobile network is activating your SIM."),
        ("done done done done done now", "The last entries are being made."),
        ("done done done done done done",),
    ]
    assert state.head.status == "active"


@pytest.mark.parametrize("code", sorted(set(Code) - CUSTOMERS_TURN))
@pytest.mark.parametrize("hold", [Hold.PAUSED, Hold.REVIEW])
@pytest.mark.parametrize("locale", ["en", "ja"])
async def test_a_code_of_staffs_turn_reads_as_delayed_with_the_number_and_is_never_shown(desk, tab, code, hold, locale):
    desk.orders.orders = [an_order(1, "Approved", "Failed", error_code=code)]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.ADDED, hold, code)}
    state = tab(OrderState, PAGE, locale=locale)
    await state.load()
    late = next(step for step in state.steps if step.state == "delayed")
    assert late.sentence == say(locale, "order.step.delayed")
    assert late.note == say(locale, "order.quote", number="00000101")
    assert (state.head.status, state.head.wanted) == ("delayed", "")
    assert code not in str(state.dict())


@pytest.mark.parametrize(
    ("code", "wanted", "sentence"),
    [
        ("PAYMENT_METHOD_MISSING", "payment", "order.step.wants_payment"),
        ("IDENTITY_NOT_VERIFIED", "document", "order.step.wants_document"),
    ],
)
async def test_the_customers_turn_is_told_before_salesforce_knows_and_no_longer_than_it_lasts(
    desk, tab, code, wanted, sentence
):
    desk.orders.orders = [an_order(1, "Approved", "Activating")]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.VALIDATED, Hold.PAUSED, code)}
    state = tab(OrderState, PAGE)
    await state.load()
    (waits,) = [step for step in state.steps if step.state == "waiting"]
    assert (waits.name, waits.sentence, state.head.wanted) == ("billing", say("en", sentence), wanted)
    desk.orders.orders = [an_order(1, "Approved", "Failed", error_code=code)]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.ADD_INTENT)}
    await state.load()
    assert (state.head.status, state.head.wanted) == ("setting_up", "")


async def test_a_document_the_customer_has_sent_is_for_staff_to_check_and_nothing_is_asked_for(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Failed", error_code="IDENTITY_NOT_VERIFIED")]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.ADDED, Hold.PAUSED, "IDENTITY_NOT_VERIFIED")}
    desk.checks.document = DocumentCheck("submitted")
    state, listed = tab(OrderState, PAGE), tab(OrdersState, routes.ORDERS)
    await state.load()
    await listed.load()
    (now,) = [step for step in state.steps if step.state == "now"]
    assert (now.name, now.sentence) == ("set_up", "Our staff are checking your identity document.")
    assert (state.head.status, state.head.wanted) == ("under_review", "")
    assert [(row.status, row.wanted) for row in listed.rows] == [("under_review", "")]
    for other in (DocumentCheck("rejected"), DocumentCheck(), None):
        desk.checks.document = other
        await state.load()
        assert (state.head.status, state.head.wanted) == ("action_needed", "document")


async def test_the_document_is_asked_for_only_where_an_order_waits_for_it_and_may_be_unknown(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Activating")]
    state = tab(OrderState, PAGE)
    await state.load()
    assert desk.checks.asked == []
    desk.fulfilment.known = {ORDER_ID: a_progress(State.VALIDATED, Hold.PAUSED, "IDENTITY_NOT_VERIFIED")}
    desk.checks.failure = DOWN
    await state.load()
    assert (len(desk.checks.asked), state.found, state.head.wanted) == (1, "found", "document")


async def test_what_tries_again_by_itself_is_being_set_up(desk, tab):
    desk.orders.orders = [an_order(1, "Approved", "Activating")]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.ADD_INTENT, Hold.RETRY, "WHMCS_ERROR")}
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.head.status, states_of(state)) == ("setting_up", "done done done now ahead ahead")


@pytest.mark.parametrize(("locale", "day"), [("en", "20 Jan 2026"), ("ja", "2026年1月20日")])
async def test_an_order_for_a_later_day_says_which_in_the_customers_way(desk, tab, locale, day):
    desk.orders.orders = [an_order(1, "Approved", "Activating", starts_on=date(2026, 1, 20))]
    desk.fulfilment.known = {ORDER_ID: a_progress(State.SCHEDULED)}
    state = tab(OrderState, PAGE, locale=locale)
    await state.load()
    (later,) = [step for step in state.steps if step.state == "later"]
    assert (later.name, later.sentence) == ("billing", say(locale, "order.step.later", day=day))
    assert (state.head.status, state.head.starts) == ("scheduled", day)


async def test_the_list_and_the_dashboard_say_the_words_of_the_page(desk, tab):
    ways = [
        a_progress(State.ADDED),
        a_progress(State.VALIDATED, Hold.PAUSED, "PAYMENT_METHOD_MISSING"),
        a_progress(State.SIM_WAIT, Hold.PAUSED, "SIM_ERROR"),
        a_progress(State.COMPLETED),
    ]
    desk.orders.orders = [an_order(number, "Approved", "Activating") for number in range(1, 5)]
    ids = [one.salesforce_order_id for one in desk.orders.orders]
    desk.fulfilment.known = dict(zip(ids, ways, strict=True))
    listed, board = tab(OrdersState, routes.ORDERS), tab(DashboardState, routes.DASHBOARD)
    await listed.load()
    await board.load_orders()
    told = []
    for order_id in ids:
        page = tab(OrderState, routes.order(order_id))
        await page.load()
        told.append((page.head.status, page.head.wanted))
    assert told == [("setting_up", ""), ("action_needed", "payment"), ("delayed", ""), ("active", "")]
    assert [(row.status, row.wanted) for row in (*listed.rows, *listed.past)] == told
    assert [(row.status, row.wanted) for row in board.orders] == told[:3]
    assert [task.key for task in board.tasks] == [f"order-{ids[1]}"]


@pytest.mark.parametrize(
    "handler", [OrderState.load, OrdersState.load, DashboardState.load_orders], ids=["page", "list", "dashboard"]
)
def test_whatever_moves_an_order_or_its_document_is_shown_by_itself(handler):
    policy = policy_of(handler.fn)
    assert policy is not None and set(policy.live.split()) == {"orders", "checks"}


async def test_nobody_asks_for_the_record_of_what_has_ended(desk, tab):
    desk.orders.orders = [an_order(1, "Cancelled"), an_order(2, "Activated"), an_order(3)]
    state = tab(OrdersState, routes.ORDERS)
    await state.load()
    assert desk.fulfilment.asked == ["801000000000003AAA"]


async def test_a_cancelled_order_stops_where_it_was(desk, tab):
    desk.orders.orders = [an_order(1, "Cancelled")]
    state = tab(OrderState, PAGE)
    await state.load()
    assert [step.state for step in state.steps] == ["done", *["stopped"] * 5]
    assert {step.sentence for step in state.steps[1:]} == {""}


async def test_items_sums_and_address_are_those_of_the_order(desk, tab):
    desk.orders.orders, desk.orders.address_changed = [an_order(1)], True
    desk.orders.items = (
        an_ordered_item("INTERNET-GOLD-HOME-1G", 5800),
        an_ordered_item("INTERNET-INSTALL-24M", 916),
        an_ordered_item("INTERNET-INSTALL-WEEKEND", 3000, Cycle.ONETIME),
    )
    state = tab(OrderState, PAGE)
    await state.load()
    assert [(row.amount, row.paid, row.months) for row in state.items] == [
        ("¥6,380", "monthly", ""),
        ("¥1,007", "instalments", "24"),
        ("¥3,300", "once", ""),
    ]
    box = state.box
    assert (box.once, box.first_bill, box.monthly, box.later) == ("¥3,300", "¥10,687", "¥7,387", "¥6,380")
    assert (box.others, box.last_instalment) == ("23", "¥1,025")
    assert (state.head.street, state.head.city) == ("1-2-3 Jingumae\nSun Heights 201", "Shibuya-ku, Tokyo")
    assert state.head.address_changed


async def test_an_instalment_of_another_price_than_todays_is_not_mixed_with_it(desk, tab):
    desk.orders.orders = [an_order(1)]
    desk.orders.items = (an_ordered_item("INTERNET-INSTALL-24M", 900),)
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.box.instalment, state.box.last_instalment) == ("¥990", "")


@pytest.mark.parametrize("bad", [an_ordered_item("X", 500, None), an_ordered_item("X", 500)])
async def test_no_sum_is_better_than_a_wrong_one(desk, tab, bad):
    desk.orders.orders = [an_order(1)]
    desk.orders.items = (bad if bad.cycle is None else SimpleNamespace(**_parts_of_a_yen(bad)),)
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.found, state.box.first_bill, len(state.items)) == ("found", "", 1)


def _parts_of_a_yen(item):
    names = ("name", "sku", "quantity", "cycle", "ends_after")
    return {name: getattr(item, name) for name in names} | {"unit_price": item.unit_price / 3}


async def test_a_line_ordered_twice_says_so(desk, tab):
    desk.orders.orders, desk.orders.items = [an_order(1)], (an_ordered_item("VPN-USA-SF", 2500, quantity=2),)
    state = tab(OrderState, PAGE)
    await state.load()
    assert (state.items[0].name, state.items[0].amount) == ("Vpn Usa Sf × 2", "¥5,500")


@pytest.mark.parametrize("last", ["801000000000009AAA", "x", "[order_id]", "", "8" * 999])
async def test_an_unknown_order_and_somebody_elses_read_the_same(desk, tab, last):
    desk.orders.orders = [an_order(1)]
    state = tab(OrderState, routes.order(last))
    await state.load()
    assert (state.found, state.head.number, state.steps, state.as_of) == ("missing", "", [], "")


async def test_opening_it_reads_what_the_bell_said_of_it(desk, tab):
    desk.orders.orders = [an_order(1)]
    state = tab(OrderState, routes.order(desk.orders.orders[0].salesforce_order_id))
    await state.load()
    assert desk.notices.read == [], "an answer of the same load may never be looked at"
    await state.arrived()
    assert desk.notices.read == [f"order:{desk.orders.orders[0].salesforce_order_id}"]


async def test_i8_a_silent_salesforce_is_not_waited_for_about_a_document(desk, tab, monkeypatch):
    async def silent(customer):
        await asyncio.Event().wait()

    monkeypatch.setattr(order_progress, "BESIDE_S", 0)
    monkeypatch.setattr(desk.checks, "get", silent)
    desk.orders.orders = [an_order(1, error_code="IDENTITY_NOT_VERIFIED")]
    state = tab(DashboardState)
    async with asyncio.timeout(1):
        await state.load_orders()
    assert len(state.orders) == 1


async def test_moving_to_a_missing_order_leaves_nothing_of_the_one_before(desk, tab):
    desk.orders.orders = [an_order(1)]
    state = tab(OrderState, PAGE)
    await state.load()
    desk.orders.orders = []
    await state.load()
    assert (state.found, state.head.street, state.steps, state.items) == ("missing", "", [], [])


async def test_an_order_already_shown_stays_when_salesforce_goes_down(desk, tab):
    desk.orders.orders = [an_order(1)]
    state = tab(OrderState, PAGE)
    await state.load()
    desk.orders.failure = DOWN
    await state.load()
    assert (state.found, state.trouble, state.head.number) == ("found", "orders.unavailable", "00000101")
    state.router = tab(OrderState, "/orders/801000000000002AAA").router
    await state.load()
    assert (state.found, state.head.number, state.steps) == ("failed", "", [])


async def test_the_page_of_an_order_asks_anew_when_told(desk, tab):
    desk.orders.orders, desk.orders.stale = [an_order(1)], True
    state = tab(OrderState, PAGE)
    await state.load()
    assert state.trouble == "orders.stale"
    desk.orders.stale = False
    await settled(state.refresh())
    assert (desk.orders.anew, state.trouble) == ([False, True], "")


async def test_why_the_page_of_payment_methods_did_not_open_is_said_once(desk, tab):
    desk.orders.orders = [an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    desk.flash.kept = {"f1": {"error": "problem.unavailable"}}
    state = tab(OrderState, PAGE, cookie="flash=f1")
    await state.load()
    assert (state.refusal, state.head.wanted) == (say("en", "problem.unavailable"), "payment")
