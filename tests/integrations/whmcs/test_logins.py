"""The check of a WHMCS login, and whose clients it owns."""

import logging

import httpx
import pytest

from portal_app.errors import (
    InvalidCredentials,
    NotFound,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import CredentialRefused
from portal_app.integrations.whmcs.logins import LoginCheck, Logins
from tests.fakes.whmcs import FakeWhmcs, a_wire_client, a_wire_user, page_of_html, refusal, success

HASH = "HashCanary" * 4


@pytest.fixture
def whmcs():
    user = a_wire_user(907, "hanako@example.com", (7, True), password="right-password")
    return FakeWhmcs(users=[user], clients=[a_wire_client(7)])


@pytest.fixture
def logins(whmcs):
    return Logins(whmcs.client(), customer_number_field_id=198, portal_user_field_id=202)


async def test_a_right_password_names_the_user_and_not_the_client(logins, whmcs):
    assert await logins.check(" Hanako@example.com ", "right-password") == LoginCheck(907, second_factor=False)
    assert whmcs.asked("ValidateLogin") == [
        {
            "action": "ValidateLogin",
            "responsetype": "json",
            "email": "Hanako@example.com",
            "password2": "right-password",
        }
    ]


@pytest.mark.parametrize("email", ["hanako@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_an_unknown_email_are_one_answer(logins, email):
    with pytest.raises(InvalidCredentials):
        await logins.check(email, "wrong-password")


@pytest.mark.parametrize(("email", "password"), [("", "x"), ("  ", "x"), ("hanako@example.com", "")])
async def test_an_empty_pair_is_wrong_without_asking(logins, whmcs, email, password):
    with pytest.raises(InvalidCredentials):
        await logins.check(email, password)
    assert whmcs.calls == []


async def test_a_user_with_a_second_factor_is_told_apart(logins, whmcs):
    whmcs.users[0]["two_factor"] = True
    assert await logins.check("hanako@example.com", "right-password") == LoginCheck(907, second_factor=True)


@pytest.mark.parametrize("flag", [True, "true", 1, "1", "on"])
async def test_a_truthy_flag_is_a_second_factor_even_beside_a_hash(logins, whmcs, flag):
    whmcs.will("ValidateLogin", success(userid="907", passwordhash=HASH, twoFactorEnabled=flag))
    assert (await logins.check("hanako@example.com", "x")).second_factor


@pytest.mark.parametrize("flag", [False, "false", 0, "0", "", None])
async def test_a_falsy_flag_beside_a_hash_is_none(logins, whmcs, flag):
    whmcs.will("ValidateLogin", success(userid=907, passwordhash=HASH, twoFactorEnabled=flag))
    assert not (await logins.check("hanako@example.com", "x")).second_factor


@pytest.mark.parametrize("reply", [{"twoFactorEnabled": "false"}, {"passwordhash": ""}, {}])
async def test_a_missing_hash_alone_is_a_second_factor(logins, whmcs, reply):
    whmcs.will("ValidateLogin", success(userid=907, **reply))
    assert (await logins.check("hanako@example.com", "x")).second_factor


async def test_a_flag_nobody_understands_lets_nobody_in(logins, whmcs):
    whmcs.will("ValidateLogin", success(userid=907, passwordhash=HASH, twoFactorEnabled="perhaps"))
    with pytest.raises(UpstreamReplyChanged):
        await logins.check("hanako@example.com", "x")


async def test_a_refused_credential_of_ours_is_an_outage_and_not_a_wrong_password(logins, whmcs):
    whmcs.will("ValidateLogin", refusal("Authentication Failed", 403))
    with pytest.raises(CredentialRefused):
        await logins.check("hanako@example.com", "right-password")


async def test_a_missing_permission_is_not_a_wrong_password(logins, whmcs):
    whmcs.will("ValidateLogin", refusal('Invalid Permissions: API action "validatelogin" is not allowed', 403))
    with pytest.raises(UpstreamRejected, match="permission"):
        await logins.check("hanako@example.com", "right-password")


async def test_wrong_passwords_never_close_the_door_for_everybody(logins, whmcs):
    whmcs.will("ValidateLogin", *[refusal("Email or Password Invalid", status) for status in (200, 401, 403) * 10])
    for _ in range(30):
        with pytest.raises(InvalidCredentials):
            await logins.check("hanako@example.com", "wrong")
    assert (await logins.account(7)).whmcs_client_id == 7


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), httpx.ReadError("cut"), page_of_html(502)])
async def test_a_lost_answer_is_an_outage_and_not_asked_again(logins, whmcs, lost):
    whmcs.will("ValidateLogin", lost)
    with pytest.raises(UpstreamUnavailable):
        await logins.check("hanako@example.com", "right-password")
    assert len(whmcs.asked("ValidateLogin")) == 1


async def test_r1_neither_password_nor_hash_is_logged_returned_or_kept_in_an_error(logins, whmcs, caplog):
    caplog.set_level(logging.DEBUG)
    client = whmcs.client()
    login = await client.validate_login("hanako@example.com", "right-password")
    assert HASH not in repr(login) + str(vars(login)) + str(login.model_extra)
    whmcs.will("ValidateLogin", success(userid="x", passwordhash=HASH, twoFactorEnabled="false"))
    with pytest.raises(UpstreamReplyChanged) as failure:
        await client.validate_login("hanako@example.com", "right-password")
    seen = [str(vars(record)) for record in caplog.records] + [repr(failure.value.__context__), str(failure.value)]
    assert not [text for text in seen if HASH in text or "right-password" in text]


async def test_only_owned_clients_count_and_only_of_this_very_user(logins, whmcs):
    whmcs.users = [
        a_wire_user(907, "hanako@example.com", (9, True), (7, True), (8, False)),
        a_wire_user(908, "hanako@example.com.au", (11, True)),
    ]
    assert await logins.owned_clients("hanako@EXAMPLE.com", 907) == [7, 9]
    assert await logins.owned_clients("hanako@example.com", 908) == []


async def test_a_client_id_where_a_user_id_was_promised_owns_nothing(logins):
    assert await logins.owned_clients("hanako@example.com", 7) == []


async def test_an_account_has_what_linking_needs(logins, whmcs):
    fields = [{"id": "198", "value": " C-100003 "}, {"id": 202, "value": "portal-user"}]
    whmcs.clients = [a_wire_client(7, status="Closed", lastname="O&#039;Brien", customfields=fields)]
    account = await logins.account(7)
    assert (account.customer_number, account.portal_user_id, account.status) == ("C-100003", "portal-user", "closed")
    assert (account.email, account.first_name, account.last_name) == ("hanako@example.com", "Hanako", "O'Brien")
    assert "hanako" not in repr(account).lower()
    assert "C-100003" not in repr(account)


async def test_a_client_without_a_number_has_none(logins):
    assert (await logins.account(7)).customer_number == ""


async def test_a_client_that_is_gone_is_not_found(logins, whmcs):
    with pytest.raises(NotFound):
        await logins.account(8)
    whmcs.will("GetClientsDetails", success(client=a_wire_client(8)))
    with pytest.raises(NotFound):
        await logins.account(7)
