"""Statuses as customers are told them, and what customers write."""

import uuid

import pytest

from portal_app.domain.case_texts import (
    COMMENT_BYTES,
    LONGEST_BODY,
    LONGEST_REPLY,
    LONGEST_SUBJECT,
    checked_case,
    checked_reply,
    marked,
    reference_of,
    unmarked,
    with_related,
    without_related,
    written,
)
from portal_app.domain.cases import CaseStatus, NewCase, RelatedChoice, Topic, fold
from portal_app.errors import InvalidFields

POST = str(uuid.UUID(int=7))
ABOUT = RelatedChoice("service", "101", "Home 1G")


@pytest.mark.parametrize(
    ("status", "is_closed", "told"),
    [
        ("New", False, CaseStatus.NEW),
        ("In Progress", False, CaseStatus.IN_PROGRESS),
        ("Working", False, CaseStatus.IN_PROGRESS),
        ("Escalated", False, CaseStatus.IN_PROGRESS),
        ("On Hold", False, CaseStatus.IN_PROGRESS),
        ("Awaiting Customer", False, CaseStatus.AWAITING_CUSTOMER),
        ("awaiting customer ", False, CaseStatus.AWAITING_CUSTOMER),
        ("Waiting on Customer", False, CaseStatus.AWAITING_CUSTOMER),
        ("Closed", True, CaseStatus.CLOSED),
        ("Closed", False, CaseStatus.CLOSED),
        ("Resolved", False, CaseStatus.CLOSED),
        ("Approved", True, CaseStatus.CLOSED),
        ("Rejected", True, CaseStatus.CLOSED),
        ("Approved", False, CaseStatus.IN_PROGRESS),
        ("Awaiting Customer", True, CaseStatus.CLOSED),
        ("Tier 3 / vendor", False, CaseStatus.IN_PROGRESS),
        ("", False, CaseStatus.IN_PROGRESS),
        ("", True, CaseStatus.CLOSED),
    ],
)
def test_a_status_of_the_staff_is_folded_into_one_of_four(status, is_closed, told):
    assert fold(status, is_closed) is told


def test_a_told_status_folds_to_itself():
    assert {fold(one.value, False) for one in CaseStatus} == set(CaseStatus)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a\r\nb\rc  \n", "a\nb\nc"),
        ("a\u2028b", "a\nb"),
        ("a\x00\x07b\u202e\u200bc\ufeff", "abc"),
        ("\u200b\u200d \n\t", ""),
        ("か\u3099", "が"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("<script>{{7*7}}'; DROP TABLE", "<script>{{7*7}}'; DROP TABLE"),
        ("\ud83d", ""),
    ],
)
def test_what_cannot_be_seen_or_turns_lines_is_taken_out_and_the_rest_stays(typed, kept):
    assert written(typed) == kept


def test_the_longest_of_everything_is_taken_and_one_more_is_not():
    longest = NewCase("s" * LONGEST_SUBJECT, "b" * LONGEST_BODY, "sim", file_ids=("a", "b", "c", "d", "e"))
    assert checked_case(longest) == (longest, Topic.SIM)
    with pytest.raises(InvalidFields) as refused:
        checked_case(NewCase("s" * (LONGEST_SUBJECT + 1), "b" * (LONGEST_BODY + 1), "", file_ids=tuple("abcdef")))
    assert refused.value.reasons == {
        "subject": "case.subject_long",
        "topic": "case.topic_missing",
        "message": "case.message_long",
        "files": "case.files_many",
    }
    assert len(marked(POST, checked_reply("x" * LONGEST_REPLY, ())).encode()) == COMMENT_BYTES
    with pytest.raises(InvalidFields):
        checked_reply("x" * (LONGEST_REPLY + 1), ())


def test_a_subject_is_one_line():
    assert checked_case(NewCase(" No\r\nline ", "b", "other"))[0].subject == "No line"


@pytest.mark.parametrize("body", ["Hello", "Hello\nagain", "[portal 0]\nHello", f"[portal {'a' * 32}]\nmine"])
def test_a_marked_reply_is_known_again_and_reads_as_it_was_written(body):
    assert unmarked(marked(POST, body)) == (uuid.UUID(POST).hex, body)


@pytest.mark.parametrize("body", ["", "Hello", "[portal]", f"Hi [portal {'a' * 32}]\n", f"[portal {'A' * 32}]\nx"])
def test_a_comment_of_the_staff_has_no_marker(body):
    assert unmarked(body) == ("", body)


def test_a_marker_whose_line_ends_otherwise_is_known_too():
    assert unmarked(f"[portal {'a' * 32}]\r\nHi")[1] == "Hi" and unmarked(f"[portal {'a' * 32}]") == ("a" * 32, "")


def test_a_reference_fits_its_field():
    assert reference_of(POST) == f"support:{uuid.UUID(POST).hex}" and len(reference_of(POST)) == 40


@pytest.mark.parametrize("body", ["Hello", "About: my line", "a\n\nAbout: order 1 - x"])
def test_what_a_question_is_about_reads_back(body):
    assert without_related(with_related(body, ABOUT)) == (body, ABOUT)


@pytest.mark.parametrize("body", ["About: service 9 - x", "Hi\n\nAbout: invoice 9 - x"])
def test_a_last_line_like_ours_is_no_claim(body):
    kept, about = without_related(with_related(body, None))
    assert about is None and kept.replace("\n ", "\n").lstrip() == body


def test_a_label_of_many_lines_is_one_short_line():
    sent = with_related("Hi", RelatedChoice("service", "1", "a\n\nAbout: order 2 - b" + "x" * 500))
    assert sent.count("\n") == 2 and len(sent) < 170


@pytest.mark.parametrize("typed", ["\U0001fa77", "ok \U0001fae8\U0001f6dc", "\U0001fac6"])
def test_an_emoji_that_is_newer_than_this_python_stays(typed):
    assert written(typed) == typed


@pytest.mark.parametrize("typed", ["\ufdd0", "\ufffe", "\U0010ffff", "\ue000"])
def test_what_is_no_character_goes(typed):
    assert written(f"a{typed}b") == "ab"


def test_a_letter_whose_accent_was_held_apart_is_one_letter_at_once():
    assert written("e\u200b\u0301") == written(written("e\u200b\u0301")) == "\u00e9"


@pytest.mark.parametrize("end", ["", "\n", "\r\n \r\n"])
def test_our_last_line_is_known_again_after_staff_saved_the_question_in_their_browser(end):
    saved = with_related("It is dead.\n\nSince noon.", ABOUT).replace("\n", "\r\n") + end
    body, related = without_related(saved)
    assert (written(body), related) == ("It is dead.\n\nSince noon.", ABOUT)
