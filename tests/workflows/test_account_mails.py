"""Which mail an address gets is decided after the answer was given, once for each request."""

from datetime import timedelta

import pytest

from portal_app.errors import InvalidInput
from tests.fakes.becoming_world import DAY, EMAIL, PASSWORD
from tests.fakes.whmcs import a_wire_client, a_wire_user, page_of_html


async def test_an_unknown_address_gets_the_link_in_the_language_of_the_form(becoming):
    await becoming.submit(locale="ja")
    await becoming.deliver()
    [mail] = becoming.mails
    assert (mail["template"], mail["to"], mail["locale"]) == ("verify_email", EMAIL, "ja")
    assert len(mail["values"]["token"]) >= 43


async def test_p5_the_owner_of_a_portal_account_is_told_by_mail_that_they_have_one(becoming):
    await becoming.users.create(EMAIL, "hash")
    await becoming.submit()
    await becoming.deliver()
    assert becoming.sent() == ["have_account"]


@pytest.mark.parametrize("of", ["a login", "a client"])
async def test_f7_an_address_whmcs_knows_at_mail_time_is_sent_to_linking(becoming, of):
    if of == "a login":
        becoming.whmcs.users.append(a_wire_user(900, EMAIL.upper(), (7, True)))
        becoming.whmcs.clients.append(a_wire_client(7, email="billing@example.com"))
    else:
        becoming.whmcs.clients.append(a_wire_client(7, email=EMAIL))
    await becoming.submit()
    await becoming.deliver()
    assert becoming.sent() == ["link_instead"]


async def test_the_mail_waits_while_whmcs_cannot_say_whether_it_knows_the_address(becoming):
    becoming.whmcs.down = True
    await becoming.submit()
    await becoming.deliver()
    assert becoming.mails == []
    becoming.whmcs.down = False
    becoming.clock.advance(timedelta(minutes=1))
    await becoming.deliver()
    assert becoming.sent() == ["verify_email"]


async def test_the_mail_waits_too_while_whmcs_refuses_our_credential(becoming):
    becoming.whmcs.will("GetUsers", page_of_html(403))
    await becoming.submit()
    await becoming.deliver()
    assert becoming.mails == []
    becoming.clock.advance(timedelta(minutes=20))
    await becoming.deliver()
    assert becoming.sent() == ["verify_email"]


async def test_e7_a_row_delivered_twice_sends_one_mail_whose_link_works(becoming):
    await becoming.submit()
    [item] = await becoming.outbox.claim()
    handler = becoming.sender._handlers["account_mail"]
    await handler(item.payload, item.outbox_id)
    await handler(item.payload, item.outbox_id)
    await becoming.deliver()
    assert becoming.sent() == ["verify_email"]
    assert (await becoming.confirm(becoming.token("verify_email"))).outcome == "done"


async def test_asked_again_the_new_link_works_and_the_old_one_says_it_was_replaced(becoming):
    first = await becoming.sign_up()
    await becoming.recovery.resend(f" {EMAIL.upper()} ", locale="en", ip="::1")
    await becoming.deliver()
    assert becoming.sent() == ["verify_email", "verify_email"]
    with pytest.raises(InvalidInput) as refused:
        await becoming.confirm(first)
    assert refused.value.reason == "token.void"
    assert (await becoming.confirm(becoming.token("verify_email"))).outcome == "done"


async def test_p5_asking_again_for_an_address_that_waits_for_nothing_sends_nothing_and_says_the_same(becoming):
    assert await becoming.recovery.resend("nobody@example.com", locale="en", ip="::1") is None
    await becoming.confirm(await becoming.sign_up())
    sent = len(becoming.mails)
    assert await becoming.recovery.resend(EMAIL, locale="en", ip="::1") is None
    await becoming.deliver()
    assert len(becoming.mails) <= sent + 1 and "verify_email" not in becoming.sent()[sent:]


async def by_the_portal(world) -> None:
    await world.users.create(EMAIL, "hash")


async def by_whmcs(world) -> None:
    world.whmcs.clients.append(a_wire_client(7, email=EMAIL))


@pytest.mark.parametrize(("known", "mail"), [(by_the_portal, "have_account"), (by_whmcs, "link_instead")])
async def test_p6_whoever_is_known_gets_no_more_mails_of_strangers_than_anybody(becoming, known, mail):
    await known(becoming)
    await becoming.submit()
    for _ in range(8):
        await becoming.recovery.resend(EMAIL, locale="en", ip="::1")
    await becoming.deliver()
    assert becoming.sent() == [mail] * 5
    assert "token" not in repr(becoming.mails)


async def test_a_sign_up_gets_five_links_a_day_and_then_silence(becoming):
    await becoming.sign_up()
    for _ in range(8):
        await becoming.recovery.resend(EMAIL, locale="en", ip="::1")
    await becoming.deliver()
    assert becoming.sent() == ["verify_email"] * 5
    becoming.clock.advance(DAY + timedelta(seconds=1))
    await becoming.recovery.resend(EMAIL, locale="en", ip="::1")
    await becoming.deliver()
    assert len(becoming.mails) == 6


async def test_a_row_of_no_known_purpose_is_left_for_a_person(becoming):
    async with becoming.db.write() as tx:
        await becoming.outbox.add(tx, "account_mail", "k", {"purpose": "sing", "email": EMAIL})
    await becoming.deliver()
    assert await becoming.scalar("SELECT error_code FROM outbox WHERE gave_up_at IS NOT NULL") == "unusable"


async def test_i5_the_token_is_readable_nowhere_in_the_database(becoming):
    token = await becoming.sign_up(password=PASSWORD)
    for table in ("outbox", "email_tokens", "audit_log", "signups"):
        assert token not in repr(await becoming.rows(f"SELECT * FROM {table}"))
