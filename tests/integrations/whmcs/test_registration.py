"""Making a WHMCS client, finding it again, taking it back."""

import logging
from dataclasses import replace
from datetime import date

import httpx
import pytest

from portal_app.errors import (
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.whmcs.registration import NewClient, Registered, Registration
from sandbox.whmcs.php import decode_field
from tests.fakes.whmcs import FakeWhmcs, a_wire_client, a_wire_user, page_of_html, refusal, success

NUMBER, MARKER, BIRTH = 198, 202, 199
OURS = "5f2c7f1e-0000-4000-8000-000000000001"
HANAKO = NewClient(
    portal_user_id=OURS,
    customer_number="C-200001",
    first_name="Hanako",
    last_name="Yamada",
    company="",
    email="hanako@example.com",
    phone="+819012345678",
    postal_code="150-0002",
    prefecture="Tokyo",
    city="Shibuya-ku",
    address1="Shibuya 2-21-1",
    address2="",
    language="japanese",
    marketing=False,
    birth_date=date(1990, 5, 17),
)


@pytest.fixture
def whmcs():
    return FakeWhmcs()


@pytest.fixture
def registration(whmcs):
    return Registration(
        whmcs.client(), customer_number_field_id=NUMBER, portal_user_field_id=MARKER, birth_date_field_id=BIRTH
    )


def marked(client_id, marker=OURS, **changed):
    return a_wire_client(client_id, customfields=[{"id": str(MARKER), "value": marker}], **changed)


# Adding


async def test_a_new_client_is_made_with_our_marker_and_no_mail(registration, whmcs):
    assert await registration.add(HANAKO) == 1
    sent = whmcs.asked("AddClient")[0]
    assert decode_field(sent["customfields"]) == {NUMBER: "C-200001", MARKER: OURS, BIRTH: "1990-05-17"}
    assert (sent["noemail"], sent["marketingoptin"]) == ("1", "0")
    assert (sent["country"], sent["state"], sent["language"]) == ("JP", "Tokyo", "japanese")
    assert await registration.portal_user_of(1) == OURS


async def test_its_login_gets_a_long_password_that_is_another_one_each_time(registration, whmcs):
    await registration.add(HANAKO)
    await registration.add(replace(HANAKO, email="kenichi@example.com"))
    first, second = (call["password2"] for call in whmcs.asked("AddClient"))
    assert len(first) >= 40
    assert first != second


async def test_without_a_field_for_it_the_birth_date_stays_here(whmcs):
    registration = Registration(whmcs.client(), customer_number_field_id=NUMBER, portal_user_field_id=MARKER)
    await registration.add(HANAKO)
    assert BIRTH not in decode_field(whmcs.asked("AddClient")[0]["customfields"])


@pytest.mark.parametrize(
    "text", ["A user already exists with that email address", "The email address entered is not available for use."]
)
async def test_both_texts_of_a_known_email_are_one_code(registration, whmcs, text):
    whmcs.will("AddClient", refusal(text))
    with pytest.raises(UpstreamRejected) as refused:
        await registration.add(HANAKO)
    assert refused.value.code == "email_taken"


async def test_a_refused_field_is_named_by_a_code_of_ours(registration, whmcs):
    whmcs.will("AddClient", refusal("You did not enter your  address line 1"))
    with pytest.raises(UpstreamRejected, match="address_missing"):
        await registration.add(HANAKO)


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), httpx.ReadError("cut"), page_of_html(500), page_of_html()])
async def test_f1_a_lost_answer_is_unknown_and_never_sent_again(registration, whmcs, lost):
    whmcs.will("AddClient", lost)
    with pytest.raises(UpstreamOutcomeUnknown):
        await registration.add(HANAKO)
    assert len(whmcs.asked("AddClient")) == 1


async def test_a_success_that_names_no_client_is_unknown(registration, whmcs):
    whmcs.will("AddClient", success(clientid=""))
    with pytest.raises(UpstreamOutcomeUnknown):
        await registration.add(HANAKO)


async def test_f5_a_whmcs_that_cannot_be_reached_surely_made_nothing(registration, whmcs):
    whmcs.down = True
    with pytest.raises(UpstreamUnavailable):
        await registration.add(HANAKO)


async def test_the_new_users_id_may_be_missing_from_the_answer(registration, whmcs):
    whmcs.clients = [a_wire_client(41)]
    whmcs.will("AddClient", success(clientid="41"))
    assert await registration.add(HANAKO) == 41


async def test_fields_that_whmcs_dropped_without_a_word_are_reported_by_number(registration, whmcs, caplog):
    whmcs.clients = [a_wire_client(41, customfields=[{"id": NUMBER, "value": "C-200001"}])]
    whmcs.will("AddClient", success(clientid=41))
    assert await registration.add(HANAKO) == 41
    said = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert [(r.message, r.code) for r in said] == [
        ("custom field not kept", f"field_{field_id}") for field_id in (MARKER, BIRTH)
    ]
    assert "C-200001" not in str([vars(record) for record in said])


async def test_a_read_back_that_fails_does_not_undo_what_was_done(registration, whmcs):
    whmcs.will("GetClientsDetails", page_of_html())
    assert await registration.add(HANAKO) == 1


def test_nobodys_data_show_when_the_details_are_printed():
    for value in ("C-200001", "Hanako", "hanako@example.com", "+819012345678", "1990", "Shibuya"):
        assert value not in repr(HANAKO)


# Finding


