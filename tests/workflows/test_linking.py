"""Linking an existing billing account: one check of its password, one mapping, and nothing opens before a password."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from portal_app.errors import Conflict, InvalidCredentials, InvalidInput, TooManyTries, UpstreamUnavailable
from portal_app.workflows.linking import CodeNeeded, Linked
from tests.fakes.becoming_world import FIREFOX, IP, NUMBER
from tests.fakes.whmcs import a_wire_client, a_wire_user

LEGACY, RIGHT = "legacy@example.com", "right-password"


def a_client(world, client_id: int = 7, *, number: str = "C-1001", user: int = 900, **changed) -> None:
    """A WHMCS client with its own login."""
    fields = [{"id": NUMBER, "value": number}] if number else []
    owner = changed.pop("owner", True)
    two_factor = changed.pop("two_factor", False)
    world.whmcs.clients.append(a_wire_client(client_id, email=LEGACY, customfields=fields, **changed))
    world.whmcs.users.append(a_wire_user(user, LEGACY, (client_id, owner), two_factor=two_factor))


async def link(world, password: str = RIGHT, email: str = LEGACY, locale: str = "en", **changed):
    who = {"ip": IP, "user_agent": FIREFOX, "device": None} | changed
    return await world.linking.link(email, password, locale=locale, **who)


async def finish(world, needed: CodeNeeded, code: str):
    return await world.linking.finish(needed.reference, code, ip=IP, user_agent=FIREFOX)


async def reason(attempt) -> str:
    with pytest.raises(Conflict) as refused:
        await attempt
    return refused.value.reason


async def code_of(world) -> str:
    await world.deliver()
    return next(m for m in reversed(world.mails) if m["template"] == "link_code")["values"]["code"]


async def nobody_linked(world) -> bool:
    return (
        await world.scalar("SELECT count(*) FROM users") == 0 == await world.scalar("SELECT count(*) FROM id_mappings")
    )


async def test_the_right_whmcs_password_links_the_one_account_and_opens_a_session(becoming):
    a_client(becoming)
    linked = await link(becoming)
    assert isinstance(linked, Linked)
    session = linked.tokens.session
    assert session.amr == ("whmcs",)
    assert session.must_set_password
    customer = await becoming.users.find_customer(session.user_id)
    assert customer is not None
    assert (customer.whmcs_client_id, customer.salesforce_account_id) == (7, becoming.account()["Id"])
    await becoming.deliver()
    assert becoming.account()["WH_Account__c"] == "#7 - Hanako Yamada"
    assert becoming.account()["Portal_Registration_Source__c"] == "Migrated"
    assert "link ok" in await becoming.audited()


async def test_p11_the_new_user_has_no_password_and_the_whmcs_one_is_kept_nowhere(becoming):
    a_client(becoming)
    linked = await link(becoming)
    user = await becoming.users.get(linked.tokens.session.user_id)
    assert user.password_hash == ""
    assert len(becoming.whmcs.asked("ValidateLogin")) == 1
    with pytest.raises(InvalidCredentials):
        await becoming.signing_in.sign_in(LEGACY, RIGHT, device=None, ip=IP, user_agent=FIREFOX)
    with pytest.raises(InvalidCredentials):
        await becoming.signing_in.sign_in(LEGACY, "x", device=None, ip=IP, user_agent=FIREFOX)
    tables = ("users", "outbox", "email_tokens", "audit_log")
    assert RIGHT not in repr([await becoming.rows(f"SELECT * FROM {table}") for table in tables])


async def test_p11_after_linking_the_first_password_is_set_and_signs_in(becoming):
    a_client(becoming)
    session = (await link(becoming)).tokens.session
    tokens = await becoming.recovery.set_first_password(session, "harbour lantern 58", user_agent=FIREFOX)
    assert tokens.session.session_id != session.session_id
    assert await becoming.sessions.find(session.session_id) is None
    assert await becoming.signing_in.sign_in(LEGACY, "harbour lantern 58", device=None, ip=IP, user_agent=FIREFOX)


async def test_p5_a_wrong_password_and_an_unknown_address_read_the_same(becoming):
    a_client(becoming)
    for email, password in ((LEGACY, "wrong"), ("nobody@example.com", RIGHT)):
        with pytest.raises(InvalidCredentials):
            await link(becoming, password, email)
    assert [e for e in await becoming.audited() if e.startswith("link")] == ["link refused"] * 2


async def test_p11_l1_guessing_the_whmcs_password_is_locked_and_the_right_one_is_refused_too(becoming):
    a_client(becoming)
    for i in range(10):
        with pytest.raises(InvalidCredentials):
            await link(becoming, f"wrong {i}")
    asked = len(becoming.whmcs.asked("ValidateLogin"))
    with pytest.raises(TooManyTries):
        await link(becoming)
    assert len(becoming.whmcs.asked("ValidateLogin")) == asked
    assert "link locked" in await becoming.audited()


async def test_l2_guesses_at_linking_do_not_lock_the_sign_in_of_that_address(becoming):
    await becoming.users.create(LEGACY, await becoming.passwords.hash("harbour lantern 58"))
    for i in range(12):
        with pytest.raises((InvalidCredentials, TooManyTries)):
            await link(becoming, f"wrong {i}", ip=f"203.0.113.{i}")
    assert await becoming.signing_in.sign_in(LEGACY, "harbour lantern 58", device=None, ip=IP, user_agent=FIREFOX)


async def test_an_empty_password_or_a_broken_address_asks_whmcs_nothing(becoming):
    for email, password in ((LEGACY, ""), ("nobody", RIGHT)):
        with pytest.raises(InvalidInput):
            await link(becoming, password, email)
    assert becoming.whmcs.calls == []


async def test_a_login_that_owns_no_client_says_so(becoming):
    a_client(becoming, owner=False)
    assert await reason(link(becoming)) == "link.no_client"
    assert "link no_client" in await becoming.audited()


async def test_a_login_that_owns_several_clients_is_sent_to_support(becoming):
    becoming.whmcs.users.append(a_wire_user(900, LEGACY, (7, True), (8, True)))
    assert await reason(link(becoming)) == "link.several_clients"


async def test_a_closed_client_says_so(becoming):
    a_client(becoming, status="Closed")
    assert await reason(link(becoming)) == "link.closed"


async def test_a_client_already_linked_is_told_to_sign_in(becoming):
    a_client(becoming)
    await link(becoming)
    assert await reason(link(becoming)) == "link.already_linked"
    await becoming.users.link(await becoming.users.create("x@example.com", "hash"), 8)
    a_client(becoming, 8, user=901)
    becoming.whmcs.users = becoming.whmcs.users[1:]
    assert await reason(link(becoming)) == "link.already_linked"


async def test_a_client_without_a_customer_number_says_so(becoming):
    a_client(becoming, number="")
    assert await reason(link(becoming)) == "link.no_number"
    assert await nobody_linked(becoming)


async def test_a_number_salesforce_does_not_know_or_has_twice_says_there_is_no_account(becoming):
    a_client(becoming, number="C-9999")
    assert await reason(link(becoming)) == "link.no_account"
    becoming.an_account("C-9999")
    becoming.an_account("C-9999")
    assert await reason(link(becoming)) == "link.no_account"


@pytest.mark.parametrize(
    "taken",
    [
        {"WH_Account__c": "#55 - Somebody Else"},
        {"WH_Account__c": "see paper file"},
        {"WH_Account__c": "see paper file", "Portal_Status__c": "Active"},
    ],
    ids=["another client", "something unreadable", "something unreadable and active"],
)
async def test_an_account_of_another_client_is_not_linked(becoming, taken):
    a_client(becoming)
    becoming.account().update(taken)
    assert await reason(link(becoming)) == "link.account_taken"
    assert await nobody_linked(becoming)


async def test_an_account_a_user_is_mapped_to_is_not_linked_again(becoming):
    a_client(becoming)
    await becoming.users.link(await becoming.users.create("x@example.com", "h"), 99, becoming.account()["Id"])
    assert await reason(link(becoming)) == "link.account_taken"


@pytest.mark.parametrize("written", ["#7 - Hanako Yamada", None])
async def test_an_account_that_names_this_client_or_none_is_linked(becoming, written):
    a_client(becoming)
    becoming.account().update(WH_Account__c=written, Portal_Status__c="Active")
    assert isinstance(await link(becoming), Linked)


@pytest.mark.parametrize("away", ["whmcs", "salesforce"])
async def test_an_outside_system_away_is_told_and_nothing_is_half_made(becoming, away):
    a_client(becoming)
    if away == "whmcs":
        becoming.whmcs.will("GetUsers", httpx.ConnectError("refused"))
    else:
        becoming.salesforce.away()
    with pytest.raises(UpstreamUnavailable):
        await link(becoming)
    assert await nobody_linked(becoming)
    becoming.salesforce.back()
    assert isinstance(await link(becoming), Linked)


async def test_linking_twice_at_once_makes_one_user(becoming):
    a_client(becoming)
    outcomes = await asyncio.gather(link(becoming), link(becoming), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Linked"]
    assert await becoming.scalar("SELECT count(*) FROM users") == 1


async def test_s5_linking_and_signing_up_for_one_account_leave_one_mapping(becoming):
    token = await becoming.sign_up()
    a_client(becoming)
    await link(becoming)
    assert (await becoming.confirm(token)).outcome == "refused"
    assert await becoming.state() == "REFUSED number_unusable"
    assert await becoming.scalar("SELECT count(*) FROM id_mappings") == 1


async def test_p11_a_second_factor_of_whmcs_is_honoured_by_a_code_to_the_billing_address(becoming):
    a_client(becoming, two_factor=True)
    becoming.whmcs.clients[0]["email"] = "billing@example.com"
    needed = await link(becoming, locale="ja")
    assert isinstance(needed, CodeNeeded)
    assert await nobody_linked(becoming)
    code = await code_of(becoming)
    assert (becoming.mails[-1]["to"], becoming.mails[-1]["locale"]) == ("billing@example.com", "ja")
    linked = await finish(becoming, needed, f" {code} ")
    user = await becoming.users.get(linked.tokens.session.user_id)
    assert (user.email, user.locale) == (LEGACY, "ja")


async def test_a_code_works_once_and_for_ten_minutes(becoming):
    a_client(becoming, two_factor=True)
    needed = await link(becoming)
    code = await code_of(becoming)
    becoming.clock.advance(timedelta(minutes=10))
    with pytest.raises(InvalidInput) as late:
        await finish(becoming, needed, code)
    assert (late.value.field, late.value.reason) == ("code", "link.code_expired")
    needed = await link(becoming)
    code = await code_of(becoming)
    await finish(becoming, needed, code)
    with pytest.raises(InvalidInput) as again:
        await finish(becoming, needed, code)
    assert again.value.reason == "link.code_expired"


async def test_p8_five_wrong_codes_end_it_and_the_right_one_comes_too_late(becoming):
    a_client(becoming, two_factor=True)
    needed = await link(becoming)
    code = await code_of(becoming)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answers = []
    for given in [wrong] * 5 + [code]:
        with pytest.raises(InvalidInput) as refused:
            await finish(becoming, needed, given)
        answers.append(refused.value.reason)
    assert answers == ["link.code_wrong"] * 4 + ["link.code_expired"] * 2
    assert await nobody_linked(becoming)


async def test_p8_codes_cannot_be_asked_for_without_end(becoming):
    a_client(becoming, two_factor=True)
    for _ in range(5):
        assert isinstance(await link(becoming), CodeNeeded)
    with pytest.raises(TooManyTries):
        await link(becoming)


async def test_a_code_belongs_to_the_browser_that_asked_for_it(becoming):
    a_client(becoming, two_factor=True)
    await link(becoming)
    code = await code_of(becoming)
    with pytest.raises(InvalidInput):
        await finish(becoming, CodeNeeded("A" * 43), code)


async def test_a_code_is_still_good_when_salesforce_was_away_at_the_first_try(becoming):
    a_client(becoming, two_factor=True)
    needed = await link(becoming)
    code = await code_of(becoming)
    becoming.salesforce.away()
    with pytest.raises(UpstreamUnavailable):
        await finish(becoming, needed, code)
    becoming.salesforce.back()
    assert isinstance(await finish(becoming, needed, code), Linked)


async def test_a_client_closed_or_linked_since_the_code_was_mailed_is_not_linked(becoming):
    a_client(becoming, two_factor=True)
    needed = await link(becoming)
    code = await code_of(becoming)
    becoming.whmcs.clients[0]["status"] = "Closed"
    assert await reason(finish(becoming, needed, code)) == "link.closed"


async def test_somebody_who_signed_up_with_that_address_meanwhile_wins_and_the_code_is_not_spent(becoming):
    a_client(becoming, two_factor=True)
    needed = await link(becoming)
    code = await code_of(becoming)
    await becoming.users.create(LEGACY, "hash")
    assert await reason(finish(becoming, needed, code)) == "link.already_linked"
    assert await becoming.scalar("SELECT count(*) FROM email_tokens WHERE used_at IS NOT NULL") == 0


async def test_the_right_password_ends_the_count_of_wrong_ones(becoming):
    a_client(becoming)
    for i in range(9):
        with pytest.raises(InvalidCredentials):
            await link(becoming, f"wrong {i}")
    await link(becoming)
    assert await becoming.scalar("SELECT count(*) FROM login_failures WHERE locked_until IS NOT NULL") == 0


async def test_the_cache_of_the_linked_user_is_cleared(becoming, monkeypatch):
    cleared: list[str] = []

    async def noted(who, *tags):
        cleared.append(who)

    monkeypatch.setattr(becoming.cache, "clear", noted)
    a_client(becoming)
    assert (await link(becoming)).tokens.session.user_id in cleared
