"""Questions to support, from what a customer writes to what Salesforce has, once, and back."""

import asyncio
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from portal_app.domain.billing import Invoice, InvoiceStatus
from portal_app.domain.cases import CaseStatus, RelatedChoice
from portal_app.domain.services import BillingCycle, Service, ServiceStatus
from portal_app.errors import Conflict, InvalidFields, NotFound, TooManyTries, UpstreamOutcomeUnknown
from portal_app.storage import migrate
from tests.fakes.help_desk import CUSTOMERS
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.support_process import QUESTION, Room, registered
from tests.fakes.troubles import Trouble
from tests.integrations.virtual_time import in_virtual_time

MINE, OTHER = CUSTOMERS
SETTLED_S = 70
SERVICE = Service(
    101, 1004, 1, "Home 1G", "Shibuya", "internet", ServiceStatus.ACTIVE, BillingCycle.MONTHLY, Decimal(1), None, None
)
INVOICE = Invoice(501, 1004, "2026-07", InvoiceStatus.UNPAID, None, None, None, Decimal(1), Decimal(1))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("support") / "migrated.db"
    migrate.upgrade(f"sqlite:///{file}")
    asyncio.run(registered(file))
    return file


@pytest.fixture
def room(migrated, tmp_path) -> Iterator[Room]:
    database = QuickSqlite()
    with database.installed():
        yield Room(Path(shutil.copy(migrated, tmp_path / "portal.db")), database)


def a_post(number: int = 0) -> str:
    return str(uuid.UUID(int=1000 + number))


def on(operation: str, kind: str, at: int = 1) -> Trouble:
    return Trouble(kind, at, operation)


async def opened(room: Room, number: int = 0, **changed) -> str:
    return await room.process.support.open_case(MINE, replace(QUESTION, **changed), post_id=a_post(number))


async def the_thread(room: Room, case_id: str):
    await room.process.support.refresh(MINE)
    return await room.process.support.get_thread(MINE, case_id)


# Opening


@in_virtual_time
async def test_a_question_is_in_salesforce_as_it_was_written(room):
    room.begin()
    room.books.services = [SERVICE]
    case_id = await opened(room, related_kind="service", related_id="101")
    case = room.desk.case(case_id)
    assert case["Description"] == "It is dead since noon.\n\nAbout: service 101 - Home 1G (Shibuya)"
    assert (case["Subject"], case["Origin"], case["Portal_Topic__c"]) == ("No line", "Portal Website", "Internet")
    assert (case["AccountId"], case["Status"]) == (MINE.salesforce_account_id, "New")
    thread = await room.process.support.get_thread(MINE, case_id)
    assert [(one.author, one.body) for one in thread.messages] == [("you", "It is dead since noon.")]
    assert (thread.related_kind, thread.related_id, thread.related_label) == ("service", "101", "Home 1G (Shibuya)")
    assert thread.case.status is CaseStatus.NEW and thread.as_of is not None


@in_virtual_time
async def test_every_bad_field_of_a_question_is_named_at_once_and_nothing_is_kept(room):
    room.begin()
    with pytest.raises(InvalidFields) as refused:
        await opened(room, subject=" \u200b", body="\u202e\n", topic="gossip", file_ids=tuple("abcdef"))
    assert list(refused.value.reasons) == ["subject", "topic", "message", "files"]
    assert await room.process.posts.find(MINE, a_post()) is None and room.desk.records("Case") == []


@pytest.mark.parametrize(("kind", "related_id"), [("service", "102"), ("service", ""), ("user", "1"), ("invoice", "7")])
@in_virtual_time
async def test_o1_a_question_about_what_is_not_the_customers_is_refused(room, kind, related_id):
    room.begin()
    room.books.services = [SERVICE]
    with pytest.raises(InvalidFields) as refused:
        await opened(room, related_kind=kind, related_id=related_id)
    assert refused.value.reasons == {"related": "case.related_gone"}
    with pytest.raises(InvalidFields):
        post = replace(QUESTION, related_kind="service", related_id="101")
        await room.process.support.open_case(OTHER, post, post_id=a_post())


