"""The subjects over real sockets against the sandbox: id profiles, spellings of empty lists, faults."""

import json
import logging
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from portal_app.domain.address import Address
from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.errors import (
    InvalidCredentials,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import WHMCS, CredentialRefused, Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.logins import Logins
from portal_app.integrations.whmcs.registration import Registered, Registration
from portal_app.storage.bus import MemoryBus
from portal_app.storage.engine import Database
from sandbox.app import running
from sandbox.config import Config
from sandbox.faults import EMPTY_PROFILES, ID_PROFILES
from sandbox.whmcs import ledger
from tests.fakes.clock import FakeClock
from tests.integrations.whmcs.conftest import Desk
from tests.integrations.whmcs.test_registration import HANAKO, OURS

TODAY = date(2026, 4, 15)
NOON = datetime(2026, 4, 15, 3, tzinfo=UTC)
DEMO, SECOND, EMPTY, HOSTILE, ENTITIES, EVERY_STATUS, CREDIT = 1001, 1002, 1005, 1006, 1007, 1011, 1012
QUICK = replace(WHMCS, per_second=100_000, per_minute=None, backoff_base_s=0, backoff_cap_s=0)
ALL = InvoiceQuery(size=100)
PROFILES = [(ids, "natural") for ids in ID_PROFILES] + [
    (ids, empty) for ids in ("strings", "ints") for empty in EMPTY_PROFILES if empty != "natural"
]


@pytest.fixture
async def sandbox():
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=12, today=TODAY)) as started:
        yield started


@pytest.fixture
async def desk(migrated, tmp_path, sandbox):
    copy = tmp_path / "portal.db"
    shutil.copyfile(migrated, copy)
    clock = FakeClock(NOON)
    config = sandbox.world.config
    async with open_http() as http:
        upstream = Upstream(QUICK, clock)
        client = WhmcsClient(http, sandbox.whmcs_url, config.whmcs_identifier, config.whmcs_secret, upstream)
        desk = Desk(Database(f"sqlite:///{copy}"), clock, MemoryBus(), client, upstream)
        yield desk
        await desk.close()


def customer_of(client_id):
    return Customer(f"user-of-{client_id}", client_id)


def fault(sandbox, action, kind, times=1, **more):
    sandbox.world.faults.add("whmcs", action, kind, times, more.get("delay_ms"))


@pytest.mark.parametrize(("ids", "empty"), PROFILES)
async def test_counts_and_sums_equal_whmcss_own_in_every_spelling(desk, sandbox, ids, empty):
    sandbox.world.faults.set_profile({"ids": ids, "empty": empty})
    for client_id in (DEMO, EMPTY, EVERY_STATUS, CREDIT):
        customer = customer_of(client_id)
        page = await desk.billing.list_invoices(customer, ALL)
        services = await desk.services.list_services(customer)
        stats = await desk.clients.get_stats(client_id)
        counts = page.totals.counts
        assert counts["unpaid"] == stats.numunpaidinvoices
        assert counts["overdue"] == stats.numoverdueinvoices
        assert counts["paid"] == stats.numpaidinvoices
        assert counts["cancelled"] == stats.numcancelledinvoices
        unpaid = [i for i in page.items if i.status in (InvoiceStatus.UNPAID, InvoiceStatus.OVERDUE)]
        assert sum(i.total for i in unpaid) == stats.unpaidinvoicesamount
        assert (services.active, len(services.items)) == (stats.productsnumactive, stats.productsnumtotal)


async def test_every_balance_and_the_sum_due_equal_what_whmcs_says_of_each_invoice(desk):
    for client_id in (DEMO, EVERY_STATUS):
        customer = customer_of(client_id)
        page = await desk.billing.list_invoices(customer, ALL)
        exact = [(await desk.billing.get_invoice(customer, i.whmcs_invoice_id)).invoice for i in page.items]
        assert list(page.items) == exact
        assert page.totals.due == sum(i.balance for i in exact)
    partly_paid = [
        i for i in (await desk.billing.list_invoices(customer_of(DEMO), ALL)).items if 0 < i.balance < i.total
    ]
    assert partly_paid


async def test_one_invoice_reads_alike_in_every_spelling(desk, sandbox):
    customer = customer_of(DEMO)
    wanted = [i.whmcs_invoice_id for i in (await desk.billing.list_invoices(customer, ALL)).items][:4]
    plain = [await desk.billing.get_invoice(customer, n) for n in wanted]
    for ids, empty in PROFILES:
        await desk.billing.refresh(customer)
        sandbox.world.faults.set_profile({"ids": ids, "empty": empty})
        assert [await desk.billing.get_invoice(customer, n) for n in wanted] == plain


