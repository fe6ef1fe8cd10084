"""The dashboard: figures, tasks, and blocks that fail on their own."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.errors import NotFound, UpstreamUnavailable
from portal_app.state.dashboard import DashboardState
from tests.fakes.ordering_screens import ScreenFulfilment, ScreenOrders, an_order
from tests.fakes.screens import CUSTOMER, a_service, an_invoice
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "any")


async def test_what_is_owed_is_added_up_from_the_balances(outside, tab):
    outside.billing.invoices = [an_invoice(1, "overdue", -3, 1000), an_invoice(2, "unpaid", 9, 2000)]
    state = tab(DashboardState)
    await state.load_bills()
    assert (state.figures.unpaid, state.figures.unpaid_count) == ("¥3,000", "2")
    assert (state.figures.overdue, state.figures.overdue_count) == ("¥1,000", "1")


async def test_the_next_bill_is_the_one_due_first(outside, tab):
    outside.billing.invoices = [an_invoice(2, "unpaid", 9, 2000), an_invoice(1, "overdue", -3, 1000)]
    state = tab(DashboardState)
    await state.load_bills()
    bill = state.next_bill
    assert (bill.kind, bill.number, bill.amount, bill.day) == ("late", "INV-1", "¥1,000", "12 Jan 2026")


async def test_nothing_to_pay_has_no_next_bill(outside, tab):
    outside.billing.invoices = [an_invoice(1, "paid")]
    state = tab(DashboardState)
    await state.load_bills()
    assert (state.next_bill.kind, state.figures.unpaid, state.figures.overdue) == ("none", "¥0", "")


async def test_overdue_comes_before_due_soon_before_suspended(outside, tab):
    outside.billing.invoices = [an_invoice(2, "unpaid", 7), an_invoice(1, "overdue", -3), an_invoice(3, "unpaid", 8)]
    outside.services.services = [a_service(5, "suspended")]
    state = tab(DashboardState)
    await state.load_bills()
    await state.load_services()
    assert [task.key for task in state.tasks] == ["overdue", "due-2", "suspended-5"]


async def test_never_more_than_four_tasks(outside, tab):
    outside.billing.invoices = [an_invoice(n, "unpaid", 1) for n in range(1, 6)]
    outside.services.services = [a_service(5, "suspended")]
    state = tab(DashboardState)
    await state.load_services()
    await state.load_bills()
    assert len(state.tasks) == 4


async def test_nothing_to_do_is_said_only_when_both_blocks_are_known(outside, tab):
    outside.services.failure = DOWN
    state = tab(DashboardState)
    await state.load_bills()
    await state.load_services()
    assert state.tasks == []
    outside.services.failure = None
    await state.load_services()
    assert [task.kind for task in state.tasks] == ["clear"]


async def test_services_are_shown_while_billing_is_down(outside, tab):
    outside.billing.failure = DOWN
    outside.services.services = [a_service(1), a_service(2, "terminated")]
    state = tab(DashboardState)
    await state.load_bills()
    await state.load_services()
    assert (state.bills_notice, state.services_notice) == ("billing.unavailable", "")
    assert (state.active_count, state.service_count, len(state.services)) == ("1", "2", 1)


async def test_the_bill_stays_but_cannot_be_paid_when_whmcs_goes_down(outside, tab):
    outside.billing.invoices = [an_invoice(1)]
    state = tab(DashboardState)
    await state.load_bills()
    outside.billing.failure = DOWN
    await state.load_bills()
    assert (state.next_bill.number, state.next_bill.paying) == ("INV-1", "paused")
    assert [row.paying for row in state.recent] == ["paused"]


async def test_the_greeting_follows_the_language_and_does_without_a_name(outside, tab):
    english, japanese = tab(DashboardState), tab(DashboardState, locale="ja")
    await english.load_name()
    await japanese.load_name()
    assert (english.name, japanese.name) == ("花子", "山田 花子")
    outside.clients.failure = DOWN
    nameless = tab(DashboardState)
    await nameless.load_name()
    assert nameless.name == ""


async def test_each_block_refreshes_alone(outside, tab):
    state = tab(DashboardState)
    await settled(state.refresh_bills())
    assert (outside.billing.refreshed, outside.services.refreshed) == ([CUSTOMER], [])
    await settled(state.refresh_services())
    assert outside.services.refreshed == [CUSTOMER]
    assert (state.bills_refreshing, state.services_refreshing) == (False, False)


async def test_an_old_invoice_due_soon_is_a_task_though_it_is_not_among_the_newest(outside, tab):
    newest = [an_invoice(n, "paid") for n in range(10, 20)]
    outside.billing.invoices = [*newest, an_invoice(2, "unpaid", 3), an_invoice(1, "unpaid", 2)]
    state = tab(DashboardState)
    await state.load_bills()
    assert [task.key for task in state.tasks] == ["due-1", "due-2"]


@pytest.fixture
def desk(outside: SimpleNamespace) -> Iterator[ScreenOrders]:
    orders = ScreenOrders()
    with wiring.use(orders=orders, fulfilment=ScreenFulfilment()):
        yield orders


async def test_only_orders_in_progress_are_on_the_dashboard_and_no_more_than_three(desk, tab):
    desk.orders = [an_order(5, "Cancelled"), an_order(4), an_order(3, "Activated"), an_order(2), an_order(1)]
    state = tab(DashboardState)
    await state.load_orders()
    assert ([row.number for row in state.orders], state.more_orders) == (["00000104", "00000102", "00000101"], False)
    desk.orders.append(an_order(0))
    await state.load_orders()
    assert (len(state.orders), state.more_orders) == (3, True)


@pytest.mark.parametrize("failure", [DOWN, TimeoutError()])
async def test_orders_that_cannot_be_read_are_told_only_where_some_were_shown(desk, tab, failure):
    desk.failure = failure
    state = tab(DashboardState)
    await state.load_orders()
    assert (state.orders, state.orders_notice) == ([], "")
    desk.failure, desk.orders = None, [an_order(1)]
    await state.load_orders()
    desk.failure = failure
    await state.load_orders()
    assert (len(state.orders), state.orders_notice) == (1, "orders.unavailable")


async def test_whoever_has_no_account_there_has_no_orders(desk, tab):
    desk.orders = [an_order(1)]
    state = tab(DashboardState)
    await state.load_orders()
    desk.failure = NotFound("Account")
    await state.load_orders()
    assert (state.orders, state.orders_notice) == ([], "")


async def test_an_order_that_waits_for_the_customer_stands_between_overdue_and_due_soon(outside, desk, tab):
    outside.billing.invoices = [an_invoice(2, "unpaid", 7), an_invoice(1, "overdue", -3)]
    desk.orders = [an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    state = tab(DashboardState)
    await state.load_bills()
    await state.load_orders()
    assert [task.kind for task in state.tasks] == ["overdue", "order", "due_soon"]


async def test_an_order_that_waits_for_the_customer_is_something_to_do(outside, desk, tab):
    desk.orders = [an_order(2), an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    state = tab(DashboardState)
    await state.load_bills()
    await state.load_services()
    await state.load_orders()
    assert [(task.kind, task.number) for task in state.tasks] == [("order", "00000101")]
    desk.orders = [an_order(2)]
    await state.load_orders()
    assert [task.kind for task in state.tasks] == ["clear"]
