"""Every mapping is proved against both systems each night; what the portal wrote and lost is written again."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.whmcs.logins import Logins
from portal_app.observability import metrics
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.signups import Signups
from portal_app.workflows import account_check
from portal_app.workflows.account_check import KIND, AccountCheck
from portal_app.workflows.account_writeback import AccountWriteback
from portal_app.workflows.findings import MOST_FAILURES, Stopped
from tests.fakes.portal_world import PortalWorld
from tests.fakes.salesforce import QUICK, FakeSalesforce, an_account, page_of_html
from tests.fakes.whmcs import a_wire_client
from tests.fakes.whmcs import page_of_html as whmcs_page_of_html

NUMBER_FIELD, MARKER_FIELD = 198, 202


@dataclass
class Night:
    """A portal, both systems, and the check over them."""

    world: PortalWorld
    salesforce: FakeSalesforce
    check: AccountCheck
    accounts: Accounts
    signups: Signups

    async def a_customer(self, whmcs_client_id: int = 7, *, mapped: bool = True, marker: str = "") -> Customer:
        """A customer on whom all three agree."""
        user_id = await self.world.users.create(f"client{whmcs_client_id}@example.com", "hash")
        account_id = as_18(f"001{whmcs_client_id:012d}")
        await self.world.users.link(user_id, whmcs_client_id, account_id if mapped else "")
        number = f"C-{whmcs_client_id:04d}"
        fields = {NUMBER_FIELD: number, MARKER_FIELD: marker.replace("mine", user_id)}
        custom = [{"id": field_id, "value": value} for field_id, value in fields.items()]
        self.world.whmcs.clients.append(
            a_wire_client(whmcs_client_id, firstname="NameCanary", email="mail.canary@example.com", customfields=custom)
        )
        written = f"#{whmcs_client_id} - NameCanary Yamada"
        row = an_account(number, account_id, WH_Account__c=written, Portal_Status__c="Active")
        self.salesforce.records["Account"].append(row)
        return Customer(user_id, whmcs_client_id, account_id if mapped else "")

    async def findings(self) -> list[str]:
        """What is left for a person after a night."""
        await self.check.nightly()
        return [item["why"] for item in (await self.report()).left]

    async def report(self):
        return (await self.world.reports.latest(KIND))[0]

    async def deliver(self) -> list[dict]:
        """Deliver what waits; the payloads."""
        items = await self.world.outbox.claim()
        for item in items:
            await AccountWriteback(self.accounts).deliver(item.payload, item.outbox_id)
            await self.world.outbox.sent(item)
        return [item.payload for item in items]


@pytest.fixture
def night(world) -> Night:
    salesforce = FakeSalesforce()
    accounts = Accounts(salesforce.connect(policy=replace(QUICK, read_attempts=1)).client, FieldMap(), world.clock)
    logins = Logins(world.whmcs_client, customer_number_field_id=NUMBER_FIELD, portal_user_field_id=MARKER_FIELD)
    signups = Signups(world.db, FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index of the tests"), world.clock)
    check = AccountCheck(
        users=world.users,
        logins=logins,
        accounts=accounts,
        signups=signups,
        outbox=world.outbox,
        db=world.db,
        reports=world.reports,
        bus=world.bus,
        clock=world.clock,
    )
    return Night(world, salesforce, check, accounts, signups)


async def test_a_mapping_on_which_all_agree_is_a_report_of_zeros(night):
    await night.a_customer(7)
    assert await night.check.nightly() == "accounts.nightly: 1 compared, 0 drift, 0 left"
    assert await night.world.outbox.depth() == 0
    assert "portal_reconcile_left" in metrics.render().decode()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "Closed"}, "client_closed"),
        ({"customfields": [{"id": NUMBER_FIELD, "value": "C-9999"}]}, "number_differs"),
        ({"customfields": []}, "number_differs"),
        (
            {"customfields": [{"id": NUMBER_FIELD, "value": "C-0007"}, {"id": MARKER_FIELD, "value": "another"}]},
            "client_of_another_user",
        ),
    ],
)
async def test_what_changed_in_whmcs_is_left_for_a_person(night, changes, why):
    await night.a_customer(7)
    night.world.whmcs.clients[0] |= changes
    assert await night.findings() == [why]
    assert await night.world.outbox.depth() == 0


async def test_a_client_that_is_gone_is_left_for_a_person(night):
    await night.a_customer(7)
    night.world.whmcs.clients.clear()
    assert await night.findings() == ["client_unknown"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"SF_Account_No__c": "C-9999"}, "number_differs"),
        ({"SF_Account_No__c": None}, "number_differs"),
        ({"WH_Account__c": "#8 - Somebody"}, "account_of_another_client"),
        ({"WH_Account__c": "see notes"}, "reference_unreadable"),
        ({"WH_Account__c": None, "SF_Account_No__c": "C-9999"}, "number_differs"),
        ({"Id": as_18("001000000000999")}, "account_gone"),
    ],
)
async def test_what_changed_in_salesforce_is_left_for_a_person_and_not_written_over(night, changes, why):
    await night.a_customer(7)
    night.salesforce.records["Account"][0] |= changes
    assert await night.findings() == [why]
    assert await night.world.outbox.depth() == 0


async def test_a_mapping_without_an_account_is_said(night):
    await night.a_customer(7, mapped=False)
    assert await night.findings() == ["no_account_mapped"]


@pytest.mark.parametrize("lost", [{"WH_Account__c": None}, {"Portal_Status__c": None}, {"Portal_Status__c": "Former"}])
async def test_a_lost_back_reference_or_status_is_written_again_and_the_next_night_is_quiet(night, lost):
    await night.a_customer(7)
    row = night.salesforce.records["Account"][0]
    before = dict(row)
    row |= lost
    assert await night.findings() == []
    assert (await night.report()).drift == {"added": 0, "changed": 1, "removed": 0}
    assert "work:outbox" in night.world.heard
    await night.deliver()
    assert {**row, "Portal_Registration_Source__c": None} == before
    assert await night.check.nightly() == "accounts.nightly: 1 compared, 0 drift, 0 left"


@pytest.mark.parametrize(("marker", "source"), [("mine", "New Signup"), ("", "Migrated")])
async def test_the_source_is_told_by_whether_the_portal_made_the_client(night, marker, source):
    customer = await night.a_customer(7, marker=marker)
    night.salesforce.records["Account"][0] |= {"WH_Account__c": None, "Portal_Status__c": None}
    await night.check.nightly()
    (payload,) = await night.deliver()
    assert (payload["salesforce_account_id"], payload["whmcs_client_id"]) == (customer.salesforce_account_id, 7)
    assert night.salesforce.records["Account"][0]["Portal_Registration_Source__c"] == source


async def test_a_repair_that_does_not_succeed_is_asked_for_once_a_day(night):
    await night.a_customer(7)
    night.salesforce.records["Account"][0]["Portal_Status__c"] = None
    await night.check.nightly()
    await night.check.nightly()
    assert await night.world.outbox.depth() == 1
    night.world.clock.advance(timedelta(days=1))
    await night.check.nightly()
    assert await night.world.outbox.depth() == 2


async def test_every_customer_is_compared_once_in_batches(night, monkeypatch):
    monkeypatch.setattr(account_check, "BATCH", 2)
    for whmcs_client_id in range(1, 6):
        await night.a_customer(whmcs_client_id)
    await night.check.nightly()
    assert ((await night.report()).compared, (await night.report()).left) == (5, [])
    assert len(night.world.whmcs.asked("GetClientsDetails")) == 5
    assert night.salesforce.count("Query") == 3


async def test_one_client_that_cannot_be_read_keeps_no_other_from_it(night):
    for whmcs_client_id in (1, 2, 3):
        await night.a_customer(whmcs_client_id)
    night.world.whmcs.will("GetClientsDetails", whmcs_page_of_html(503))
    assert await night.findings() == ["http_503"]
    assert (await night.report()).compared == 3


async def test_a_whmcs_that_is_gone_ends_the_night_early_and_says_so(night):
    for whmcs_client_id in range(1, MOST_FAILURES + 3):
        await night.a_customer(whmcs_client_id)
    night.world.whmcs.will("GetClientsDetails", *[whmcs_page_of_html(503)] * (MOST_FAILURES + 2))
    with pytest.raises(Stopped):
        await night.check.nightly()
    assert (await night.report()).notes == "stopped early: http_503"


async def test_a_salesforce_that_is_gone_ends_the_night_early_and_no_account_is_called_gone(night):
    await night.a_customer(7)
    night.salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(Stopped):
        await night.check.nightly()
    found = await night.report()
    assert (found.notes, found.left) == ("stopped early: http_503", [])


async def test_the_end_of_the_process_is_not_waited_for(night):
    await night.a_customer(7)
    with pytest.raises(Stopped):
        await night.check.nightly(lambda: True)
    assert (await night.report()).notes == "stopped early: stopping"


async def test_a_writeback_that_was_given_up_is_listed(night):
    world = night.world
    async with world.db.write() as tx:
        await world.outbox.add(tx, "account_writeback", "account_writeback:signup-1", {"first_name": "NameCanary"})
    (item,) = await world.outbox.claim()
    await world.outbox.failed(item, "accounts.other_client", final=True)
    await night.check.nightly()
    assert (await night.report()).left == [{"writeback": "signup-1", "why": "writeback_accounts.other_client"}]


async def test_a_signup_that_needs_a_look_is_listed(night, monkeypatch):
    class Stuck:
        signup_id, error_code = "signup-2", "marker_missing"

    async def needing_review():
        return [Stuck()]

    monkeypatch.setattr(night.signups, "needing_review", needing_review)
    await night.check.nightly()
    assert (await night.report()).left == [{"signup_id": "signup-2", "why": "signup_marker_missing"}]


async def test_r2_a_report_holds_ids_and_reasons_and_no_person(night):
    await night.a_customer(7)
    night.salesforce.records["Account"][0]["SF_Account_No__c"] = "C-9999"
    await night.check.nightly()
    assert (await night.report()).left == [{"whmcs_client_id": 7, "why": "number_differs"}]


@pytest.mark.parametrize("what", ["address", "profile"])
async def test_a_change_that_salesforce_never_heard_of_is_listed(night, what):
    world = night.world
    async with world.db.write() as tx:
        await world.outbox.add(tx, f"{what}_writeback", f"{what}_writeback:user-1:f00d", {"city": "CityCanary"})
    (item,) = await world.outbox.claim()
    await world.outbox.failed(item, "unavailable", final=True)
    await night.check.nightly()
    assert (await night.report()).left == [{"user_id": "user-1", "why": f"{what}_unavailable"}]