async def test_f7_after_a_lost_answer_the_client_is_found_with_our_marker(registration, whmcs):
    whmcs.will_lose("AddClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await registration.add(HANAKO)
    assert await registration.find_by_email("Hanako@Example.com") == Registered(1, OURS)


async def test_f7_a_client_that_was_there_before_has_no_marker(registration, whmcs):
    whmcs.clients = [a_wire_client(7)]
    whmcs.users = [a_wire_user(900, "hanako@example.com", (7, True))]
    assert await registration.find_by_email("hanako@example.com") == Registered(7, "")


async def test_a_client_is_found_by_its_own_email_too(registration, whmcs):
    whmcs.clients = [a_wire_client(7, email="billing@example.com")]
    whmcs.users = [a_wire_user(900, "boss@example.com", (7, True))]
    assert await registration.find_by_email("billing@example.com") == Registered(7, "")


async def test_of_several_clients_the_marked_one_is_meant(registration, whmcs):
    whmcs.clients = [a_wire_client(7), marked(9), a_wire_client(11)]
    whmcs.users = [a_wire_user(900, "hanako@example.com", (11, True), (9, True), (7, True))]
    assert await registration.find_by_email("hanako@example.com") == Registered(9, OURS)


async def test_f7_of_several_marked_clients_the_one_that_is_asked_for_is_meant(registration, whmcs):
    whmcs.clients = [marked(7, "5f2c7f1e-0000-4000-8000-000000000009"), marked(9), a_wire_client(11)]
    whmcs.users = [a_wire_user(900, "hanako@example.com", (7, True), (9, True), (11, True))]
    assert await registration.find_by_email("hanako@example.com", portal_user_id=OURS) == Registered(9, OURS)


async def test_a_login_without_a_client_of_its_own_still_takes_the_email(registration, whmcs):
    whmcs.users = [a_wire_user(900, "helper@example.com", (7, False))]
    assert await registration.find_by_email("helper@example.com") == Registered(0, "")


async def test_a_client_deleted_between_two_questions_is_nobodys(registration, whmcs):
    whmcs.users = [a_wire_user(900, "hanako@example.com", (7, True))]
    assert await registration.find_by_email("hanako@example.com") == Registered(0, "")


async def test_an_email_that_only_begins_alike_is_somebody_elses(registration, whmcs):
    whmcs.clients = [a_wire_client(7, email="hanako@example.com.au")]
    whmcs.users = [a_wire_user(900, "hanako@example.com.au", (7, True))]
    assert await registration.find_by_email("hanako@example.com") is None


async def test_the_exact_email_is_found_behind_a_page_of_longer_ones(registration, whmcs):
    whmcs.clients = [marked(7)]
    longer = [a_wire_user(1000 + n, f"hanako@example.com.x{n}") for n in range(100)]
    whmcs.users = [*longer, a_wire_user(900, "hanako@example.com", (7, True))]
    assert await registration.find_by_email("hanako@example.com") == Registered(7, OURS)


async def test_an_outage_is_not_mistaken_for_a_free_email(registration, whmcs):
    whmcs.will("GetUsers", page_of_html())
    with pytest.raises(UpstreamUnavailable):
        await registration.find_by_email("hanako@example.com")
    whmcs.will("GetClientsDetails", refusal("Something new"))
    with pytest.raises(UpstreamRejected):
        await registration.find_by_email("hanako@example.com")


# Taking back


async def test_only_a_client_of_ours_is_taken_back(registration, whmcs):
    whmcs.clients = [marked(7), marked(8, "somebody else"), a_wire_client(9)]
    await registration.deactivate(7, OURS)
    for client_id, marker in ((8, OURS), (9, OURS), (9, ""), (10, OURS)):
        with pytest.raises(NotFound):
            await registration.deactivate(client_id, marker)
    assert [row["status"] for row in whmcs.clients] == ["Inactive", "Active", "Active"]
    assert [call.keys() - {"action", "responsetype"} for call in whmcs.asked("UpdateClient")] == [
        {"clientid", "status"}
    ]


async def test_taking_back_twice_does_no_harm(registration, whmcs):
    whmcs.clients = [marked(7)]
    whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await registration.deactivate(7, OURS)
    await registration.deactivate(7, OURS)
    assert whmcs.clients[0]["status"] == "Inactive"


@pytest.mark.parametrize(
    "spelling", [{"customfield": [{"id": "202", "value": OURS}]}, {"0": {"id": 202, "value": OURS}}]
)
async def test_the_marker_is_read_in_every_spelling_of_the_list(registration, whmcs, spelling):
    whmcs.clients = [a_wire_client(7, customfields=spelling)]
    assert await registration.portal_user_of(7) == OURS


@pytest.mark.parametrize("empty", ["", [], {}, {"customfield": ""}, None])
async def test_a_client_without_fields_has_no_marker(registration, whmcs, empty):
    whmcs.clients = [a_wire_client(7, customfields=empty)]
    assert await registration.portal_user_of(7) == ""


async def test_a_marker_of_another_shape_is_a_changed_reply(registration, whmcs):
    whmcs.clients = [a_wire_client(7, customfields=[{"id": 202, "value": {"a": "b"}}])]
    with pytest.raises(UpstreamReplyChanged):
        await registration.portal_user_of(7)


async def test_a_search_that_is_ignored_does_not_run_for_ever(registration, whmcs):
    everybody = success(totalresults=9, users=[a_wire_user(1000 + n, f"x{n}@example.com") for n in range(100)])
    whmcs.will("GetUsers", *[everybody] * 30)
    with pytest.raises(UpstreamReplyChanged, match="endless"):
        await registration.find_by_email("hanako@example.com")
    assert len(whmcs.calls) == 20