@in_virtual_time
async def test_what_a_question_may_be_about_is_the_customers_own(room):
    room.begin()
    room.books.services, room.books.invoices = [SERVICE], [INVOICE]
    assert await room.process.support.related_choices(MINE) == (
        RelatedChoice("service", "101", "Home 1G (Shibuya)"),
        RelatedChoice("invoice", "501", "2026-07"),
    )
    assert await room.process.support.related_choices(OTHER) == ()


@pytest.mark.parametrize(
    ("also", "more"),
    [
        (("service", "102"), (RelatedChoice("service", "102", "Home 1G (Shibuya)"),)),
        (("service", "101"), ()),
        (("service", "103"), ()),
        (("nothing", "102"), ()),
    ],
)
@in_virtual_time
async def test_o1_one_more_may_be_asked_about_when_it_is_the_customers(room, also, more):
    room.begin()
    over = replace(SERVICE, whmcs_service_id=102, status=ServiceStatus.TERMINATED)
    room.books.services = [SERVICE, over]
    running = (RelatedChoice("service", "101", "Home 1G (Shibuya)"),)
    assert await room.process.support.related_choices(MINE, also) == running + more
    assert await room.process.support.related_choices(OTHER, also) == ()


@in_virtual_time
async def test_a_question_that_ends_like_our_own_last_line_is_about_nothing(room):
    room.begin()
    case_id = await opened(room, body="Hello\n\nAbout: service 999 - mine")
    thread = await room.process.support.get_thread(MINE, case_id)
    assert thread.related_kind is None and "service 999" in thread.messages[0].body


@in_virtual_time
async def test_l5_a_sixth_question_within_an_hour_waits_and_a_repeat_counts_nothing(room):
    room.begin()
    ids = [await opened(room, number, subject=f"No {number}") for number in range(5)]
    with pytest.raises(TooManyTries):
        await opened(room, 5, subject="No 5")
    assert await opened(room, 4, subject="No 4") == ids[4]
    assert len(room.desk.records("Case")) == 5


@in_virtual_time
async def test_k4_the_same_post_again_asks_salesforce_nothing(room):
    room.begin()
    case_id = await opened(room)
    asked = len(room.desk.asked)
    assert await opened(room) == case_id
    assert len(room.desk.asked) == asked


@in_virtual_time
async def test_f1_while_salesforce_is_away_a_question_is_kept_shown_and_sent_once_it_is_back(room):
    process = room.begin()
    await process.support.list_cases(MINE)
    room.troubles.down = {"salesforce"}
    with pytest.raises(UpstreamOutcomeUnknown):
        await opened(room)
    shown = await process.support.list_cases(MINE)
    assert [(one.subject, one.refused) for one in shown.waiting] == [("No line", False)]
    assert (await process.support.list_cases(MINE)).items == ()
    room.troubles.down = set()
    await asyncio.sleep(40)
    await process.deliver()
    shown = await process.support.list_cases(MINE)
    assert [one.subject for one in shown.items] == ["No line"] and shown.waiting == ()
    assert len(room.desk.records("Case")) == 1


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "late", "garbled"])
@in_virtual_time
async def test_f4_f8_a_lost_answer_is_settled_looked_for_and_leads_to_one_question(room, kind):
    process = room.begin()
    room.troubles.arm(on("upsert Case", kind, at=1))
    with suppress(UpstreamOutcomeUnknown):  # the client itself repeats an upsert once
        await opened(room)
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    assert len(room.desk.records("Case")) == 1
    assert await opened(room) == room.desk.records("Case")[0]["Id"]


@in_virtual_time
async def test_c1_nothing_of_a_question_is_readable_in_the_database_and_nothing_is_kept_once_it_is_sent(room):
    process = room.begin()
    room.troubles.down = {"salesforce"}
    with pytest.raises(UpstreamOutcomeUnknown):
        await opened(room, body="Body-Canary", subject="Subject-Canary")
    stored = Path(process.db.sqlite_path or "").read_bytes()
    wal = Path(f"{process.db.sqlite_path}-wal")
    stored += wal.read_bytes() if wal.exists() else b""
    assert b"Canary" not in stored
    room.troubles.down = set()
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    post = await process.posts.find(MINE, a_post())
    assert post is not None and post.state == "SENT" and post.content.body == ""


