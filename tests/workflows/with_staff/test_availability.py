"""Asking whether internet can be had: one question at a time, whatever gets lost."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.eligibility import OPEN, EligibilityState
from portal_app.errors import Conflict, NotFound, TooManyTries, UpstreamError, UpstreamOutcomeUnknown
from tests.integrations.salesforce.selling.staff import count, record
from tests.workflows.with_staff.conftest import HOME

S = EligibilityState


async def refused(office, customer) -> str:
    with pytest.raises(Conflict) as why:
        await office.availability.request(customer)
    return why.value.reason


async def test_asking_opens_one_case_with_the_address_and_its_opportunity(office, customer, sandbox):
    asked = await office.availability.request(customer)
    assert (asked.state, asked.requested_at) == (S.REQUESTED, office.clock.now())
    case = await record(sandbox, asked.salesforce_case_id)
    assert all(part in case["Description"] for part in (HOME.postal_code, HOME.city, HOME.address1))
    assert HOME.city not in case["Subject"] and case["Portal_Topic__c"] == "Internet"
    opportunity = await record(sandbox, case["Opportunity__c"])
    assert (opportunity["StageName"], opportunity["AccountId"]) == ("Introduction", customer.salesforce_account_id)
    shown = await office.availability.get(customer)
    assert (shown.state, shown.salesforce_case_id) == (S.REQUESTED, asked.salesforce_case_id)
    assert office.topics() == [f"customer:{customer.user_id}:checks"]


async def test_the_customer_gets_a_mail_with_the_day_of_the_answer(office, customer):
    await office.availability.request(customer)  # a Wednesday, so Friday
    assert await office.mails() == [("availability_asked", customer.user_id, {"answer_by": "2026-04-17"})]


async def test_asked_twice_at_once_and_again_there_is_one_question_and_one_mail(office, customer, sandbox):
    first, second = await asyncio.gather(*(office.availability.request(customer) for _ in range(2)))
    third = await office.availability.request(customer)
    assert first.salesforce_case_id == second.salesforce_case_id == third.salesforce_case_id
    assert (count(sandbox, "Case"), count(sandbox, "Opportunity")) == (1, 1)
    assert len(await office.mails()) == 1


LOST = [
    ("create Opportunity", "effect_no_reply"),
    ("create Opportunity", "http500"),
    ("upsert Case", "effect_no_reply"),
    ("upsert Case", "http500"),
    ("update Account", "effect_no_reply"),
    ("update Account", "http500"),
]


@pytest.mark.parametrize(("call", "fault"), LOST)
async def test_f8_whatever_answer_is_lost_asking_again_leaves_one_question_and_one_mail(
    office, customer, sandbox, call, fault
):
    sandbox.world.faults.add("salesforce", call, fault, None, None)
    for _ in range(2):
        with suppress(UpstreamError):
            await office.availability.request(customer)
    sandbox.world.faults.heal()
    await office.restart()
    asked = await office.availability.request(customer)
    again = await office.availability.request(customer)
    assert asked.state is S.REQUESTED and asked.salesforce_case_id == again.salesforce_case_id
    assert (count(sandbox, "Case"), count(sandbox, "Opportunity")) == (1, 1)
    assert [name for name, _, _ in await office.mails()] == ["availability_asked"]


async def test_a_lost_answer_is_said_and_not_taken_for_a_no(office, customer, sandbox):
    sandbox.world.faults.add("salesforce", "update Account", "effect_no_reply", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await office.availability.request(customer)
    assert (await office.availability.get(customer)).state is S.REQUESTED


async def test_after_a_no_the_next_question_waits_30_days_and_is_a_new_case(office, customer, sandbox):
    first = await office.availability.request(customer)
    await office.decide(customer, status="Ineligible", notes="No fibre")
    assert await refused(office, customer) == "availability.wait"
    office.clock.advance(timedelta(days=30, minutes=1))
    second = await office.availability.request(customer)
    assert second.salesforce_case_id != first.salesforce_case_id and count(sandbox, "Case") == 2
    assert count(sandbox, "Opportunity") == 1 and len(await office.mails()) == 2


async def test_after_a_yes_nothing_is_asked_until_it_has_run_out(office, customer, sandbox):
    first = await office.availability.request(customer)
    await office.decide(customer, status="Eligible", offering="Home 1G")
    known = await office.availability.request(customer)
    assert (known.state, known.offering, count(sandbox, "Case")) == (S.ELIGIBLE, "Home 1G", 1)
    office.clock.advance(timedelta(days=91))
    again = await office.availability.request(customer)
    assert again.state is S.REQUESTED and again.salesforce_case_id != first.salesforce_case_id


async def test_another_address_is_another_question_also_after_a_lost_answer(office, customer, sandbox):
    sandbox.world.faults.add("salesforce", "update Account", "http500", 1, None)
    with pytest.raises(UpstreamError):
        await office.availability.request(customer)
    office.addresses.address = replace(HOME, address1="3-1 Shibuya")
    asked = await office.availability.request(customer)
    assert count(sandbox, "Case") == 2
    assert "3-1 Shibuya" in (await record(sandbox, asked.salesforce_case_id))["Description"]


async def test_moving_away_and_back_never_meets_the_old_case(office, customer, sandbox):
    first = await office.availability.request(customer)
    await office.checks.reset_availability(customer)
    second = await office.availability.request(customer)
    assert second.salesforce_case_id != first.salesforce_case_id and count(sandbox, "Case") == 2


async def test_staff_see_on_an_open_case_that_the_customer_has_moved(office, customer, sandbox):
    asked = await office.availability.request(customer)
    await office.checks.reset_availability(customer)
    assert "do not answer" in (await record(sandbox, asked.salesforce_case_id))["Subject"]
    again = await office.availability.request(customer)
    assert "do not answer" not in (await record(sandbox, again.salesforce_case_id))["Subject"]


async def test_a_case_that_cannot_be_marked_takes_nothing_back_until_it_can(office, customer, sandbox):
    asked = await office.availability.request(customer)
    sandbox.world.faults.add("salesforce", "update Case", "http500", 1, None)
    with pytest.raises(UpstreamError):
        await office.checks.reset_availability(customer)
    assert (await office.checks.get(customer, anew=True)).eligibility.state in OPEN
    await office.checks.reset_availability(customer)
    assert (await office.checks.get(customer, anew=True)).eligibility.state is S.NOT_REQUESTED
    assert "do not answer" in (await record(sandbox, asked.salesforce_case_id))["Subject"]


async def test_without_an_address_or_while_a_new_one_settles_nothing_is_asked(office, customer, sandbox):
    office.addresses.address = None
    assert await refused(office, customer) == "availability.no_address"
    office.addresses.address, office.addresses.settling = HOME, True
    assert await refused(office, customer) == "availability.settling"
    assert count(sandbox, "Case") == 0 and await office.mails() == []


async def test_o1_each_account_has_its_own_question_and_without_one_there_is_none(office, customer, sandbox):
    await office.availability.request(customer)
    stranger = await office.link("C-100002")
    assert (await office.availability.get(stranger)).state is S.NOT_REQUESTED
    await office.availability.request(stranger)
    assert count(sandbox, "Case") == 2
    with pytest.raises(NotFound):
        await office.availability.request(Customer("somebody", 7))


async def test_l5_asking_without_end_is_stopped(office, customer):
    for _ in range(10):
        await office.availability.request(customer)
    with pytest.raises(TooManyTries):
        await office.availability.request(customer)
