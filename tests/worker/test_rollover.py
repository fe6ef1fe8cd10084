"""At midnight in Japan open pages read again: what was unpaid yesterday may be overdue."""

from datetime import UTC, datetime, timedelta

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.worker.rollover import Rollover
from tests.fakes.whmcs import a_wire_invoice


async def test_an_unpaid_invoice_reads_overdue_after_midnight_and_the_page_is_told(world):
    world.clock.at = datetime(2026, 1, 31, 14, 59, tzinfo=UTC)  # 23:59 in Japan, on the due day
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, duedate="2026-01-31")]
    before = await world.billing.list_invoices(customer, InvoiceQuery())
    detail = await world.billing.get_invoice(customer, 101)
    world.clock.advance(timedelta(seconds=61))
    world.heard.clear()
    await Rollover(world.users, world.bus, world.clock).announce()
    after = await world.billing.list_invoices(customer, InvoiceQuery())
    assert [before.items[0].status, after.items[0].status] == [InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE]
    assert detail.invoice.status is InvoiceStatus.UNPAID
    assert (await world.billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.OVERDUE
    assert world.heard_of(customer, "invoices") >= 1


async def test_only_customers_who_may_have_a_page_open_are_told(world):
    here, away = await world.a_customer(7), await world.a_customer(8)
    world.clock.advance(timedelta(hours=13))
    back = await world.a_customer(9)
    assert await Rollover(world.users, world.bus, world.clock).announce() == "1 customers"
    assert [world.heard_of(c, "invoices") for c in (here, away, back)] == [0, 0, 1]


async def test_many_customers_are_all_told(world):
    customers = [await world.a_customer(number) for number in range(1, 61)]
    await Rollover(world.users, world.bus, world.clock, between_s=0).announce()
    assert all(world.heard_of(customer, "invoices") == 1 for customer in customers)
