"""ValidateLogin, AddClient and UpdateClient: users, clients and their refusals."""

from __future__ import annotations

import pytest

from tests.sandbox.visitors import Console, Receiver, Whmcs

PERSON = {
    "firstname": "Mio",
    "lastname": "Sasaki",
    "email": "mio@example.com",
    "address1": "1-1",
    "city": "Chuo-ku",
    "state": "Tokyo",
    "postcode": "104-0061",
    "country": "JP",
    "phonenumber": "090-1111-2222",
    "password2": "a-long-password",
}


async def test_the_right_password_answers_the_user_id(whmcs: Whmcs) -> None:
    reply = await whmcs("ValidateLogin", email="demo@example.com", password2="demo-whmcs-pass")
    assert (reply["userid"], reply["twoFactorEnabled"]) == (70001, "false") and reply["passwordhash"]


async def test_a_login_check_starts_a_php_session_nobody_asked_for(whmcs: Whmcs) -> None:
    await whmcs("ValidateLogin", email="demo@example.com", password2="demo-whmcs-pass")
    cookies = {cookie.key for cookie in whmcs.session.cookie_jar}
    assert cookies == {"WHMCSphpsession"}


@pytest.mark.parametrize("email", ["demo@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_an_unknown_user_read_alike(whmcs: Whmcs, email: str) -> None:
    reply = await whmcs("ValidateLogin", email=email, password2="wrong")
    assert (whmcs.status, reply["message"]) == (200, "Email or Password Invalid")


async def test_with_two_factor_there_is_no_password_hash(whmcs: Whmcs, console: Console) -> None:
    asked = {"email": "twofactor@example.com", "password2": "twofactor-whmcs-pass"}
    reply = await whmcs("ValidateLogin", **asked)
    assert reply["twoFactorEnabled"] == "true" and "passwordhash" not in reply
    await console("POST", "profile", {"ids": "ints"})
    assert (await whmcs("ValidateLogin", **asked))["twoFactorEnabled"] is True


async def test_add_client_makes_a_client_and_its_owner(whmcs: Whmcs, receiver: Receiver) -> None:
    reply = await whmcs("AddClient", **PERSON)
    assert reply["clientid"] != reply["owner_id"]
    assert (await whmcs("GetClientsDetails", email="mio@example.com"))["owner_user_id"] == reply["owner_id"]
    assert (await whmcs("ValidateLogin", email="mio@example.com", password2="a-long-password"))["result"] == "success"
    assert await receiver.events(1) == ["ClientAdd"]
    assert "password" not in str(receiver.bodies())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"firstname": ""}, "You did not enter your first name"),
        ({"address1": ""}, "You did not enter your  address line 1"),
        ({"email": "mio"}, "The email address you entered was not valid"),
        ({"lastname": ""}, "You did not enter your last name"),
        ({"email": ""}, "You did not enter your email address"),
        ({"city": ""}, "You did not enter your city"),
        ({"state": ""}, "You did not enter your state"),
        ({"postcode": ""}, "You did not enter your postcode"),
        ({"phonenumber": ""}, "You did not enter your phone number"),
        ({"phonenumber": "call me"}, "Invalid telephone phone number"),
        ({"email": "billing@company.example.com"}, "The email address entered is not available for use."),
        ({"country": "Japan"}, "Valid country required"),
        ({"email": "demo@example.com"}, "A user already exists with that email address"),
        ({"owner_user_id": "5"}, "Invalid Owner User ID"),
    ],
)
async def test_add_client_refuses_in_the_documented_words(whmcs: Whmcs, change: dict, message: str) -> None:
    assert (await whmcs("AddClient", **(PERSON | change)))["message"] == message


async def test_an_install_may_want_a_custom_field(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"required_client_fields": [198]})
    refused = await whmcs("AddClient", **PERSON)
    assert refused["message"] == "You did not provide required custom field value for Customer Number"


async def test_somebody_must_receive_mail_about_domains(whmcs: Whmcs) -> None:
    off = {"email_preferences[general]": 0, "email_preferences[domain]": 0}
    assert "as required by ICANN." in (await whmcs("UpdateClient", clientid=1001, **off))["message"]
    assert (await whmcs("UpdateClient", clientid=1001, **{"email_preferences[invoice]": 0}))["result"] == "success"


async def test_update_client_changes_only_what_was_sent_and_announces_it(whmcs: Whmcs, receiver: Receiver) -> None:
    await whmcs("UpdateClient", clientid=1001, city="Osaka-shi", address2="")
    after = await whmcs("GetClientsDetails", clientid=1001)
    assert (after["city"], after["address2"], after["state"]) == ("Osaka-shi", "", "Tokyo")
    assert await receiver.events(1) == ["ClientEdit"]


async def test_the_clients_email_is_not_the_login_email(whmcs: Whmcs) -> None:
    await whmcs("UpdateClient", clientid=1001, email="new@example.com")
    assert (await whmcs("ValidateLogin", email="demo@example.com", password2="demo-whmcs-pass"))["result"] == "success"
    taken = await whmcs("UpdateClient", clientid=1002, email="new@example.com")
    assert taken["message"] == "Duplicate Email Address"


async def test_unknown_clients_are_refused_in_three_spellings(whmcs: Whmcs) -> None:
    assert (await whmcs("GetClientsDetails", clientid=5))["message"] == "Client Not Found"
    assert (await whmcs("UpdateClient", clientid=5))["message"] == "Client ID Not Found"
    assert (await whmcs("GetPayMethods", clientid=5))["message"] == "Client Not Found"
    assert (await whmcs("GetClientsDetails"))["message"] == "Either clientid Or email Is Required"
    assert (await whmcs("GetPayMethods"))["message"] == "Client ID Is Required"


async def test_a_clients_consent_to_advertising_is_kept_and_what_is_not_sent_stays(whmcs: Whmcs) -> None:
    async def told() -> bool:
        return bool((await whmcs("GetClientsDetails", clientid=1001))["client"]["isOptedInToMarketingEmails"])

    assert not await told()
    await whmcs("UpdateClient", clientid=1001, marketingoptin=1)
    await whmcs("UpdateClient", clientid=1001, city="Osaka-shi")
    assert await told()
    await whmcs("UpdateClient", clientid=1001, marketingoptin=0)
    assert not await told()
