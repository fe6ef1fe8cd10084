"""The list of questions: what the URL asks for, what is counted, what stays when Salesforce is down."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.components.case_words import TOPIC_WORDS
from portal_app.components.status import CASE_WORDS
from portal_app.domain.cases import CaseStatus, Topic, WaitingCase
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.pages.cases import TAB_WORDS
from portal_app.state.case_query import TABS, CaseQuery, href, matching, parse
from portal_app.state.cases import CasesState
from tests.fakes.screens import AS_OF, CUSTOMER
from tests.fakes.support_screens import CASE_ID, ScreenNotices, ScreenSupport, a_case
from tests.state.conftest import settled

PAGE = "/support/cases"
DOWN = UpstreamUnavailable("salesforce", "query")


@pytest.fixture
def support(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    parts = {"support": ScreenSupport(), "notices": ScreenNotices()}
    with wiring.use(**parts):
        yield SimpleNamespace(flash=outside.flash, **parts)


async def test_the_counters_count_all_questions_whatever_is_filtered(support, tab):
    support.support.cases = [
        a_case("00000001", "new"),
        a_case("00000002", "awaiting_customer"),
        a_case("00000003", "closed"),
        a_case("00000004", "closed"),
    ]
    state = tab(CasesState, f"{PAGE}?tab=closed&q=nothing")
    await state.load()
    assert (state.open, state.waiting, state.closed, state.total) == ("2", "1", "2", "4")
    assert (state.rows, state.filtered, state.empty) == ([], True, False)


async def test_nothing_waits_for_the_customer_is_not_counted(support, tab):
    support.support.cases = [a_case()]
    state = tab(CasesState, PAGE)
    await state.load()
    assert state.waiting == ""


@pytest.mark.parametrize("typed", ["1042", "00001042", "EVENING", " slow in "])
async def test_a_question_is_found_by_number_or_subject(support, tab, typed):
    support.support.cases = [a_case(), a_case("00002000", subject="My bill")]
    state = tab(CasesState, f"{PAGE}?q={typed}")
    await state.load()
    found = [row.number for row in state.rows]
    assert found == ["00001042"]


async def test_a_tab_shows_one_status_and_counts_within_the_search(support, tab):
    support.support.cases = [a_case("00000001", "new"), a_case("00000002", "closed"), a_case("00000003", "closed", "x")]
    state = tab(CasesState, f"{PAGE}?tab=closed&q=slow")
    await state.load()
    assert [row.number for row in state.rows] == ["00000002"]
    assert {link.tab: link.count for link in state.tabs} == {
        "all": "2",
        "new": "1",
        "in_progress": "0",
        "awaiting_customer": "0",
        "closed": "1",
    }
    assert next(link.href for link in state.tabs if link.tab == "new") == f"{PAGE}?tab=new&q=slow"


async def test_pages_lead_to_their_neighbours_and_one_too_far_is_the_last(support, tab):
    support.support.cases = [a_case(f"{n:08}") for n in range(60)]
    state = tab(CasesState, f"{PAGE}?page=2")
    await state.load()
    assert (state.first, state.last, state.found) == ("26", "50", "60")
    assert (state.previous_href, state.next_href) == (PAGE, f"{PAGE}?page=3")
    state = tab(CasesState, f"{PAGE}?page=99")
    await state.load()
    assert (state.first, state.last, state.next_href) == ("51", "60", "")


@pytest.mark.parametrize("parameters", [{"tab": "secret"}, {"page": "-1"}, {"page": "²"}, {"q": "\x00\n"}])
def test_what_an_address_cannot_mean_is_left_at_its_default(parameters):
    assert parse(parameters) == CaseQuery()
    assert href(parse(parameters)) == PAGE


async def test_an_unread_answer_marks_its_question_and_no_other(support, tab):
    support.support.cases = [a_case(), a_case("00002000")]
    support.notices.unread = {f"case:{CASE_ID}", "order:801000000000001AAA"}
    state = tab(CasesState, PAGE)
    await state.load()
    assert [row.unread for row in state.rows] == [True, False]


async def test_rows_are_written_in_the_customers_language(support, tab):
    support.support.cases = [a_case()]
    english, japanese = tab(CasesState, PAGE), tab(CasesState, PAGE, locale="ja")
    await english.load()
    await japanese.load()
    assert (english.rows[0].changed, japanese.rows[0].changed) == ("05:00", "05:00")
    assert english.rows[0].href == f"{PAGE}/{CASE_ID}"
    assert (english.rows[0].status, english.rows[0].topic, english.as_of) == ("in_progress", "internet", "11:55")


async def test_what_is_being_sent_stands_above_the_rows_and_is_no_empty_list(support, tab):
    support.support.waiting = [WaitingCase("p1", "No signal", "Since noon.", AS_OF, refused=True)]
    state = tab(CasesState, f"{PAGE}?tab=closed")
    await state.load()
    assert [(row.subject, row.body, row.refused) for row in state.sending] == [("No signal", "Since noon.", True)]
    assert not state.empty


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), TimeoutError()])
async def test_rows_stay_with_a_notice_when_they_cannot_be_read(support, tab, failure):
    support.support.cases = [a_case()]
    state = tab(CasesState, PAGE)
    await state.load()
    support.support.failure = failure
    await state.load()
    assert (state.trouble, [row.number for row in state.rows]) == ("support.unavailable", ["00001042"])
    support.support.failure = None
    await state.load()
    assert state.trouble == ""


async def test_never_read_is_not_the_same_as_no_questions(support, tab):
    support.support.failure = DOWN
    state = tab(CasesState, PAGE)
    await state.load()
    assert (state.listed, state.known) == (True, False)


async def test_a_customer_without_an_account_has_no_questions(support, tab):
    support.support.failure = NotFound("account")
    state = tab(CasesState, PAGE)
    await state.load()
    assert (state.known, state.empty, state.trouble) == (True, True, "")


async def test_an_old_copy_says_so(support, tab):
    support.support.stale = True
    state = tab(CasesState, PAGE)
    await state.load()
    assert state.trouble == "support.stale"


async def test_refresh_asks_anew(support, tab):
    state = tab(CasesState, PAGE)
    await settled(state.refresh())
    assert (support.support.refreshed, state.known, state.refreshing) == ([CUSTOMER], True, False)


async def test_what_a_door_took_is_told_once_and_its_draft_forgotten_once(support, tab):
    support.flash.kept["k1"] = {"notice": "case.being_sent"}
    state = tab(CasesState, PAGE, cookie="flash=k1")
    await state.load()
    state.arrived()
    told = state.told
    await state.load()
    assert (state.notice, bool(told), state.told) == ("case.being_sent", True, told)
    state.arrived()
    assert (state.notice, state.told) == ("", told)


async def test_drafts_belong_to_a_customer_whom_nobody_can_read_out_of_it(support, tab):
    state = tab(CasesState, PAGE)
    await state.load()
    assert state.owner
    assert CUSTOMER.user_id not in state.owner


def test_every_status_and_topic_has_its_words():
    assert set(CASE_WORDS) == set(CaseStatus)
    assert set(TAB_WORDS) == set(TABS)
    assert set(TOPIC_WORDS) == set(Topic)


@pytest.mark.parametrize("typed", ["１０４２", "ｓlow", "ルーター", "ﾙｰﾀｰ", "00001042"])
def test_37_a_search_finds_what_was_typed_in_full_or_half_width(typed):
    asked = [a_case(subject="Slow ルーター"), a_case("00002001", subject="Bill")]
    assert [case.number for case in matching(asked, CaseQuery(search=typed))] == ["00001042"]