async def test_hostile_text_comes_through_as_text_and_entities_are_undone_once(desk):
    hostile = await desk.services.list_services(customer_of(HOSTILE))
    assert "<script>alert(1)</script>" in hostile.items[0].label
    page = await desk.billing.list_invoices(customer_of(ENTITIES), ALL)
    details = [await desk.billing.get_invoice(customer_of(ENTITIES), i.whmcs_invoice_id) for i in page.items]
    text = " ".join(line.description for detail in details for line in detail.lines)
    assert '通話料 Call charges & SMS, line 1 "A"' in text
    assert "&amp;" not in text
    assert max(len(detail.lines) for detail in details) == 40
    assert (await desk.clients.get_profile(customer_of(ENTITIES))).last_name == "O'Brien"


async def test_every_status_of_invoice_and_service_is_understood(desk):
    page = await desk.billing.list_invoices(customer_of(EVERY_STATUS), ALL)
    assert {i.status for i in page.items} == set(InvoiceStatus) - {InvoiceStatus.DRAFT, InvoiceStatus.OTHER}
    services = await desk.services.list_services(customer_of(EVERY_STATUS))
    assert {s.status.value for s in services.items} == {
        "pending", "active", "suspended", "terminated", "cancelled", "fraud", "completed",
    }  # fmt: skip


async def test_o1_whmcs_would_show_anybodys_invoice_and_the_portal_does_not(desk):
    theirs = (await desk.billing.list_invoices(customer_of(DEMO), ALL)).items[0].whmcs_invoice_id
    with pytest.raises(NotFound):
        await desk.billing.get_invoice(customer_of(SECOND), theirs)
    with pytest.raises(NotFound):
        await desk.billing.request_payment(customer_of(SECOND), theirs)
    assert len(desk.foreign) == 2


async def test_the_demo_customers_are_found_by_their_login(desk):
    assert await desk.clients.find_client_id_by_email("demo@example.com") == DEMO
    assert await desk.clients.find_client_id_by_email("second@example.com") == SECOND
    assert await desk.clients.find_client_id_by_email("nobody@example.com") is None
    # The company's boss signs in with another address than the company is billed at.
    assert await desk.clients.find_client_id_by_email("boss@example.com") == 1009
    assert await desk.clients.find_client_id_by_email("accountant@example.com") is None


async def test_paying_in_whmcs_shows_after_the_hooks_sync(desk, sandbox):
    customer = await desk.a_customer("demo@example.com", DEMO)
    page = await desk.billing.list_invoices(customer, ALL)
    invoice = next(i for i in page.items if i.payable)
    url = await desk.billing.request_payment(customer, invoice.whmcs_invoice_id)
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        landed = await browser.get(url)
        assert landed.url.path.endswith("/viewinvoice.php")
        assert landed.url.query == f"id={invoice.whmcs_invoice_id}".encode()
    ledger.pay(sandbox.world, invoice.whmcs_invoice_id)
    assert await desk.billing.sync_invoice(invoice.whmcs_invoice_id) == DEMO
    after = await desk.billing.list_invoices(customer, ALL)
    paid = next(i for i in after.items if i.whmcs_invoice_id == invoice.whmcs_invoice_id)
    assert (paid.status, paid.balance) == (InvoiceStatus.PAID, Decimal(0))
    assert after.totals.due == page.totals.due - invoice.balance


async def test_a_client_who_switched_single_sign_on_off_still_gets_to_the_invoice(desk, sandbox):
    customer = await desk.a_customer("oldtax@example.com", 1010)
    invoice = (await desk.billing.list_invoices(customer, ALL)).items[0]
    sandbox.world.store.update("invoices", invoice.whmcs_invoice_id, status="Unpaid")
    sandbox.world.store.execute("DELETE FROM transactions WHERE invoice_id = ?", invoice.whmcs_invoice_id)
    url = await desk.billing.request_payment(customer, invoice.whmcs_invoice_id)
    assert url == f"{sandbox.whmcs_url}/viewinvoice.php?id={invoice.whmcs_invoice_id}"


@pytest.mark.parametrize(("ids", "empty"), PROFILES)
async def test_cards_banks_and_none_read_alike_in_every_spelling(desk, sandbox, ids, empty):
    sandbox.world.faults.set_profile({"ids": ids, "empty": empty})
    card, *_ = await desk.pay_methods.list_methods(customer_of(DEMO))
    assert (card.kind, card.is_default) == ("card", True)
    assert card.label == "Visa 4242"
    (bank,) = await desk.pay_methods.list_methods(customer_of(CREDIT))
    assert (bank.kind, bank.label, bank.expires_on) == ("bank", "みずほ銀行", None)
    assert await desk.pay_methods.list_methods(customer_of(EMPTY)) == ()