@in_virtual_time
async def test_a_refused_question_leaves_its_files_to_the_next_one(room):
    process = room.begin()
    await process.a_file(MINE, "file-1")
    room.troubles.arm(on("upsert Case", "rejected"))
    with pytest.raises(Conflict) as refused:
        await opened(room, file_ids=("file-1",))
    assert refused.value.reason == "case.not_accepted"
    case_id = await opened(room, 1, file_ids=("file-1",))
    assert room.desk.lying[case_id] == {"file-1"}
    assert (await process.support.list_cases(MINE)).waiting == ()


@in_virtual_time
async def test_what_salesforce_refuses_later_is_told_where_the_customer_looks(room):
    process = room.begin()
    case_id = room.desk.a_case()
    await process.support.get_thread(MINE, case_id)
    room.troubles.down = {"salesforce"}
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Still dead", post_id=a_post())
    room.troubles.down = set()
    room.troubles.arm(on("create CaseComment", "rejected"))
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    thread = await the_thread(room, case_id)
    assert [(one.body, one.waiting, one.refused) for one in thread.messages] == [("Still dead", False, True)]


# Answering


@in_virtual_time
async def test_a_reply_is_a_published_comment_that_the_portal_knows_as_the_customers(room):
    process = room.begin()
    case_id = await opened(room)
    await process.support.reply(MINE, case_id, "Any\r\nnews?\u202e", post_id=a_post(1))
    (comment,) = room.desk.comments(case_id)
    assert comment["CommentBody"] == f"[portal {uuid.UUID(a_post(1)).hex}]\nAny\nnews?" and comment["IsPublished"]
    room.desk.says(case_id, "Soon.")
    room.desk.says(case_id, "INTERNAL-CANARY", published=False)
    thread = await the_thread(room, case_id)
    said = [(one.author, one.body) for one in thread.messages]
    assert said == [("you", "It is dead since noon."), ("you", "Any\nnews?"), ("staff", "Soon.")]


@in_virtual_time
async def test_a_reply_of_four_thousand_bytes_with_its_marker_is_the_longest(room):
    process = room.begin()
    case_id = await opened(room)
    await process.support.reply(MINE, case_id, "あ" * 1319 + "x", post_id=a_post(1))
    assert len(room.desk.comments(case_id)[0]["CommentBody"].encode()) == 4000
    with pytest.raises(InvalidFields) as refused:
        await process.support.reply(MINE, case_id, "あ" * 1319 + "xx", post_id=a_post(2))
    assert refused.value.reasons == {"message": "case.reply_long"}


@in_virtual_time
async def test_a_reply_to_a_question_that_waits_for_the_customer_moves_it_on_in_the_same_write(room):
    process = room.begin()
    case_id = await opened(room)
    room.desk.moves(case_id, "Awaiting Customer")
    await process.support.reply(MINE, case_id, "Here you are", post_id=a_post(1))
    assert room.desk.case(case_id)["Status"] == "In Progress"
    assert room.desk.asked[-1] == "composite" and len(room.desk.comments(case_id)) == 1


@in_virtual_time
async def test_a_status_an_organisation_refuses_keeps_no_reply_back(room):
    process = room.begin()
    case_id = await opened(room)
    room.desk.moves(case_id, "Awaiting Customer")
    process.cases._reopened = "No Such Status"
    await process.support.reply(MINE, case_id, "Here you are", post_id=a_post(1))
    assert room.desk.case(case_id)["Status"] == "Awaiting Customer" and len(room.desk.comments(case_id)) == 1


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "late", "garbled", "busy", "refused"])
@pytest.mark.parametrize("waits", [False, True])
@in_virtual_time
async def test_f4_f8_a_reply_whose_answer_was_lost_is_said_once(room, kind, waits):
    process = room.begin()
    case_id = await opened(room)
    if waits:
        room.desk.moves(case_id, "Awaiting Customer")
    room.troubles.arm(on("composite" if waits else "create CaseComment", kind))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(1))
    thread = await the_thread(room, case_id)
    assert [one.body for one in thread.messages].count("Hello?") == 1
    await process.deliver()
    for _ in range(3):
        await asyncio.sleep(SETTLED_S)
        await process.deliver()
    assert len(room.desk.comments(case_id)) == 1
    thread = await the_thread(room, case_id)
    assert [(one.body, one.waiting) for one in thread.messages][1:] == [("Hello?", False)]


