"""Opportunities: one for each service, found again, never another account's."""

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.errors import NotFound, UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.storage.clock import Clock
from tests.integrations.salesforce.selling.staff import count, customer_of, record, staff
from tests.integrations.salesforce.selling.test_orders import SIM_CART, a_draft

ASKED = {"line": ProductLine.INTERNET, "source": "Internet Eligibility Request"}
ORDERED = {"line": ProductLine.INTERNET, "source": "Order Placement", "stage": "Ready", "take_from": ("Introduction",)}
SIM = {"line": ProductLine.SIM, "source": "SIM Checkout", "stage": "Ready"}


@pytest.fixture
def opportunities(client):
    return Opportunities(client, FieldMap(), Clock())


async def test_asking_twice_finds_the_one_that_is_there(opportunities, customer, sandbox):
    first = await opportunities.find_or_create(customer, **ASKED)
    assert await opportunities.find_or_create(customer, **ASKED) == first and count(sandbox, "Opportunity") == 1
    kept = await record(sandbox, first)
    account = await record(sandbox, customer.salesforce_account_id)
    wanted = {"AccountId": customer.salesforce_account_id, "StageName": "Introduction"}
    assert wanted.items() <= kept.items() and kept["Portal_Source__c"] == ASKED["source"]
    assert kept["Name"] == f"{account['Name']} - Internet inquiry" and kept["CloseDate"]


async def test_an_internet_order_takes_the_one_of_the_availability_check_on(opportunities, customer, sandbox):
    asked = await opportunities.find_or_create(customer, **ASKED)
    for _ in range(2):
        assert await opportunities.find_or_create(customer, **ORDERED) == asked
    kept = await record(sandbox, asked)
    assert (kept["StageName"], kept["Portal_Source__c"]) == ("Ready", ASKED["source"])
    assert count(sandbox, "Opportunity") == 1


async def test_one_that_staff_made_is_known_by_its_name_and_another_line_is_not(opportunities, customer, client):
    values = {"AccountId": customer.salesforce_account_id, "CloseDate": "2026-12-31", "StageName": "Introduction"}
    await client.create("Opportunity", values | {"Name": "Hanako - VPN inquiry"})
    by_staff = await client.create("Opportunity", values | {"Name": "Hanako - internet Inquiry"})
    assert await opportunities.find_or_create(customer, **ASKED) == by_staff
    assert await opportunities.find_or_create(customer, **SIM) != by_staff


async def test_two_sims_have_one_each_and_a_called_off_order_gives_its_own_back(
    opportunities, orders, book, customer, sandbox
):
    first = await opportunities.find_or_create(customer, **SIM)
    draft = await a_draft(book, SIM_CART, salesforce_opportunity_id=first)
    placed = await orders.place(customer, draft, "key-1")
    second = await opportunities.find_or_create(customer, **SIM)
    assert second != first and await opportunities.find_or_create(customer, **SIM) == second
    await orders.place(customer, await a_draft(book, SIM_CART, salesforce_opportunity_id=second), "key-2")
    await staff(sandbox, f"orders/{placed.salesforce_order_id}/cancel", {})
    assert await opportunities.find_or_create(customer, **SIM) == first


async def test_f8a_a_lost_answer_leaves_one(opportunities, customer, sandbox):
    sandbox.world.faults.add("salesforce", "create Opportunity", "effect_no_reply", 1, None)
    found = await opportunities.find_or_create(customer, **SIM)
    assert await opportunities.find_or_create(customer, **SIM) == found and count(sandbox, "Opportunity") == 1


async def test_f8a_what_never_arrived_is_unknown_and_the_next_try_makes_it(opportunities, customer, sandbox):
    sandbox.world.faults.add("salesforce", "create Opportunity", "http500", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await opportunities.find_or_create(customer, **SIM)
    await opportunities.find_or_create(customer, **SIM)
    assert count(sandbox, "Opportunity") == 1


async def test_moving_writes_only_what_changes(opportunities, customer, sandbox):
    one = await opportunities.find_or_create(customer, **SIM)
    await opportunities.move(customer, one, "Post Processing")
    written = (await record(sandbox, one))["SystemModstamp"]
    await opportunities.move(customer, one, "Post Processing")
    kept = await record(sandbox, one)
    assert (kept["StageName"], kept["SystemModstamp"]) == ("Post Processing", written)


async def test_o1_another_accounts_is_neither_found_nor_moved(opportunities, customer, client, sandbox):
    mine = await opportunities.find_or_create(customer, **ASKED)
    stranger = await customer_of(client, "C-100002")
    assert await opportunities.find_or_create(stranger, **ASKED) != mine
    for wrong in (mine, "", "../User/005000000000001", customer.salesforce_account_id):
        with pytest.raises(NotFound):
            await opportunities.move(stranger, wrong, "Void")
    assert (await record(sandbox, mine))["StageName"] == "Introduction"
    with pytest.raises(NotFound):
        await opportunities.find_or_create(type(customer)("nobody", 0), **ASKED)