async def test_a_card_added_on_whmcss_own_page_is_read_afterwards(desk, sandbox):
    customer = customer_of(EMPTY)
    url = await desk.pay_methods.request_link(customer)
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        landed = await browser.get(url)
        assert landed.url.path.endswith("/account/paymentmethods")
        token = re.findall(r'name="token" value="(\w+)"', landed.text)[0]
        form = {"token": token, "brand": "JCB", "last_four": "0505", "month": "04", "year": "2026"}
        assert (await browser.post(str(landed.url), data=form)).status_code == 200
    (card,) = await desk.pay_methods.list_methods(customer)
    assert (card.label, card.expires_on, card.usable(TODAY)) == ("JCB 0505", date(2026, 4, 30), True)


async def test_without_single_sign_on_the_card_page_asks_for_whmcss_own_sign_in(desk):
    url = await desk.pay_methods.request_link(customer_of(1010))
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        landed = await browser.get(url)
    assert landed.url.path.endswith("/account/paymentmethods")
    assert 'type="password"' in landed.text


@pytest.mark.parametrize("ids", ID_PROFILES)
async def test_an_address_comes_back_as_it_was_sent_and_blanks_the_old_second_line(desk, sandbox, ids):
    sandbox.world.faults.set_profile({"ids": ids})
    customer = customer_of(DEMO)
    assert (await desk.addresses.get(customer)).address2 == "Hikarie 1201"
    for home in (
        Address(postal_code="100-0001", prefecture="Tokyo", city="Chiyoda-ku", address1="1-1 Chiyoda"),
        Address(postal_code="100-0001", prefecture="Tokyo", city="Ōta-ku", address1="1-1 C", address2="A & B's 101"),
    ):
        await desk.addresses.update(customer, home)
        assert await desk.addresses.get(customer) == home


async def test_an_address_whose_write_got_no_answer_is_read_as_it_is(desk, sandbox):
    home = Address(postal_code="100-0001", prefecture="Tokyo", city="Chiyoda-ku", address1="1-1 Chiyoda")
    fault(sandbox, "UpdateClient", "effect_no_reply")
    with pytest.raises(UpstreamOutcomeUnknown):
        await desk.addresses.update(customer_of(DEMO), home)
    assert await desk.addresses.get(customer_of(DEMO)) == home
    assert [action for action, _ in calls_of(sandbox)].count("UpdateClient") == 1


async def test_the_operators_pages_hold_every_unpaid_invoice_with_its_balance(desk):
    exact = {}
    for client_id in range(1001, 1013):
        page = await desk.billing.list_invoices(customer_of(client_id), ALL)
        exact |= {i.whmcs_invoice_id: i for i in page.items if i.payable}
    seen, start = {}, 0
    while True:
        page = await desk.billing.operator_list_invoices("Unpaid", start=start, limit=4)
        seen |= {i.whmcs_invoice_id: i for i in page.items}
        start += page.received
        if start >= page.total:
            break
    assert {n: i for n, i in seen.items() if i.payable} == exact


# Faults, over sockets


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        ("http500", UpstreamUnavailable),
        ("html", UpstreamUnavailable),
        ("truncated", UpstreamUnavailable),
        ("redirect", UpstreamUnavailable),
        ("wrong_json", UpstreamError),
        ("huge", UpstreamReplyChanged),
        ("auth_refused", CredentialRefused),
        ("nvp_auth", CredentialRefused),
    ],
)
async def test_a_fault_of_the_list_keeps_the_last_copy(desk, sandbox, kind, raised):
    customer = customer_of(DEMO)
    before = await desk.billing.list_invoices(customer, ALL)
    fault(sandbox, "GetInvoices", kind)
    await desk.billing.refresh(customer)
    after = await desk.billing.list_invoices(customer, ALL, wait=True)
    assert after == replace(before, stale=True)
    fault(sandbox, "GetInvoices", kind)
    if raised is not CredentialRefused:  # that one has closed the door for 15 minutes
        with pytest.raises(raised):
            await desk.client.get_invoices(DEMO, start=0, limit=10)


@pytest.mark.parametrize("kind", ["down", "status429", "effect_no_reply", "bad_utf8"])
async def test_a_passing_fault_is_not_noticed(desk, sandbox, kind):
    fault(sandbox, "*", kind)
    page = await desk.billing.list_invoices(customer_of(DEMO), ALL)
    assert page.total_items > 0


async def test_a_dead_whmcs_is_an_outage_and_the_breaker_opens(desk, sandbox):
    fault(sandbox, "*", "down", times=None)
    for client_id in (DEMO, SECOND):
        with pytest.raises(UpstreamUnavailable):
            await desk.billing.list_invoices(customer_of(client_id), ALL)
    assert desk.upstream.state()["breaker"] == "open"


