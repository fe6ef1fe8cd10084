"""A move, seen by staff: the contact lives elsewhere, the old answer is gone, a new question is about the new home."""

from dataclasses import replace

import pytest

from portal_app.domain.eligibility import EligibilityState
from portal_app.errors import Conflict, UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.address import ADDRESS_WRITEBACK, AddressBook
from portal_app.workflows.availability import Availability
from tests.fakes.address_world import a_change
from tests.fakes.whmcs import FakeWhmcs, a_wire_client
from tests.integrations.salesforce.selling.staff import count, record

S = EligibilityState


@pytest.fixture
def whmcs(customer):
    return FakeWhmcs(clients=[a_wire_client(customer.whmcs_client_id)])


@pytest.fixture
def book(office, client, whmcs):
    quick = replace(WHMCS, per_second=100_000, per_minute=None)
    return AddressBook(
        whmcs_addresses=Addresses(whmcs.client(Upstream(quick, office.clock)), office.cache),
        contacts=Contacts(client, FieldMap(), office.users),
        checks=office.checks,
        locks=office.locks,
        outbox=office.outbox,
        db=office.db,
        bus=office.bus,
        audit=office.audit,
    )


@pytest.fixture
def availability(office, book) -> Availability:
    office.availability._addresses = book
    return office.availability


@pytest.fixture
def worker(office, book):
    async def mail(payload, reference) -> None:
        """Not looked at here."""

    return OutboxSender(office.outbox, {ADDRESS_WRITEBACK: book.deliver, "mail": mail})


async def test_a_yes_ends_with_the_old_address_and_the_new_one_is_asked_for_anew(
    office, customer, sandbox, book, availability, worker
):
    first = await availability.request(customer)
    await office.decide(customer, status="Eligible", offering="Home 1G")
    await office.checks.clear(customer)
    assert (await availability.get(customer)).state is S.ELIGIBLE

    await book.change(customer, a_change())
    assert await book.is_settling(customer)
    while await worker.once():
        pass
    assert (await availability.get(customer)).state is S.NOT_REQUESTED

    second = await availability.request(customer)
    assert second.salesforce_case_id != first.salesforce_case_id
    case = await record(sandbox, second.salesforce_case_id)
    assert all(part in case["Description"] for part in ("530-0001", "4-5 Umeda", "Heights 101"))
    assert count(sandbox, "Case") == 2


async def test_staff_find_the_japanese_address_in_its_parts(customer, client, book, worker):
    await book.change(customer, a_change(building="梅田ハイツ", building_roman="Umeda Heights"))
    while await worker.once():
        pass
    found = await client.query(
        soql(
            "SELECT MailingPostalCode, MailingState, MailingCity, MailingStreet, BuildingName__c, RoomNumber__c "
            "FROM Contact WHERE AccountId = {}",
            customer.salesforce_account_id,
        ),
        operation="Look",
    )
    lives = ["530-0001", "大阪府", "大阪市北区", "梅田4-5", "梅田ハイツ", "101"]
    assert lives in [list(row.values())[-6:] for row in found]


async def test_while_nobody_knows_whether_the_customer_moved_no_check_is_asked_for(
    office, customer, sandbox, whmcs, book, availability, worker
):
    whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await book.change(customer, a_change())
    with pytest.raises(Conflict) as refused:
        await availability.request(customer)
    assert (refused.value.reason, count(sandbox, "Case")) == ("availability.settling", 0)
    office.clock.advance(61)
    while await worker.once():
        pass
    asked = await availability.request(customer)
    assert "4-5 Umeda" in (await record(sandbox, asked.salesforce_case_id))["Description"]
