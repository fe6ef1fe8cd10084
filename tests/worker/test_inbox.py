"""What becomes of an event once it is stored: E1, E5, W7."""

import json
from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import text

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.worker.inbox import MOST_ATTEMPTS, InboxWorker
from tests.fakes.whmcs import a_wire_invoice, a_wire_service, success


@pytest.fixture
def worker(world) -> InboxWorker:
    return InboxWorker(world.inbox, world.sync)


async def arrives(world, event: str, number: int = 1, **params: object) -> None:
    event_id = f"evt-{number}"
    body = {"event": event, "event_id": event_id, "occurred_at": 1760000000, "params": params}
    await world.inbox.accept("whmcs", event_id, event, json.dumps(body).encode())


async def state_of(world, number: int = 1) -> tuple[bool, bool, int, str]:
    """(done, given up, failed attempts, code) of an event."""
    statement = text(
        "SELECT processed_at IS NOT NULL, gave_up_at IS NOT NULL, attempts, error_code"
        " FROM inbox_events WHERE event_id = :id"
    )
    async with world.db.read() as session:
        done, gave_up, attempts, code = (await session.execute(statement, {"id": f"evt-{number}"})).one()
    return bool(done), bool(gave_up), attempts, code


async def test_w7_paying_turns_the_copy_paid_and_tells_the_pages(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid", datepaid="2026-01-15 12:00:00")]
    world.heard.clear()
    await arrives(world, "InvoicePaid", invoiceid=101)
    assert await worker.once() == 1
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.status is InvoiceStatus.PAID
    assert world.heard_of(customer, "invoices") == 1
    assert await state_of(world) == (True, False, 0, "")


async def test_e5_the_body_is_a_hint_and_never_believed(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await arrives(world, "InvoicePaid", invoiceid=101, status="Paid", total="0.00", userid=7)
    await worker.once()
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.status is InvoiceStatus.UNPAID


async def test_w7_the_cached_detail_is_read_anew_afterwards(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    assert (await world.billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.UNPAID
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    await arrives(world, "InvoicePaid", invoiceid=101)
    await worker.once()
    assert (await world.billing.get_invoice(customer, 101)).invoice.status is InvoiceStatus.PAID


async def test_w7_nobody_elses_pages_are_told(world, worker):
    customer, other = await world.a_customer(7), await world.a_customer(8)
    world.whmcs.invoices = [a_wire_invoice(101, 7)]
    await arrives(world, "InvoicePaid", invoiceid=101, userid=8)
    await worker.once()
    assert (world.heard_of(customer, "invoices"), world.heard_of(other, "invoices")) == (1, 0)
    assert await world.invoices.get(other, 101) is None


async def test_several_events_of_one_payment_read_the_invoice_once(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    for number, event in enumerate(["AddInvoicePayment", "InvoicePaid", "AddTransaction"], 1):
        await arrives(world, event, number, invoiceid=101)
    assert await worker.once() == 3
    assert len(world.whmcs.asked("GetInvoice")) == 1
    assert world.heard_of(customer, "invoices") == 1
    assert [(await state_of(world, n))[0] for n in (1, 2, 3)] == [True, True, True]


async def test_e1_a_repeated_delivery_is_worked_on_once(world, worker):
    await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await arrives(world, "InvoicePaid", invoiceid=101)
    await arrives(world, "InvoicePaid", invoiceid=101)
    assert await worker.once() == 1
    assert await worker.once() == 0


async def test_an_event_of_a_client_nobody_linked_is_done(world, worker):
    world.whmcs.invoices = [a_wire_invoice(101, 99)]
    await arrives(world, "InvoicePaid", invoiceid=101)
    await worker.once()
    assert (await state_of(world))[0]
    assert [topic for topic in world.heard if topic.startswith("customer:")] == []


async def test_an_event_of_an_invoice_that_is_gone_is_done(world, worker):
    await arrives(world, "InvoiceCancelled", invoiceid=404)
    await worker.once()
    assert (await state_of(world))[0]


async def test_a_card_event_forgets_the_cards_and_nothing_else(world, worker):
    customer = await world.a_customer()
    reads = {"payments": 0, "profile": 0}

    async def read(tag: str) -> int:
        async def load() -> int:
            reads[tag] += 1
            return reads[tag]

        return (await world.cache.fetch(customer, tag, load, model=int, ttl=timedelta(minutes=15), tags=(tag,))).value

    await read("payments"), await read("profile")
    asked = len(world.whmcs.calls)
    await arrives(world, "CCUpdate", userid=7)
    await worker.once()
    assert (await read("payments"), await read("profile")) == (2, 1)
    assert len(world.whmcs.calls) == asked
    assert world.heard_of(customer, "payments") == 1
    assert world.heard_of(customer, "invoices") == 0
    assert await state_of(world) == (True, False, 0, "")


async def test_a_card_event_of_a_client_nobody_linked_is_done(world, worker):
    await arrives(world, "CCUpdate", userid=99)
    await worker.once()
    assert world.heard == []
    assert await state_of(world) == (True, False, 0, "")


@pytest.mark.parametrize("event", ["AfterModuleSuspend", "AfterModuleCreate", "ServiceEdit"])
async def test_a_service_event_copies_the_clients_services_and_tells_the_pages(world, worker, event):
    customer = await world.a_customer()
    world.whmcs.services = [a_wire_service(31, status="Suspended")]
    await arrives(world, event, serviceid=31, userid=7)
    await worker.once()
    [service] = await world.service_mirror.list(customer)
    assert service.status == "suspended"
    assert world.heard_of(customer, "services") == 1


async def test_a_service_event_that_names_no_client_finds_whose_it_is(world, worker):
    customer = await world.a_customer()
    world.whmcs.services = [a_wire_service(31, nextduedate="2026-02-01")]
    await world.services.list_services(customer)
    world.whmcs.services = [a_wire_service(31, nextduedate="2026-03-01")]
    await arrives(world, "ServiceRecurringCompleted", serviceid=31, recurringinvoices=2)
    await arrives(world, "ServiceRecurringCompleted", 2, serviceid=99)
    await worker.once()
    [service] = await world.service_mirror.list(customer)
    assert service.next_due_on == date(2026, 3, 1)
    assert [(await state_of(world, n))[0] for n in (1, 2)] == [True, True]


async def test_a_client_event_asks_whmcs_nothing_but_ends_every_freshness(world, worker):
    customer = await world.a_customer()
    await world.billing.list_invoices(customer, InvoiceQuery())
    asked = len(world.whmcs.calls)
    await arrives(world, "ClientEdit", userid=7)
    await worker.once()
    assert len(world.whmcs.calls) == asked
    await world.billing.list_invoices(customer, InvoiceQuery(), wait=True)
    assert len(world.whmcs.asked("GetInvoices")) == 2
    assert world.heard_of(customer, "services") == 1
    told = [world.heard_of(customer, topic) for topic in ("profile", "address", "payments")]
    assert told == [1, 1, 1]


async def test_an_event_sent_before_the_change_is_read_five_seconds_later(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await arrives(world, "InvoicePaidPreEmail", invoiceid=101)
    await worker.once()
    assert world.whmcs.asked("GetInvoice") == []
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    world.clock.advance(10)
    await worker.once()
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.status is InvoiceStatus.PAID


async def test_e8_while_whmcs_is_down_an_event_waits_and_is_never_given_up_for_it(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    world.whmcs.will("GetInvoice", *[httpx.ConnectError("refused")] * 30)
    await arrives(world, "InvoicePaid", invoiceid=101)
    for attempt in range(1, MOST_ATTEMPTS + 2):
        assert await worker.once() == 1
        assert await worker.once() == 0, "it waits before the next try"
        assert (await state_of(world))[:3] == (False, False, attempt)
        world.clock.advance(timedelta(hours=2))
    world.whmcs.replies.clear()
    await worker.once()
    assert (await state_of(world))[0]
    assert world.heard_of(customer, "invoices") == 1


async def test_an_event_whmcs_cannot_answer_sensibly_is_set_aside_after_five_tries(world, worker):
    await world.a_customer()
    world.whmcs.will("GetInvoice", *[success(shape="another")] * 40)
    await arrives(world, "InvoicePaid", invoiceid=101)
    for _ in range(MOST_ATTEMPTS):
        assert (await state_of(world))[1] is False
        await worker.once()
        world.clock.advance(timedelta(hours=2))
    assert await worker.once() == 0
    done, gave_up, attempts, code = await state_of(world)
    assert (done, gave_up, attempts) == (False, True, MOST_ATTEMPTS)
    assert code


async def test_an_unreadable_body_is_set_aside_and_blocks_nobody(world, worker):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    await world.inbox.accept("whmcs", "evt-1", "InvoicePaid", b"not json")
    await arrives(world, "InvoicePaid", 2, invoiceid=101)
    await worker.once()
    assert (await state_of(world, 2))[0]
    assert world.heard_of(customer, "invoices") == 1
    for _ in range(MOST_ATTEMPTS):
        world.clock.advance(timedelta(hours=2))
        await worker.once()
    assert await state_of(world) == (False, True, MOST_ATTEMPTS, "JSONDecodeError")


async def test_an_event_about_nothing_of_ours_is_done(world, worker):
    await arrives(world, "DailyCronJob")
    await worker.once()
    assert (await state_of(world))[0]
    assert world.whmcs.calls == []


async def test_the_wait_for_a_payment_ends_with_the_hook(world, worker):
    customer = await world.a_customer()
    await world.links.minted(customer, 101)
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    await arrives(world, "InvoicePaid", invoiceid=101)
    await worker.once()
    assert await world.links.waiting(customer) == set()


async def test_a_part_payment_keeps_the_page_waiting(world, worker):
    customer = await world.a_customer()
    await world.links.minted(customer, 101)
    world.whmcs.invoices = [a_wire_invoice(101)]
    await arrives(world, "AddInvoicePayment", invoiceid=101)
    await worker.once()
    assert await world.links.waiting(customer) == {101}
