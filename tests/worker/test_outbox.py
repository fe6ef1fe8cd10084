"""Mail leaves at least once, to the address of the day it leaves: E7."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.domain.notices import SECURITY_CHANGES
from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.mail.templates import MailTemplates
from portal_app.integrations.upstream import MAIL, Upstream
from portal_app.worker.outbox import Mails, OutboxSender
from portal_app.worker.runtime import MAILED_PAGES
from portal_app.workflows.security_notices import CHANGES, SecurityNotices
from tests.fakes.smtp import smtp_server

LINKS = {"login": "http://localhost:3000/auth/login", "dashboard": "http://localhost:3000/dashboard"}


@pytest.fixture
async def box():
    async with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def sender(world, box) -> OutboxSender:
    mail = MailSender(
        f"smtp://127.0.0.1:{box.port}", "Portal <p@example.com>", Upstream(MAIL, world.clock), world.clock
    )
    return OutboxSender(world.outbox, {"mail": Mails(world.users, mail, MailTemplates("Portal", LINKS)).deliver})


async def decided(world, key: str = "k1", kind: str = "mail", **payload: object) -> None:
    async with world.db.write() as session:
        await world.outbox.add(session, kind, key, {"template": "signed_out_everywhere", **payload})


async def given_up(world) -> list[str]:
    async with world.db.read() as session:
        return list(await session.scalars(text("SELECT error_code FROM outbox WHERE gave_up_at IS NOT NULL")))


async def test_e7_a_mail_goes_to_the_address_the_user_has_when_it_leaves(world, sender, box):
    customer = await world.a_customer(7, locale="ja")
    await decided(world, user_id=customer.user_id)
    assert await sender.once() == 1
    [message] = box.messages
    assert message["To"] == "client7@example.com"
    assert "すべての端末" in str(message["Subject"])
    assert await sender.once() == 0
    assert await world.outbox.depth() == 0


async def test_a_mail_about_an_old_address_goes_there_in_the_users_language(world, sender, box):
    customer = await world.a_customer(7, locale="ja")
    await decided(world, user_id=customer.user_id, to="old@example.com")
    await sender.once()
    [message] = box.messages
    assert message["To"] == "old@example.com" and "すべての端末" in str(message["Subject"])


@pytest.mark.parametrize("template", CHANGES)
async def test_what_changed_about_signing_in_is_at_the_bell_once_even_if_the_mail_server_is_away(world, template):
    customer, tried = await world.a_customer(7), []

    class Away:
        async def send(self, mail: object) -> None:
            tried.append(mail)
            raise UpstreamUnavailable("mail", "SendMail")

    leaving = SecurityNotices(world.notices).of_mail
    mails = Mails(world.users, Away(), MailTemplates("Portal", MAILED_PAGES), leaving)  # type: ignore[arg-type]
    values = {"device": "Chrome on Windows"}
    async with world.db.write() as session:
        payload = {"template": template, "user_id": customer.user_id, "values": values}
        await world.outbox.add(session, "mail", "k1", payload)
    for _ in range(2):
        await OutboxSender(world.outbox, {"mail": mails.deliver}).once()
        world.clock.advance(3600)
    assert len(tried) == 2
    [told] = await world.notices.list(customer, limit=9)
    assert told.kind == "security_change" and told.values["what"] in SECURITY_CHANGES


async def test_other_mails_bring_nothing_to_the_bell(world, sender):
    customer = await world.a_customer(7)
    await SecurityNotices(world.notices).of_mail("welcome", customer.user_id, "1")
    assert await world.notices.unread(customer) == 0


async def test_a_locale_in_the_row_wins_over_the_users(world, sender, box):
    customer = await world.a_customer(7, locale="ja")
    await decided(world, user_id=customer.user_id, locale="en")
    await sender.once()
    assert "all devices" in box.messages[0]["Subject"]


async def test_somebody_without_an_account_is_reached_by_the_address_in_the_row(world, sender, box):
    await decided(world, to="new@example.com", locale="en")
    await sender.once()
    assert box.messages[0]["To"] == "new@example.com"


async def test_e7_the_same_key_sends_one_mail(world, sender, box):
    await decided(world, to="new@example.com")
    await decided(world, to="new@example.com")
    await sender.once()
    assert len(box.messages) == 1


async def test_e7_a_refusal_for_now_is_tried_again_with_the_same_message_id(world, sender, box):
    await decided(world, to="new@example.com")
    box.refuse_data = "hang up"
    await sender.once()
    assert await sender.once() == 0, "it waits before the next try"
    assert await world.outbox.depth() == 1
    box.refuse_data = ""
    world.clock.advance(timedelta(minutes=1))
    await sender.once()
    [message] = box.messages
    assert message["Message-ID"].endswith("@example.com>")
    assert await world.outbox.depth() == 0


async def test_a_refusal_for_good_is_left_for_a_person(world, sender, box):
    await decided(world, to="gone@example.com")
    box.refuse_recipient = "550 no such user"
    await sender.once()
    assert await given_up(world) == ["recipient_refused"]


@pytest.mark.parametrize(
    "payload",
    [
        {"user_id": "00000000-0000-4000-8000-000000000000"},
        {"to": "a@example.com\r\nBcc: thief@evil.example"},
        {"to": "a@example.com", "template": "no_such_mail"},
        {"to": "a@example.com", "template": "token_reuse", "values": {}},
        {"to": "a@example.com", "template": "token_reuse", "values": ["x"]},
        {"to": ""},
    ],
    ids=["no such user", "two addresses", "no such template", "no value", "wrong values", "no address"],
)
async def test_a_row_that_cannot_become_a_mail_is_left_for_a_person_and_blocks_nobody(world, sender, box, payload):
    await decided(world, "bad", **payload)
    await decided(world, "good", to="new@example.com")
    await sender.once()
    assert [message["To"] for message in box.messages] == ["new@example.com"]
    assert len(await given_up(world)) == 1


async def test_a_row_of_an_unknown_kind_is_left_for_a_person(world, sender, box):
    await decided(world, kind="carrier_pigeon", to="a@example.com")
    await sender.once()
    assert await given_up(world) == ["unusable"]
    assert box.messages == []
