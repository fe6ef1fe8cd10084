"""Which attachment is whose, and which message takes it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound
from portal_app.storage.case_files import ATTACHED, LEAVING, READY, SENDING, CaseFiles

OWNER, OTHER = Customer("user-1", 1), Customer("user-2", 2)
DOCUMENT = "069000000000001AAA"
DAY = timedelta(hours=24)


@pytest.fixture
def files(db, cipher, clock):
    return CaseFiles(db, cipher, clock)


async def ready(files, file_id: str, customer: Customer = OWNER) -> str:
    await files.begin(customer, file_id, f"{file_id}.png", "png")
    await files.arrived(file_id, DOCUMENT, 600)
    return file_id


async def take(db, files, post_id: str, *file_ids: str) -> None:
    async with db.write() as tx:
        await files.take_in(tx, file_ids, post_id)


async def test_a_file_is_begun_once_and_read_back_with_its_name(files):
    assert await files.begin(OWNER, "f1", "写真.png", "png") is None
    again = await files.begin(OWNER, "f1", "other.png", "png")
    assert again is not None
    assert (again.name, again.state, again.size, again.salesforce_document_id) == ("写真.png", SENDING, 0, "")
    await files.arrived("f1", DOCUMENT, 600)
    found = await files.get(OWNER, "f1")
    assert (found.state, found.size, found.salesforce_document_id) == (READY, 600, DOCUMENT)


async def test_c1_no_name_of_a_file_stands_in_the_database(files, db):

    await files.begin(OWNER, "f1", "canary of a name.png", "png")
    async with db.read() as session:
        assert "canary" not in repr((await session.execute(text("SELECT * FROM case_files"))).all())


async def test_o1_somebody_elses_file_reads_as_unknown(files):
    await ready(files, "f1")
    for asked in (["f1"], ["nobody's"]):
        with pytest.raises(NotFound):
            await files.ready_of(OTHER, asked)
    with pytest.raises(NotFound):
        await files.begin(OTHER, "f1", "x.png", "png")
    assert [one.file_id for one in await files.ready_of(OWNER, ["f1", "f1"])] == ["f1"]


async def test_only_what_salesforce_has_can_go_with_a_message(files, db):
    await files.begin(OWNER, "f1", "x.png", "png")
    with pytest.raises(NotFound):
        await files.ready_of(OWNER, ["f1"])
    with pytest.raises(NotFound):
        await take(db, files, "post-1", "f1")


async def test_one_message_takes_all_of_its_files_or_none(files, db):
    for name in ("f1", "f2", "f3"):
        await ready(files, name)
    await take(db, files, "post-1", "f2")
    with pytest.raises(NotFound):
        await take(db, files, "post-2", "f1", "f2")
    await take(db, files, "post-3", "f1", "f3")
    found = await files.of_posts(["post-1", "post-2", "post-3"])
    assert {post: {one.file_id for one in some} for post, some in found.items()} == {
        "post-1": {"f2"},
        "post-3": {"f1", "f3"},
    }
    assert await files.of_posts([]) == {}


async def test_abandoned_is_what_no_message_took_and_lies_nowhere(files, db, clock):
    for name in ("left", "taken", "attached"):
        await ready(files, name)
    await files.begin(OWNER, "half way", "x.png", "png")
    await take(db, files, "post-1", "taken")
    await files.attached(["attached"])
    assert (await files.get(OWNER, "attached")).state == ATTACHED
    clock.advance(DAY + timedelta(seconds=1))
    await ready(files, "fresh")
    assert {one.file_id for one in await files.abandoned(DAY)} == {"left", "half way"}


async def test_a_file_that_leaves_can_no_longer_be_taken_and_one_that_was_taken_no_longer_leaves(files, db):
    await ready(files, "f1")
    await ready(files, "f2")
    await take(db, files, "post-1", "f2")
    assert (await files.let_go("f1"), await files.let_go("f2")) == (True, False)
    assert (await files.get(OWNER, "f1")).state == LEAVING
    with pytest.raises(NotFound):
        await take(db, files, "post-2", "f1")
    for name in ("f1", "f2"):
        await files.forget(name)
    with pytest.raises(NotFound):
        await files.get(OWNER, "f1")
    assert (await files.get(OWNER, "f2")).state == READY
