"""Availability and document of an account: asked for, decided by staff, read anew."""

from datetime import UTC, timedelta

import pytest

from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import EligibilityState
from portal_app.errors import NotFound, UpstreamUnavailable
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.storage.cache import MemoryCache
from sandbox.clock import JAPAN
from tests.fakes.clock import FakeClock
from tests.integrations.salesforce.selling.staff import count, customer_of, record, staff

S = EligibilityState
ASKED = {"subject": "Availability: C-100001", "description": "渋谷2-21-1"}


@pytest.fixture
def clock(sandbox):
    return FakeClock(sandbox.world.clock.local().replace(tzinfo=JAPAN).astimezone(UTC))


@pytest.fixture
def checks(client, clock):
    return Checks(client, FieldMap(), MemoryCache("test", clock), clock, origin="Portal Notification")


async def decide(sandbox, customer, **body):
    return await staff(sandbox, f"accounts/{customer.salesforce_account_id}/availability", body)


async def test_an_account_nobody_asked_about_has_neither(checks, customer):
    found = await checks.get(customer)
    assert found.eligibility.state is S.NOT_REQUESTED and found.document == DocumentCheck()


async def test_asking_opens_one_case_and_the_account_is_pending(checks, customer, sandbox, clock):
    first = await checks.request_availability(customer, "ref-1", **ASKED)
    again = await checks.request_availability(customer, "ref-1", **ASKED)
    case = await record(sandbox, first)
    assert first == again and count(sandbox, "Case") == 1
    assert (case["AccountId"], case["Origin"]) == (customer.salesforce_account_id, "Portal Notification")
    assert (case["Subject"], case["Portal_Topic__c"]) == ("Availability: C-100001", "Internet")
    found = (await checks.get(customer)).eligibility
    assert (found.state, found.salesforce_case_id) == (S.REQUESTED, first)
    assert abs(found.requested_at - clock.now()) < timedelta(seconds=1)


async def test_a_case_that_staff_have_begun_with_is_under_review(checks, customer, sandbox, client):
    case_id = await checks.request_availability(customer, "ref-1", **ASKED)
    await client.update("Case", case_id, {"Status": "In Progress"})
    assert (await checks.get(customer)).eligibility.state is S.PENDING_REVIEW


async def test_a_decision_is_seen_once_an_event_cleared_the_copy_or_when_asked_anew(checks, customer, sandbox):
    assert (await checks.get(customer)).eligibility.state is S.NOT_REQUESTED
    await decide(sandbox, customer, status="Eligible", offering="Home 1G")
    assert (await checks.get(customer)).eligibility.state is S.NOT_REQUESTED
    anew = (await checks.get(customer, anew=True)).eligibility
    assert (anew.state, anew.offering) == (S.ELIGIBLE, "Home 1G")
    await decide(sandbox, customer, status="Ineligible", notes="No fibre here")
    await checks.clear(customer.user_id)
    found = (await checks.get(customer)).eligibility
    assert (found.state, found.offering, found.notes) == (S.INELIGIBLE, "", "No fibre here")


async def test_a_change_of_address_takes_a_yes_back(checks, customer, sandbox):
    await decide(sandbox, customer, status="Eligible", offering="Home 1G")
    assert (await checks.get(customer)).eligibility.state is S.ELIGIBLE
    await checks.reset_availability(customer)
    found = (await checks.get(customer)).eligibility
    assert (found.state, found.offering, found.salesforce_case_id) == (S.NOT_REQUESTED, "", "")


async def test_a_kept_yes_ends_on_its_day(checks, customer, sandbox, clock):
    await decide(sandbox, customer, status="Eligible", offering="Home 1G")
    clock.advance(timedelta(days=90) - timedelta(hours=1))
    assert (await checks.get(customer)).eligibility.state is S.ELIGIBLE
    clock.advance(timedelta(hours=2))
    assert (await checks.get(customer)).eligibility.state is S.NOT_REQUESTED


async def test_the_staffs_word_about_a_document_is_read(checks, customer, sandbox, client):
    path = f"accounts/{customer.salesforce_account_id}/document"
    await client.update("Account", customer.salesforce_account_id, {"Id_Verification_Status__c": "Submitted"})
    assert (await checks.get(customer)).document.state == "submitted"
    await staff(sandbox, path, {"status": "Rejected", "reason": "Glare"})
    rejected = (await checks.get(customer, anew=True)).document
    await staff(sandbox, path, {"status": "Verified"})
    verified = (await checks.get(customer, anew=True)).document
    assert (rejected.state, rejected.reason, verified.state, verified.reason) == ("rejected", "Glare", "verified", "")
    assert verified.verified_at is not None


async def test_h4_there_is_no_old_answer_when_salesforce_is_down(checks, customer, sandbox):
    await checks.get(customer)
    sandbox.world.faults.add("salesforce", "*", "down", None, None)
    with pytest.raises(UpstreamUnavailable):
        await checks.get(customer, anew=True)


async def test_f8_a_lost_answer_leaves_one_case_and_a_pending_account(checks, customer, sandbox):
    sandbox.world.faults.add("salesforce", "upsert Case", "effect_no_reply", 1, None)
    await checks.request_availability(customer, "ref-1", **ASKED)
    assert count(sandbox, "Case") == 1 and (await checks.get(customer)).eligibility.state is S.REQUESTED


async def test_o1_each_account_has_its_own(checks, customer, client, sandbox):
    await decide(sandbox, customer, status="Eligible", offering="Home 1G")
    stranger = await customer_of(client, "C-100002")
    assert (await checks.get(stranger)).eligibility.state is S.NOT_REQUESTED
    with pytest.raises(NotFound):
        await checks.get(type(customer)("somebody", 0))
