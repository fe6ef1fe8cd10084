"""The identity document's page: how it stands, what the door said, and nothing of the file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.uploads import Upload, UploadRefused
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.pages.verification import FILE
from portal_app.state.verification import VerificationState
from tests.fakes.account_screens import ScreenDocument

PAGE = "/account/settings/verification"
NIGHT = datetime(2026, 1, 14, 16, 0, tzinfo=UTC)  # the 15th in Japan
DOWN = UpstreamUnavailable("salesforce", "GetChecks")


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    document = ScreenDocument()
    with wiring.use(identity_documents=document):
        yield SimpleNamespace(document=document, flash=outside.flash)


@pytest.mark.parametrize(
    ("check", "shown"),
    [
        (DocumentCheck(), ("not_submitted", "", "", "")),
        (DocumentCheck("submitted", NIGHT), ("submitted", "15 Jan 2026", "", "")),
        (DocumentCheck("verified", NIGHT, NIGHT), ("verified", "15 Jan 2026", "15 Jan 2026", "")),
        (
            DocumentCheck("rejected", NIGHT, reason="The back is missing."),
            ("rejected", "15 Jan 2026", "", "The back is missing."),
        ),
        (None, ("unknown", "", "", "")),
    ],
)
async def test_a_document_is_shown_as_it_stands_with_days_of_japan(account, tab, check, shown):
    account.document.check = check
    state = tab(VerificationState, PAGE)
    await state.load()
    assert (state.standing, state.submitted_on, state.verified_on, state.reason) == shown


async def test_a_decision_of_the_staff_replaces_what_was_shown(account, tab):
    account.document.check = DocumentCheck("rejected", NIGHT, reason="Too dark.")
    state = tab(VerificationState, PAGE)
    await state.load()
    account.document.check = DocumentCheck("verified", NIGHT, NIGHT)
    await state.load()
    assert (state.standing, state.reason) == ("verified", "")


async def test_a_refused_upload_comes_back_with_its_reason(account, tab):
    account.flash.kept["k1"] = {"error": "problem.validation", "field.document": "upload.type"}
    state = tab(VerificationState, PAGE, cookie="flash=k1")
    await state.load()
    assert (state.error, state.errors, state.standing) == (
        "problem.validation",
        {"document": "upload.type"},
        "not_submitted",
    )


async def test_a_document_that_has_arrived_is_thanked_for(account, tab):
    account.flash.kept["k1"] = {"notice": "document.submitted"}
    account.document.check = DocumentCheck("submitted", NIGHT)
    state = tab(VerificationState, f"{PAGE}?returnTo=/checkout/sim", cookie="flash=k1")
    await state.load()
    assert (state.notice, state.back) == ("document.submitted", "/checkout/sim")


async def test_only_pages_of_ours_are_returned_to(account, tab):
    state = tab(VerificationState, f"{PAGE}?returnTo=//evil.example")
    await state.load()
    assert state.back == ""


async def test_a_customer_without_accounts_is_sent_to_link_them(account, tab):
    account.document.failure = NotFound("account")
    state = tab(VerificationState, PAGE)
    await state.load()
    assert state.standing == "unlinked"


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), TimeoutError()])
async def test_what_cannot_be_read_says_so_and_what_was_read_stays(account, tab, failure):
    account.document.failure = failure
    state = tab(VerificationState, PAGE)
    await state.load()
    assert state.standing == "failed"
    account.document.failure = None
    await state.load()
    account.document.failure = failure
    await state.load()
    assert state.standing == "not_submitted"


def refused(name: str, *pieces: bytes) -> str:
    try:
        upload = Upload(name, largest=9)
        for piece in pieces:
            upload.feed(piece)
        upload.finish()
    except UploadRefused as found:
        return found.reason
    return ""


def test_every_reason_a_file_is_refused_for_is_a_sentence_beside_the_field():
    png = b"\x89PNG\r\n\x1a\n"
    reasons = {
        refused("a.gif"),
        refused("..", png),
        refused("a.png"),
        refused("a.png", png, b"12"),
        refused("a.png", b"GIF89a--"),
    }
    assert reasons | {"upload.missing"} == set(FILE)  # that one is the door's: no file came at all
