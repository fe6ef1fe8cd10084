"""Handing over an identity document: only a wanted one, once, and told to every tab."""

import asyncio
from typing import Any

import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.uploads import UploadRefused
from portal_app.errors import (
    Conflict,
    TooManyTries,
    UpstreamOutcomeUnknown,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream.deadline import remaining
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import MemoryBus
from portal_app.storage.leases import LEASE
from portal_app.workflows.identity_documents import IdentityDocuments
from tests.fakes.clock import FakeClock
from tests.fakes.desk import Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ADA, BOB = Customer("ada", 7, "001"), Customer("bob", 8, "002")
DOWN = UpstreamUnavailable("salesforce", "GetChecks")


class Office:
    """The workflow over a desk, with what it told and noted."""

    def __init__(self, world) -> None:
        clock, bus = FakeClock(), MemoryBus()
        self.topics: list[str] = []
        bus.subscribe("", lambda topic, _payload: self.topics.append(topic))
        self.desk, self.world = Desk(clock), world
        audit = Audit(world.db, world.index, clock)
        locks = AccountLocks(world.db, clock, patience_s=0)
        self.documents = IdentityDocuments(self.desk, self.desk, bus, audit, Limits(None, 1, clock), locks)

    async def submit(self, who: Customer = ADA, name: str = "card.png", content: bytes = PNG, reference="ref-1"):
        await self.documents.submit(who, name, content, reference=reference)

    async def audited(self) -> list[tuple[str, str]]:
        found = await self.world.rows("SELECT outcome, detail FROM audit_log WHERE event = 'document.submit'")
        return [tuple(row) for row in found]


@pytest.fixture
def office(becoming) -> Office:
    return Office(becoming)


async def test_a_wanted_file_is_handed_over_as_it_is_and_told(office):
    await office.submit(name=" 在留カード.PNG ")
    assert office.desk.files == {"ref-1": ("ada", "在留カード.PNG", PNG)}
    assert (await office.documents.get(ADA)).state == "submitted"
    assert office.topics == ["customer:ada:checks"]


async def test_a3_i5_what_was_done_is_noted_without_the_name_of_the_file(office):
    await office.submit(name="passport of Ada.png")
    assert await office.audited() == [("ok", '{"bytes": 264, "kind": "png"}')]


@pytest.mark.parametrize("state", ["submitted", "verified"])
async def test_while_one_is_there_no_other_is_taken(office, state):
    office.desk.documents["ada"] = DocumentCheck(state)
    for attempt in (office.submit(), office.documents.expect(ADA)):
        with pytest.raises(Conflict, match=r"^document\.not_wanted$"):
            await attempt
    assert (office.desk.files, office.topics) == ({}, [])


async def test_after_a_rejection_another_one_is_wanted(office):
    office.desk.documents["ada"] = DocumentCheck("rejected", reason="Blurred")
    await office.documents.expect(ADA)
    await office.submit()
    assert (await office.documents.get(ADA)).state == "submitted"


async def test_a_status_nobody_knows_is_not_written_over(office):
    office.desk.documents["ada"] = None
    assert await office.documents.get(ADA) is None
    with pytest.raises(UpstreamReplyChanged):
        await office.submit()
    assert office.desk.files == {}


async def test_i4_not_being_able_to_ask_is_no_yes(office):
    office.desk.failure = DOWN
    for attempt in (office.submit(), office.documents.expect(ADA)):
        with pytest.raises(UpstreamUnavailable):
            await attempt
    assert office.desk.files == {}


async def test_o1_a_document_is_about_its_owner_alone(office):
    await office.submit(ADA)
    assert (await office.documents.get(BOB)).state == "not_submitted"
    await office.documents.expect(BOB)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("card.png", b"", "upload.empty"),
        ("card.png", PNG + bytes(5 * 1024 * 1024), "upload.too_large"),
        ("../../card.png", PNG, "upload.name"),
        ("card.svg", b"<svg onload=alert(1)>", "upload.type"),
        ("card.png", b"MZ\x90\x00 an EXE renamed", "upload.type"),
        ("card.jpg", PNG, "upload.type"),
    ],
)
async def test_135_142_a_file_that_is_none_we_take_reaches_nobody(office, name, content, reason):
    with pytest.raises(UploadRefused) as refused:
        await office.submit(name=name, content=content)
    assert refused.value.reason == reason
    assert (office.desk.files, office.desk.asked, await office.audited()) == ({}, 0, [])


async def test_f8_after_a_lost_answer_the_same_reference_makes_one_file(office):
    office.desk.loses, office.desk.before = 1, True
    with pytest.raises(UpstreamOutcomeUnknown):
        await office.submit()
    assert (await office.audited(), office.topics) == (
        [("unknown", '{"bytes": 264, "kind": "png"}')],
        ["customer:ada:checks"],
    )
    await office.submit()
    assert list(office.desk.files) == ["ref-1"]


async def test_f8_after_a_lost_answer_of_what_arrived_nothing_more_is_wanted(office):
    office.desk.loses = 1
    with pytest.raises(UpstreamOutcomeUnknown):
        await office.submit()
    with pytest.raises(Conflict):
        await office.submit()
    assert list(office.desk.files) == ["ref-1"]


async def test_t1_k6_handing_over_ends_before_the_same_request_may_begin_again(office, monkeypatch):
    left: list[float] = []

    async def submit(*_: object) -> None:
        left.append(remaining())

    monkeypatch.setattr(office.desk, "submit", submit)
    await office.submit()
    assert len(left) == 1 and left[0] < LEASE.total_seconds() - 20


async def test_two_tabs_at_once_hand_over_one_file(office, monkeypatch):
    submit, begun = office.desk.submit, asyncio.Event()

    async def slowly(*what: Any) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await submit(*what)

    monkeypatch.setattr(office.desk, "submit", slowly)
    first = asyncio.create_task(office.submit())
    await begun.wait()
    with pytest.raises(Conflict):
        await office.submit(reference="ref-2")
    await first
    assert list(office.desk.files) == ["ref-1"]


async def test_ten_tries_an_hour_are_enough_for_one_customer_and_do_not_touch_another(office):
    for _ in range(10):
        await office.documents.count(ADA)
    with pytest.raises(TooManyTries):
        await office.documents.count(ADA)
    await office.documents.count(BOB)
