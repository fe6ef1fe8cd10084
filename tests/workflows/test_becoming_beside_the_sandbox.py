"""The wired portal against the stand-ins on real sockets: the wire, the workflows and the seed agree."""

import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from portal_app import wiring
from portal_app.domain.sign_up import parse_sign_up
from portal_app.errors import Conflict, InvalidCredentials, InvalidFields
from portal_app.storage import migrate
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.linking import CodeNeeded, Linked
from sandbox.app import Running, running
from sandbox.config import DEMO_IDENTIFIER, DEMO_SECRET, DEMO_SF_CLIENT_ID, DEMO_SF_USERNAME, Config
from tests.fakes.becoming_world import FIREFOX, IP, PASSWORD
from tests.fakes.settings import a_settings

FORM = {
    "first_name": "Mayumi",
    "last_name": "Suzuki",
    "phone": "090-1234-5678",
    "postal_code": "150-0002",
    "prefecture": "Tokyo",
    "city": "Shibuya-ku",
    "address1": "Shibuya 2-1-1",
    "birth_date": "1990-05-17",
    "terms": "on",
}


class Portal:
    """The wired portal; `mails` is what would be sent, oldest first."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox, self.mails = sandbox, list[Mapping[str, Any]]()
        handlers = {
            "mail": self._take,
            "account_mail": wiring.account_mails().deliver,
            "account_writeback": wiring.account_writeback().deliver,
        }
        self._sender = OutboxSender(wiring.outbox(), handlers)

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        self.mails.append(payload)

    async def deliver(self) -> list[str]:
        """Templates of all mails so far."""
        while await self._sender.once():
            pass
        return [mail["template"] for mail in self.mails]

    async def sign_up(self, number: str, email: str, **changes: str) -> None:
        typed = {**FORM, "customer_number": number, "email": email, **changes}
        details = parse_sign_up(typed, wiring.clock().today_in_japan())
        begun = await wiring.idempotency_keys().begin("anon:x", "sign_up", str(uuid.uuid4()), "fingerprint")
        assert begun.record is not None
        who = {"locale": "en", "ip": IP, "browser": str(uuid.uuid4())}
        await wiring.signing_up().submit(details, PASSWORD, key=begun.record, **who)
        await self.deliver()

    async def confirm(self) -> str:
        token = self.mails[-1]["values"]["token"]
        confirmed = await wiring.signing_up().confirm(token, PASSWORD, ip=IP, user_agent=FIREFOX, locale="en")
        await self.deliver()
        return confirmed.outcome

    async def link(self, email: str, password: str) -> Linked | CodeNeeded:
        who = {"ip": IP, "user_agent": FIREFOX, "device": None, "locale": "en"}
        return await wiring.linking().link(email, password, **who)

    def _console(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"{self.sandbox.url}/console/api/salesforce")

    async def account(self, number: str) -> dict[str, Any]:
        async with self._console() as console:
            rows = (await console.get("/accounts", params={"search": number})).json()
            [row] = [row for row in rows if row["number"] == number]
            return row

    async def decide(self, what: str) -> None:
        """What staff do with the newest case; then the worker looks at once."""
        async with self._console() as console:
            [case, *_] = (await console.get("/cases", params={"open": "yes"})).json()
            (await console.post(f"/cases/{case['Id']}/{what}", json={})).raise_for_status()
        async with wiring.database().write() as tx:
            await tx.execute(text("UPDATE signups SET next_attempt_at = created_at WHERE next_attempt_at IS NOT NULL"))
        await wiring.signing_up().advance_due()
        await self.deliver()


@pytest.fixture
async def portal(migrated_file: Path, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Portal]:
    migrate.upgrade(sqlite_url)
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as sandbox:
        key = tmp_path / "salesforce.pem"
        key.write_text(sandbox.world.salesforce.keys.private_pem())
        chosen = a_settings(
            DATABASE_URL=sqlite_url,
            BCRYPT_ROUNDS="4",
            WHMCS_BASE_URL=sandbox.whmcs_url,
            WHMCS_API_IDENTIFIER=DEMO_IDENTIFIER,
            WHMCS_API_SECRET=DEMO_SECRET,
            WHMCS_QUEUE_INTERVAL_CAP="1000",
            SF_LOGIN_URL=sandbox.url,
            SF_CLIENT_ID=DEMO_SF_CLIENT_ID,
            SF_USERNAME=DEMO_SF_USERNAME,
            SF_PRIVATE_KEY_PATH=str(key),
        )
        async with wiring.opened(chosen):
            yield Portal(sandbox)


async def test_a_new_customer_goes_straight_through(portal):
    await portal.sign_up("C-200001", "signup@example.com")
    assert await portal.confirm() == "done"
    user = await wiring.users().find_by_email("signup@example.com")
    customer = await wiring.users().find_customer(user.user_id)
    assert await wiring.registration().portal_user_of(customer.whmcs_client_id) == user.user_id
    account = await portal.account("C-200001")
    assert account["whmcs_account"] == f"#{customer.whmcs_client_id} - Mayumi Suzuki"
    assert (account["portal_status"], account["source"]) == ("Active", "New Signup")
    assert await portal.deliver() == ["verify_email", "welcome"]


async def test_two_facts_prove_it_where_the_address_is_another(portal):
    await portal.sign_up("C-200002", "new.address@example.com")
    assert await portal.confirm() == "done"


@pytest.mark.parametrize(("what", "last"), [("approve", "welcome"), ("reject", "signup_not_confirmed")])
async def test_staff_decide_where_nothing_is_on_file(portal, what, last):
    await portal.sign_up("C-200003", "linh@example.com")
    assert await portal.confirm() == "waiting"
    await portal.decide(what)
    assert (await portal.deliver())[-2:] == ["signup_waiting", last]


@pytest.mark.parametrize("number", ["C-200004", "C-200006", "C-999999"])
async def test_a_linked_number_a_shared_one_and_an_unknown_one_are_refused_alike(portal, number):
    with pytest.raises(InvalidFields) as refused:
        await portal.sign_up(number, "new@example.com")
    assert refused.value.reasons == {"customer_number": "signup.number_unusable"}


async def test_an_address_whmcs_knows_is_sent_to_linking(portal):
    await portal.sign_up("C-200005", "legacy@example.com")
    assert await portal.deliver() == ["link_instead"]


async def test_a_lost_answer_of_whmcs_leaves_one_client_which_is_adopted(portal, monkeypatch):
    portal.sandbox.world.faults.add("whmcs", "AddClient", "effect_no_reply", 1, None)
    await portal.sign_up("C-200001", "signup@example.com")
    assert await portal.confirm() == "finishing"
    async with wiring.database().write() as tx:
        past = "UPDATE signups SET last_attempt_at = datetime('now', '-2 minutes'), next_attempt_at = created_at"
        await tx.execute(text(past))
    await wiring.signing_up().advance_due()
    assert (await portal.deliver())[-1] == "welcome"
    assert await wiring.signups().counts_by_state() == {"COMPLETED": 1}


async def test_an_old_customer_links_with_the_whmcs_password(portal):
    with pytest.raises(InvalidCredentials):
        await portal.link("legacy@example.com", "wrong")
    linked = await portal.link("legacy@example.com", "legacy-whmcs-pass")
    assert isinstance(linked, Linked) and linked.tokens.session.must_set_password
    await portal.deliver()
    customer = await wiring.users().find_customer(linked.tokens.session.user_id)
    assert customer is not None and customer.salesforce_account_id
    with pytest.raises(Conflict):
        await portal.link("legacy@example.com", "legacy-whmcs-pass")


async def test_a_customer_with_a_second_factor_links_by_the_mailed_code(portal):
    needed = await portal.link("twofactor@example.com", "twofactor-whmcs-pass")
    assert isinstance(needed, CodeNeeded)
    await portal.deliver()
    code = portal.mails[-1]["values"]["code"]
    linked = await wiring.linking().finish(needed.reference, code, ip=IP, user_agent=FIREFOX)
    assert linked.tokens.session.amr == ("whmcs",)
