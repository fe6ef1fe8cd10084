"""Who a client is, by id and by e-mail, and WHMCS's own figures."""

from decimal import Decimal

import httpx
import pytest

from portal_app.domain.profile import Profile
from portal_app.errors import NotFound, UpstreamRejected, UpstreamUnavailable
from tests.fakes.whmcs import a_wire_client, page_of_html, refusal, success


@pytest.fixture
def clients(desk):
    return desk.clients


def a_user(email, *clients, user_id=900):
    return {"id": user_id, "email": email, "clients": [{"id": c, "isOwner": owner} for c, owner in clients]}


async def test_a_profile_is_the_names_of_the_billing_account(clients, customer, whmcs):
    whmcs.clients = [a_wire_client(firstname="Sin&eacute;ad", lastname=" O&#039;Brien ", companyname="A &amp; B")]
    assert await clients.get_profile(customer) == Profile("Sinéad", "O'Brien", "A & B")


async def test_a_profile_is_read_once_in_half_an_hour(clients, customer, whmcs, clock):
    whmcs.clients = [a_wire_client()]
    await clients.get_profile(customer)
    clock.advance(24 * 60)  # before an early renewal may come, at 0.81 of the half hour
    await clients.get_profile(customer)
    assert len(whmcs.calls) == 1
    clock.advance(7 * 60)
    await clients.get_profile(customer)
    assert len(whmcs.calls) == 2


async def test_old_versions_put_the_client_at_the_top_level(clients, customer, whmcs):
    whmcs.will("GetClientsDetails", success(userid="7", firstname="Hanako", lastname="Yamada"))
    assert (await clients.get_profile(customer)).first_name == "Hanako"


async def test_o2_an_answer_about_another_client_is_not_shown(desk, clients, customer, whmcs):
    other = a_wire_client(8)
    whmcs.will("GetClientsDetails", success(client=other))
    with pytest.raises(NotFound):
        await clients.get_profile(customer)
    assert desk.foreign == [(customer.user_id, "client", 8)]


async def test_a_client_that_is_gone_is_not_found(clients, customer):
    with pytest.raises(NotFound):
        await clients.get_profile(customer)


async def test_a_client_is_found_by_the_login_of_its_owner(clients, whmcs):
    whmcs.users = [a_user("demo@example.com.au", (5, True)), a_user("Demo@Example.com", (7, "1"), (8, False))]
    assert await clients.find_client_id_by_email(" demo@example.COM ") == 7


async def test_a_login_that_only_helps_a_client_does_not_find_it(clients, whmcs):
    whmcs.users = [a_user("accountant@example.com", (7, False))]
    assert await clients.find_client_id_by_email("accountant@example.com") is None


async def test_a_login_that_owns_several_clients_finds_none_of_them(clients, whmcs):
    whmcs.users = [a_user("shared@example.com", (7, True), (8, True))]
    assert await clients.find_client_id_by_email("shared@example.com") is None


async def test_without_such_a_login_the_clients_own_email_is_tried(clients, whmcs):
    whmcs.clients = [a_wire_client(7, email="Billing@example.com")]
    assert await clients.find_client_id_by_email("billing@example.com") == 7
    assert await clients.find_client_id_by_email("nobody@example.com") is None


@pytest.mark.parametrize("empty", ["", "  "])
async def test_an_empty_email_finds_nobody_without_asking(clients, whmcs, empty):
    assert await clients.find_client_id_by_email(empty) is None
    assert whmcs.calls == []


async def test_an_outage_is_not_mistaken_for_nobody(clients, whmcs):
    whmcs.will("GetUsers", page_of_html())
    with pytest.raises(UpstreamUnavailable):
        await clients.find_client_id_by_email("demo@example.com")
    whmcs.will("GetClientsDetails", refusal("Either clientid Or email Is Required"))
    with pytest.raises(UpstreamRejected):
        await clients.find_client_id_by_email("demo@example.com")


async def test_users_may_come_wrapped_and_their_clients_in_any_spelling(clients, whmcs):
    user = {"id": "900", "email": "demo@example.com", "clients": {"client": {"id": "7", "isOwner": "true"}}}
    whmcs.will("GetUsers", httpx.Response(200, json={"result": "success", "users": {"user": {"0": user}}}))
    assert await clients.find_client_id_by_email("demo@example.com") == 7


async def test_whmcss_own_figures_for_a_client(clients, whmcs):
    whmcs.clients = [a_wire_client(7)]
    stats = await clients.get_stats(7)
    assert (stats.numunpaidinvoices, stats.numpaidinvoices, stats.dueinvoicesbalance) == (1, 4, Decimal(1100))
    assert whmcs.calls[0]["stats"] == "1"


async def test_figures_of_nobody_are_not_found(clients):
    with pytest.raises(NotFound):
        await clients.get_stats(7)
