"""One question: its conversation, what was read, and what a customer may not see."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.components.case_words import FILE_REASONS
from portal_app.domain.case_texts import (
    LONGEST_BODY,
    LONGEST_REPLY,
    LONGEST_SUBJECT,
    MOST_FILES,
    checked_case,
    checked_reply,
)
from portal_app.domain.cases import NewCase
from portal_app.errors import Busy, InvalidFields, UpstreamUnavailable
from portal_app.pages import case as case_page
from portal_app.pages import new_case as new_case_page
from portal_app.state.case import CaseState
from portal_app.state.case_rows import size_words
from tests.fakes.screens import CUSTOMER
from tests.fakes.support_screens import CASE_ID, DOCUMENT_ID, ScreenNotices, ScreenSupport, a_file, a_message
from tests.state.conftest import settled

PAGE = f"/support/cases/{CASE_ID}"
DOWN = UpstreamUnavailable("salesforce", "query")


@pytest.fixture
def support(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    parts = {"support": ScreenSupport(), "notices": ScreenNotices()}
    with wiring.use(**parts):
        yield SimpleNamespace(flash=outside.flash, **parts)


async def test_a_conversation_is_shown_as_it_was_written(support, tab):
    words = "First line\n\n  <b>second</b>  \n"
    support.support.open(a_message("m1", body=words), a_message("m2", "staff", "We look into it."))
    state = tab(CaseState, PAGE)
    await state.load()
    assert [(row.author, row.body, row.at) for row in state.messages] == [
        ("you", words, "05:00"),
        ("staff", "We look into it.", "05:00"),
    ]
    assert (state.found, state.view.subject, state.view.number) == ("found", "Slow in the evening", "00001042")


async def test_files_stand_at_their_message_with_size_and_link(support, tab):
    support.support.open(
        a_message("m1", attachments=(a_file(), a_file("page.pdf", 900))), files=(a_file("from us.pdf"),)
    )
    state = tab(CaseState, PAGE)
    await state.load()
    at = f"/api/cases/{CASE_ID}/files/{DOCUMENT_ID}"
    assert [(file.message, file.name, file.size, file.href) for file in state.files] == [
        ("m1", "speed.png", "2.1 MB", at),
        ("m1", "page.pdf", "1 kB", at),
        ("", "from us.pdf", "2.1 MB", at),
    ]
    assert (state.messages[0].has_files, state.loose_files) == (True, True)
    assert len({file.key for file in state.files}) == 3


async def test_what_is_on_its_way_says_so_and_its_files_cannot_be_fetched_yet(support, tab):
    support.support.open(
        a_message("m1"),
        a_message("m2", waiting=True, attachments=(a_file(),)),
        a_message("m3", refused=True),
        changing=True,
    )
    state = tab(CaseState, PAGE)
    await state.load()
    assert [row.standing for row in state.messages] == ["sent", "waiting", "refused"]
    assert (state.files[0].href, state.view.changing) == ("", True)


@pytest.mark.parametrize(
    ("kind", "related_id", "href"),
    [
        ("service", "101", "/subscriptions/101"),
        ("order", "801000000000001AAA", "/orders/801000000000001AAA"),
        ("invoice", "5001", "/billing/invoices/5001"),
        (None, "", ""),
    ],
)
async def test_what_a_question_is_about_has_its_page(support, tab, kind, related_id, href):
    support.support.open(a_message(), related_kind=kind, related_id=related_id, related_label="Hikari")
    state = tab(CaseState, PAGE)
    await state.load()
    assert state.view.related_href == href


@pytest.mark.parametrize("path", ["/support/cases/500000000000009AAA", "/support/cases/../../etc", "/support/cases/"])
async def test_o1_another_customers_question_and_none_are_the_same(support, tab, path):
    support.support.open(a_message())
    state = tab(CaseState, path)
    await state.load()
    await state.arrived()
    await state.seen()
    assert (state.found, state.messages, state.view.subject) == ("missing", [], "")
    assert support.notices.read == []


async def test_opening_a_question_reads_its_notices_and_a_push_alone_does_not(support, tab):
    support.support.open(a_message("m1"), a_message("m2", "staff"))
    support.notices.unread = {f"case:{CASE_ID}"}
    state = tab(CaseState, PAGE)
    await state.load()
    assert support.notices.unread
    await state.arrived()
    assert support.notices.unread == set()
    support.notices.unread = {f"case:{CASE_ID}"}
    await state.seen()
    assert support.notices.unread == set()


async def test_what_staff_did_can_be_told_from_what_the_customer_did(support, tab):
    support.support.open(a_message("m1"))
    state = tab(CaseState, PAGE)
    await state.load()
    before = state.newest
    support.support.open(a_message("m1"), a_message("m2"))
    await state.load()
    assert state.newest == before
    support.support.open(a_message("m1"), a_message("m2"), a_message("m3", "staff"))
    await state.load()
    assert state.newest != before
    answered = state.newest
    support.support.open(a_message("m1"), a_message("m2"), a_message("m3", "staff"), status="awaiting_customer")
    await state.load()
    assert state.newest != answered


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), TimeoutError()])
async def test_the_conversation_stays_with_a_notice_when_it_cannot_be_read(support, tab, failure):
    support.support.failure = failure
    state = tab(CaseState, PAGE)
    await state.load()
    assert state.found == "failed"
    support.support.failure = None
    support.support.open(a_message())
    await state.load()
    support.support.failure = failure
    await state.load()
    assert (state.found, len(state.messages), state.trouble) == ("found", 1, "support.unavailable")


async def test_another_question_shows_nothing_of_the_one_before_while_it_cannot_be_read(support, tab):
    support.support.open(a_message())
    state = tab(CaseState, PAGE)
    await state.load()
    other = tab(CaseState, "/support/cases/500000000000002AAA")
    other.view, other.messages, other.found = state.view, state.messages, "found"
    support.support.failure = DOWN
    await other.load()
    assert (other.found, other.messages, other.view.subject) == ("failed", [], "")


async def test_refresh_asks_anew(support, tab):
    support.support.open(a_message(), stale=True)
    state = tab(CaseState, PAGE)
    await settled(state.refresh())
    assert (support.support.refreshed, state.as_of, state.trouble) == ([CUSTOMER], "11:55", "support.stale")


async def test_a_refused_reply_comes_back_with_its_reason(support, tab):
    support.support.open(a_message())
    support.flash.kept["k1"] = {"error": "problem.validation", "field.message": "case.message_missing"}
    state = tab(CaseState, PAGE, cookie="flash=k1")
    await state.load()
    assert (state.errors, state.told) == ({"message": "case.message_missing"}, "")


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 kB"), (1, "1 kB"), (1001, "2 kB"), (999_999, "1000 kB"), (10_485_760, "10.5 MB")]
)
def test_sizes_are_said_as_the_picker_says_them(size, words):
    assert size_words(size) == words


def reasons_of(*attempts: Callable[[], object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for attempt in attempts:
        with pytest.raises(InvalidFields) as refused:
            attempt()
        for name, key in refused.value.reasons.items():
            found.setdefault(name, set()).add(key)
    return found


def test_every_reason_a_reply_is_refused_for_is_a_sentence_beside_its_field():
    many = [str(n) for n in range(MOST_FILES + 1)]
    found = reasons_of(lambda: checked_reply("", many), lambda: checked_reply("x" * (LONGEST_REPLY + 1), ()))
    assert found == {"message": set(case_page.MESSAGE), "files": {"case.files_many"}}
    assert "case.files_many" in FILE_REASONS


def test_every_reason_a_question_is_refused_for_is_a_sentence_beside_its_field():
    long = NewCase("x" * (LONGEST_SUBJECT + 1), "x" * (LONGEST_BODY + 1), "billing")
    found = reasons_of(lambda: checked_case(NewCase("", "", "")), lambda: checked_case(long))
    assert found == {
        "subject": set(new_case_page.SUBJECT),
        "message": set(new_case_page.MESSAGE),
        "topic": set(new_case_page.TOPIC),
    }


async def test_what_was_said_of_one_question_is_not_said_of_another(support, tab):
    support.support.open(a_message())
    support.flash.kept["k1"] = {"error": "case.closed"}
    state = tab(CaseState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.error == "case.closed"
    other = tab(CaseState, "/support/cases/500000000000002AAA", cookie="flash=k1")
    other.view, other.error, other._flash_key = state.view, state.error, "k1"
    await other.load()
    assert (other.error, other.found) == ("", "missing")


async def test_what_was_told_is_not_told_again_when_the_page_is_opened_once_more(support, tab):
    support.support.open(a_message())
    support.flash.kept["k1"] = {"notice": "case.replied"}
    state = tab(CaseState, PAGE, cookie="flash=k1")
    for shown in ("case.replied", ""):
        await state.load()
        await state.arrived()
        assert state.notice == shown
