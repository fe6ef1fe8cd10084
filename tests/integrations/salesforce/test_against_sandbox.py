"""Client and accounts over real sockets against the sandbox: the whole way, and its faults."""

import asyncio
from dataclasses import replace
from datetime import date

import httpx
import pytest

from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.salesforce.accounts import AccountCheck, Accounts
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.facts import ContactFacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_LONG, CredentialRefused, Upstream
from portal_app.storage.clock import Clock
from sandbox.app import running
from sandbox.config import Config
from tests.fakes.clock import FakeClock
from tests.fakes.salesforce import pem

FAST = {"per_second": 100_000, "backoff_base_s": 0, "backoff_cap_s": 0}
QUICK, QUICK_LONG = replace(SALESFORCE, **FAST), replace(SALESFORCE_LONG, **FAST)
NUMBER = "T-900001"
FACTS = {"FirstName": "花子", "LastName": "O'Yamada", "Email": "hanako.t@example.com", "Birthdate": date(1990, 4, 2)}


@pytest.fixture
async def sandbox():
    config = Config(port=0, smtp_port=0, data=None, seed_size=5, today=date(2026, 4, 15))
    async with running(config) as started:
        yield started


class Org:
    """The real client over the sandbox, and one account with a contact."""

    def __init__(self, sandbox) -> None:
        config, usage, clock = sandbox.world.config, ApiUsage(), Clock()
        address = sandbox.whmcs_url.removesuffix("/whmcs")
        key = sandbox.world.salesforce.keys.private_pem()
        self.sandbox = sandbox
        self.threads = Threads(14, lambda: SfSession(usage.note))
        self.tokens = Tokens(self.threads, address, config.sf_client_id, config.sf_username, key, clock)
        upstreams = Upstream(QUICK, clock), Upstream(QUICK_LONG, clock)
        self.client = SalesforceClient(self.tokens, self.threads, *upstreams, usage)
        self.accounts = Accounts(self.client, FieldMap(), FakeClock())
        self.account_id = ""

    async def an_account(self) -> str:
        values = {"Name": "山田 花子", "SF_Account_No__c": NUMBER}
        self.account_id = await self.client.create("Account", values)
        await self.client.create("Contact", {"AccountId": self.account_id, "Phone": "03-1234-5678", **FACTS})
        return self.account_id

    def fault(self, kind: str, times: int = 1) -> None:
        self.sandbox.world.faults.add("salesforce", "*", kind, times, None)

    def cases(self) -> int:
        return self.sandbox.world.store.value("SELECT COUNT(*) FROM sf_records WHERE object = ?", "Case")


@pytest.fixture
async def org(sandbox):
    found = Org(sandbox)
    await found.an_account()
    yield found
    await found.accounts.stop()
    await found.tokens.stop()
    await found.threads.close()


async def test_every_field_of_the_map_exists_in_the_sandbox(org):
    assert await FieldMap().check(org.client.describe) == []


async def test_a_number_is_found_proven_marked_and_written_back(org):
    found = await org.accounts.find_by_customer_number(NUMBER.lower())
    assert (found.salesforce_account_id, found.linked) == (org.account_id, False)
    facts = ContactFacts(phone="0312345678", birth_date=date(1990, 4, 2))
    assert (await org.accounts.match_facts(org.account_id, facts)).proven
    await org.accounts.mark_portal_active(org.account_id, source="New Signup")
    await org.accounts.write_whmcs_client(org.account_id, 1001, "Hanako", "O'Yamada")
    state = await org.accounts.get_state(org.account_id)
    assert (state.portal_active, state.whmcs_client_id) == (True, 1001)
    assert (await org.accounts.find_by_customer_number(NUMBER)).linked


@pytest.mark.parametrize("text", ["O'Yamada", 'a"b\\c', "x' OR LastName != '", "%", "_", "改行\nあり", "{}"])
async def test_any_text_is_found_by_exactly_itself(org, text):
    names = {"FirstName": "x", "LastName": text.replace("\n", " "), "AccountId": org.account_id}
    contact_id = await org.client.create("Contact", names)
    rows = await org.client.query(
        soql("SELECT {n:literal} FROM Contact WHERE {f:literal} = {}", names["LastName"], n="Id", f="LastName")
    )
    assert contact_id in [row["Id"] for row in rows]
    assert len(rows) == (2 if text == "O'Yamada" else 1)


async def test_an_ended_session_is_renewed_once_for_all(org):
    before = org.sandbox.world.salesforce.sessions.count()
    org.sandbox.world.salesforce.sessions.expire()
    await asyncio.gather(*[org.accounts.get_state(org.account_id) for _ in range(8)])
    assert (before, org.sandbox.world.salesforce.sessions.count()) == (1, 1)


