"""The demo's sign-ins, made once and found again."""

import pytest

from portal_app.errors import ConfigError, NotFound
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.logins import Logins
from portal_app.security.passwords import Passwords
from portal_app.workflows.demo_users import EMAILS, PASSWORD, DemoUsers
from tests.fakes.salesforce import ACCOUNT, OTHER_ACCOUNT, FakeSalesforce, an_account, page_of_html
from tests.fakes.settings import a_settings
from tests.fakes.whmcs import a_wire_client


@pytest.fixture
def passwords():
    made = Passwords("pepper of the tests 0123456789 abcdefgh", 4)
    yield made
    made.close()


@pytest.fixture
def salesforce() -> FakeSalesforce:
    """The account of each demo client."""
    found = FakeSalesforce()
    for place, account_id in enumerate((ACCOUNT, OTHER_ACCOUNT), 1):
        written = f"#{100 + place} - Demo"
        found.records["Account"].append(an_account(f"C-10000{place}", account_id, WH_Account__c=written))
    return found


def demo_users(world, passwords, salesforce, **changes) -> DemoUsers:
    whmcs, connected = world.whmcs.client(), salesforce.connect()
    logins = Logins(whmcs, customer_number_field_id=198, portal_user_field_id=202)
    accounts = Accounts(connected.client, FieldMap(), world.clock)
    return DemoUsers(a_settings(**changes), world.users, Clients(whmcs, world.cache), passwords, logins, accounts)


def a_demo_client(number: int, email: str) -> dict:
    fields = [{"id": 198, "value": f"C-{number + 99_900}"}]
    return a_wire_client(number, email=email, customfields=fields)


@pytest.fixture
def making(world, passwords, salesforce) -> DemoUsers:
    world.whmcs.clients = [a_demo_client(number, email) for number, email in enumerate(EMAILS, 101)]
    return demo_users(world, passwords, salesforce)


async def test_a_demo_user_is_made_mapped_and_can_sign_in(world, making, passwords):
    assert await making.make(EMAILS[0], PASSWORD) is True
    user = await world.users.find_by_email(EMAILS[0])
    customer = await world.users.find_customer(user.user_id)
    assert customer.whmcs_client_id == 101
    assert (await passwords.verify(PASSWORD, user.password_hash)).ok


async def test_a_second_run_changes_nothing(world, making):
    await making.make(EMAILS[0], PASSWORD)
    before = await world.users.find_by_email(EMAILS[0])
    assert await making.make(EMAILS[0], PASSWORD) is False
    assert await world.users.find_by_email(EMAILS[0]) == before


async def test_a_sandbox_started_over_gets_its_new_client_mapped(world, making):
    await making.make(EMAILS[0], PASSWORD)
    world.whmcs.clients = [a_wire_client(900, email=EMAILS[0])]
    await making.make(EMAILS[0], PASSWORD)
    user = await world.users.find_by_email(EMAILS[0])
    assert (await world.users.find_customer(user.user_id)).whmcs_client_id == 900


async def test_another_password_is_set_only_when_asked_for(world, making, passwords):
    await making.make(EMAILS[0], PASSWORD)
    await making.make(EMAILS[0], "another-password-1")
    user = await world.users.find_by_email(EMAILS[0])
    assert (await passwords.verify(PASSWORD, user.password_hash)).ok
    await making.make(EMAILS[0], "another-password-1", set_password=True)
    user = await world.users.find_by_email(EMAILS[0])
    assert (await passwords.verify("another-password-1", user.password_hash)).ok


async def test_a_whmcs_without_that_client_makes_no_user(world, making):
    world.whmcs.clients = []
    with pytest.raises(NotFound):
        await making.make(EMAILS[0], PASSWORD)
    assert await world.users.find_by_email(EMAILS[0]) is None


@pytest.mark.parametrize(
    "changes", [{"PORTAL_ENV": "dev"}, {"WHMCS_BASE_URL": "https://billing.example.com"}], ids=["dev", "real WHMCS"]
)
def test_demo_users_exist_only_beside_the_sandbox(world, passwords, salesforce, changes):
    with pytest.raises(ConfigError):
        demo_users(world, passwords, salesforce, **changes)


async def mapped(world, email: str):
    user = await world.users.find_by_email(email)
    return await world.users.find_customer(user.user_id)


async def test_each_demo_user_has_the_account_with_its_clients_number(world, making):
    for email, client_id, account_id in zip(EMAILS, (101, 102), (ACCOUNT, OTHER_ACCOUNT), strict=True):
        await making.make(email, PASSWORD)
        customer = await mapped(world, email)
        assert (customer.whmcs_client_id, customer.salesforce_account_id) == (client_id, account_id)


async def test_a_mapping_without_an_account_is_repaired_by_a_second_run(world, making, salesforce):
    salesforce.keeps("Query", page_of_html(503))
    await making.make(EMAILS[0], PASSWORD)
    assert (await mapped(world, EMAILS[0])).salesforce_account_id == ""
    salesforce.always.clear()
    assert await making.make(EMAILS[0], PASSWORD) is False
    assert (await mapped(world, EMAILS[0])).salesforce_account_id == ACCOUNT


async def test_an_account_is_not_forgotten_while_salesforce_is_away(world, making, salesforce):
    await making.make(EMAILS[0], PASSWORD)
    salesforce.keeps("Query", page_of_html(503))
    await making.make(EMAILS[0], PASSWORD)
    assert (await mapped(world, EMAILS[0])).salesforce_account_id == ACCOUNT


async def test_an_account_of_another_client_is_not_taken(world, making, salesforce):
    salesforce.records["Account"][0]["WH_Account__c"] = "#900 - Somebody"
    await making.make(EMAILS[0], PASSWORD)
    assert (await mapped(world, EMAILS[0])).salesforce_account_id == ""
