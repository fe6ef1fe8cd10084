"""Attachments between browser and Salesforce: handed over once, laid with their case once, deleted when nobody wants
them.
"""

import asyncio
import uuid
from datetime import timedelta

import pytest

from portal_app.domain.attachments import LARGEST
from portal_app.domain.uploads import UploadRefused
from portal_app.errors import (
    Busy,
    Conflict,
    NotFound,
    TooManyTries,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.storage.case_files import ATTACHED, READY, SENDING
from sandbox.app import running
from sandbox.config import Config
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from tests.fakes.files_world import Bits, FilesWorld, a_pdf, a_png

DAY = timedelta(hours=24)


@pytest.fixture
async def files(becoming):
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as sandbox:
        made = FilesWorld(becoming, sandbox)
        made.seeded()
        made.owner, made.other = await made.a_customer("o@example.com", 1), await made.a_customer("x@example.com", 2)
        made.case = made.a_case(made.owner)
        yield made
        await made.close()


async def sent(files, content: bytes = b"", name: str = "photo.png", file_id: str = ""):
    content = content or a_png()
    return await files.desk.receive(files.owner, file_id or str(uuid.uuid4()), name, len(content), Bits(content))


async def laid(files, *receipts, case: str = ""):
    await files.desk.attach(files.owner, case or files.case, [one.file_id for one in receipts])


async def taken(files, post_id: str, *receipts):
    async with files.world.db.write() as tx:
        await files.rows.take_in(tx, [one.file_id for one in receipts], post_id)


async def read(files, document_id: str, customer=None, case: str = "") -> bytes:
    _, pieces = await files.desk.open(customer or files.owner, case or files.case, document_id)
    try:
        return b"".join([piece async for piece in pieces])
    finally:
        await pieces.aclose()


def links(files) -> list[tuple[str, str]]:
    return [(one["ContentDocumentId"], one["LinkedEntityId"]) for one in files.live("ContentDocumentLink")]


async def state(files, file_id: str) -> str:
    return (await files.rows.get(files.owner, file_id)).state


async def test_a_file_goes_up_lies_with_the_case_and_comes_down_byte_for_byte(files):
    content = a_png(300_001)
    receipt = await sent(files, content, "画面 (1).png")
    assert (receipt.name, receipt.size, receipt.kind) == ("画面 (1).png", 300_001, "png")
    assert links(files) == []
    await laid(files, receipt)
    [attachment] = (await files.desk.list_of(files.owner, files.case)).values()
    assert (attachment.name, attachment.size, attachment.kind) == ("画面 (1).png", 300_001, "png")
    assert await read(files, attachment.salesforce_document_id) == content
    assert await state(files, receipt.file_id) == ATTACHED


async def test_the_largest_file_arrives_whole(files):
    content = a_png(LARGEST)
    await laid(files, await sent(files, content))
    [document_id] = await files.desk.list_of(files.owner, files.case)
    assert await read(files, document_id) == content


async def test_a_refused_file_leaves_nothing_anywhere_and_is_in_the_audit_trail(files):
    with pytest.raises(UploadRefused, match="mixed"):
        await sent(files, a_png(200_000) + b"<b>")
    assert [files.live(kind) for kind in ("ContentVersion", "ContentDocument")] == [[], []]
    assert await files.world.scalar("SELECT count(*) FROM case_files") == 0
    [row] = await files.world.rows("SELECT outcome, detail FROM audit_log WHERE event = 'attachment.sent'")
    assert (row[0], "upload.mixed" in row[1]) == ("refused", True)


async def test_a_browser_that_goes_away_leaves_nothing(files):
    async def cut():
        yield a_png(200_000)[:150_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await files.desk.receive(files.owner, "f" * 36, "a.png", 200_000, cut())
    assert (files.live("ContentVersion"), await files.world.scalar("SELECT count(*) FROM case_files")) == ([], 0)


async def test_k4_the_same_file_again_is_answered_without_reading_it(files):
    first = await sent(files, file_id="f" * 36)
    again = Bits(a_png())
    assert await files.desk.receive(files.owner, "f" * 36, "photo.png", 600, again) == first
    assert (again.taken, len(files.live("ContentVersion"))) == (0, 1)


async def test_a_lost_answer_to_an_upload_is_made_good_by_looking(files):
    files.fault("effect_no_reply", "create ContentVersion")
    receipt = await sent(files)
    assert (await state(files, receipt.file_id), len(files.live("ContentVersion"))) == (READY, 1)


async def test_k8_when_looking_fails_too_the_same_file_again_finds_it(files):
    files.fault("effect_no_reply", "create ContentVersion")
    files.fault("unavailable", "query", times=10)
    with pytest.raises(UpstreamUnavailable):
        await sent(files, file_id="f" * 36)
    assert await state(files, "f" * 36) == SENDING
    files.sandbox.world.faults.heal()
    again = Bits(a_png())
    await files.desk.receive(files.owner, "f" * 36, "photo.png", 600, again)
    assert (again.taken, len(files.live("ContentVersion")), await state(files, "f" * 36)) == (0, 1, READY)


async def test_k6_a_file_still_on_its_way_is_not_begun_twice(files):
    on_its_way = asyncio.Event()

    async def slow():
        yield a_png()[:100]
        await on_its_way.wait()
        yield a_png()[100:]

    first = asyncio.create_task(files.desk.receive(files.owner, "f" * 36, "a.png", 600, slow()))
    while not await files.world.scalar("SELECT count(*) FROM case_files"):
        await asyncio.sleep(0)
    with pytest.raises(Conflict, match="in_progress"):
        await sent(files, name="a.png", file_id="f" * 36)
    on_its_way.set()
    await first
    assert len(files.live("ContentVersion")) == 1


@pytest.mark.parametrize("kind", ["down", "http500", "html", "wrong_json", "truncated", "unknown", "lock_row"])
async def test_whatever_goes_wrong_with_an_upload_it_can_be_sent_again(files, kind):
    files.fault(kind, "create ContentVersion")
    try:
        await sent(files)
    except UpstreamError:
        await sent(files)
    assert len({one["Title"] for one in files.live("ContentVersion")}) == len(files.live("ContentVersion")) <= 2
    assert await files.world.scalar("SELECT count(*) FROM case_files WHERE state = 'READY'") >= 1


async def test_an_ended_session_is_begun_anew_before_the_next_file(files):
    await sent(files)
    files.sandbox.world.salesforce.sessions.expire()
    with pytest.raises(UpstreamUnavailable):
        await sent(files)
    await sent(files)
    assert len(files.live("ContentVersion")) == 2


async def test_a_file_is_laid_with_its_case_once_however_often_and_whatever_answer_is_lost(files):
    receipts = [await sent(files), await sent(files, a_pdf(), "letter.pdf")]
    files.fault("effect_no_reply", "create ContentDocumentLink")
    with pytest.raises(UpstreamOutcomeUnknown):
        await laid(files, *receipts)
    for _ in range(3):
        await laid(files, *receipts)
    assert len(links(files)) == len(set(links(files))) == 2


async def test_a_link_staff_have_hidden_is_not_made_again(files):
    receipt = await sent(files)
    await laid(files, receipt)
    [(document_id, _)] = links(files)
    files.hide(document_id)
    await laid(files, receipt)
    assert len(links(files)) == 1
    assert await files.desk.list_of(files.owner, files.case) == {}


async def test_o1_nobody_attaches_or_discards_what_is_not_theirs(files):
    receipt = await sent(files)
    foreign = files.a_case(files.other)
    for customer, case in ((files.other, foreign), (files.other, files.case), (files.owner, foreign)):
        with pytest.raises(NotFound):
            await files.desk.attach(customer, case, [receipt.file_id])
    with pytest.raises(NotFound):
        await files.desk.discard(files.other, receipt.file_id)
    assert (links(files), await state(files, receipt.file_id)) == ([], READY)
    rows = await files.world.rows("SELECT user_id, outcome FROM audit_log WHERE event = 'attachment.discard'")
    assert [tuple(row) for row in rows] == [(files.other.user_id, "not_found")]


@pytest.mark.parametrize("what", ["other customer", "hidden file", "hidden case", "system case", "other case", "moved"])
async def test_o1_a_download_is_checked_at_that_very_moment(files, what):
    document = files.a_staff_file(files.case)
    assert await read(files, document) == b"%PDF-1.4 x"
    assert await files.desk.list_of(files.owner, files.case)
    customer, case = files.owner, files.case
    records, kinds = files.sandbox.world.salesforce.records, {}
    match what:
        case "other customer":
            customer = files.other
        case "hidden file":
            files.hide(document)
        case "hidden case":
            kinds = {"Origin": "Portal Notification"}
        case "system case":
            kinds = {"Portal_Reference__c": "signup:1"}
        case "other case":
            case = files.a_case(files.owner)
        case "moved":
            kinds = {"AccountId": files.other.salesforce_account_id}
    if kinds:
        dml.update(records, OBJECTS["Case"], files.case, kinds)
    with pytest.raises(NotFound):
        await read(files, document, customer, case)
    rows = await files.world.rows("SELECT user_id, outcome FROM audit_log WHERE event = 'attachment.read'")
    assert [tuple(row) for row in rows] == [(customer.user_id, "not_found")]


async def test_o3_ids_that_are_none_are_not_found_before_anything_is_asked(files):
    asked = files.sandbox.world.salesforce.allocation.used
    for case, document in ((files.case, "../User/005000000000001"), ("x", "069000000000001AAA"), ("", "")):
        with pytest.raises(NotFound):
            await files.desk.open(files.owner, case, document)
    assert files.sandbox.world.salesforce.allocation.used == asked


async def test_a_staff_file_too_large_for_here_is_said_so(files, monkeypatch):
    document = files.a_staff_file(files.case)
    monkeypatch.setattr("portal_app.integrations.salesforce.case_files.LARGEST_DOWNLOAD", 5)
    with pytest.raises(Conflict, match="too_large_to_read"):
        await read(files, document)


@pytest.mark.parametrize("kind", ["down", "html", "truncated", "huge", "unavailable", "auth_refused"])
async def test_a_download_that_goes_wrong_never_gives_other_bytes(files, kind):
    document = files.a_staff_file(files.case, data=a_pdf(b"x" * 100_000))
    files.fault(kind, "download ContentVersion")
    try:
        got = await read(files, document)
    except (UpstreamError, Conflict):
        return
    assert got == a_pdf(b"x" * 100_000)[: len(got)]
    assert got == a_pdf(b"x" * 100_000) or kind == "truncated"


async def test_a_reader_who_is_too_slow_is_left_and_lets_go_of_the_place(files, monkeypatch):
    monkeypatch.setattr("portal_app.integrations.salesforce.download.PATIENCE_S", -60)
    document = files.a_staff_file(files.case, data=b"%PDF" + bytes(500_000))
    with pytest.raises(Busy):
        await read(files, document)
    assert files.files_upstream.state()["running"] == 0


async def test_a_reader_who_goes_away_lets_go_of_the_place(files):
    document = files.a_staff_file(files.case, data=b"%PDF" + bytes(2_000_000))
    _, pieces = await files.desk.open(files.owner, files.case, document)
    await anext(pieces)
    assert files.files_upstream.state()["running"] == 1
    await pieces.aclose()
    assert files.files_upstream.state()["running"] == 0


async def test_what_no_message_takes_is_deleted_after_a_day_and_what_one_takes_is_kept(files):
    abandoned, waiting, attached = [await sent(files) for _ in range(3)]
    await laid(files, attached)
    await taken(files, "post-1", waiting, attached)
    files.world.clock.advance(DAY - timedelta(minutes=1))
    assert await files.desk.sweep() == "0 abandoned"
    files.world.clock.advance(timedelta(minutes=2))
    assert await files.desk.sweep() == "1 abandoned"
    with pytest.raises(NotFound):
        await files.rows.get(files.owner, abandoned.file_id)
    assert len(files.live("ContentDocument")) == 2
    assert await files.desk.sweep() == "0 abandoned"


async def test_an_upload_nobody_knows_about_is_found_and_deleted_too(files):
    files.fault("effect_no_reply", "create ContentVersion")
    files.fault("unavailable", "query", times=10)
    with pytest.raises(UpstreamUnavailable):
        await sent(files)
    files.sandbox.world.faults.heal()
    files.world.clock.advance(DAY * 2)
    await files.desk.sweep()
    assert (files.live("ContentDocument"), await files.world.scalar("SELECT count(*) FROM case_files")) == ([], 0)


async def test_a_sweep_while_salesforce_is_away_forgets_nothing(files):
    await sent(files)
    files.world.clock.advance(DAY * 2)
    files.fault("down", times=10)
    with pytest.raises(UpstreamError):
        await files.desk.sweep()
    assert await files.world.scalar("SELECT count(*) FROM case_files") == 1
    files.sandbox.world.faults.heal()
    await files.desk.sweep()
    assert files.live("ContentDocument") == []


async def test_a_discarded_file_is_gone_and_no_message_can_take_it(files):
    receipt, kept = await sent(files), await sent(files)
    files.fault("effect_no_reply", "delete ContentDocument", times=2)
    await files.desk.discard(files.owner, receipt.file_id)
    with pytest.raises(NotFound):
        await taken(files, "post-1", receipt, kept)
    files.world.clock.advance(DAY * 2)
    files.sandbox.world.faults.heal()
    await files.desk.sweep()
    assert files.live("ContentDocument") == []


async def test_files_of_a_message_that_will_never_be_sent_may_go_with_another(files):
    waiting, attached = await sent(files), await sent(files)
    await laid(files, attached)
    await taken(files, "post-1", waiting, attached)
    async with files.world.db.write() as tx:
        await files.rows.release_in(tx, "post-1")
    await taken(files, "post-2", waiting)
    with pytest.raises(NotFound):
        await taken(files, "post-2", attached)


async def test_a_file_that_was_sent_with_a_message_cannot_be_discarded_nor_sent_with_another(files):
    receipt = await sent(files)
    for _ in range(2):
        await taken(files, "post-1", receipt)
    with pytest.raises(NotFound):
        await files.desk.discard(files.owner, receipt.file_id)
    with pytest.raises(NotFound):
        await taken(files, "post-2", receipt)
    assert [one.name for one in (await files.rows.of_posts(["post-1"]))["post-1"]] == ["photo.png"]


async def test_l5_only_so_many_files_an_hour(files):
    for _ in range(30):
        await files.desk.count(files.owner)
    with pytest.raises(TooManyTries):
        await files.desk.count(files.owner)
    await files.desk.count(files.other)


async def test_a_file_that_cannot_be_deleted_holds_up_no_other(files, monkeypatch):
    locked, other = [await sent(files) for _ in range(2)]
    delete = files.documents.delete

    async def refused(document_id: str, **more) -> None:
        if document_id == locked_document:
            raise UpstreamRejected("salesforce", "DeleteContentDocument", "no_access")
        await delete(document_id, **more)

    locked_document = (await files.rows.get(files.owner, locked.file_id)).salesforce_document_id
    monkeypatch.setattr(files.documents, "delete", refused)
    files.world.clock.advance(DAY * 2)
    with pytest.raises(UpstreamRejected):
        await files.desk.sweep()
    with pytest.raises(NotFound):
        await files.rows.get(files.owner, other.file_id)
    assert [one["Id"] for one in files.live("ContentDocument")] == [locked_document]
