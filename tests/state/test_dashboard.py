"""The dashboard: figures, tasks, and blocks that fail on their own."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal_app import wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.pay_methods import PayMethod
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state.dashboard import DashboardState
from tests.fakes.ordering_screens import ScreenFulfilment, ScreenOrders, an_order
from tests.fakes.profile_screens import ScreenProfiles, a_profile
from tests.fakes.screens import CUSTOMER, TODAY, ScreenPayMethods, a_service, an_invoice
from tests.fakes.support_screens import ScreenNotices, ScreenSupport, a_case
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "any")


def a_card(days: int | None, *, default: bool = True) -> PayMethod:
    """One that can be used for so many days more, today not counted; None: for ever."""
    ends = None if days is None else TODAY + timedelta(days=days)
    return PayMethod(501, "card", "Visa 4242", ends, default, "Visa", "4242", "stripe")


@pytest.fixture
def home(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """Everything the dashboard asks, of a customer who has nothing to do."""
    parts: dict[str, Any] = {
        "support": ScreenSupport(),
        "notices": ScreenNotices(),
        "pay_methods": ScreenPayMethods([a_card(400)]),
        "profiles": ScreenProfiles(),
        "orders": ScreenOrders(),
        "fulfilment": ScreenFulfilment(),
    }
    with wiring.use(**parts):
        yield SimpleNamespace(**vars(outside) | parts, desk=parts["orders"])


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


BLOCKS = ("bills", "services", "orders", "cases", "payment", "identity", "profile")


async def everything(state, *but: str) -> None:
    """Load every block of it, as opening the page does."""
    for block in BLOCKS:
        if block not in but:
            await getattr(state, f"load_{block}")()


@pytest.mark.parametrize("missing", BLOCKS)
async def test_nothing_to_do_is_said_only_when_every_block_is_known(home, tab, missing):
    state = tab(DashboardState)
    await everything(state, missing)
    assert state.tasks == []
    await getattr(state, f"load_{missing}")()
    assert [task.kind for task in state.tasks] == ["clear"]


@pytest.mark.parametrize("failure", [DOWN, TimeoutError(), Busy("salesforce")])
@pytest.mark.parametrize(
    ("source", "block"),
    [("support", "cases"), ("pay_methods", "payment"), ("checks", "identity"), ("profiles", "profile")],
)
async def test_what_cannot_be_read_is_no_task_and_no_sign_that_all_is_well(home, tab, source, block, failure):
    getattr(home, source).failure = failure
    state = tab(DashboardState)
    await everything(state)
    assert (state.tasks, state.bills_notice, state.services_notice) == ([], "", "")
    getattr(home, source).failure = None
    await getattr(state, f"load_{block}")()
    assert [task.kind for task in state.tasks] == ["clear"]


async def test_a_block_that_fails_later_keeps_the_task_it_had(home, tab):
    home.pay_methods.methods = []
    state = tab(DashboardState)
    await state.load_payment()
    home.pay_methods.failure = DOWN
    await state.load_payment()
    assert [task.kind for task in state.tasks] == ["no_payment"]


async def test_whoever_has_no_account_in_salesforce_has_nothing_to_do_there(home, tab):
    for source in (home.support, home.checks, home.desk):
        source.failure = NotFound("Account")
    state = tab(DashboardState)
    await everything(state)
    assert [task.kind for task in state.tasks] == ["clear"]
    assert (state.open_cases, state.cases, state.cases_notice) == ("0", [], "")


@pytest.mark.parametrize(
    ("methods", "kinds"),
    [
        ([], ["no_payment"]),
        ([a_card(-1)], ["payment_expired"]),
        ([a_card(-1), a_card(61, default=False)], ["clear"]),
        ([a_card(60)], ["payment_expiring"]),
        ([a_card(0)], ["payment_expiring"]),
        ([a_card(60), a_card(None, default=False)], ["payment_expiring"]),
        ([a_card(None)], ["clear"]),
    ],
)
async def test_what_is_paid_by_is_looked_at_today(home, tab, methods, kinds):
    home.pay_methods.methods = methods
    state = tab(DashboardState)
    await everything(state)
    assert [task.kind for task in state.tasks] == kinds


async def test_the_most_urgent_four_are_shown(home, tab):
    home.billing.invoices = [an_invoice(2, "unpaid", 7), an_invoice(1, "overdue", -3)]
    home.services.services = [a_service(5, "suspended")]
    home.desk.orders = [an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    home.support.cases = [a_case(status="awaiting_customer")]
    home.checks.document = DocumentCheck("rejected", reason="blurred")
    home.pay_methods.methods, home.profiles.profile = [], a_profile(phone="")
    state = tab(DashboardState)
    await everything(state)
    assert [task.kind for task in state.tasks] == ["overdue", "order", "document_rejected", "case"]
    home.desk.orders, home.checks.document, home.support.cases = [], DocumentCheck("verified"), []
    await everything(state)
    assert [task.kind for task in state.tasks] == ["overdue", "no_payment", "due_soon", "suspended"]


async def test_an_order_that_waits_for_a_document_says_so(home, tab):
    home.desk.orders = [an_order(1, error_code="IDENTITY_NOT_VERIFIED")]
    state = tab(DashboardState)
    await state.load_orders()
    assert [(task.kind, task.href) for task in state.tasks] == [("order_document", state.orders[0].href)]


async def test_open_questions_are_listed_those_that_wait_for_the_customer_first(home, tab):
    home.support.cases = [
        a_case("00001001"),
        a_case("00001002", "closed"),
        a_case("00001003", "awaiting_customer", "Which router?"),
        a_case("00001004", "new"),
        a_case("00001005"),
    ]
    home.notices.unread = {f"case:{home.support.cases[0].salesforce_case_id}"}
    state = tab(DashboardState)
    await state.load_cases()
    assert [row.number for row in state.cases] == ["00001003", "00001001", "00001004"]
    assert [row.unread for row in state.cases] == [False, True, False] and state.open_cases == "4"
    assert [(task.kind, task.name) for task in state.tasks] == [("case", "Which router?")]
    home.support.failure = DOWN
    await state.load_cases()
    assert (len(state.cases), state.cases_notice) == (3, "support.unavailable")


async def test_what_happened_lately_is_merged_newest_first(home, tab):
    home.billing.invoices = [an_invoice(2), an_invoice(1, "paid")]  # issued on the 1st, paid on the 9th
    home.support.cases = [a_case(), a_case("00001002", "closed", "Bill")]  # of the 15th
    home.services.services = [a_service(5), a_service(6, "terminated")]  # since 2024
    home.desk.orders = [an_order(1)]
    state = tab(DashboardState)
    await everything(state)
    kinds = [row.kind for row in state.activity]
    assert set(kinds[:3]) == {"case_closed", "case_opened", "order_placed"}, "all of the 15th"
    dated = [(row.kind, row.day) for row in state.activity if row.kind.startswith(("invoice", "service"))]
    assert dated == [
        ("invoice_paid", "9 Jan 2026"),
        ("invoice_issued", "1 Jan 2026"),
        ("service_started", "1 Apr 2024"),
    ]
    assert len({row.key for row in state.activity}) == len(kinds) == 6


async def test_no_more_than_ten_happenings_are_shown_and_a_system_that_is_down_takes_only_its_own(home, tab):
    home.billing.invoices = [an_invoice(n, "paid") for n in range(20)]
    home.support.cases = [a_case("00001001"), a_case("00001002")]
    state = tab(DashboardState)
    home.support.failure = DOWN
    await everything(state)
    assert {row.kind for row in state.activity} == {"invoice_paid"} and len(state.activity) == 10
    home.support.failure, home.billing.failure = None, DOWN
    await everything(state)
    assert len(state.activity) == 10
    assert [row.kind for row in state.activity].count("invoice_paid") == 8


async def test_nothing_has_happened_is_said_only_when_every_source_is_known(home, tab):
    home.billing.failure = DOWN
    home.services.services, home.billing.invoices, home.support.cases, home.desk.orders = [], [], [], []
    state = tab(DashboardState)
    await state.load_services()
    assert not state.activity_known, "the others are still being asked"
    await everything(state)
    assert (state.activity, state.activity_known, state.activity_whole) == ([], True, False)
    home.billing.failure = None
    await state.load_bills()
    assert (state.activity, state.activity_known, state.activity_whole) == ([], True, True)


async def test_a_busy_database_while_services_are_begun_leaves_the_bills_alone(home, tab, monkeypatch):
    async def busy(customer):
        raise Busy("database")

    monkeypatch.setattr(home.services, "begin", busy)
    home.billing.invoices = [an_invoice(1)]
    state = tab(DashboardState)
    await state.load_bills()
    assert (state.bills_loaded, len(state.recent), state.bills_notice) == (True, 1, "")


async def test_a_suspended_service_leads_to_its_own_page(home, tab):
    home.services.services = [a_service(5, "suspended")]
    state = tab(DashboardState)
    await state.load_services()
    assert state.tasks[0].href == "/subscriptions/5"


def test_each_block_is_live_on_its_topics():
    topics = {
        name: set(policy_of(getattr(DashboardState, f"load_{name}").fn).live.split()) for name in (*BLOCKS, "name")
    }
    assert topics == {
        "bills": {"invoices"},
        "services": {"services"},
        "orders": {"orders", "checks"},
        "cases": {"cases", "notifications"},
        "payment": {"payments"},
        "identity": {"checks"},
        "profile": {"profile"},
        "name": {"profile"},
    }


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


async def test_an_order_that_waits_for_the_customer_is_something_to_do(home, tab):
    home.desk.orders = [an_order(2), an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    state = tab(DashboardState)
    await everything(state)
    assert [(task.kind, task.number) for task in state.tasks] == [("order", "00000101")]
    home.desk.orders = [an_order(2)]
    await state.load_orders()
    assert [task.kind for task in state.tasks] == ["clear"]
