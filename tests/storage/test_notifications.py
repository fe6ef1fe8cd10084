"""What customers were told is kept once, for them alone, and not for ever."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal_app.domain.notices import NoticeKind
from portal_app.storage.notification_preferences import NotificationPreferences
from portal_app.storage.notifications import KEEP, Notifications
from portal_app.storage.tables.notifications import NotificationRow

ANN, BOB = "user-ann", "user-bob"


@pytest.fixture
def kept(db, cipher, clock):
    return Notifications(db, cipher, clock)


async def add(db, kept, source, user_id=ANN, kind=NoticeKind.INVOICE_PAID, subject="", **values):
    async with db.write() as session:
        return await kept.add_in(session, user_id, kind, source, subject=subject, values=values)


async def test_one_source_is_kept_once_for_each_customer_and_kind(db, kept):
    again = [await add(db, kept, "invoice:1") for _ in range(2)]
    other = await add(db, kept, "invoice:1", user_id=BOB)
    created = await add(db, kept, "invoice:1", kind=NoticeKind.INVOICE_CREATED)
    assert (again, other, created) == ([True, False], True, True)
    assert (await kept.unread(ANN), await kept.unread(BOB)) == (2, 1)


async def test_of_two_workers_with_the_same_news_one_hears_that_it_is_new(db, other_db, kept, cipher, clock):
    both = [(db, kept), (other_db, Notifications(other_db, cipher, clock))]
    assert sorted(await asyncio.gather(*(add(one, there, "invoice:1") for one, there in both))) == [False, True]
    assert await kept.unread(ANN) == 1


async def test_what_was_undone_was_not_told(db, kept):
    with pytest.raises(RuntimeError):
        async with db.write() as session:
            await kept.add_in(session, ANN, NoticeKind.INVOICE_PAID, "invoice:1", values={})
            raise RuntimeError
    assert await kept.unread(ANN) == 0 and await add(db, kept, "invoice:1")


async def test_newest_first_page_by_page_also_where_several_have_the_same_time(db, kept, clock):
    for number in range(6):
        await add(db, kept, f"invoice:{number}", number=str(number))
        if number % 2:
            clock.advance(timedelta(minutes=1))
    first = await kept.list(ANN, limit=3)
    rest = await kept.list(ANN, limit=9, before=first[-1].notification_id)
    numbers = [one.values["number"] for one in (*first, *rest)]
    assert sorted(numbers) == ["0", "1", "2", "3", "4", "5"]
    assert [set(numbers[at : at + 2]) for at in (0, 2, 4)] == [{"4", "5"}, {"2", "3"}, {"0", "1"}]


async def test_the_bell_counts_all_that_is_unread_and_shows_the_latest(db, kept, clock):
    for number in range(5):
        await add(db, kept, f"invoice:{number}")
        clock.advance(timedelta(minutes=1))
    newest = (await kept.list(ANN, limit=1))[0]
    assert await kept.read(ANN, newest.notification_id)
    bell = await kept.bell(ANN, latest=2)
    assert bell.unread == 4 and [one.read for one in bell.latest] == [True, False]
    empty = await kept.bell(BOB, latest=2)
    assert (empty.unread, empty.latest) == (0, ())


async def test_o1_somebody_elses_notification_can_be_neither_read_dismissed_nor_paged_from(db, kept):
    await add(db, kept, "invoice:1")
    await add(db, kept, "invoice:2", user_id=BOB)
    anns = (await kept.list(ANN, limit=1))[0].notification_id
    assert not await kept.read(BOB, anns) and not await kept.dismiss(BOB, anns)
    assert await kept.list(BOB, limit=5, before=anns) == ()
    assert await kept.read_all(BOB) == 1 and await kept.unread(ANN) == 1


async def test_what_is_dismissed_is_neither_shown_nor_counted_nor_told_again(db, kept):
    await add(db, kept, "invoice:1")
    one = (await kept.list(ANN, limit=1))[0]
    assert await kept.dismiss(ANN, one.notification_id) and await kept.dismiss(ANN, one.notification_id)
    assert await kept.list(ANN, limit=5) == () and await kept.unread(ANN) == 0
    assert not await add(db, kept, "invoice:1")


async def test_opening_a_record_reads_all_that_was_told_about_it(db, kept):
    for source, subject in (("c1", "case:500A"), ("c2", "case:500A"), ("c3", "case:500B"), ("o", "order:801")):
        await add(db, kept, source, kind=NoticeKind.CASE_REPLY, subject=subject)
    await add(db, kept, "c9", user_id=BOB, subject="case:500A")
    assert await kept.unread_subjects(ANN, "case:") == {"case:500A", "case:500B"}
    assert await kept.read_subject(ANN, "case:500A") == 2
    assert await kept.unread_subjects(ANN, "case:") == {"case:500B"} and await kept.unread(BOB) == 1


async def test_c1_values_are_sealed_and_one_that_does_not_open_hides_no_other(db, kept):
    await add(db, kept, "invoice:1", number="INV-SECRET")
    await add(db, kept, "invoice:2", number="INV-2")
    async with db.read() as session:
        sealed = list(await session.scalars(select(NotificationRow.values_sealed)))
    assert not any("SECRET" in one or "INV" in one for one in sealed)
    async with db.write() as session:
        await session.execute(text("UPDATE notifications SET values_sealed = 'x' WHERE source_id = 'invoice:1'"))
    assert [one.values for one in await kept.list(ANN, limit=5)] == [{"number": "INV-2"}]


async def test_they_are_forgotten_after_180_days_read_or_not(db, kept, clock):
    await add(db, kept, "invoice:1")
    clock.advance(KEEP - timedelta(minutes=1))
    await add(db, kept, "invoice:2")
    assert await kept.prune() == 0
    clock.advance(timedelta(minutes=2))
    assert await kept.prune() == 1 and await kept.unread(ANN) == 1


async def test_a_choice_is_kept_for_one_customer_and_can_be_taken_back(db, clock):
    preferences = NotificationPreferences(db, clock)
    for mail in (False, True, False):
        await preferences.put(ANN, "invoice_paid", mail)
    assert await preferences.of(ANN) == {"invoice_paid": False} and await preferences.of(BOB) == {}
    async with db.read() as session:
        found = [await preferences.find_in(session, who, "invoice_paid") for who in (ANN, BOB)]
    assert found == [False, None]
