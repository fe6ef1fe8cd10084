"""What staff did with a question reaches its customer once, whoever brings the news."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal_app.errors import UpstreamReplyChanged, UpstreamUnavailable
from portal_app.storage import migrate
from portal_app.workflows.support_news import FEED
from tests.fakes.help_desk import CUSTOMERS
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.support_process import QUESTION, Room, registered
from tests.integrations.virtual_time import in_virtual_time

MINE, OTHER = CUSTOMERS
POST = "00000000-0000-4000-8000-000000000001"
REPLY = "00000000-0000-4000-8000-000000000002"
MOVE = "00000000-0000-4000-8000-000000000003"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("news") / "migrated.db"
    migrate.upgrade(f"sqlite:///{file}")
    asyncio.run(registered(file))
    return file


@pytest.fixture
def room(migrated, tmp_path) -> Iterator[Room]:
    database = QuickSqlite()
    with database.installed():
        yield Room(Path(shutil.copy(migrated, tmp_path / "portal.db")), database)


async def told(room: Room, customer=MINE) -> list[tuple[str, dict[str, str]]]:
    """Kind and values, oldest first."""
    found = await room.process.notices.list(customer, limit=20)
    return [(one.kind.value, dict(one.values)) for one in reversed(found)]


async def opened(room: Room) -> str:
    return await room.process.support.open_case(MINE, QUESTION, post_id=POST)


@in_virtual_time
async def test_an_answer_is_told_by_bell_and_mail_once_however_often_it_is_heard_of(room):
    process = room.begin()
    case_id = await opened(room)
    await process.news.look()  # what is there at first is no news
    answer = room.desk.says(case_id, "We are on it.")
    room.desk.says(case_id, "INTERNAL-CANARY", published=False)
    for _ in range(2):
        await process.news.case_changed(MINE, case_id)
        await process.news.look()
    await process.deliver()
    number = room.desk.case(case_id)["CaseNumber"]
    assert await told(room) == [("case_reply", {"number": number, "title": "No line"})]
    (mail,) = room.mails
    assert (mail["template"], mail["values"]["case_id"]) == ("case_reply", case_id)
    assert "We are on it" not in str(room.mails)  # a mail travels openly: it says that there is an answer, not which
    assert await process.notices.unread_subjects(MINE, prefix="case:") == {f"case:{case_id}"}
    assert answer.startswith("00a")


@in_virtual_time
async def test_pages_are_woken_after_the_copy_was_cleared_so_they_read_the_answer(room):
    process = room.begin()
    case_id = await opened(room)
    await process.support.get_thread(MINE, case_id)
    seen: list[int] = []

    async def page(topic: str, payload: str) -> None:
        seen.append(len((await process.support.get_thread(MINE, case_id)).messages))

    process.bus.subscribe(f"customer:{MINE.user_id}:cases", page)
    room.desk.says(case_id, "We are on it.")
    await process.news.case_changed(MINE, case_id)
    await asyncio.sleep(1)
    assert seen and seen[-1] == 2


@in_virtual_time
async def test_the_poll_tells_what_no_event_told_after_a_restart_too(room):
    process = room.begin()
    case_id = await opened(room)
    await process.news.look()
    await asyncio.sleep(30)
    room.desk.says(case_id, "We are on it.")
    process = room.begin()
    await asyncio.sleep(30)
    assert await process.news.look() == "1 questions"
    assert [kind for kind, _ in await told(room)] == ["case_reply"]
    asked = len(room.desk.asked)
    assert await process.news.look() == "0 questions"
    assert room.desk.asked[asked:] == ["composite"]  # cases, comments, e-mails at once: no question is read again


@in_virtual_time
async def test_an_answer_by_mail_is_told_too(room):
    process = room.begin()
    case_id = await opened(room)
    await process.news.look()
    await asyncio.sleep(5)
    when = process.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    common = {"ParentId": case_id, "MessageDate": when, "IsExternallyVisible": True}
    room.desk.makes("EmailMessage", Incoming=False, Status="3", TextBody="Please restart it", **common)
    room.desk.makes("EmailMessage", Incoming=True, Status="1", TextBody="I did", **common)
    await process.news.look()
    assert [kind for kind, _ in await told(room)] == ["case_reply"]


@in_virtual_time
async def test_a_status_staff_set_is_told_and_one_the_customer_caused_is_not(room):
    process = room.begin()
    case_id = await opened(room)
    await process.news.case_changed(MINE, case_id)
    await process.support.close(MINE, case_id, post_id=MOVE)
    await process.news.case_changed(MINE, case_id)
    assert await told(room) == []
    await asyncio.sleep(3600)
    room.desk.moves(case_id, "In Progress")
    await process.news.case_changed(MINE, case_id)
    await asyncio.sleep(1)
    room.desk.moves(case_id, "Awaiting Customer")
    for _ in range(2):
        await process.news.case_changed(MINE, case_id)
    assert [values["status"] for _, values in await told(room)] == ["in_progress", "awaiting_customer"]
    await process.support.reply(MINE, case_id, "Here", post_id=REPLY)
    await process.news.case_changed(MINE, case_id)
    assert len(await told(room)) == 2


@in_virtual_time
async def test_o1_nothing_is_told_of_a_question_the_customer_does_not_see(room):
    process = room.begin()
    foreign = room.desk.a_case(OTHER)
    hidden = room.desk.a_case(Origin="Portal Notification")
    check = room.desk.a_case(Portal_Reference__c="number-check-1")
    await process.news.look()
    for case_id in (foreign, hidden, check):
        room.desk.says(case_id, "CANARY")
        await process.news.case_changed(MINE, case_id)
    assert await told(room) == []
    await process.news.look()
    assert await told(room) == [] and [kind for kind, _ in await told(room, OTHER)] == ["case_reply"]


@in_virtual_time
async def test_an_old_answer_seen_for_the_first_time_is_no_news(room):
    process = room.begin()
    case_id = room.desk.a_case(Description="Please call us")
    room.desk.says(case_id, "Old")
    await asyncio.sleep(8 * 86400)
    room.desk.moves(case_id, "Closed")
    await process.news.case_changed(MINE, case_id)
    assert await told(room) == []


@in_virtual_time
async def test_while_salesforce_is_away_the_copy_is_gone_and_the_poll_tells_it_later(room):
    process = room.begin()
    case_id = await opened(room)
    await process.news.look()
    room.desk.says(case_id, "We are on it.")
    room.troubles.down = {"salesforce"}
    for act in (process.news.case_changed(MINE, case_id), process.news.look()):
        with pytest.raises(UpstreamUnavailable):
            await act
    assert await told(room) == []
    room.troubles.down = set()
    await asyncio.sleep(40)
    await process.news.look()
    assert len(await told(room)) == 1


@in_virtual_time
async def test_a_long_subject_is_cut_where_it_is_told(room):
    process = room.begin()
    long = replace(QUESTION, subject="x" * 200)
    case_id = await process.support.open_case(MINE, long, post_id=POST)
    room.desk.says(case_id, "We are on it.")
    await process.news.case_changed(MINE, case_id)
    ((_, values),) = await told(room)
    assert len(values["title"]) == 120


@in_virtual_time
async def test_a_question_that_can_never_be_told_holds_up_the_others_for_an_hour_only(room, monkeypatch):
    process = room.begin()
    odd, other = await opened(room), room.desk.a_case()
    await process.news.look()
    read = process.cases.read_thread

    async def unreadable(customer, case_id):
        if case_id == odd:
            raise UpstreamReplyChanged("salesforce", "GetCaseThread", "parent")
        return await read(customer, case_id)

    monkeypatch.setattr(process.cases, "read_thread", unreadable)
    await asyncio.sleep(30)
    room.desk.says(odd, "One")
    at = process.clock.now()
    for minute in range(90):
        await asyncio.sleep(60)
        if minute in (1, 85):
            room.desk.says(other, f"{minute}")
        with suppress(UpstreamReplyChanged):
            await process.news.look()
    assert len(await told(room)) == 2
    mark = await process.seen.get(FEED)
    assert mark is not None and datetime.fromisoformat(mark) > at + timedelta(minutes=80)
    assert await process.news.look() == "0 questions"
