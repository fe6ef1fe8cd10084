"""The availability page: every state in days a customer can count, asking once, and only plans that fit."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.errors import (
    Busy,
    Conflict,
    NotFound,
    TooManyTries,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.pages.availability import PROBLEMS
from portal_app.state.availability import AvailabilityState
from tests.fakes.account_screens import ASKED, ScreenAddresses, ScreenAvailability
from tests.state.conftest import settled

PAGE = "/order/internet/availability"
S = EligibilityState
DECIDED = datetime(2026, 1, 10, 3, 0, tzinfo=UTC)
YES = Eligibility(S.ELIGIBLE, offering="Home 1G", checked_at=DECIDED)
NO = Eligibility(S.INELIGIBLE, checked_at=DECIDED, notes="no free port in the building")
DOWN = UpstreamUnavailable("salesforce", "GetChecks")


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    parts = {"addresses": ScreenAddresses(), "availability": ScreenAvailability()}
    with wiring.use(**parts):
        yield SimpleNamespace(**parts, flash=outside.flash, catalog=outside.catalog)


async def test_whoever_never_asked_may_ask(account, tab):
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask, state.address.postal_code) == ("not_requested", True, "150-0001")


async def test_without_an_address_the_address_comes_first(account, tab):
    account.addresses.address = None
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask, state.address.street) == ("no_address", False, "")


async def test_an_address_that_is_on_its_way_takes_the_old_answer_with_it(account, tab):
    account.availability.check = YES
    account.addresses.settling = True
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask, state.plans, state.check.speed) == ("settling", False, [], "")


async def test_an_address_that_was_just_saved_for_it_is_said(account, tab):
    account.flash.kept["k1"] = {"notice": "address.saved"}
    state = tab(AvailabilityState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.notice == "address.saved"


@pytest.mark.parametrize("standing", [S.REQUESTED, S.PENDING_REVIEW])
async def test_an_open_check_names_the_working_day_by_which_we_answer(account, tab, standing):
    account.availability.check = Eligibility(standing, requested_at=ASKED)
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask) == (standing.value, False)
    assert (state.check.asked_on, state.check.answer_by) == ("15 Jan 2026", "19 Jan 2026")
    assert not state.check.late


async def test_a_day_that_is_over_is_not_promised(account, tab):
    account.availability.check = Eligibility(S.REQUESTED, requested_at=ASKED - timedelta(days=9))
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert state.check.late


async def test_a_yes_says_what_line_until_when_and_which_plans(account, tab):
    account.availability.check = YES
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert state.standing == "eligible"
    assert (state.check.dwelling, state.check.speed, state.check.valid_until) == ("home", "1 Gbps", "10 Apr 2026")
    assert [row.sku for row in state.plans] == ["INTERNET-GOLD-HOME-1G"]


async def test_a_slower_line_is_told_in_megabits(account, tab):
    account.availability.check = replace(YES, offering="Apartment 100M")
    state = tab(AvailabilityState, PAGE, locale="ja")
    await state.load()
    assert (state.check.dwelling, state.check.speed) == ("apartment", "100 Mbps")
    assert state.check.valid_until == "2026年4月10日"
    assert state.plans == []


async def test_a_yes_stands_without_plans_while_the_catalogue_cannot_be_read(account, tab):
    account.availability.check = YES
    account.catalog.failure = DOWN
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.plans) == ("eligible", [])


async def test_a_no_tells_when_asking_again_makes_sense_and_keeps_the_staffs_notes(account, tab):
    account.availability.check = NO
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask, state.check.again_from) == ("ineligible", False, "9 Feb 2026")
    assert "no free port" not in str(state.dict())


async def test_a_no_of_long_ago_may_be_asked_about_again(account, tab):
    account.availability.check = replace(NO, checked_at=DECIDED - timedelta(days=31))
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.may_ask, state.check.again_from) == (True, "")


async def test_a_status_nobody_knows_is_no_yes_and_no_no(account, tab):
    account.availability.check = None
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert (state.standing, state.may_ask) == ("unknown", False)


async def test_a_customer_without_accounts_is_sent_to_link_them(account, tab):
    account.availability.failure = NotFound("account")
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert state.standing == "unlinked"


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), TimeoutError()])
async def test_what_cannot_be_read_says_so_and_what_was_read_stays(account, tab, failure):
    account.availability.failure = failure
    state = tab(AvailabilityState, PAGE)
    await state.load()
    assert state.standing == "failed"
    account.availability.failure = None
    await state.load()
    account.availability.failure = failure
    await state.load()
    assert state.standing == "not_requested"


async def test_asking_shows_that_it_was_asked_and_by_when_we_answer(account, tab):
    state = tab(AvailabilityState, PAGE)
    await state.load()
    await settled(state.ask())
    assert (account.availability.asked, state.busy, state.problem) == (1, False, "")
    assert (state.standing, state.check.answer_by) == ("requested", "19 Jan 2026")


async def test_a_tab_does_not_wait_half_a_minute_for_an_answer(account, tab):
    state = tab(AvailabilityState, PAGE)
    await settled(state.ask())
    assert 0 < account.availability.time_given <= 13


async def test_what_went_wrong_is_not_said_any_more_on_the_next_visit(account, tab):
    account.availability.refusal = DOWN
    state = tab(AvailabilityState, PAGE)
    await settled(state.ask())
    assert state.problem
    await state.load()
    assert state.problem == ""


async def test_a_second_click_while_the_first_is_on_its_way_asks_nothing(account, tab):
    state = tab(AvailabilityState, PAGE)
    first = state.ask()
    await anext(first)
    await settled(state.ask())
    await settled(first)
    assert account.availability.asked == 1


@pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        (Conflict("availability.no_address"), "availability.no_address"),
        (Conflict("availability.wait"), "availability.wait"),
        (Conflict("availability.settling"), "availability.settling"),
        (Conflict("availability.unknown"), "availability.unknown"),
        (Conflict("account.busy"), "account.busy"),
        (TooManyTries(60), "problem.too_many_tries"),
        (UpstreamOutcomeUnknown("salesforce", "Upsert"), "problem.being_confirmed"),
        (Busy("salesforce"), "problem.busy"),
        (UpstreamRejected("salesforce", "Upsert"), "availability.not_asked"),
        (NotFound("account"), "availability.not_asked"),
        (TimeoutError(), "availability.not_asked"),
    ],
)
async def test_a_question_that_did_not_get_through_says_why_and_can_be_asked_again(account, tab, refusal, problem):
    account.availability.refusal = refusal
    state = tab(AvailabilityState, PAGE)
    await settled(state.ask())
    assert (state.problem, state.busy) == (problem, False)
    assert problem in PROBLEMS
    account.availability.refusal = None
    await settled(state.ask())
    assert (state.problem, state.standing) == ("", "requested")
