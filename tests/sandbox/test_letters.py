"""What WHMCS itself mails, and the reset of a WHMCS password."""

from __future__ import annotations

import pytest

from tests.sandbox.test_logins import PERSON
from tests.sandbox.visitors import Whmcs


async def test_a_reset_mails_a_live_link(whmcs: Whmcs) -> None:
    assert await whmcs("ResetPassword", email="Demo@example.com") == {"result": "success"}
    assert await whmcs("ResetPassword", id=70001) == {"result": "success"}
    mails = await whmcs("GetEmails", clientid=1001)
    assert mails["totalresults"] == 2
    row = mails["emails"]["email"][0]
    assert (row["subject"], row["to"], row["userid"]) == ("Password Reset Validation", "demo@example.com", "1001")
    assert "/password/reset/redeem/" in row["message"] and row["message"].startswith("<html>")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Please enter the email address or provide the id"),
        ({"email": "nonsense"}, "Please provide a valid email address"),
        ({"email": "nobody@example.com"}, "User Not Found"),
        ({"id": 1001}, "User Not Found"),
    ],
)
async def test_a_reset_tells_who_is_unknown(whmcs: Whmcs, asked: dict, message: str) -> None:
    assert (await whmcs("ResetPassword", **asked))["message"] == message


async def test_a_new_client_is_welcomed_unless_mail_is_switched_off(whmcs: Whmcs) -> None:
    quiet = await whmcs("AddClient", **PERSON, noemail=1)
    assert (await whmcs("GetEmails", clientid=quiet["clientid"]))["totalresults"] == 0
    loud = await whmcs("AddClient", **(PERSON | {"email": "loud@example.com"}))
    assert (await whmcs("GetEmails", clientid=loud["clientid"]))["totalresults"] == 1


async def test_mail_of_nobody_is_refused_and_a_subject_narrows_it_down(whmcs: Whmcs) -> None:
    assert (await whmcs("GetEmails", clientid=5))["message"] == "Client ID Not Found"
    await whmcs("ResetPassword", email="demo@example.com")
    assert (await whmcs("GetEmails", clientid=1001, subject="reset"))["totalresults"] == 1
    assert (await whmcs("GetEmails", clientid=1001, subject="invoice"))["totalresults"] == 0