@in_virtual_time
async def test_f4_a_look_that_is_refused_says_nothing_about_the_reply(room):
    process = room.begin()
    case_id = await opened(room)
    room.troubles.arm(on("create CaseComment", "lost_after"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(1))
    await asyncio.sleep(SETTLED_S)
    room.troubles.arm(on("query", "rejected"))
    for _ in range(2):
        await process.deliver()
        await asyncio.sleep(SETTLED_S)
    post = await process.posts.find(MINE, a_post(1))
    assert post is not None and post.state == "SENT" and len(room.desk.comments(case_id)) == 1


@pytest.mark.parametrize("lost", [False, True])
@in_virtual_time
async def test_i2_after_a_day_without_salesforce_a_reply_is_told_unsent_or_still_looked_for(room, lost):
    process = room.begin()
    case_id = await opened(room)
    if lost:
        room.troubles.arm(on("create CaseComment", "lost_after"))
    else:
        await process.support.get_thread(MINE, case_id)
        room.troubles.down = {"salesforce"}
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(1))
    room.troubles.down = {"salesforce"}
    for _ in range(60):
        await process.deliver()
        await asyncio.sleep(3600)
    room.troubles.down = set()
    for _ in range(30):
        await process.deliver()
        await asyncio.sleep(3600)
    post = await process.posts.find(MINE, a_post(1))
    assert post is not None and post.state == ("SENT" if lost else "REFUSED")
    thread = await the_thread(room, case_id)
    assert [(one.body, one.refused) for one in thread.messages][1:] == [("Hello?", not lost)]
    assert len(room.desk.comments(case_id)) == int(lost)


@in_virtual_time
async def test_the_same_text_while_the_first_still_waits_is_the_same_reply(room):
    process = room.begin()
    case_id = await opened(room)
    room.troubles.arm(on("create CaseComment", "lost_after"))
    for number in (1, 2, 3):
        with pytest.raises(UpstreamOutcomeUnknown):
            await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(number))
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    assert len(room.desk.comments(case_id)) == 1
    await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(4))
    assert len(room.desk.comments(case_id)) == 2


