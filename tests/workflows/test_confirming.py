"""The mailed link: it proves the e-mail once, with the password of the sign-up, and makes the account."""

from datetime import timedelta

import pytest

from portal_app.errors import Busy, InvalidCredentials, InvalidInput
from tests.fakes.becoming_world import EMAIL, FIREFOX, IP, PASSWORD


async def refused(world, token: str, password: str = PASSWORD) -> str:
    with pytest.raises(InvalidInput) as why:
        await world.confirm(token, password)
    return f"{why.value.field} {why.value.reason}"


async def test_straight_through_from_the_form_to_a_session(becoming):
    done = await becoming.confirm(await becoming.sign_up())
    assert done.outcome == "done" and done.tokens is not None
    session = done.tokens.session
    [client] = becoming.whmcs.clients
    assert session.customer is not None
    assert (session.customer.whmcs_client_id, session.customer.salesforce_account_id) == (
        client["id"],
        becoming.account()["Id"],
    )
    assert await becoming.state() == "COMPLETED"
    await becoming.deliver()
    assert becoming.sent() == ["verify_email", "welcome"]
    assert becoming.account()["WH_Account__c"] == f"#{client['id']} - Hanako Yamada"
    assert becoming.account()["Portal_Status__c"] == "Active"
    assert becoming.account()["Portal_Registration_Source__c"] == "New Signup"


async def test_afterwards_the_password_of_the_sign_up_signs_in(becoming):
    await becoming.confirm(await becoming.sign_up())
    signed_in = await becoming.signing_in.sign_in(EMAIL, PASSWORD, device=None, ip=IP, user_agent=FIREFOX)
    assert signed_in.tokens.session.customer is not None


async def test_nothing_half_made_can_sign_in(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    with pytest.raises(InvalidCredentials):
        await becoming.signing_in.sign_in(EMAIL, PASSWORD, device=None, ip=IP, user_agent=FIREFOX)


async def test_f7_the_client_carries_our_marker_and_the_customer_number_and_a_password_nobody_knows(becoming):
    done = await becoming.confirm(await becoming.sign_up())
    [client] = becoming.whmcs.clients
    fields = {field["id"]: field["value"] for field in client["customfields"]}
    assert fields == {202: done.tokens.session.user_id, 198: "C-1001"}
    [sent] = becoming.whmcs.asked("AddClient")
    assert PASSWORD not in repr(becoming.whmcs.calls)
    assert len(sent["password2"]) >= 32 and sent["noemail"] in ("1", "true", "True")


async def test_what_was_done_is_in_the_audit_log_without_a_word_about_the_person(becoming):
    await becoming.confirm(await becoming.sign_up())
    events = await becoming.audited()
    assert [e for e in events if e.startswith("sign_up")] == [
        "sign_up.submitted ok",
        "sign_up.verified ok",
        "sign_up.completed ok",
    ]
    assert "hanako" not in repr(await becoming.rows("SELECT * FROM audit_log")).lower()


async def test_the_personal_data_of_a_finished_sign_up_is_gone(becoming):
    await becoming.confirm(await becoming.sign_up())
    [row] = await becoming.rows("SELECT signup_id FROM signups")
    assert (await becoming.signups.get(row[0])).payload is None


async def test_p6_a_link_works_once(becoming):
    token = await becoming.sign_up()
    await becoming.confirm(token)
    assert await refused(becoming, token) == "token token.used"


async def test_p6_a_link_ends_after_a_day(becoming):
    token = await becoming.sign_up()
    becoming.clock.advance(timedelta(hours=24))
    assert await refused(becoming, token) == "token token.expired"
    assert await becoming.states() == ["AWAITING_EMAIL"]


async def test_p6_a_made_up_link_says_so(becoming):
    assert await refused(becoming, "A" * 43) == "token token.unknown"


async def test_somebody_who_signed_up_with_your_address_and_his_own_password_gets_nothing_from_your_click(becoming):
    token = await becoming.sign_up(password="what the thief chose")
    assert await refused(becoming, token, "what the owner guesses") == "password verify.password_wrong"
    assert await becoming.states() == ["AWAITING_EMAIL"]


async def test_five_wrong_passwords_end_the_link(becoming):
    token = await becoming.sign_up()
    answers = [await refused(becoming, token, f"wrong password {i}") for i in range(5)]
    assert answers == ["password verify.password_wrong"] * 4 + ["token token.void"]
    assert await refused(becoming, token) == "token token.void", "the right one comes too late"


async def test_an_empty_password_is_no_try(becoming):
    token = await becoming.sign_up()
    assert {await refused(becoming, token, "") for _ in range(6)} == {"password sign_in.password_missing"}
    assert (await becoming.confirm(token)).outcome == "done"


async def test_the_link_of_a_sign_up_somebody_else_works_on_says_come_back_and_stays_good(becoming):
    token = await becoming.sign_up()
    [row] = await becoming.rows("SELECT signup_id FROM signups")
    await becoming.signups.take(row[0])
    with pytest.raises(Busy):
        await becoming.confirm(token)
    becoming.clock.advance(91)
    assert (await becoming.confirm(token)).outcome == "done"


async def test_k8_a_browser_that_waited_long_enough_is_told_and_the_work_goes_on(becoming, monkeypatch):
    import asyncio

    from portal_app.workflows import signing_up

    monkeypatch.setattr(signing_up, "CONFIRM_S", 0.01)
    gate, find = asyncio.Event(), becoming.registration.find_by_email
    token = await becoming.sign_up()

    async def slow(email: str, **how):
        await gate.wait()
        return await find(email, **how)

    monkeypatch.setattr(becoming.registration, "find_by_email", slow)
    confirmed = await becoming.confirm(token)
    assert (confirmed.outcome, confirmed.tokens) == ("finishing", None)
    gate.set()
    await asyncio.gather(*becoming.signing_up._running)
    assert await becoming.state() == "COMPLETED"
