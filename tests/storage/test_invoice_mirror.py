"""The copy of the invoices: kept complete, read by its owner, overdue by the day in Japan."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event

from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.storage.mirrors import Drift, InvoiceMirrorStore
from tests.storage.builders import a_paid_invoice, an_invoice
from tests.storage.conftest import rows

UNPAID, OVERDUE, PAID = InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE, InvoiceStatus.PAID
CANCELLED, DRAFT, COLLECTIONS = InvoiceStatus.CANCELLED, InvoiceStatus.DRAFT, InvoiceStatus.COLLECTIONS


@pytest.fixture
def mirror(db, clock) -> InvoiceMirrorStore:
    return InvoiceMirrorStore(db, clock)


@pytest.fixture
def page(mirror, customer, clock):
    async def read(who=customer, **query):
        return await mirror.page(who, InvoiceQuery(**query), as_of=clock.now(), stale=False)

    return read


def ids(page) -> list[int]:
    return [invoice.whmcs_invoice_id for invoice in page.items]


class Statements:
    """Counts what is sent to the database, transactions aside."""

    def __init__(self, db) -> None:
        self.sent: list[str] = []
        event.listen(db._engine.sync_engine, "before_cursor_execute", self._count)

    def _count(self, connection, cursor, statement, *_) -> None:
        if not statement.startswith("BEGIN"):
            self.sent.append(statement)


class TestKeeping:
    """Replacing, adding and removing."""

    async def test_an_invoice_comes_back_as_it_was(self, mirror, customer):
        invoice = an_invoice(5, number="INV-2026-0005", issued_on=None, due_on=None, total=Decimal("3300.5"))
        await mirror.upsert(invoice)
        assert await mirror.get(customer, 5) == invoice

    async def test_replacing_tells_what_differed(self, mirror):
        assert await mirror.replace_all(7, [an_invoice(1), an_invoice(2), an_invoice(3)]) == Drift(added=3)
        drift = await mirror.replace_all(7, [an_invoice(1), a_paid_invoice(2), an_invoice(4)])
        assert drift == Drift(added=1, changed=1, removed=1)
        assert await mirror.replace_all(7, [an_invoice(1), a_paid_invoice(2), an_invoice(4)]) == Drift()

    async def test_replacing_one_client_leaves_the_others_alone(self, mirror, other_customer):
        await mirror.replace_all(8, [an_invoice(80, 8)])
        await mirror.replace_all(7, [])
        assert await mirror.get(other_customer, 80) == an_invoice(80, 8)

    async def test_o2_an_invoice_of_another_client_is_refused_and_nothing_is_stored(self, mirror):
        with pytest.raises(ValueError, match="another client"):
            await mirror.replace_all(7, [an_invoice(1), an_invoice(2, 8)])
        assert await mirror.ids_of(7) == set()

    async def test_an_invoice_that_moved_to_another_client_moves(self, mirror, customer, other_customer):
        await mirror.upsert(an_invoice(1, 8))
        await mirror.replace_all(7, [an_invoice(1, 7)])
        assert await mirror.get(other_customer, 1) is None
        assert await mirror.get(customer, 1) == an_invoice(1, 7)

    async def test_many_rows_are_written_in_transactions_of_200(self, mirror, db):
        commits = []
        event.listen(db._engine.sync_engine, "commit", commits.append)
        invoices = [an_invoice(n) for n in range(450)]
        assert await mirror.replace_all(7, invoices) == Drift(added=450)
        assert len(commits) == 3
        assert await mirror.replace_all(7, []) == Drift(removed=450)
        assert len(commits) == 6

    async def test_what_agrees_already_is_not_written_again(self, mirror, db):
        await mirror.replace_all(7, [an_invoice(1)])
        commits = []
        event.listen(db._engine.sync_engine, "commit", commits.append)
        await mirror.replace_all(7, [an_invoice(1)])
        await mirror.upsert_many([an_invoice(1)])
        assert commits == []

    async def test_adding_many_of_several_clients_tells_what_differed(self, mirror):
        await mirror.upsert_many([an_invoice(1, 7), an_invoice(2, 8)])
        drift = await mirror.upsert_many([an_invoice(1, 7), a_paid_invoice(2, 8), an_invoice(3, 9)])
        assert drift == Drift(added=1, changed=1)

    async def test_removing_needs_the_right_client(self, mirror, customer):
        await mirror.upsert(an_invoice(1))
        assert not await mirror.remove(1, 8)
        assert await mirror.get(customer, 1) is not None
        assert await mirror.remove(1, 7)
        assert await mirror.get(customer, 1) is None

    async def test_overdue_is_never_stored(self, mirror, db):
        await mirror.upsert(an_invoice(1, status=OVERDUE))
        assert await rows(db, "SELECT status FROM invoices_mirror") == [("unpaid",)]


class TestOwner:
    """Nobody reads what is not theirs."""

    async def test_o1_another_customers_invoice_is_not_there(self, mirror, other_customer, page):
        await mirror.replace_all(7, [an_invoice(1)])
        assert await mirror.get(other_customer, 1) is None
        assert await mirror.recent(other_customer, 5) == []
        assert await mirror.payable(other_customer, 5) == []
        theirs = await page(other_customer)
        assert (theirs.items, theirs.total_items, theirs.totals.due) == ((), 0, 0)

    async def test_drafts_are_never_shown_or_counted(self, mirror, customer, page):
        await mirror.replace_all(7, [an_invoice(1, status=DRAFT), an_invoice(2)])
        assert await mirror.get(customer, 1) is None
        assert [i.whmcs_invoice_id for i in await mirror.recent(customer, 5)] == [2]
        shown = await page()
        assert (ids(shown), shown.totals.counts["all"], shown.totals.due) == ([2], 1, Decimal(3300))


class TestOverdue:
    """Decided when reading."""

    @pytest.mark.parametrize(
        ("at", "status"),
        [
            (datetime(2026, 1, 31, 14, 59, tzinfo=UTC), UNPAID),  # still the 31st in Japan
            (datetime(2026, 1, 31, 15, 0, tzinfo=UTC), OVERDUE),
        ],
    )
    async def test_an_invoice_becomes_overdue_at_midnight_in_japan(self, mirror, customer, page, clock, at, status):
        await mirror.upsert(an_invoice(1, due_on=date(2026, 1, 31)))
        clock.at = at
        assert (await mirror.get(customer, 1)).status is status
        assert (await mirror.recent(customer, 1))[0].status is status
        shown = await page()
        assert shown.items[0].status is status
        assert shown.totals.counts["overdue"] == (status is OVERDUE)
        assert ids(await page(tab="overdue")) == [1] * (status is OVERDUE)

    async def test_a_paid_or_undated_invoice_is_never_overdue(self, mirror, page):
        await mirror.replace_all(7, [a_paid_invoice(1, due_on=date(2020, 1, 1)), an_invoice(2, due_on=None)])
        assert (await page()).totals.counts["overdue"] == 0


class TestPage:
    """Filter, order, pages, figures."""

    async def test_counts_and_sums_cover_everything_whatever_is_filtered(self, mirror, page):
        await mirror.replace_all(
            7,
            [
                an_invoice(1, due_on=date(2026, 1, 14), balance=Decimal(1000)),
                an_invoice(2, balance=Decimal(300)),
                an_invoice(3, balance=Decimal(0)),
                a_paid_invoice(4),
                an_invoice(5, status=CANCELLED),
                an_invoice(6, status=COLLECTIONS, balance=Decimal(0)),
                an_invoice(7, status=InvoiceStatus.OTHER, balance=Decimal(0)),
            ],
        )
        shown = await page(tab="paid", search="4")
        assert shown.totals.counts == {"all": 7, "unpaid": 3, "overdue": 1, "paid": 1, "cancelled": 1, "other": 2}
        assert (shown.totals.due, shown.totals.overdue) == (Decimal(1300), Decimal(1000))
        assert (ids(shown), shown.total_items) == ([4], 1)

    @pytest.mark.parametrize("tab", ["all", "unpaid", "overdue", "paid", "cancelled", "other"])
    async def test_each_tab_shows_as_many_as_it_counts(self, mirror, page, tab):
        statuses = [UNPAID, UNPAID, PAID, CANCELLED, COLLECTIONS, InvoiceStatus.REFUNDED, DRAFT]
        invoices = [an_invoice(n, status=status, due_on=date(2026, 1, 14 + n)) for n, status in enumerate(statuses)]
        await mirror.replace_all(7, invoices)
        shown = await page(tab=tab)
        assert len(shown.items) == shown.total_items == shown.totals.counts[tab] > 0

    async def test_the_default_order_is_what_to_pay_by_due_day_then_the_newest(self, mirror, page):
        await mirror.replace_all(
            7,
            [
                a_paid_invoice(1, issued_on=date(2025, 12, 1)),
                a_paid_invoice(2, issued_on=date(2026, 1, 1)),
                an_invoice(3, due_on=date(2026, 2, 1)),
                an_invoice(4, due_on=date(2026, 1, 2)),
                an_invoice(5, due_on=None),
                a_paid_invoice(6, issued_on=None),
                a_paid_invoice(7, issued_on=date(2026, 1, 1), due_on=date(2020, 1, 1)),
            ],
        )
        assert ids(await page()) == [4, 3, 5, 7, 2, 1, 6]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("due", [2, 10, 9, 3]), ("issued", [9, 10, 2, 3]), ("total", [10, 2, 3, 9]), ("number", [2, 9, 10, 3])],
    )
    async def test_every_column_sorts_both_ways_with_the_undated_last(self, mirror, page, sort, order):
        await mirror.replace_all(
            7,
            [
                an_invoice(2, due_on=date(2026, 1, 1), issued_on=date(2026, 1, 3), total=Decimal(200), number="2"),
                an_invoice(10, due_on=date(2026, 1, 2), issued_on=date(2026, 1, 2), total=Decimal(100), number="10"),
                an_invoice(9, due_on=date(2026, 1, 3), issued_on=date(2026, 1, 1), total=Decimal(1000), number="9"),
                an_invoice(3, due_on=None, issued_on=None, total=Decimal(300), number="INV-3"),
            ],
        )
        assert ids(await page(sort=sort)) == order
        undated = [3] if sort in ("due", "issued") else []
        dated = [n for n in order if n not in undated]
        assert ids(await page(sort=sort, descending=True)) == [*reversed(dated), *undated]

    async def test_pages_cover_everything_once_even_between_equals(self, mirror, page):
        await mirror.replace_all(7, [a_paid_invoice(n) for n in range(1, 61)])
        pages = [await page(page=n, size=25) for n in (1, 2, 3)]
        assert [len(p.items) for p in pages] == [25, 25, 10]
        assert sorted(n for p in pages for n in ids(p)) == list(range(1, 61))
        assert {(p.total_items, p.pages) for p in pages} == {(60, 3)}

    @pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (3, 3), (4, 3), (10**9, 3)])
    async def test_a_page_out_of_range_is_the_nearest_one(self, mirror, page, asked, given):
        await mirror.replace_all(7, [an_invoice(n) for n in range(1, 6)])
        shown = await page(page=asked, size=2)
        assert (shown.page, len(shown.items)) == (given, 1 if given == 3 else 2)

    async def test_a_page_holds_at_most_100(self, mirror, page):
        await mirror.replace_all(7, [an_invoice(n) for n in range(1, 121)])
        assert len((await page(size=10**9)).items) == 100

    async def test_nothing_yet_is_one_empty_page(self, page, clock):
        shown = await page()
        assert (shown.items, shown.page, shown.pages, shown.as_of) == ((), 1, 1, clock.now())
        assert shown.totals.next_due is None

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("2026", [1, 2]),
            ("inv-2026-0001", [1]),
            ("#INV-2026-0001", [1]),
            ("　2026-0002 ", [2]),
            ("２０２６", [1, 2]),
            ("%", [3]),
            ("_", [4]),
            ("/", []),
            ("\\", []),
            ("' OR 1=1 --", []),
            ("\x00", []),
            ("  ", [1, 2, 3, 4]),
        ],
    )
    async def test_the_search_is_part_of_the_number_and_has_no_wildcards(self, mirror, page, search, found):
        numbers = {1: "INV-2026-0001", 2: "INV-2026-0002", 3: "100%", 4: "A_B"}
        await mirror.replace_all(7, [an_invoice(n, number=number) for n, number in numbers.items()])
        shown = await page(search=search, sort="number")
        assert sorted(ids(shown)) == found
        assert shown.total_items == len(found)

    async def test_the_next_due_invoice_is_the_earliest_there_is_to_pay(self, mirror, page):
        earlier = an_invoice(1, due_on=date(2026, 1, 10))
        await mirror.replace_all(
            7,
            [
                a_paid_invoice(9, due_on=date(2025, 1, 1)),
                an_invoice(8, due_on=date(2025, 1, 2), balance=Decimal(0)),
                an_invoice(2, due_on=None),
                earlier,
                an_invoice(3, due_on=date(2026, 1, 20)),
            ],
        )
        shown = await page(tab="paid")
        assert shown.totals.next_due.whmcs_invoice_id == 1
        assert shown.totals.next_due.status is OVERDUE

    async def test_what_there_is_to_pay_comes_by_the_day_it_is_due(self, mirror, customer):
        await mirror.replace_all(
            7,
            [
                an_invoice(1, due_on=None),
                an_invoice(2, due_on=date(2026, 3, 1)),
                an_invoice(3, due_on=date(2026, 1, 1)),
                an_invoice(4, balance=Decimal(0)),
                a_paid_invoice(5),
                an_invoice(6, status=DRAFT),
                an_invoice(7, due_on=date(2026, 2, 1)),
            ],
        )
        found = await mirror.payable(customer, 3)
        assert [(one.whmcs_invoice_id, one.status) for one in found] == [(3, OVERDUE), (7, UNPAID), (2, UNPAID)]

    async def test_figures_are_those_of_who_asks_and_of_the_day_they_ask_on(
        self, mirror, customer, other_customer, page, clock
    ):
        await mirror.upsert_many([an_invoice(1, 7), an_invoice(2, 8), an_invoice(3, 8)])
        for day, late in ((date(2026, 1, 31), False), (date(2026, 2, 1), True)):
            clock.at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            for who, count in ((customer, 1), (other_customer, 2)):
                totals = (await page(who)).totals
                assert (totals.counts["unpaid"], totals.counts["overdue"]) == (count, count * late)
                assert (totals.due, totals.overdue) == (3300 * count, 3300 * count * late)

    async def test_a_page_takes_two_statements(self, mirror, db, page):
        await mirror.replace_all(7, [an_invoice(n) for n in range(60)])
        statements = Statements(db)
        await page(tab="unpaid", search="1", page=2, size=5)
        assert len(statements.sent) == 2

    async def test_the_newest_come_first_among_the_recent(self, mirror, customer):
        invoices = [an_invoice(n, issued_on=date(2026, 1, n)) for n in range(1, 8)]
        await mirror.replace_all(7, [*invoices, an_invoice(9, issued_on=None)])
        assert [i.whmcs_invoice_id for i in await mirror.recent(customer, 3)] == [7, 6, 5]
