"""One service and what it was billed by."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal_app.domain.services import BilledOnce, BillingCycle
from portal_app.errors import UpstreamUnavailable
from portal_app.state.service import ServiceState
from tests.fakes.screens import CUSTOMER, a_service, an_invoice
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "GetClientsProducts")


@pytest.fixture
def state(outside, tab):
    outside.services.services = [a_service(31), a_service(32, name="Other")]
    return tab(ServiceState, "/subscriptions/31")


async def test_price_cycle_days_and_order_are_written_out(outside, state):
    ordered = replace(a_service(31), whmcs_order_id=9, gateway="stripe", label="1-1 Jingumae")
    outside.services.services = [ordered]
    await state.load()
    view = state.view
    assert (state.found, view.name, view.price, view.cycle) == ("found", "Hikari 1Gbps", "¥5,980", "monthly")
    assert (view.since, view.next_due, view.label) == ("1 Apr 2024", "1 Feb 2026", "1-1 Jingumae")
    assert (view.paid_by, view.order_number) == ("Credit Card", "00000100")
    assert view.order_href == "/orders/801000000000001AAA"


async def test_what_is_paid_once_has_no_next_day_and_no_way_it_is_paid_by(outside, state):
    outside.services.services = [replace(a_service(31), cycle=BillingCycle.ONETIME, gateway="stripe")]
    await state.load()
    assert (state.view.next_due, state.view.paid_by, state.view.order_href) == ("–", "", "")


@pytest.mark.parametrize("path", ["/subscriptions/999", "/subscriptions/x", "/subscriptions/1e3"])
async def test_o1_an_unknown_service_and_somebody_elses_read_the_same(outside, tab, path):
    outside.services.services = [a_service(31)]
    state = tab(ServiceState, path)
    await state.load()
    assert (state.found, state.view.name) == ("missing", "")


async def test_moving_to_a_missing_service_leaves_nothing_of_the_one_before(outside, state):
    await state.load()
    outside.services.services = []
    await state.load()
    assert (state.found, state.view.name, state.as_of) == ("missing", "", "")


async def test_the_service_stays_when_whmcs_goes_down_and_without_a_copy_there_is_the_notice_alone(outside, state, tab):
    await state.load()
    outside.services.failure = DOWN
    await state.load()
    assert (state.found, state.view.name, state.notice) == ("found", "Hikari 1Gbps", "services.unavailable")
    fresh = tab(ServiceState, "/subscriptions/31")
    await fresh.load()
    assert (fresh.found, fresh.notice) == ("failed", "services.unavailable")


async def test_a_stale_copy_says_so(outside, state):
    outside.services.stale = True
    await state.load()
    assert (state.notice, state.as_of) == ("services.stale", "11:55")


async def test_the_history_names_each_invoice_with_what_of_it_is_for_this_service(outside, state):
    outside.billed_services.items = {31: [BilledOnce(an_invoice(101, "paid", total=9000), Decimal(6578))]}
    await state.load_history()
    (row,) = state.history
    assert (row.number, row.status, row.amount, row.issued) == ("INV-101", "paid", "¥6,578", "1 Jan 2026")
    assert (row.href, state.unread, state.history_loaded) == ("/billing/invoices/101", "", True)


async def test_what_is_not_looked_through_yet_is_told_and_comes_by_itself(outside, state):
    outside.billed_services.unread, outside.billed_services.reading = 1200, True
    await state.load_history()
    assert (state.unread, state.reading, state.history) == ("1,200", True, [])
    outside.billed_services.unread, outside.billed_services.reading = 0, False
    outside.billed_services.items = {31: [BilledOnce(an_invoice(1), Decimal(1))]}
    await state.load_history()
    assert (state.unread, state.reading, len(state.history)) == ("", False, 1)


async def test_each_block_fails_alone(outside, state):
    outside.billed_services.items = {31: [BilledOnce(an_invoice(1), Decimal(1))]}
    await state.load_history()
    outside.billed_services.failure = DOWN
    await state.load()
    await state.load_history()
    assert (state.found, state.notice) == ("found", "")
    assert (state.history_notice, len(state.history), state.reading) == ("service.history_unavailable", 1, False)


async def test_the_history_of_one_service_is_never_shown_under_another(outside, state):
    outside.billed_services.items = {31: [BilledOnce(an_invoice(1), Decimal(1))]}
    await state.load_history()
    state.router = state.router.__class__.from_router_data(
        {"asPath": "/subscriptions/32", "pathname": "/subscriptions/32", "headers": {"cookie": ""}}
    )
    await state.load()
    assert (state.here, state.found, state.history, state.history_loaded) == ("32", "found", [], False)
    outside.billed_services.failure = DOWN
    await state.load_history()
    assert state.history == []
    await state.load()
    assert (state.history_loaded, state.history_notice) == (True, "service.history_unavailable")


async def test_refresh_asks_whmcs_for_this_customer(outside, state):
    await settled(state.refresh())
    assert (outside.services.refreshed, outside.billing.refreshed) == ([CUSTOMER], [CUSTOMER])
    assert (state.found, state.history_loaded, state.refreshing) == ("found", True, False)
