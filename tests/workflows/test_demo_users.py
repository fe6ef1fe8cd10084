"""The demo's sign-ins, made once and found again."""

import pytest

from portal_app.errors import ConfigError, NotFound
from portal_app.integrations.whmcs.clients import Clients
from portal_app.security.passwords import Passwords
from portal_app.workflows.demo_users import EMAILS, PASSWORD, DemoUsers
from tests.fakes.settings import a_settings
from tests.fakes.whmcs import a_wire_client


@pytest.fixture
def passwords():
    made = Passwords("pepper of the tests 0123456789 abcdefgh", 4)
    yield made
    made.close()


@pytest.fixture
def making(world, passwords) -> DemoUsers:
    world.whmcs.clients = [a_wire_client(number, email=email) for number, email in enumerate(EMAILS, 101)]
    return DemoUsers(a_settings(), world.users, Clients(world.whmcs.client(), world.cache), passwords)


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
def test_demo_users_exist_only_beside_the_sandbox(world, passwords, changes):
    with pytest.raises(ConfigError):
        DemoUsers(a_settings(**changes), world.users, Clients(world.whmcs.client(), world.cache), passwords)
