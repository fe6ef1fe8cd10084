"""Telling customers: once, together with what happened, by mail where they want it, and nobody else."""

import asyncio

import pytest
from sqlalchemy import text

from portal_app.domain.notices import CHOICES, VALUES, Notice, NoticeKind
from portal_app.errors import InvalidInput, NotFound

CASE = "case:500000000000001AAA"
REPLY = {"number": "00001026", "title": "No signal at home"}


def a_reply(source_id: str = "comment-1", **changed: object) -> Notice:
    told = {"subject": CASE, "values": REPLY, "mail": {}, **changed}
    return Notice(kind=NoticeKind.CASE_REPLY, source_id=source_id, **told)  # type: ignore[arg-type]


async def waiting(world) -> list[dict]:
    items = await world.outbox.claim(50)
    for item in items:
        await world.outbox.sent(item)
    return [item.payload for item in items]


async def test_e7_what_is_told_shows_at_once_and_its_mail_leaves_once(world):
    customer = await world.a_customer()
    assert [await world.notices.tell(customer.user_id, a_reply()) for _ in range(3)] == [True, False, False]
    values = REPLY | {"case_id": CASE.removeprefix("case:")}
    assert await waiting(world) == [{"template": "case_reply", "user_id": customer.user_id, "values": values}]
    assert (world.heard_of(customer, "notifications"), world.heard.count("work:outbox")) == (1, 1)


async def test_i2_nothing_is_told_of_what_did_not_happen(world):
    customer = await world.a_customer()
    with pytest.raises(RuntimeError):
        async with world.db.write() as tx:
            assert await world.notices.tell_in(tx, customer.user_id, a_reply())
            raise RuntimeError
    assert await world.notices.unread(customer) == 0 and await waiting(world) == []


async def test_of_two_who_bring_the_same_news_one_tells_it(world):
    customer = await world.a_customer()
    both = await asyncio.gather(*(world.notices.tell(customer.user_id, a_reply()) for _ in range(2)))
    assert sorted(both) == [False, True] and len(await waiting(world)) == 1


async def test_a_choice_decides_about_the_mail_and_never_about_the_bell(world):
    customer, other = await world.a_customer(), await world.a_customer(8)
    await world.notices.choose_mail(customer, "case_reply", False)
    for one in (customer, other):
        await world.notices.tell(one.user_id, a_reply())
    assert [mail["user_id"] for mail in await waiting(world)] == [other.user_id]
    assert [await world.notices.unread(one) for one in (customer, other)] == [1, 1]
    await world.notices.choose_mail(customer, "case_reply", True)
    await world.notices.tell(customer.user_id, a_reply("comment-2"))
    assert len(await waiting(world)) == 1


async def test_without_a_choice_the_default_holds_and_what_has_no_mail_sends_none(world):
    customer = await world.a_customer()
    moved = Notice(
        kind=NoticeKind.CASE_STATUS, source_id="1", subject=CASE, values=REPLY | {"status": "closed"}, mail={}
    )
    await world.notices.tell(customer.user_id, moved)
    await world.notices.tell(customer.user_id, a_reply(mail=None))
    assert await waiting(world) == [] and await world.notices.unread(customer) == 2
    chosen = await world.notices.mail_choices(customer)
    assert chosen == {one.name: one.default for one in CHOICES} and not chosen["case_status"]


@pytest.mark.parametrize("wanted", [True, False])
async def test_p9_mail_about_security_cannot_be_switched_off(world, wanted):
    customer = await world.a_customer()
    with pytest.raises(InvalidInput):
        await world.notices.choose_mail(customer, "security_change", wanted)
    assert (await world.notices.mail_choices(customer))["security_change"]


@pytest.mark.parametrize("name", ["", "everything", "security_change", "invoice_paid; --"])
async def test_what_is_no_choice_is_refused(world, name):
    customer = await world.a_customer()
    with pytest.raises(InvalidInput):
        await world.notices.choose_mail(customer, name, True)


async def test_o1_an_unknown_notice_and_another_customers_are_not_found_alike(world):
    customer, other = await world.a_customer(), await world.a_customer(8)
    await world.notices.tell(customer.user_id, a_reply())
    [mine] = await world.notices.list(customer, limit=5)
    refused = []
    for key in (mine.notification_id, "no-such-notice"):
        for act in (world.notices.read, world.notices.dismiss):
            with pytest.raises(NotFound) as found:
                await act(other, key)
            refused.append(str(found.value).replace(key, "x"))
    assert len(set(refused)) == 1 and await world.notices.unread(customer) == 1
    assert world.heard_of(other, "notifications") == 0
    async with world.db.read() as session:
        noted = (await session.execute(text("SELECT event, user_id, outcome FROM audit_log"))).all()
    assert [tuple(row) for row in noted] == [("foreign_record", other.user_id, "denied")] * 4


async def test_reading_dismissing_and_opening_the_record_tell_the_other_tabs(world):
    customer = await world.a_customer()
    for number in range(3):
        await world.notices.tell(customer.user_id, a_reply(f"comment-{number}"))
    world.heard.clear()
    latest = (await world.notices.bell(customer)).latest
    await world.notices.read(customer, latest[0].notification_id)
    await world.notices.dismiss(customer, latest[1].notification_id)
    assert await world.notices.unread_subjects(customer) == {CASE}
    await world.notices.read_subject(customer, CASE)
    assert await world.notices.unread_subjects(customer) == set()
    assert world.heard_of(customer, "notifications") == 3
    await world.notices.read_all(customer)
    await world.notices.read_subject(customer, CASE)
    assert world.heard_of(customer, "notifications") == 3, "nothing was unread"


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if VALUES[kind]])
def test_a_notice_that_leaves_something_out_is_not_made(kind):
    with pytest.raises(ValueError):
        Notice(kind=kind, source_id="1", values={})


async def test_i5_neither_the_row_nor_its_text_tells_what_it_says(world):
    notice = a_reply()
    assert "No signal" not in repr(notice)
    customer = await world.a_customer()
    await world.notices.tell(customer.user_id, notice)
    assert "No signal" not in repr(await world.notices.list(customer, limit=1))
