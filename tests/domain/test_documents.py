"""Where an identity document stands."""

from datetime import UTC, datetime

import pytest

from portal_app.domain.documents import DocumentCheck, read_document

THEN = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "expected", "may_upload"),
    [
        ("", DocumentCheck(), True),
        ("Not Submitted", DocumentCheck(), True),
        ("Submitted", DocumentCheck("submitted", THEN), False),
        ("Verified", DocumentCheck("verified", THEN, THEN), False),
        ("Rejected", DocumentCheck("rejected", THEN, None, "Glare"), True),
        (" rejected ", DocumentCheck("rejected", THEN, None, "Glare"), True),
    ],
)
def test_a_status_tells_only_what_belongs_to_it(status, expected, may_upload):
    found = read_document(status, submitted_at=THEN, verified_at=THEN, reason=" Glare ")
    assert found == expected and found.may_upload is may_upload


def test_a_status_nobody_knows_is_no_state():
    assert read_document("Lost") is None
