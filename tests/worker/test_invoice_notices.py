"""Hooks about invoices become notices: each once, by what WHMCS says when it is asked, and nothing old."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.domain.billing import InvoiceQuery
from portal_app.integrations.whmcs.pay_methods import PayMethods, last_day
from portal_app.worker.inbox import InboxWorker
from portal_app.workflows.billing_reminders import BillingReminders
from tests.fakes.whmcs import a_wire_client, a_wire_invoice, a_wire_pay_method, refusal
from tests.worker.test_inbox import arrives

PAID = {"status": "Paid", "datepaid": "2026-01-15 10:00:00", "invoicenum": "INV-7"}


@pytest.fixture
def worker(world) -> InboxWorker:
    return InboxWorker(world.inbox, world.sync)


async def told(world, customer) -> list[tuple[str, str]]:
    return [(one.kind.value, one.values["total"]) for one in await world.notices.list(customer, limit=50)]


async def told_of(world, customer) -> list[str]:
    return [one.kind.value for one in await world.notices.list(customer, limit=50)]


async def mails(world) -> list[str]:
    items = await world.outbox.claim(50)
    for item in items:
        await world.outbox.sent(item)
    return [item.payload["template"] for item in items]


async def hears(world, worker, event: str, number: int = 1, **params: object) -> None:
    await arrives(world, event, number, **params)
    await worker.once()


async def test_a_new_invoice_is_told_and_mailed_once_though_two_hooks_say_so(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, date="2026-01-15")]
    for number, event in enumerate(("InvoiceCreated", "InvoiceChangeGateway", "InvoiceCreated")):
        await hears(world, worker, event, number, invoiceid=101)
    assert await told(world, customer) == [("invoice_created", "1100")]
    assert await mails(world) == ["invoice_created"]
    assert world.heard_of(customer, "notifications") == 1


async def test_paying_is_told_once_though_hooks_and_the_watch_both_see_it(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    await world.links.minted(customer, 101)
    world.whmcs.invoices = [a_wire_invoice(101, **PAID)]
    assert await world.sync.awaited_invoice(customer, 101)
    for number, event in enumerate(("AddInvoicePayment", "InvoicePaid", "OrderPaid")):
        await hears(world, worker, event, number, invoiceid=101)
    assert await told(world, customer) == [("invoice_paid", "1100")]
    assert await mails(world) == ["invoice_paid"]


async def test_two_workers_with_two_events_of_one_invoice_send_one_mail(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, **PAID)]
    for number, event in enumerate(("AddInvoicePayment", "InvoicePaid")):
        await arrives(world, event, number, invoiceid=101)
    both = [InboxWorker(world.inbox, world.sync, batch=1) for _ in range(2)]
    await asyncio.gather(*(one.once() for one in both))
    assert await told(world, customer) == [("invoice_paid", "1100")]
    assert await mails(world) == ["invoice_paid"]


@pytest.mark.parametrize(
    "old",
    [
        {"date": "2026-01-02"},
        {"status": "Paid", "datepaid": "2026-01-02 10:00:00"},
        {"status": "Paid", "datepaid": "0000-00-00 00:00:00"},
        {"status": "Cancelled", "date": "2026-01-15"},
        {"status": "Draft", "date": "2026-01-15"},
        {"date": "2026-01-15", "total": "0.00", "subtotal": "0.00", "tax": "0.00"},
    ],
)
async def test_what_is_old_over_or_costs_nothing_is_no_news(world, worker, old):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, **old)]
    await hears(world, worker, "UpdateInvoiceTotal", invoiceid=101)
    assert await told(world, customer) == [] and await mails(world) == []


async def test_the_first_copy_of_a_customers_invoices_tells_none_of_them(world):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(n, date="2026-01-15") for n in range(101, 104)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    assert await told(world, customer) == []


async def test_o1_nobody_else_is_told_and_a_client_without_a_portal_user_concerns_nobody(world, worker):
    customer, other = await world.a_customer(), await world.a_customer(8)
    world.whmcs.invoices = [a_wire_invoice(101, date="2026-01-15"), a_wire_invoice(102, 99, date="2026-01-15")]
    await hears(world, worker, "InvoiceCreated", 1, invoiceid=101)
    await hears(world, worker, "InvoiceCreated", 2, invoiceid=102)
    assert len(await told(world, customer)) == 1 and await told(world, other) == []
    assert await mails(world) == ["invoice_created"]


async def test_a_failed_payment_is_told_once_a_day_while_it_is_still_to_be_paid(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    failed = {"messagename": "Credit Card Payment Failed", "relid": 101}
    for number in (1, 2):
        await hears(world, worker, "EmailPreSend", number, **failed)
    assert await mails(world) == ["invoice_payment_failed"]
    world.clock.advance(timedelta(days=1))
    await hears(world, worker, "EmailPreSend", 3, **failed)
    assert await mails(world) == ["invoice_payment_failed"]
    world.whmcs.invoices = [a_wire_invoice(101, **PAID)]
    world.clock.advance(timedelta(days=1))
    await hears(world, worker, "EmailPreSend", 4, **failed)
    assert await mails(world) == [] and len(await told(world, customer)) == 2


async def test_a_hook_that_was_lost_is_made_up_for_by_the_reconciliation(world):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    world.whmcs.invoices = [a_wire_invoice(101, **PAID), a_wire_invoice(102, date="2026-01-15")]
    await world.reconcile().hourly()
    assert sorted(await told(world, customer)) == [("invoice_created", "1100"), ("invoice_paid", "1100")]


async def test_e8_what_the_customer_saw_before_the_reconciliation_did_is_told_all_the_same(world):
    customer = await world.a_customer()
    await world.billing.list_invoices(customer, InvoiceQuery())
    world.whmcs.invoices = [a_wire_invoice(101, **PAID), a_wire_invoice(102, date="2026-01-15")]
    await world.billing.refresh(customer)
    await world.billing.list_invoices(customer, InvoiceQuery(), wait=True)
    for _ in range(2):
        await world.reconcile().nightly()
    assert sorted(await told(world, customer)) == [("invoice_created", "1100"), ("invoice_paid", "1100")]
    assert sorted(await mails(world)) == ["invoice_created", "invoice_paid"]


async def test_e8_a_payment_that_a_customer_of_today_saw_first_is_told_within_the_hour(world):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, **PAID)]
    await world.billing.list_invoices(customer, InvoiceQuery(), wait=True)
    await world.reconcile().hourly()
    assert await told(world, customer) == [("invoice_paid", "1100")]


async def test_who_may_not_sign_in_is_told_nothing_by_mail(world, worker):
    customer = await world.a_customer()
    await world.users.set_disabled(customer.user_id, True)
    world.whmcs.invoices = [a_wire_invoice(101, date="2026-01-15")]
    await hears(world, worker, "InvoiceCreated", invoiceid=101)
    assert await mails(world) == [] and len(await told(world, customer)) == 1


async def test_who_wants_no_mail_about_invoices_gets_none(world, worker):
    customer = await world.a_customer()
    await world.notices.choose_mail(customer, "invoice_created", False)
    world.whmcs.invoices = [a_wire_invoice(101, date="2026-01-15")]
    await hears(world, worker, "InvoiceCreated", invoiceid=101)
    assert await mails(world) == [] and len(await told(world, customer)) == 1


def reminders(world) -> BillingReminders:
    methods = PayMethods(world.whmcs_client, world.cache)
    return BillingReminders(
        notices=world.notices, users=world.users, invoices=world.invoices, pay_methods=methods, clock=world.clock
    )


async def test_an_invoice_is_due_soon_once_and_a_card_expires_soon_twice(world):
    customer = await world.a_customer()
    world.whmcs.invoices = [
        a_wire_invoice(101, duedate="2026-01-18"),
        a_wire_invoice(102, duedate="2026-01-19"),
        a_wire_invoice(103, duedate="2026-01-14"),
        a_wire_invoice(104, duedate="2026-01-17", date="2026-01-13"),
        a_wire_invoice(105, duedate="2026-01-16", **PAID),
    ]
    world.whmcs.clients = [a_wire_client()]
    world.whmcs.pay_methods = [a_wire_pay_method(501, expiry_date="02/26"), a_wire_pay_method(502, expiry_date="02/29")]
    await world.billing.list_invoices(customer, InvoiceQuery())
    for _ in range(2):
        await reminders(world).daily()
    found = [(one.kind.value, one.subject, one.values) for one in await world.notices.list(customer, limit=9)]
    assert sorted(found, key=str) == [
        ("invoice_due", "invoice:101", {"number": "101", "total": "1100", "due": "2026-01-18"}),
        ("payment_method_expiring", "", {"method": "Visa 1111", "expires": "2026-02-28"}),
    ]
    assert sorted(await mails(world)) == ["invoice_due", "payment_method_expiring"]
    world.clock.advance(timedelta(days=17))
    await reminders(world).daily()
    assert await mails(world) == ["payment_method_expiring"]


async def test_invoices_are_reminded_of_while_whmcs_is_down(world):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, duedate="2026-01-18")]
    await world.billing.list_invoices(customer, InvoiceQuery())
    world.whmcs.will("GetPayMethods", refusal("down", status=503), refusal("down", status=503))
    assert (await reminders(world).daily()).startswith("1 invoices due, 0 payment")
    assert await mails(world) == ["invoice_due"]


@pytest.mark.parametrize("expiry", ["03/26", "04/26", "02/27"])
async def test_a_card_that_expires_is_told_of_60_and_30_days_before_and_never_two_days_running(world, expiry):
    customer = await world.a_customer()
    world.whmcs.clients = [a_wire_client()]
    world.whmcs.pay_methods = [a_wire_pay_method(501, expiry_date=expiry)]
    ends = last_day(expiry)
    assert ends is not None
    world.clock.advance(timedelta(days=(ends - world.clock.today_in_japan()).days - 62))
    told_on = []
    for left in range(62, -3, -1):
        await reminders(world).daily()
        told_on += [left for _ in await mails(world)]
        world.clock.advance(timedelta(days=1))
    assert told_on == [60, 30] and len(await told_of(world, customer)) == 2


async def test_i8_who_waits_at_a_screen_goes_before_the_morning_s_reminders(world):
    await world.a_customer()
    world.whmcs.clients = [a_wire_client()]
    asked = []
    ask = world.whmcs_client.get_pay_methods

    async def noted(whmcs_client_id, *, caller):
        asked.append(caller.background)
        return await ask(whmcs_client_id, caller=caller)

    world.whmcs_client.get_pay_methods = noted
    await reminders(world).daily()
    assert asked == [True]


async def test_one_customer_whom_whmcs_cannot_answer_for_keeps_nobody_else_from_being_told(world):
    for number in (7, 8, 9):
        await world.a_customer(number)
    world.whmcs.clients = [a_wire_client(number, email=f"{number}@example.com") for number in (7, 8, 9)]
    world.whmcs.pay_methods = [a_wire_pay_method(500 + n, n, expiry_date="02/26") for n in (7, 8, 9)]
    world.whmcs.will("GetPayMethods", refusal("broken", status=500))
    line = await reminders(world).daily()
    assert line == "0 invoices due, 2 payment methods expiring, 1 customers not asked for"


async def test_whmcs_that_is_down_is_not_asked_for_everybody(world):
    for number in range(7, 16):
        await world.a_customer(number)
    world.whmcs.will("GetPayMethods", *(refusal("down", status=503) for _ in range(9)))
    assert (await reminders(world).daily()).endswith("9 customers not asked for")
    assert len(world.whmcs.asked("GetPayMethods")) == 5
