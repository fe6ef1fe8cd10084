"""Which invoices bill which service, on both databases."""

from datetime import date
from decimal import Decimal

import pytest

from portal_app.domain.billing import InvoiceStatus
from portal_app.storage.invoice_services import InvoiceServices
from portal_app.storage.mirrors import InvoiceMirrorStore
from tests.storage.builders import a_paid_invoice, an_invoice
from tests.storage.conftest import rows

YEN = Decimal


@pytest.fixture
def mirror(db, clock) -> InvoiceMirrorStore:
    return InvoiceMirrorStore(db, clock)


@pytest.fixture
def kept(db, mirror, clock) -> InvoiceServices:
    return InvoiceServices(db, mirror, clock)


async def unread(kept, customer):
    found = [one.whmcs_invoice_id for one in await kept.unread(customer, 50)]
    assert len(found) == await kept.count_unread(customer)
    return found


async def test_the_newest_unread_invoices_are_read_first_and_each_only_once(kept, mirror, customer):
    invoices = [an_invoice(n, issued_on=date(2026, 1, n)) for n in (1, 2, 3)]
    await mirror.replace_all(7, invoices)
    assert await unread(kept, customer) == [3, 2, 1]
    await kept.put(invoices[1], {31: YEN(1100)})
    await kept.put(invoices[2], {})
    assert await unread(kept, customer) == [1]
    assert [one.whmcs_invoice_id for one in await kept.unread(customer, 1)] == [1]


@pytest.mark.parametrize("changed", [{"status": InvoiceStatus.PAID}, {"total": YEN(9900)}])
async def test_a_changed_status_or_total_means_reading_again(kept, mirror, customer, changed):
    await mirror.upsert(an_invoice(1))
    await kept.put(an_invoice(1), {31: YEN(1100)})
    await mirror.upsert(an_invoice(1, **changed))
    assert await unread(kept, customer) == [1]
    assert len(await kept.history(customer, 31)) == 1


async def test_becoming_overdue_is_no_change(kept, mirror, clock, customer):
    await mirror.upsert(an_invoice(1, due_on=date(2026, 1, 14)))
    (late,) = await kept.unread(customer, 5)
    assert late.status is InvoiceStatus.OVERDUE
    await kept.put(late, {31: YEN(1)})
    assert await unread(kept, customer) == []


async def test_the_history_is_newest_first_with_what_each_bills_for_the_service(kept, mirror, customer):
    old, new = a_paid_invoice(1, issued_on=date(2025, 12, 1)), an_invoice(2)
    await mirror.replace_all(7, [old, new])
    await kept.put(old, {31: YEN(1100), 32: YEN(2200)})
    await kept.put(new, {31: YEN(1200)})
    assert [(one.invoice, one.amount) for one in await kept.history(customer, 31)] == [
        (new, YEN(1200)),
        (old, YEN(1100)),
    ]
    assert [one.amount for one in await kept.history(customer, 32)] == [YEN(2200)]
    assert await kept.history(customer, 33) == []


async def test_reading_again_replaces_what_was_known(kept, mirror, customer):
    await mirror.upsert(an_invoice(1))
    await kept.put(an_invoice(1), {31: YEN(1100), 32: YEN(500)})
    await kept.put(an_invoice(1), {31: YEN(1300), 33: YEN(1)})
    found = {n: [one.amount for one in await kept.history(customer, n)] for n in (31, 32, 33)}
    assert found == {31: [YEN(1300)], 32: [], 33: [YEN(1)]}


async def test_o1_somebody_elses_service_has_no_history(kept, mirror, customer, other_customer):
    await mirror.upsert_many([an_invoice(1), an_invoice(2, 8)])
    await kept.put(an_invoice(1), {31: YEN(1100)})
    assert await kept.history(other_customer, 31) == []
    assert await unread(kept, other_customer) == [2]


async def test_a_draft_is_neither_read_nor_shown(kept, mirror, customer):
    await mirror.upsert(an_invoice(1, status=InvoiceStatus.DRAFT))
    await kept.put(an_invoice(1, status=InvoiceStatus.DRAFT), {31: YEN(1)})
    assert (await kept.history(customer, 31), await unread(kept, customer)) == ([], [])


async def test_an_invoice_that_is_gone_is_not_shown_and_forgotten_at_night(db, kept, mirror, customer):
    await mirror.replace_all(7, [an_invoice(1), an_invoice(2)])
    await kept.put(an_invoice(1), {31: YEN(1)})
    await kept.put(an_invoice(2), {31: YEN(2)})
    await mirror.replace_all(7, [an_invoice(2)])
    assert [one.amount for one in await kept.history(customer, 31)] == [YEN(2)]
    assert await kept.prune() == 1
    assert await rows(db, "SELECT whmcs_invoice_id FROM invoice_services_mirror") == [(2,)]
    assert await rows(db, "SELECT whmcs_invoice_id FROM invoice_lines_read") == [(2,)]
