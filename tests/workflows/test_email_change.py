"""Another e-mail address: by a link to it, told to the old one, written to both systems, taken or not (S6, P5)."""

import asyncio

import pytest
import requests

from portal_app.errors import InvalidCredentials, InvalidInput, NotSignedIn, TooManyTries
from tests.fakes import factors
from tests.fakes.becoming_world import DAY, EMAIL, IP, PASSWORD
from tests.fakes.whmcs import a_wire_client

NEW, OTHER = "moved@example.com", "other@example.com"


@pytest.fixture
async def session(becoming):
    """A customer of WHMCS client 7 and the one Salesforce account, signed in."""
    becoming.whmcs.clients.append(a_wire_client(7, email=EMAIL))
    user_id = await becoming.users.create(EMAIL, await becoming.passwords.hash(PASSWORD))
    await becoming.users.link(user_id, 7, becoming.account()["Id"])
    return (await factors.signed_in(becoming)).tokens.session


async def ask(world, session, email: str = NEW) -> None:
    await world.email_change.ask(session, email, locale="en", ip=IP)


async def token(world, session, email: str = NEW) -> str:
    await ask(world, session, email)
    await world.deliver()
    return world.token("email_change")


async def confirm(world, link: str, asking=None) -> None:
    await world.email_change.confirm(link, asking=asking, ip=IP)


async def refused(world, link: str) -> str:
    with pytest.raises(InvalidInput) as why:
        await confirm(world, link)
    return why.value.reason


def written(world) -> tuple[str, str]:
    """What WHMCS and Salesforce have."""
    return world.whmcs.clients[0]["email"], world.salesforce.records["Contact"][0]["Email"]


async def test_the_link_changes_the_address_here_in_whmcs_and_in_salesforce(becoming, session):
    link = await token(becoming, session)
    assert (await becoming.users.get(session.user_id)).email == EMAIL, "nothing before the link is opened"
    await confirm(becoming, link)
    await becoming.deliver()
    assert (await becoming.users.get(session.user_id)).email == NEW
    assert written(becoming) == (NEW, NEW)
    assert await factors.password(becoming, NEW)
    with pytest.raises(InvalidCredentials):
        await factors.password(becoming, EMAIL)


async def test_s6_the_old_address_hears_before_and_after_and_sessions_end(becoming, session):
    other = (await factors.signed_in(becoming)).tokens.session
    await confirm(becoming, await token(becoming, session), asking=session)
    await becoming.deliver()
    told = {(mail["template"], mail["to"]) for mail in becoming.mails}
    assert told == {("email_change_asked", EMAIL), ("email_change", NEW), ("email_changed", EMAIL)}
    assert await becoming.sessions.find(session.session_id), "the browser that asked stays"
    assert await becoming.sessions.find(other.session_id) is None


async def test_the_link_alone_is_enough_and_then_every_session_ends(becoming, session):
    await confirm(becoming, await token(becoming, session))
    assert await becoming.sessions.find(session.session_id) is None


async def test_a_strangers_session_is_neither_kept_nor_ended_by_the_link(becoming, session):
    await becoming.users.create(OTHER, await becoming.passwords.hash(PASSWORD))
    stranger = (await factors.password(becoming, OTHER)).tokens.session
    await confirm(becoming, await token(becoming, session), asking=stranger)
    assert await becoming.sessions.find(session.session_id) is None
    assert (await becoming.sessions.find(stranger.session_id)).user_id == stranger.user_id
    assert (await becoming.users.get(stranger.user_id)).email == OTHER


async def test_row_91_the_link_works_once_also_at_one_instant(becoming, session):
    link = await token(becoming, session)
    tried = await asyncio.gather(*(confirm(becoming, link) for _ in range(3)), return_exceptions=True)
    assert sum(one is None for one in tried) == 1
    assert await refused(becoming, link) == "token.used"
    assert await becoming.scalar("SELECT count(*) FROM audit_log WHERE event = 'email.changed'") == 1


async def test_the_link_lasts_a_day(becoming, session):
    link = await token(becoming, session)
    becoming.clock.advance(DAY)
    assert await refused(becoming, link) == "token.expired"


