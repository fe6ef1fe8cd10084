"""The account page: every subject on its own."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.pay_methods import PayMethod
from portal_app.errors import UpstreamUnavailable
from portal_app.state.account import AccountState
from tests.fakes.account_screens import ScreenAddresses, ScreenBothChecks
from tests.fakes.profile_screens import (
    ScreenLiveSessions,
    ScreenPayMethods,
    ScreenProfiles,
    ScreenSecondFactors,
    a_live_session,
)

PAGE = "/account"
DOWN = UpstreamUnavailable("salesforce", "GetChecks")


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    parts = {
        "addresses": ScreenAddresses(),
        "checks": ScreenBothChecks(),
        "profiles": ScreenProfiles(),
        "pay_methods": ScreenPayMethods(),
        "second_factors": ScreenSecondFactors(),
        "sessions": ScreenLiveSessions(),
    }
    with wiring.use(**parts):
        yield SimpleNamespace(**parts, flash=outside.flash)


async def test_the_address_is_shown_and_how_both_checks_stand(account, tab):
    account.checks.eligibility = Eligibility(EligibilityState.PENDING_REVIEW)
    account.checks.document = DocumentCheck("rejected", reason="Too dark.")
    state = tab(AccountState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.address.postal_code) == ("held", "150-0001")
    assert (state.availability, state.document) == ("pending_review", "rejected")


async def test_the_address_shows_while_salesforce_is_down(account, tab):
    account.checks.failure = DOWN
    state = tab(AccountState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("held", "failed", "failed")


async def test_the_checks_show_while_the_address_cannot_be_read(account, tab):
    account.addresses.failure = DOWN
    state = tab(AccountState, PAGE)
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("failed", "not_requested", "not_submitted")


async def test_what_was_read_stays_while_nothing_answers(account, tab):
    state = tab(AccountState, PAGE)
    await state.load()
    await state.load_checks()
    account.addresses.failure = account.checks.failure = DOWN
    await state.load()
    await state.load_checks()
    assert (state.filed, state.availability, state.document) == ("held", "not_requested", "not_submitted")


async def test_a_new_address_that_is_on_its_way_counts_as_not_checked(account, tab):
    account.checks.eligibility = Eligibility(EligibilityState.ELIGIBLE, offering="Home 1G")
    account.addresses.settling = True
    state = tab(AccountState, PAGE)
    await state.load_checks()
    assert state.availability == "not_requested"


async def test_words_of_the_staff_that_nobody_knows_are_no_answer(account, tab):
    account.checks.eligibility = account.checks.document = None
    state = tab(AccountState, PAGE)
    await state.load_checks()
    assert (state.availability, state.document) == ("unknown", "unknown")


async def test_a_customer_without_an_address_is_told_so(account, tab):
    account.addresses.address = None
    state = tab(AccountState, PAGE)
    await state.load()
    assert (state.filed, state.address.street) == ("none", "")


async def test_a_saved_address_is_said_once(account, tab):
    account.flash.kept["k1"] = {"notice": "address.saved"}
    state = tab(AccountState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.notice == "address.saved"
    again = tab(AccountState, PAGE, cookie="flash=k1")
    await again.load()
    assert again.notice == ""


async def test_who_the_customer_is_stands_first(account, tab):
    state = tab(AccountState, PAGE)
    await state.load_profile()
    assert (state.profile.name, state.profile.customer_number) == ("Hanako Yamada", "C-100007")
    assert state.profile.phone == "090-1234-5678"


async def test_a_profile_that_cannot_be_read_says_so_and_one_that_was_read_stays(account, tab):
    account.profiles.failure = DOWN
    state = tab(AccountState, PAGE)
    await state.load_profile()
    assert state.known == "failed"
    account.profiles.failure = None
    await state.load_profile()
    account.profiles.failure = DOWN
    await state.load_profile()
    assert (state.known, state.profile.name) == ("held", "Hanako Yamada")


@pytest.mark.parametrize(
    ("methods", "standing", "label"),
    [
        ([("Visa", "4242", None)], "held", "Visa •••• 4242"),
        ([("Visa", "4242", date(2025, 12, 31)), ("JCB", "1881", date(2027, 1, 31))], "held", "JCB •••• 1881"),
        ([("Visa", "4242", date(2025, 12, 31))], "expired", ""),
        ([], "none", ""),
    ],
)
async def test_what_an_order_would_be_paid_with_is_named(account, tab, methods, standing, label):
    account.pay_methods.items = tuple(
        PayMethod(n, "card", f"{brand} {digits}", until, n == 0, brand, digits)
        for n, (brand, digits, until) in enumerate(methods)
    )
    state = tab(AccountState, PAGE)
    await state.load_payments()
    assert (state.pay.standing, state.pay.label) == (standing, label)


async def test_payment_methods_that_cannot_be_read_are_not_shown_as_none(account, tab):
    account.pay_methods.failure = DOWN
    state = tab(AccountState, PAGE)
    await state.load_payments()
    assert state.pay.standing == "failed"


async def test_how_signing_in_is_protected_and_where_somebody_is_signed_in(account, tab):
    account.second_factors.on = True
    account.sessions.live = [a_live_session("h1", current=True), a_live_session("h2")]
    state = tab(AccountState, PAGE)
    await state.load_security()
    assert (state.second_factor, state.sessions) == ("on", "2")
