"""What WHMCS knows about a person: read in our words, written field by field, nobody else's."""

from datetime import date, timedelta

import httpx
import pytest

from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.whmcs.profiles import ClientProfiles
from sandbox.whmcs.php import decode_field
from tests.fakes.whmcs import a_wire_client, refusal, success

FIELDS = [{"id": 198, "value": "C-100007"}, {"id": 199, "value": "1990/05/17"}, {"id": 200, "value": "W"}]


def a_person(client_id: int = 7, **changed: object) -> dict[str, object]:
    known = {"phonenumber": "090-1234-5678", "companyname": "Harbour &amp; Sons", "language": "japanese"}
    return a_wire_client(client_id, customfields=FIELDS, isOptedInToMarketingEmails="1", **known) | changed


@pytest.fixture
def client(whmcs):
    row = a_person()
    whmcs.clients = [row, a_person(8, email="kenichi@example.com")]
    return row


@pytest.fixture
def profiles(desk):
    def told(customer, kind, whmcs_id):
        desk.foreign.append((customer.user_id, kind, whmcs_id))

    ids = {"customer_number_field_id": 198, "birth_date_field_id": 199, "gender_field_id": 200}
    return ClientProfiles(desk.client, desk.cache, on_foreign=told, **ids)


async def test_what_whmcs_holds_is_read_in_our_words(profiles, customer, client):
    held = await profiles.get(customer)
    assert (held.first_name, held.last_name, held.customer_number) == ("Hanako", "Yamada", "C-100007")
    assert (held.phone, held.birth_date, held.gender) == ("+819012345678", date(1990, 5, 17), "W")
    assert (held.company, held.language, held.marketing) == ("Harbour & Sons", "ja", True)
    assert held.complete and held.keeps == {"birth_date", "gender"}


@pytest.mark.parametrize("written", ["+81.9012345678", "+81 90 1234 5678", "09012345678"])
async def test_a_number_is_one_however_it_was_written(profiles, customer, client, written):
    client["phonenumber"] = written
    assert (await profiles.get(customer)).phone == "+819012345678"


async def test_what_staff_typed_and_nobody_can_read_is_shown_or_left_out_and_breaks_nothing(profiles, customer, client):
    client.update(phonenumber="ask Kenji", language="german", address1="")
    client["customfields"] = [{"id": 199, "value": "spring"}, {"id": 200, "value": "Lady"}]
    held = await profiles.get(customer)
    assert (held.phone, held.birth_date, held.gender, held.language) == ("ask Kenji", None, "", None)
    assert not held.complete


async def test_without_field_ids_birth_date_and_gender_have_no_place(desk, customer, client, whmcs):
    profiles = ClientProfiles(desk.client, desk.cache, customer_number_field_id=198)
    held = await profiles.get(customer)
    assert (held.birth_date, held.gender, held.keeps) == (None, "", frozenset())
    await profiles.update(customer, {"phone": "+81312345678", "birth_date": date(1990, 1, 1), "gender": "M"})
    assert "customfields" not in whmcs.asked("UpdateClient")[0]


async def test_a_change_writes_the_named_fields_in_whmcs_words_and_no_other(profiles, customer, client, whmcs):
    await profiles.update(customer, {"company": "en", "language": "en", "marketing": False, "birth_date": None})
    (sent,) = whmcs.asked("UpdateClient")
    assert {name: sent[name] for name in ("companyname", "language", "marketingoptin")} == {
        "companyname": "en",
        "language": "english",
        "marketingoptin": "0",
    }
    assert decode_field(sent["customfields"]) == {199: ""}
    assert not {"phonenumber", "firstname", "email"} & set(sent)


async def test_h1_after_a_change_the_profile_is_read_anew(profiles, customer, client):
    await profiles.get(customer)
    await profiles.update(customer, {"phone": "+819011112222"})
    assert (await profiles.get(customer)).phone == "+819011112222"


async def test_the_copy_is_half_an_hour_old_at_most(profiles, customer, client, whmcs, clock):
    for _ in range(2):
        await profiles.get(customer)
    assert len(whmcs.asked("GetClientsDetails")) == 1
    clock.advance(timedelta(minutes=31))
    await profiles.get(customer)
    assert len(whmcs.asked("GetClientsDetails")) == 2


async def test_a_custom_field_that_whmcs_does_not_keep_is_told_to_staff(profiles, customer, client, whmcs, caplog):
    whmcs.will("UpdateClient", success(clientid="7"))
    await profiles.update(customer, {"gender": "M"})
    assert [r.code for r in caplog.records if r.message == "custom field not kept"] == ["field_200"]


async def test_a_lost_answer_is_unknown_and_what_is_read_next_is_the_truth(profiles, customer, client, whmcs):
    await profiles.get(customer)
    whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await profiles.update(customer, {"phone": "+819011112222"})
    assert (await profiles.get(customer)).phone == "+819011112222"
    assert len(whmcs.asked("UpdateClient")) == 1, "never sent twice"


async def test_a_refusal_and_a_closed_door_are_surely_not_written(profiles, customer, client, whmcs):
    whmcs.will("UpdateClient", refusal("You did not provide required custom field value for Canary"))
    with pytest.raises(UpstreamRejected):
        await profiles.update(customer, {"company": "Other"})
    whmcs.will("UpdateClient", httpx.ConnectError("refused"))
    with pytest.raises(UpstreamUnavailable):
        await profiles.update(customer, {"company": "Other"})
    assert client["companyname"] == "Harbour &amp; Sons"


async def test_a_client_that_is_gone_is_not_found(profiles, customer, whmcs):
    with pytest.raises(NotFound):
        await profiles.get(customer)
    with pytest.raises(NotFound):
        await profiles.update(customer, {"company": "x"})


async def test_o1_an_answer_about_another_client_is_not_found_and_told(desk, profiles, customer, client, whmcs):
    whmcs.will("GetClientsDetails", success(client=a_person(8)))
    with pytest.raises(NotFound):
        await profiles.get(customer)
    assert desk.foreign == [(customer.user_id, "client", 8)]