async def test_row_92_the_link_is_void_once_the_password_was_changed(becoming, session):
    link = await token(becoming, session)
    await becoming.users.set_password_hash(session.user_id, await becoming.passwords.hash("another lantern 59"))
    assert await refused(becoming, link) == "token.void"


async def test_a_password_changed_before_the_mail_left_stops_it(becoming, session):
    await ask(becoming, session)
    await becoming.users.set_password_hash(session.user_id, await becoming.passwords.hash("another lantern 59"))
    await becoming.deliver()
    assert becoming.sent() == ["email_change_asked"]


async def test_a_link_of_a_disabled_user_and_one_that_never_was_change_nothing(becoming, session):
    link = await token(becoming, session)
    await becoming.users.set_disabled(session.user_id, True)
    assert await refused(becoming, link) == "token.void"
    assert await refused(becoming, "x" * 43) == "token.unknown"


async def test_a_link_of_another_purpose_changes_no_address(becoming, session):
    await becoming.recovery.forgot(EMAIL, locale="en", ip=IP)
    await becoming.deliver()
    assert await refused(becoming, becoming.token("reset_password")) == "token.unknown"


async def test_a_second_wish_ends_the_first_link(becoming, session):
    first = await token(becoming, session)
    second = await token(becoming, session, OTHER)
    assert await refused(becoming, first) == "token.void"
    await confirm(becoming, second)
    assert (await becoming.users.get(session.user_id)).email == OTHER


@pytest.mark.parametrize("owner", ["portal", "whmcs"])
async def test_p5_a_taken_address_is_answered_alike_and_its_owner_hears_of_it(becoming, session, owner):
    if owner == "portal":
        await becoming.users.create(OTHER, "hash")
    else:
        becoming.whmcs.clients.append(a_wire_client(8, email=OTHER))
    await ask(becoming, session, OTHER)
    await becoming.deliver()
    told = {(mail["template"], mail["to"]) for mail in becoming.mails}
    assert told == {("email_change_asked", EMAIL), ("email_change_taken", OTHER)}, "the old one hears the same"
    assert all(mail["values"] == {} for mail in becoming.mails), "and no link is on its way"


async def test_p5_an_address_taken_while_the_link_waited_is_refused_without_a_word_why(becoming, session):
    link = await token(becoming, session)
    await becoming.users.create(NEW, "hash")
    assert await refused(becoming, link) == "token.void"
    assert (await becoming.users.get(session.user_id)).email == EMAIL
    assert await becoming.sessions.find(session.session_id), "nothing else happened either"
    assert await becoming.scalar("SELECT count(*) FROM outbox WHERE kind LIKE 'email_to%'") == 0


async def test_two_who_want_one_address_get_it_once(becoming, session):
    await becoming.users.create(OTHER, await becoming.passwords.hash(PASSWORD))
    second = (await factors.password(becoming, OTHER)).tokens.session
    links = [await token(becoming, session), await token(becoming, second)]
    tried = await asyncio.gather(*(confirm(becoming, link) for link in links), return_exceptions=True)
    assert sum(one is None for one in tried) == 1


@pytest.mark.parametrize(
    "email",
    ["", "no at", "a@@b.example", "a@b", f"{'x' * 65}@example.com", "a\r\nBcc: x@example.com", "a\x00@b.example"],
)
async def test_rows_1_to_12_what_is_no_address_is_refused(becoming, session, email):
    with pytest.raises(InvalidInput) as why:
        await ask(becoming, session, email)
    assert why.value.field == "email"


async def test_the_address_one_has_is_no_new_one_however_it_is_written(becoming, session):
    with pytest.raises(InvalidInput, match=r"email_change\.same"):
        await ask(becoming, session, f" {EMAIL.upper()} ")


async def test_wishes_are_limited(becoming, session):
    for n in range(5):
        await ask(becoming, session, f"a{n}@example.com")
    with pytest.raises(TooManyTries):
        await ask(becoming, session, "a5@example.com")


async def test_a_mailbox_gets_no_more_than_a_few_from_however_many_accounts(becoming, session):
    limit = 10
    for _ in range(limit):
        await becoming.email_change._not_too_often(NEW)
    await ask(becoming, session)
    await becoming.deliver()
    assert becoming.sent() == ["email_change_asked"]


