"""The availability check: its states, its moves, how long an answer holds, and when two addresses are one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal_app.domain.eligibility import (
    MOVES,
    Eligibility,
    EligibilityState,
    address_key,
    answer_by,
    asking,
    may_move,
    read_eligibility,
    same_address,
)

S = EligibilityState
NOW = datetime(2026, 4, 15, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "picked_up", "state"),
    [
        ("", False, S.NOT_REQUESTED),
        ("Not Requested", False, S.NOT_REQUESTED),
        ("Pending", False, S.REQUESTED),
        ("Pending", True, S.PENDING_REVIEW),
        ("Eligible", False, S.ELIGIBLE),
        ("Eligible", True, S.ELIGIBLE),
        ("Ineligible", True, S.INELIGIBLE),
        (" eligible ", False, S.ELIGIBLE),
    ],
)
def test_salesforces_words_become_states(status, picked_up, state):
    found = read_eligibility(status, now=NOW, picked_up=picked_up, checked_at=NOW - DAY)
    assert found and found.state is state


def test_a_status_nobody_knows_is_no_state():
    assert read_eligibility("Perhaps", now=NOW) is None


def test_only_a_yes_has_an_offering():
    yes = read_eligibility("Eligible", now=NOW, offering=" Home 1G ", checked_at=NOW)
    no = read_eligibility("Ineligible", now=NOW, offering="Home 1G", notes="No fibre")
    assert yes and yes.offering == "Home 1G" and no and (no.offering, no.notes) == ("", "No fibre")


@pytest.mark.parametrize(("days", "state"), [(89, S.ELIGIBLE), (90, S.NOT_REQUESTED), (400, S.NOT_REQUESTED)])
def test_a_yes_holds_ninety_days(days, state):
    found = read_eligibility("Eligible", now=NOW, offering="Home 1G", checked_at=NOW - days * DAY)
    assert found and found.state is state and (found.valid_until() is None) == (state is S.NOT_REQUESTED)


def test_a_yes_without_a_date_holds_until_staff_say_otherwise():
    found = read_eligibility("Eligible", now=NOW, offering="Home 1G")
    assert found and found.state is S.ELIGIBLE and found.valid_until() is None


ALLOWED = {
    (S.NOT_REQUESTED, S.REQUESTED),
    (S.REQUESTED, S.PENDING_REVIEW),
    (S.REQUESTED, S.ELIGIBLE),
    (S.REQUESTED, S.INELIGIBLE),
    (S.REQUESTED, S.NOT_REQUESTED),
    (S.PENDING_REVIEW, S.ELIGIBLE),
    (S.PENDING_REVIEW, S.INELIGIBLE),
    (S.PENDING_REVIEW, S.NOT_REQUESTED),
    (S.ELIGIBLE, S.NOT_REQUESTED),
    (S.ELIGIBLE, S.INELIGIBLE),
    (S.INELIGIBLE, S.REQUESTED),
    (S.INELIGIBLE, S.NOT_REQUESTED),
    (S.INELIGIBLE, S.ELIGIBLE),
}


@pytest.mark.parametrize("old", list(S))
@pytest.mark.parametrize("new", list(S))
def test_a_check_moves_only_so(old, new):
    assert may_move(old, new) is ((old, new) in ALLOWED)


def test_a_change_of_address_leads_back_from_everywhere():
    assert all(S.NOT_REQUESTED in MOVES[state] for state in S if state is not S.NOT_REQUESTED)


@pytest.mark.parametrize(
    ("state", "checked_days_ago", "address_changed", "answer"),
    [
        (S.NOT_REQUESTED, None, False, "ask"),
        (S.REQUESTED, None, False, "open"),
        (S.PENDING_REVIEW, None, False, "open"),
        (S.REQUESTED, None, True, "ask"),
        (S.ELIGIBLE, 1, False, "eligible"),
        (S.ELIGIBLE, 1, True, "ask"),
        (S.INELIGIBLE, 29, False, "wait"),
        (S.INELIGIBLE, 30, False, "ask"),
        (S.INELIGIBLE, 1, True, "ask"),
        (S.INELIGIBLE, None, False, "ask"),
    ],
)
def test_what_asking_again_comes_to(state, checked_days_ago, address_changed, answer):
    checked_at = None if checked_days_ago is None else NOW - checked_days_ago * DAY
    check = Eligibility(state, checked_at=checked_at)
    assert asking(check, now=NOW, address_changed=address_changed) == answer


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (date(2026, 4, 13), date(2026, 4, 15)),  # a Monday
        (date(2026, 4, 16), date(2026, 4, 20)),
        (date(2026, 4, 17), date(2026, 4, 21)),
        (date(2026, 4, 18), date(2026, 4, 21)),
        (date(2026, 4, 19), date(2026, 4, 21)),
    ],
)
def test_an_answer_is_promised_in_two_working_days(asked, answered):
    assert answer_by(asked) == answered


@pytest.mark.parametrize(
    "text",
    [
        "渋谷2-21-1",
        "渋谷２－２１－１",
        "渋谷 2丁目21番1号",
        "渋谷2丁目21番地1",
        "渋谷二-21-1".replace("二", "2"),
        "渋谷2ー21ー1",
        "渋谷2−21‐1 ",
        "渋谷２丁目の２１の１".replace("の１", "-1").replace("丁目の", "丁目"),
    ],
)
def test_one_address_in_many_spellings_has_one_key(text):
    assert address_key(text) == "渋谷2-21-1"


def test_other_addresses_and_long_vowels_stay_apart():
    assert address_key("渋谷2-21-1") != address_key("渋谷2-21-11")
    assert address_key("ハイツタワー 101") == "ハイツタワー101"
    assert same_address(("渋谷区", "渋谷2-21-1", "ヒカリエ", "1201"), ("渋谷区", "渋谷２丁目21-1", "ﾋｶﾘｴ", "１２０１"))
    assert not same_address(("渋谷2-21-1", "ヒカリエ", "1201"), ("渋谷2-21-1", "ヒカリエ", "1202"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("渋谷2-21-1", "Heights 1", "1101"), ("渋谷2-21-1", "Heights 11", "101")),
        (("渋谷2-21-1", "Heights 1 1101"), ("渋谷2-21-1", "Heights 11 101")),
        (("1-2 3 Jingumae",), ("1-23 Jingumae",)),
        (("渋谷2-21-1", "1201"), ("渋谷2-21-11", "201")),
    ],
)
def test_two_numbers_beside_each_other_stay_two(one, other):
    assert not same_address(one, other)


def test_a_space_between_two_numbers_is_a_hyphen():
    assert same_address(("渋谷 2 21 1", "Heights 1", "1101"), ("渋谷２－21－1", "Heights 1-1101"))
