"""The account page: the address and two checks, each on its own."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.errors import UpstreamUnavailable
from portal_app.state.settings import SettingsState
from tests.fakes.account_screens import ScreenAddresses, ScreenBothChecks

PAGE = "/account/settings"
DOWN = UpstreamUnavailable("salesforce", "GetChecks")


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    parts = {"addresses": ScreenAddresses(), "checks": ScreenBothChecks()}
    with wiring.use(**parts):
        yield SimpleNamespace(**parts, flash=outside.flash)


async def test_the_address_is_shown_and_how_both_checks_stand(account, tab):
    account.checks.eligibility = Eligibility(EligibilityState.PENDING_REVIEW)
    account.checks.document = DocumentCheck("rejected", reason="Too dark.")
    state = tab(SettingsState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.address.postal_code) == ("held", "150-0001")
    assert (state.availability, state.document) == ("pending_review", "rejected")


async def test_the_address_shows_while_salesforce_is_down(account, tab):
    account.checks.failure = DOWN
    state = tab(SettingsState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("held", "failed", "failed")


async def test_the_checks_show_while_the_address_cannot_be_read(account, tab):
    account.addresses.failure = DOWN
    state = tab(SettingsState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("failed", "not_requested", "not_submitted")


async def test_what_was_read_stays_while_nothing_answers(account, tab):
    state = tab(SettingsState, PAGE)
    await state.load()
    await state.load_checks()
    account.addresses.failure = account.checks.failure = DOWN
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("held", "not_requested", "not_submitted")


async def test_a_new_address_that_is_on_its_way_counts_as_not_checked(account, tab):
    account.checks.eligibility = Eligibility(EligibilityState.ELIGIBLE, offering="Home 1G")
    account.addresses.settling = True
    state = tab(SettingsState, PAGE)
    await state.load_checks()
    assert state.availability == "not_requested"


async def test_words_of_the_staff_that_nobody_knows_are_no_answer(account, tab):
    account.checks.eligibility = account.checks.document = None
    state = tab(SettingsState, PAGE)
    await state.load_checks()
    assert (state.availability, state.document) == ("unknown", "unknown")


async def test_a_customer_without_an_address_is_told_so(account, tab):
    account.addresses.address = None
    state = tab(SettingsState, PAGE)
    await state.load()
    assert (state.filed, state.address.street) == ("none", "")


async def test_a_saved_address_is_said_once(account, tab):
    account.flash.kept["k1"] = {"notice": "address.saved"}
    state = tab(SettingsState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.notice == "address.saved"
    again = tab(SettingsState, PAGE, cookie="flash=k1")
    await again.load()
    assert again.notice == ""