async def test_it_is_repaired_when_salesforce_was_down(becoming, session):
    link = await token(becoming, session)
    becoming.salesforce.away()
    await confirm(becoming, link)
    await becoming.deliver()
    assert written(becoming)[0] == NEW, "one does not wait for the other"
    assert written(becoming)[1] != NEW
    becoming.salesforce.back()
    becoming.clock.advance(3600)
    await becoming.deliver()
    assert written(becoming) == (NEW, NEW)


async def test_it_is_repaired_when_whmcs_was_down(becoming, session):
    link = await token(becoming, session)
    becoming.whmcs.down = True
    await confirm(becoming, link)
    await becoming.deliver()
    assert written(becoming) == (EMAIL, NEW)
    becoming.whmcs.down = False
    becoming.clock.advance(3600)
    await becoming.deliver()
    assert written(becoming) == (NEW, NEW)


async def test_rows_that_come_late_write_the_address_of_today(becoming, session):
    becoming.salesforce.keeps("Query", requests.ConnectionError("refused"))
    await confirm(becoming, await token(becoming, session), asking=session)
    await confirm(becoming, await token(becoming, session, OTHER), asking=session)
    await becoming.deliver()
    becoming.salesforce.back()
    becoming.clock.advance(3600)
    await becoming.deliver()
    assert written(becoming) == (OTHER, OTHER)


async def test_of_two_quick_changes_the_later_one_stays_however_slow_the_first_is(becoming, session, monkeypatch):
    write, begun, goes_on = becoming.profiles.update_email, asyncio.Event(), asyncio.Event()

    async def slowly(customer, email: str) -> None:
        if email == NEW:
            begun.set()
            await goes_on.wait()
        await write(customer, email)

    monkeypatch.setattr(becoming.profiles, "update_email", slowly)
    await confirm(becoming, await token(becoming, session), asking=session)
    first = asyncio.create_task(becoming.sender.once())
    await asyncio.wait_for(begun.wait(), 5)
    becoming.clock.advance(1)
    await confirm(becoming, await token(becoming, session, OTHER), asking=session)
    await becoming.deliver()
    goes_on.set()
    await first
    becoming.clock.advance(3600)
    await becoming.deliver()
    assert written(becoming) == (OTHER, OTHER)


async def test_a_contact_that_only_its_address_tells_is_found_after_two_quick_changes(becoming, session):
    mine, husband = becoming.salesforce.records["Contact"][0], {"Id": "003000000000009AAA", "Email": OTHER}
    becoming.salesforce.records["Contact"].append(mine | husband)
    becoming.salesforce.away()
    await confirm(becoming, await token(becoming, session), asking=session)
    await becoming.deliver()
    becoming.salesforce.back()
    becoming.clock.advance(1)
    await confirm(becoming, await token(becoming, session, "third@example.com"), asking=session)
    await becoming.deliver()
    becoming.clock.advance(3600)
    await becoming.deliver()
    assert [one["Email"] for one in becoming.salesforce.records["Contact"]] == ["third@example.com", OTHER]
    assert await becoming.outbox.given_up("email_to_salesforce", becoming.clock.now() - 2 * DAY) == []


async def test_p6_a_reset_link_that_lies_in_the_old_mailbox_is_void_once_the_address_changed(becoming, session):
    await becoming.recovery.forgot(EMAIL, locale="en", ip=IP)
    await becoming.deliver()
    lying = becoming.token("reset_password")
    await confirm(becoming, await token(becoming, session), asking=session)
    with pytest.raises(InvalidInput) as why:
        await becoming.recovery.reset(lying, "another lantern 59", ip=IP)
    assert why.value.reason == "token.void"
    assert await factors.password(becoming, NEW), "the password is what it was"


async def test_s6_a_session_that_ended_meanwhile_asks_for_no_address(becoming, session):
    await becoming.sessions.end_all(session.user_id, "by_owner")
    with pytest.raises(NotSignedIn):
        await ask(becoming, session)
    await becoming.deliver()
    assert becoming.sent() == []


async def test_i5_no_address_stands_in_audit_rows_or_outbox_keys(becoming, session):
    await confirm(becoming, await token(becoming, session))
    dump = str(await becoming.rows("SELECT * FROM audit_log")) + str(await becoming.rows("SELECT * FROM outbox"))
    assert NEW not in dump
    assert EMAIL not in dump