@in_virtual_time
async def test_a_comment_staff_hid_meanwhile_is_not_said_again(room):
    process = room.begin()
    case_id = await opened(room)
    room.troubles.arm(on("create CaseComment", "lost_after"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(1))
    (comment,) = room.desk.comments(case_id)
    room.desk.changes("CaseComment", comment["Id"], IsPublished=False)
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    assert len(room.desk.comments(case_id)) == 1


@in_virtual_time
async def test_files_lie_with_their_question_and_are_shown_with_their_message(room):
    process = room.begin()
    for name in ("file-1", "file-2"):
        await process.a_file(MINE, name)
    case_id = await opened(room, file_ids=("file-1",))
    await process.support.reply(MINE, case_id, "And this", ("file-2",), post_id=a_post(1))
    room.desk.lying[case_id].add("of-staff")
    thread = await the_thread(room, case_id)
    shown = [[one.salesforce_document_id for one in message.attachments] for message in thread.messages]
    assert shown == [["file-1"], ["file-2"]]
    assert [one.salesforce_document_id for one in thread.files] == ["of-staff"]


@in_virtual_time
async def test_a_file_that_could_not_be_laid_with_its_reply_follows_and_the_reply_is_not_said_again(room):
    process = room.begin()
    case_id = await opened(room)
    await process.a_file(MINE, "file-1")
    room.troubles.arm(on("attach", "lost_before"))
    await process.support.reply(MINE, case_id, "See", ("file-1",), post_id=a_post(1))
    thread = await the_thread(room, case_id)
    assert [one.salesforce_document_id for one in thread.messages[1].attachments] == [""]
    await process.deliver()
    assert room.desk.lying[case_id] == {"file-1"} and len(room.desk.comments(case_id)) == 1
    assert await process.outbox.unsent("case_post:") == []


@in_virtual_time
async def test_o1_somebody_elses_file_cannot_be_sent(room):
    process = room.begin()
    case_id = await opened(room)
    await process.a_file(OTHER, "file-1")
    with pytest.raises(InvalidFields) as refused:
        await process.support.reply(MINE, case_id, "See", ("file-1",), post_id=a_post(1))
    assert refused.value.reasons == {"files": "case.file_gone"} and room.desk.comments(case_id) == []


@in_virtual_time
async def test_a_closed_question_takes_no_reply(room):
    process = room.begin()
    case_id = await opened(room)
    room.desk.moves(case_id, "Closed")
    with pytest.raises(Conflict) as refused:
        await process.support.reply(MINE, case_id, "Hello?", post_id=a_post(1))
    assert refused.value.reason == "case.closed" and room.desk.comments(case_id) == []


# Closing and opening again


@in_virtual_time
async def test_a_question_is_closed_and_opened_again_and_what_is_so_already_stays(room):
    process = room.begin()
    case_id = await opened(room)
    for number, (act, status) in enumerate([("close", "Closed"), ("close", "Closed"), ("reopen", "In Progress")]):
        await getattr(process.support, act)(MINE, case_id, post_id=a_post(10 + number))
        assert room.desk.case(case_id)["Status"] == status
    assert room.desk.asked.count("update Case") == 2
    room.desk.moves(case_id, "Awaiting Customer")
    await process.support.reopen(MINE, case_id, post_id=a_post(14))
    assert room.desk.case(case_id)["Status"] == "Awaiting Customer"


@in_virtual_time
async def test_a_late_closing_does_not_end_what_was_opened_again_since(room):
    process = room.begin()
    case_id = await opened(room)
    room.troubles.arm(on("update Case", "late"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.close(MINE, case_id, post_id=a_post(1))
    assert (await the_thread(room, case_id)).changing
    with pytest.raises(UpstreamOutcomeUnknown):  # not before the closing has settled
        await process.support.reopen(MINE, case_id, post_id=a_post(2))
    for _ in range(4):
        await asyncio.sleep(SETTLED_S)
        await process.deliver()
    assert room.desk.case(case_id)["Status"] != "Closed"
    assert not (await the_thread(room, case_id)).changing
    assert await process.outbox.unsent("case_post:") == []


# Whose they are


@pytest.mark.parametrize("act", ["get_thread", "reply", "close", "reopen"])
@in_virtual_time
async def test_o1_o2_another_customers_question_and_an_unknown_one_read_alike_and_are_noted(room, act):
    process = room.begin()
    case_id = await opened(room)
    hidden = room.desk.a_case(OTHER, Origin="Portal Notification")
    check = room.desk.a_case(OTHER, Portal_Reference__c="number-check-1")
    more = {"get_thread": (), "reply": ("Hello",)}.get(act, ())
    key = {} if act == "get_thread" else {"post_id": a_post(7)}
    for asked in (case_id, hidden, check, "500000000009999AAA", "500", "../User/005000000000001"):
        with pytest.raises(NotFound):
            await getattr(process.support, act)(OTHER, asked, *more, **key)
    assert room.desk.comments() == [] and room.desk.case(case_id)["Status"] == "New"
    rows = [one for one in await audited(process) if one[0] == "case.not_found"]
    assert rows == [("case.not_found", OTHER.user_id, "refused")] * 6


async def audited(process) -> list[tuple[str, str, str]]:
    async with process.db.read() as session:
        return [tuple(row) for row in await session.execute(text("SELECT event, user_id, outcome FROM audit_log"))]


@in_virtual_time
async def test_only_the_accounts_own_questions_are_listed_and_none_that_systems_made(room):
    process = room.begin()
    mine = await opened(room)
    of_staff = room.desk.a_case()
    room.desk.a_case(OTHER)
    room.desk.a_case(Origin="Portal Notification")
    room.desk.a_case(Origin="Portal Website", Portal_Reference__c="number-check-1")
    found = await process.support.list_cases(MINE)
    assert {one.salesforce_case_id for one in found.items} == {mine, of_staff}


@in_virtual_time
async def test_what_was_read_is_kept_for_half_a_minute_and_shown_as_a_copy_while_salesforce_is_away(room):
    process = room.begin()
    case_id = room.desk.a_case(Description="Please call us")
    await process.support.get_thread(MINE, case_id)
    room.desk.says(case_id, "Hello?")
    thread = await process.support.get_thread(MINE, case_id)
    assert [(one.author, one.body) for one in thread.messages] == [("staff", "Please call us")]
    await asyncio.sleep(31)
    assert len((await process.support.get_thread(MINE, case_id)).messages) == 2
    room.troubles.down = {"salesforce"}
    await asyncio.sleep(60)
    thread = await process.support.get_thread(MINE, case_id)
    assert thread.stale and len(thread.messages) == 2


@in_virtual_time
async def test_emails_are_part_of_the_conversation_drafts_and_internal_ones_are_not(room):
    process = room.begin()
    case_id = room.desk.a_case(Description="My router blinks")
    common = {"ParentId": case_id, "MessageDate": "2026-01-15T03:00:00.000+0000", "IsExternallyVisible": True}
    room.desk.makes("EmailMessage", Incoming=True, Status="1", TextBody="My router blinks", **common)
    room.desk.makes(
        "EmailMessage", Incoming=False, Status="3", TextBody="Red or green?", HtmlBody="<b>CANARY", **common
    )
    room.desk.makes("EmailMessage", Incoming=False, Status="5", TextBody="DRAFT-CANARY", **common)
    internal = common | {"IsExternallyVisible": False}
    room.desk.makes("EmailMessage", Incoming=False, Status="3", TextBody="INTERNAL-CANARY", **internal)
    thread = await process.support.get_thread(MINE, case_id)
    assert [(one.author, one.body) for one in thread.messages] == [
        ("you", "My router blinks"),
        ("staff", "Red or green?"),
    ]


@in_virtual_time
async def test_a_comment_of_ours_that_staff_quote_whole_is_the_staffs(room):
    process = room.begin()
    case_id = await opened(room)
    await process.support.reply(MINE, case_id, "Any news?", post_id=a_post(1))
    (ours,) = room.desk.comments(case_id)
    await asyncio.sleep(5)
    quoted = room.desk.says(case_id, f"{ours['CommentBody']}\n-- Yes, we are on it.")
    thread = await the_thread(room, case_id)
    first, again = thread.messages[1:]
    assert (first.author, first.body, first.key) == ("you", "Any news?", uuid.UUID(a_post(1)).hex)
    assert (again.author, again.body, again.key) == ("staff", "Any news?\n-- Yes, we are on it.", quoted)
    await process.news.case_changed(MINE, case_id)
    (told,) = await process.notices.list(MINE, limit=5)
    assert told.kind.value == "case_reply"


@in_virtual_time
async def test_k8_who_was_told_that_the_same_words_are_on_their_way_may_ask_again_after_they_arrived(room):
    process = room.begin()
    case_id = await opened(room)
    room.troubles.arm(on("create CaseComment", "lost_after"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Any news?", post_id=a_post(1))
    with pytest.raises(UpstreamOutcomeUnknown):
        await process.support.reply(MINE, case_id, "Any news?", post_id=a_post(2))  # another tab
    await asyncio.sleep(SETTLED_S)
    await process.deliver()
    await process.support.reply(MINE, case_id, "Any news?", post_id=a_post(2))  # that tab, sent again
    assert len(room.desk.comments(case_id)) == 1
    assert [one.body for one in (await the_thread(room, case_id)).messages[1:]] == ["Any news?"]
    assert await process.posts.waiting() == (0, None)
    await process.support.reply(MINE, case_id, "Any news?", post_id=a_post(3))  # a day later somebody asks once more
    assert len(room.desk.comments(case_id)) == 2


@in_virtual_time
async def test_i2_files_that_could_not_be_laid_for_a_day_still_follow(room):
    process = room.begin()
    case_id = await opened(room)
    await process.a_file(MINE, "069000000000001AAA")
    room.troubles.arm(on("attach", "refused"))
    await process.support.reply(MINE, case_id, "See.", ["069000000000001AAA"], post_id=a_post(1))
    room.troubles.down = {"salesforce"}
    for _ in range(60):
        await process.deliver()
        await asyncio.sleep(3600)
    room.troubles.down = set()
    for _ in range(30):
        await process.deliver()
        await asyncio.sleep(3600)
    assert room.desk.lying[case_id] == {"069000000000001AAA"}
    assert await process.posts.waiting() == (0, None)