async def test_xml_of_a_row_with_broken_bytes_reads_like_json(desk, sandbox):
    customers = [customer_of(n) for n in (DEMO, SECOND, EMPTY, EVERY_STATUS)]
    plain = [(await desk.billing.list_invoices(c, ALL), await desk.services.list_services(c)) for c in customers]
    for customer in customers:
        await desk.billing.refresh(customer)
        await desk.services.refresh(customer)
    fault(sandbox, "*", "bad_utf8", times=None)
    seen = [
        (await desk.billing.list_invoices(c, ALL, wait=True), await desk.services.list_services(c, wait=True))
        for c in customers
    ]
    assert seen == plain


async def test_nothing_is_ever_asked_without_a_client_id_but_by_the_operator(desk, sandbox):
    customer = customer_of(DEMO)
    page = await desk.billing.list_invoices(customer, ALL)
    await desk.billing.get_invoice(customer, page.items[0].whmcs_invoice_id)
    await desk.services.list_services(customer)
    await desk.clients.get_profile(customer)
    for action, params in calls_of(sandbox):
        if action in ("GetInvoices", "GetTransactions", "GetClientsProducts", "GetClientsDetails"):
            assert str(DEMO) in (params.get("userid"), params.get("clientid"))


def calls_of(sandbox):
    return [(call["action"], call["params"]) for call in sandbox.world.calls.last(100)]


# Becoming a customer


@pytest.fixture
def registration(desk):
    return Registration(desk.client, customer_number_field_id=198, portal_user_field_id=202, birth_date_field_id=199)


@pytest.fixture
def logins(desk):
    return Logins(desk.client, customer_number_field_id=198, portal_user_field_id=202)


@pytest.mark.parametrize(("ids", "empty"), PROFILES)
async def test_a_new_client_comes_back_as_it_was_sent_in_every_spelling(registration, logins, sandbox, ids, empty):
    sandbox.world.faults.set_profile({"ids": ids, "empty": empty})
    client_id = await registration.add(HANAKO)
    assert await registration.find_by_email(HANAKO.email) == Registered(client_id, OURS)
    account = await logins.account(client_id)
    assert (account.customer_number, account.portal_user_id, account.status) == ("C-200001", OURS, "active")
    stored = sandbox.world.store.get("clients", client_id)
    assert json.loads(stored["customfields"]) == {"198": "C-200001", "199": "1990-05-17", "202": OURS}
    assert (stored["state"], stored["country"], stored["postcode"]) == ("Tokyo", "JP", "150-0002")
    await registration.deactivate(client_id, OURS)
    assert (await logins.account(client_id)).status == "inactive"


async def test_an_email_known_as_login_or_as_billing_address_is_taken(registration):
    for email in ("demo@example.com", "boss@example.com", "billing@company.example.com"):
        with pytest.raises(UpstreamRejected, match="email_taken"):
            await registration.add(replace(HANAKO, email=email))


async def test_a_lost_answer_left_a_client_that_carries_our_marker(registration, sandbox):
    fault(sandbox, "AddClient", "effect_no_reply")
    with pytest.raises(UpstreamOutcomeUnknown):
        await registration.add(HANAKO)
    found = await registration.find_by_email(HANAKO.email)
    assert found is not None
    assert found.portal_user_id == OURS
    assert [action for action, _ in calls_of(sandbox)].count("AddClient") == 1


@pytest.mark.parametrize(("ids", "empty"), [("mixed", "natural"), ("ints", "list"), ("strings", "object")])
async def test_a_login_is_checked_and_a_second_factor_seen_in_every_spelling_of_the_flag(logins, sandbox, ids, empty):
    sandbox.world.faults.set_profile({"ids": ids, "empty": empty})
    legacy = await logins.check("legacy@example.com", "legacy-whmcs-pass")
    assert not legacy.second_factor
    assert await logins.owned_clients("legacy@example.com", legacy.whmcs_user_id) == [1003]
    assert legacy.whmcs_user_id != 1003
    assert (await logins.check("twofactor@example.com", "twofactor-whmcs-pass")).second_factor
    with pytest.raises(InvalidCredentials):
        await logins.check("legacy@example.com", "wrong")


async def test_neither_password_nor_session_token_comes_further_than_the_client(logins, desk, caplog):
    caplog.set_level(logging.DEBUG)
    login = await desk.client.validate_login("legacy@example.com", "legacy-whmcs-pass")
    assert login.model_dump() == {"userid": login.userid, "second_factor": False}
    assert not [r for r in caplog.records if "legacy-whmcs-pass" in str(vars(r)) or "passwordhash" in str(vars(r))]


async def test_owners_are_told_from_helpers(logins):
    boss = await logins.check("boss@example.com", "boss-whmcs-pass")
    assert await logins.owned_clients("boss@example.com", boss.whmcs_user_id) == [1009]
    helper = await logins.check("accountant@example.com", "accountant-pass")
    assert await logins.owned_clients("accountant@example.com", helper.whmcs_user_id) == []
    assert (await logins.account(1008)).status == "closed"
