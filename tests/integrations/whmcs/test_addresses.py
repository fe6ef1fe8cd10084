"""The address WHMCS holds: read as it is written, replaced as a whole, nobody else's."""

from datetime import timedelta

import httpx
import pytest

from portal_app.domain.address import Address
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from tests.fakes.whmcs import a_wire_client, refusal, success

HOME = Address(
    postal_code="150-0001", prefecture="Tokyo", city="Shibuya-ku", address1="1-2-3 Jingumae", address2="Heights 101"
)
NEW = Address(postal_code="530-0001", prefecture="Osaka", city="Kita-ku, Osaka-shi", address1="4-5 Umeda")


@pytest.fixture
def addresses(desk):
    return desk.addresses


@pytest.fixture
def client(whmcs):
    row = a_wire_client(7, address2="Heights 101")
    whmcs.clients = [row, a_wire_client(8, email="kenichi@example.com")]
    return row


async def test_the_address_is_read_as_whmcs_holds_it(addresses, customer, client):
    assert await addresses.get(customer) == HOME


async def test_a_postal_code_typed_by_staff_is_read_in_one_spelling_and_entities_are_undone(
    addresses, customer, client
):
    client.update(postcode=" 1500001", address2="Heights &amp; Sons 101", state="Tokyo ")
    held = await addresses.get(customer)
    assert (held.postal_code, held.address2, held.prefecture) == ("150-0001", "Heights & Sons 101", "Tokyo")


@pytest.mark.parametrize("part", ["postcode", "state", "city", "address1"])
async def test_an_address_that_lacks_a_part_is_none(addresses, customer, client, part):
    client[part] = " "
    assert await addresses.get(customer) is None


async def test_the_second_line_may_lack_and_an_address_abroad_is_none_here(addresses, customer, client):
    client["address2"] = ""
    assert (await addresses.get(customer)).address2 == ""
    client["country"] = "US"
    assert await addresses.get(customer, anew=True) is None


async def test_the_copy_is_half_an_hour_old_at_most_and_none_is_kept_too(addresses, customer, client, whmcs, clock):
    client["city"] = ""
    for _ in range(2):
        assert await addresses.get(customer) is None
    assert len(whmcs.asked("GetClientsDetails")) == 1
    client["city"] = "Shibuya-ku"
    assert await addresses.get(customer, anew=True) == HOME
    clock.advance(timedelta(minutes=31))
    await addresses.get(customer)
    assert len(whmcs.asked("GetClientsDetails")) == 3


async def test_a_write_replaces_the_whole_address_and_nothing_else(addresses, customer, client, whmcs):
    await addresses.update(customer, NEW)
    (sent,) = whmcs.asked("UpdateClient")
    assert set(sent) - {"action", "responsetype"} == {
        "clientid", "postcode", "state", "city", "address1", "address2", "country",
    }  # fmt: skip
    assert (sent["clientid"], sent["address2"]) == ("7", ""), "the old building must not stay"
    assert client["firstname"] == "Hanako"


async def test_after_a_write_address_and_profile_are_read_anew(desk, addresses, customer, client, whmcs):
    await addresses.get(customer)
    await desk.clients.get_profile(customer)
    await addresses.update(customer, NEW)
    client["firstname"] = "Hana"
    assert await addresses.get(customer) == NEW
    assert (await desk.clients.get_profile(customer)).first_name == "Hana"


async def test_a_lost_answer_is_unknown_and_what_is_read_next_is_the_truth(addresses, customer, client, whmcs):
    await addresses.get(customer)
    whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await addresses.update(customer, NEW)
    assert await addresses.get(customer) == NEW
    assert len(whmcs.asked("UpdateClient")) == 1, "never sent twice"


async def test_a_refusal_and_a_closed_door_are_surely_not_written(addresses, customer, client, whmcs):
    whmcs.will("UpdateClient", refusal("You did not provide required custom field value for Canary"))
    with pytest.raises(UpstreamRejected) as refused:
        await addresses.update(customer, NEW)
    assert refused.value.code == "custom_field_missing"
    whmcs.will("UpdateClient", httpx.ConnectError("refused"))
    with pytest.raises(UpstreamUnavailable):
        await addresses.update(customer, NEW)
    assert await addresses.get(customer) == HOME


async def test_a_client_that_is_gone_is_not_found(addresses, customer, whmcs):
    with pytest.raises(NotFound):
        await addresses.get(customer)
    with pytest.raises(NotFound):
        await addresses.update(customer, NEW)


async def test_o1_an_answer_about_another_client_is_not_found_and_told(desk, addresses, customer, client, whmcs):
    whmcs.will("GetClientsDetails", success(client=a_wire_client(8)))
    with pytest.raises(NotFound):
        await addresses.get(customer)
    assert desk.foreign == [(customer.user_id, "client", 8)]