async def test_t5_a_lasting_401_causes_at_most_two_logins(org, monkeypatch):
    org.tokens.forget(await org.tokens.get())
    monkeypatch.setattr(org.sandbox.world.salesforce.sessions, "valid", lambda token: False)
    before = org.sandbox.world.salesforce.sessions.count()
    with pytest.raises(CredentialRefused):
        await org.client.update("Account", org.account_id, {"Phone": "1"})
    assert org.sandbox.world.salesforce.sessions.count() - before == 2


@pytest.mark.parametrize("kind", ["unavailable", "http500", "status429"])
async def test_a_read_gets_over_a_passing_failure(org, kind):
    org.fault(kind)
    assert (await org.accounts.get_state(org.account_id)).salesforce_account_id == org.account_id


async def test_a_write_whose_answer_is_lost_is_of_unknown_outcome(org):
    before = org.cases()
    org.fault("effect_no_reply")
    with pytest.raises(UpstreamOutcomeUnknown):
        await org.client.create("Case", {"Subject": "x", "AccountId": org.account_id})
    assert org.cases() == before + 1


async def test_f8_a_lost_upsert_leaves_one_record_and_gives_its_id(org):
    before = org.cases()
    org.fault("effect_no_reply")
    values = {"Subject": "質問", "AccountId": org.account_id}
    saved = await org.client.upsert("Case", "Portal_Reference__c", "ref/1 あ", values)
    assert not saved.created and org.cases() == before + 1
    assert await org.client.find_by_key("Case", "Portal_Reference__c", "ref/1 あ") == saved.record_id


@pytest.mark.parametrize("kind", ["html", "truncated"])
async def test_t4_a_reply_that_is_none_is_named_as_that(org, kind):
    org.fault(kind)
    with pytest.raises(UpstreamReplyChanged):
        await org.accounts.get_state(org.account_id)


async def test_a_spent_allowance_is_said_and_only_checkout_goes_on(org):
    org.sandbox.world.salesforce.allocation.most = 1000
    org.sandbox.world.salesforce.allocation.used = 960
    await org.accounts.get_state(org.account_id)
    assert org.client.state()["step"] == "only_checkout"


async def test_refusals_come_in_our_words(org):
    with pytest.raises(UpstreamRejected) as refused:
        await org.client.update("Account", org.account_id, {"No_Such__c": "x"})
    assert refused.value.code == "field"
    with pytest.raises(NotFound):
        await org.client.update("Account", "001000000009999AAA", {"Phone": "1"})


async def test_a_wrong_key_is_a_refused_credential(org, sandbox):
    config = sandbox.world.config
    address = sandbox.whmcs_url.removesuffix("/whmcs")
    tokens = Tokens(org.threads, address, config.sf_client_id, config.sf_username, pem(), Clock())
    with pytest.raises(CredentialRefused) as refused:
        await tokens.get()
    assert refused.value.code == "login_invalid_grant"


async def test_a_number_check_is_opened_once_and_its_decision_read(org, sandbox):
    cases = Cases(org.client, FieldMap(), origin="Portal Website")
    before = org.cases()
    org.fault("effect_no_reply")
    asked = {"salesforce_account_id": org.account_id, "subject": "T-900001?", "description": "申込み"}
    case_id = await cases.open_number_check("ref-1", **asked)
    assert (await cases.open_number_check("ref-1", **asked), org.cases() - before) == (case_id, 1)
    assert await cases.decisions([case_id]) == {case_id: "open"}
    staff = f"{sandbox.url}/console/api/salesforce/cases/{case_id}"
    async with httpx.AsyncClient(trust_env=False) as console:
        for move, decision in (
            ("approve", "approved"),
            ("reopen", "open"),
            ("reject", "rejected"),
            ("close", "rejected"),
        ):
            assert (await console.post(f"{staff}/{move}", json={})).status_code == 200
            assert await cases.decisions([case_id]) == {case_id: decision}


async def test_many_accounts_are_checked_at_once_and_a_deleted_one_is_left_out(org):
    await org.accounts.write_whmcs_client(org.account_id, 1001, "Hanako", "Yamada")
    gone = await org.client.create("Account", {"Name": "gone"})
    async with httpx.AsyncClient(trust_env=False) as console:
        await console.delete(f"{org.sandbox.url}/console/api/salesforce/records/{gone}")
    found = await org.accounts.list_checks([org.account_id, gone])
    assert found == {org.account_id: AccountCheck(NUMBER, 1001, written=True, portal_active=False)}
