"""The oddities an honest stand-in must have (reference 9), met by our own client over real sockets.

Actions the client has no method for yet are asked through the one function every request goes through.
"""

import ast
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.upstream import WHMCS, CredentialRefused, Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.integrations.whmcs import php
from portal_app.integrations.whmcs.client import NOBODY, WhmcsClient
from portal_app.integrations.whmcs.hooks import concern_of
from portal_app.integrations.whmcs.refusals import classify
from portal_app.integrations.whmcs.registration import Registration
from portal_app.integrations.whmcs.values import as_list, parse_flag, parse_id, parse_money, parse_reference
from sandbox.app import running
from sandbox.config import Config
from sandbox.faults import EMPTY_PROFILES, ID_PROFILES
from sandbox.whmcs import ledger
from tests.fakes.clock import FakeClock
from tests.integrations.whmcs.test_registration import HANAKO

DEMO, EMPTY, CLOSED, COMPANY, TWO_FACTOR = 1001, 1005, 1008, 1009, 1004
SIM, INTERNET = 98, 182
QUICK = replace(WHMCS, per_second=100_000, per_minute=None, read_attempts=1, breaker_failures=10_000)
AMBIGUOUS = "ambiguous_state"


@pytest.fixture
async def sandbox():
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=12, today=date(2026, 4, 15))) as started:
        yield started


@pytest.fixture
async def http():
    async with open_http() as opened:
        yield opened


@pytest.fixture
def make(sandbox, http):
    """A client of the sandbox; other credentials by name."""

    def made(**changed):
        config = sandbox.world.config
        given = {"identifier": config.whmcs_identifier, "secret": config.whmcs_secret} | changed
        return WhmcsClient(http, sandbox.whmcs_url, given["identifier"], given["secret"], Upstream(QUICK, FakeClock()))

    return made


@pytest.fixture
def client(make):
    return make()


def profile(sandbox, **changed):
    sandbox.world.faults.set_profile(changed)


async def ask(client, action, **sent):
    return await client._call(action, sent, NOBODY)


async def do(client, action, **sent):
    return await client._call(action, sent, NOBODY, write=True)


async def code_of(call):
    with pytest.raises(UpstreamRejected) as refused:
        await call
    return refused.value.code


def times(sandbox, action):
    return [call["action"] for call in sandbox.world.calls.last(1000)].count(action)


def cart(*pids, **more):
    products = {"pid": list(pids), "billingcycle": ["monthly"] * len(pids)}
    return {"clientid": EMPTY, "paymentmethod": "stripe", **products, **more}


# Transport


@pytest.mark.parametrize("wrong", [{"identifier": "x" * 32}, {"secret": "wrong"}, {"secret": ""}])
async def test_a_refused_credential_is_told_from_every_other_refusal(make, wrong):
    with pytest.raises(CredentialRefused):
        await make(**wrong).get_invoice(101)


async def test_a_refused_address_is_an_outage_that_names_the_address(client, sandbox, caplog):
    profile(sandbox, allowed_ips=["203.0.113.7"])
    with pytest.raises(UpstreamUnavailable, match="allowlist"):
        await client.get_invoice(101)
    assert "127.0.0.1" in [getattr(record, "refused_ip", "") for record in caplog.records]


@pytest.mark.parametrize("action", ["GetInvoice", "GetClientsDomainsSDA"])
async def test_an_action_out_of_the_role_and_an_unknown_one_read_alike_and_leave_the_rest_working(
    client, sandbox, action
):
    profile(sandbox, denied_actions=["GetInvoice"])
    assert await code_of(ask(client, action, invoiceid=101)) == "permission"
    assert (await client.get_clients_details(DEMO)).client.id == DEMO


async def test_action_names_may_be_spelled_in_any_case(client):
    assert parse_id((await ask(client, "gEtInVoIcE", invoiceid=101))["invoiceid"]) == 101


def test_every_text_the_stand_in_refuses_with_is_understood():
    spoken = set()
    for path in Path(ledger.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                spoken.add(_text(node.args[0]))
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "row_or_refuse":
                spoken.add(_text(node.args[2]))
    spoken -= {""}
    assert len(spoken) > 40
    assert {text for text in spoken if classify(text) == "other"} == set()


def _text(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    return node.value if isinstance(node, ast.Constant) else ""


FAULTS_OF_A_WRITE = {
    "down": (UpstreamOutcomeUnknown, 0),  # from here a cut line before and after the work look the same
    "effect_no_reply": (UpstreamOutcomeUnknown, 1),
    "http500": (UpstreamOutcomeUnknown, 0),
    "html": (UpstreamOutcomeUnknown, 0),
    "wrong_json": (UpstreamOutcomeUnknown, 0),
    "truncated": (UpstreamOutcomeUnknown, 1),
    "huge": (UpstreamOutcomeUnknown, 0),
    "bad_utf8": (UpstreamOutcomeUnknown, 0),
    "redirect": (UpstreamOutcomeUnknown, 0),
    "status429": (UpstreamUnavailable, 0),
    "auth_refused": (CredentialRefused, 0),
    "nvp_auth": (CredentialRefused, 0),
}


@pytest.mark.parametrize(("kind", "expected"), FAULTS_OF_A_WRITE.items())
async def test_f1_every_fault_of_a_write_is_either_surely_undone_or_unknown_and_never_repeated(
    client, sandbox, kind, expected
):
    raised, made = expected
    registration = Registration(client, customer_number_field_id=198, portal_user_field_id=202)
    sandbox.world.faults.add("whmcs", "AddClient", kind, 1, None)
    with pytest.raises(UpstreamError) as failure:
        await registration.add(HANAKO)
    assert type(failure.value) is raised or isinstance(failure.value, raised)
    assert times(sandbox, "AddClient") == 1
    sql = "SELECT COUNT(*) FROM clients WHERE email = ?"
    assert sandbox.world.store.value(sql, HANAKO.email) == made


@pytest.mark.parametrize("kind", ["http500", "html", "truncated", "redirect", "nvp_auth", "auth_refused"])
async def test_a_fault_is_never_taken_for_an_empty_list(client, sandbox, kind):
    sandbox.world.faults.add("whmcs", "GetInvoices", kind, 1, None)
    with pytest.raises(UpstreamError):
        await client.get_invoices(DEMO, start=0, limit=10)


# Data shapes


@pytest.mark.parametrize("ids", ID_PROFILES)
@pytest.mark.parametrize("empty", EMPTY_PROFILES)
async def test_every_list_reads_alike_in_every_spelling(client, sandbox, ids, empty):
    profile(sandbox, ids=ids, empty=empty)
    assert len((await client.get_invoices(DEMO, start=0, limit=100)).items) == 60
    assert (await client.get_invoices(EMPTY, start=0, limit=100)).items == ()
    assert len((await client.get_clients_products(DEMO, start=0, limit=100)).items) == 4
    assert (await client.get_clients_products(EMPTY, start=0, limit=100)).items == ()
    assert (await client.get_transactions(EMPTY)).items == ()
    assert [user.clients[0].id for user in (await client.get_users("demo@example.com")).items] == [DEMO]
    assert (await client.get_users("nobody@example.com")).items == ()
    assert len((await client.get_payment_methods()).items) == 3
    cards = await ask(client, "GetPayMethods", clientid=DEMO)
    assert [card["card_last_four"] for card in as_list(cards.get("paymethods"), "paymethod")] == ["4242"]


@pytest.mark.parametrize("empty", EMPTY_PROFILES)
async def test_orders_without_a_match_are_a_success_without_rows(client, sandbox, empty):
    profile(sandbox, empty=empty)
    reply = await ask(client, "GetOrders", id=1)
    assert as_list(reply.get("orders"), "order") == []


async def test_a_missing_service_is_a_success_without_rows(client):
    reply = await ask(client, "GetClientsProducts", serviceid=1)
    assert as_list(reply["products"], "product") == []


async def test_the_same_thing_has_other_names_from_action_to_action(client):
    listed = (await ask(client, "GetInvoices", userid=DEMO, limitnum=1))["invoices"]["invoice"][0]
    one = await ask(client, "GetInvoice", invoiceid=101)
    assert listed.keys() & {"id", "last_capture_attempt", "currencycode", "balance"} == {
        "id", "last_capture_attempt", "currencycode",
    }  # fmt: skip
    assert one.keys() & {"id", "invoiceid", "lastcaptureattempt", "currencycode", "balance"} == {
        "invoiceid", "lastcaptureattempt", "balance",
    }  # fmt: skip
    assert (await client.get_invoice(101)).id == parse_id(listed["id"])


async def test_a_price_that_is_not_offered_costs_minus_one(client):
    [product] = as_list((await ask(client, "GetProducts", pid="97"))["products"], "product")
    assert parse_money(product["pricing"]["JPY"]["annually"]) == -1
    assert parse_money(product["pricing"]["JPY"]["monthly"]) == 1500


async def test_figures_for_show_are_never_taken_for_amounts(client):
    stats = (await ask(client, "GetClientsDetails", clientid=DEMO, stats=True))["stats"]
    with pytest.raises(ValueError, match="amount"):
        parse_money(stats["creditbalance"])


async def test_an_affix_is_spelled_with_a_blank_here_and_without_there(client):
    invoice = (await ask(client, "GetInvoices", userid=DEMO, limitnum=1))["invoices"]["invoice"][0]
    order = (await ask(client, "GetOrders", userid=DEMO, limitnum=1))["orders"]["order"][0]
    assert (invoice["currencysuffix"], order["currencysuffix"]) == (" JPY", "JPY")


async def test_days_that_never_were_are_none(client):
    invoices = (await client.get_invoices(1007, start=0, limit=100)).items
    assert [invoice.duedate for invoice in invoices].count(None) == 1
    assert None in [invoice.datepaid for invoice in invoices]


async def test_client_details_stand_twice_and_the_nested_ones_count(client):
    reply = await ask(client, "GetClientsDetails", clientid=DEMO)
    assert reply["email"] == reply["client"]["email"] == (await client.get_clients_details(DEMO)).client.email
    assert reply["customfields1"] == "C-100001" == (await client.get_clients_details(DEMO)).client.field(198)


async def test_r1_secrets_that_whmcs_sends_along_come_no_further(client, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    raw = await ask(client, "GetClientsProducts", clientid=DEMO)
    [card] = as_list((await ask(client, "GetPayMethods", clientid=DEMO))["paymethods"], "paymethod")
    secrets = [row["password"] for row in as_list(raw["products"], "product")] + [card["remote_token"]]
    assert all(secrets)
    read = (await client.get_clients_products(DEMO, start=0, limit=100)).items
    seen = str([row.model_dump() for row in read]) + str([vars(record) for record in caplog.records])
    assert not [secret for secret in secrets if secret in seen]


async def test_keys_nobody_documented_are_ignored(client):
    raw = (await ask(client, "GetInvoices", userid=DEMO, limitnum=1))["invoices"]["invoice"][0]
    assert "unlisted_flags" in raw
    [row] = (await client.get_invoices(DEMO, start=0, limit=1)).items
    assert "unlisted_flags" not in row.model_dump()


# Behaviour


async def test_a_user_may_own_several_clients_and_a_client_may_have_several_users(client):
    [both] = (await client.get_users("two.accounts@example.com")).items
    assert [(link.id, link.is_owner) for link in both.clients] == [(1901, True), (1902, True)]
    users = as_list((await ask(client, "GetClientsDetails", clientid=COMPANY))["client"]["users"], "user")
    assert [parse_flag(user["is_owner"]) for user in users] == [True, False, False]
    assert not {parse_id(user["id"]) for user in users} & {COMPANY}


async def test_an_order_by_index_keeps_products_and_fields_together_by_bytes(client, sandbox):
    fields = ["", php.encode_field({1101: "注文-7", 1103: "09011112222"})]
    placed = await do(client, "AddOrder", **cart(INTERNET, SIM, customfields=fields))
    assert len(placed["serviceids"].split(",")) == 2
    internet, sim = (await client.get_clients_products(EMPTY, start=0, limit=10)).items
    assert (internet.pid, sim.pid) == (INTERNET, SIM)
    assert {f.value for f in internet.customfields} == {""}
    assert {f.id: f.value for f in sim.customfields if f.value} == {1101: "注文-7", 1103: "09011112222"}
    assert {internet.status, sim.status} == {"Pending"}


async def test_lists_that_are_not_in_brackets_are_refused(client):
    assert await code_of(do(client, "AddOrder", **cart(SIM, pid=str(SIM)))) == "validation"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"clientid": 5}, "not_found"),
        ({"clientid": CLOSED}, "client_closed"),
        ({"paymentmethod": "gold"}, "gateway_unknown"),
        ({"pid": [99999]}, "cart_empty"),
    ],
)
async def test_a_refused_order_leaves_nothing_behind(client, sandbox, change, code):
    assert await code_of(do(client, "AddOrder", **cart(SIM, **change))) == code
    assert sandbox.world.store.value("SELECT COUNT(*) FROM orders WHERE client_id = ?", EMPTY) == 0


@pytest.mark.parametrize("empty", EMPTY_PROFILES)
async def test_an_order_without_an_invoice_has_none_in_every_spelling(client, sandbox, empty):
    profile(sandbox, empty=empty)
    placed = await do(client, "AddOrder", **cart(SIM, noinvoice=True))
    assert parse_reference(placed.get("invoiceid")) is None


async def test_a_lost_answer_to_an_order_leaves_one_order_and_a_reference_to_find_it_by(client, sandbox):
    sandbox.world.faults.add("whmcs", "AddOrder", "effect_no_reply", 1, None)
    reference = [php.encode_field({1101: "portal-42"})]
    with pytest.raises(UpstreamOutcomeUnknown):
        await do(client, "AddOrder", **cart(SIM, customfields=reference))
    [service] = (await client.get_clients_products(EMPTY, start=0, limit=10)).items
    assert "portal-42" in [f.value for f in service.customfields]
    assert times(sandbox, "AddOrder") == 1


async def test_an_accepted_order_and_an_unknown_one_are_one_ambiguous_refusal(client):
    placed = await do(client, "AddOrder", **cart(SIM))
    await do(client, "AcceptOrder", orderid=placed["orderid"])
    for action in ("AcceptOrder", "CancelOrder"):
        assert await code_of(do(client, action, orderid=placed["orderid"])) == AMBIGUOUS
        assert await code_of(do(client, action, orderid=1)) == AMBIGUOUS
    [row] = as_list((await ask(client, "GetOrders", id=placed["orderid"]))["orders"], "order")
    assert row["status"] == "Active"


@pytest.mark.parametrize(
    "words", ["Authentication Failed for user svc1 at 10.0.0.5", "Carrier: invalid IP pool", "<b>kaboom</b>"]
)
async def test_a_modules_own_words_are_never_taken_for_a_refusal_of_ours(client, sandbox, words):
    placed = await do(client, "AddOrder", **cart(SIM))
    profile(sandbox, module_failure=words)
    assert await code_of(do(client, "AcceptOrder", orderid=placed["orderid"], autosetup=True)) == "other"
    assert (await client.get_clients_details(DEMO)).client.id == DEMO


async def test_only_a_cancelled_order_can_be_deleted(client):
    placed = await do(client, "AddOrder", **cart(SIM))
    assert await code_of(do(client, "DeleteOrder", orderid=placed["orderid"])) == "state_conflict"
    await do(client, "CancelOrder", orderid=placed["orderid"])
    await do(client, "DeleteOrder", orderid=placed["orderid"])
    assert await code_of(do(client, "DeleteOrder", orderid=placed["orderid"])) == "not_found"


async def test_money_arrives_in_parts_in_full_and_too_much(client, sandbox):
    invoice = ledger.create(sandbox.world, DEMO, [ledger.NewItem("x", 100000)])
    payment = {"invoiceid": invoice, "gateway": "stripe", "transid": "t-1", "date": "2026-04-15 10:00:00"}
    await do(client, "AddInvoicePayment", **payment, amount="300.00")
    assert (await client.get_invoice(invoice)).balance == 800
    await do(client, "AddInvoicePayment", **payment, amount="300.00")
    detail = await client.get_invoice(invoice)
    assert [row.transid for row in detail.transactions] == ["t-1", "t-1"], "a repeated transaction id is taken"
    await do(client, "AddInvoicePayment", **payment, amount="600.00")
    detail = await client.get_invoice(invoice)
    assert (detail.status, detail.balance) == ("Paid", -100)


async def test_a_cancelled_invoice_takes_no_money(client, sandbox):
    invoice = ledger.create(sandbox.world, DEMO, [ledger.NewItem("x", 100000)])
    ledger.cancel(sandbox.world, invoice)
    assert await code_of(do(client, "AddInvoicePayment", invoiceid=invoice, transid="t")) == "state_conflict"


async def test_a_charge_is_made_declined_or_unknown(client, sandbox):
    invoice = ledger.create(sandbox.world, DEMO, [ledger.NewItem("x", 100000)])
    profile(sandbox, capture="declined")
    assert await code_of(do(client, "CapturePayment", invoiceid=invoice)) == "declined"
    profile(sandbox, capture="paid")
    sandbox.world.faults.add("whmcs", "CapturePayment", "effect_no_reply", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await do(client, "CapturePayment", invoiceid=invoice)
    assert (await client.get_invoice(invoice)).balance == 0
    assert await code_of(do(client, "CapturePayment", invoiceid=invoice)) == "state_conflict"


async def test_credit_has_bounds_and_its_verdict_is_a_word(client, sandbox):
    invoice = ledger.create(sandbox.world, DEMO, [ledger.NewItem("x", 10000)])
    for amount, code in (("0", "validation"), ("500.01", "state_conflict"), ("110.01", "state_conflict")):
        assert await code_of(do(client, "ApplyCredit", invoiceid=invoice, amount=amount)) == code
    applied = await do(client, "ApplyCredit", invoiceid=invoice, amount="110.00")
    assert applied["invoicepaid"] == "true"
    assert parse_flag(applied["invoicepaid"])


async def test_lines_are_changed_whole_drafts_published_once_and_issued_invoices_may_be_fixed(client, sandbox):
    half = do(client, "UpdateInvoice", invoiceid=101, itemdescription={1: "x"})
    assert await code_of(half) == "validation"
    assert await code_of(do(client, "UpdateInvoice", invoiceid=101, publish=True)) == "state_conflict"
    profile(sandbox, immutable_invoices=True)
    more = {"newitemdescription": ["x"], "newitemamount": ["1.00"], "newitemtaxed": [False]}
    assert await code_of(do(client, "UpdateInvoice", invoiceid=101, **more)) == "state_conflict"


async def test_a_second_factor_shows_as_a_word_or_a_bool_and_by_a_missing_hash(client, sandbox):
    for ids in ID_PROFILES:
        profile(sandbox, ids=ids)
        login = await client.validate_login("twofactor@example.com", "twofactor-whmcs-pass")
        assert login.second_factor
        assert not (await client.validate_login("demo@example.com", "demo-whmcs-pass")).second_factor


async def test_a_wrong_login_and_an_unknown_one_are_one_refusal(client):
    for email in ("demo@example.com", "nobody@example.com"):
        assert await code_of(client.validate_login(email, "wrong")) == "login"


async def test_a_reset_tells_who_is_unknown_so_its_answer_is_never_passed_on(client):
    assert await code_of(do(client, "ResetPassword", email="nobody@example.com")) == "not_found"


async def test_whmcs_shows_anybodys_record_to_whoever_asks(client):
    assert (await client.get_invoice(101)).userid == DEMO
    listed = await ask(client, "GetInvoices", limitnum=500)
    assert len({row["userid"] for row in listed["invoices"]["invoice"]}) > 5


async def test_pages_hold_25_rows_where_no_number_is_asked_for(client):
    assert len((await ask(client, "GetInvoices", userid=DEMO))["invoices"]["invoice"]) == 25
    page = await client.get_invoices(DEMO, start=50, limit=25)
    assert (len(page.items), page.total) == (10, 60)


async def test_a_search_finds_beginnings_and_not_the_exact(client):
    await Registration(client, customer_number_field_id=198, portal_user_field_id=202).add(
        replace(HANAKO, email="demo@example.com.au")
    )
    found = (await client.get_users("demo@example.com")).items
    assert [user.email for user in found] == ["demo@example.com", "demo@example.com.au"]


async def test_a_wish_to_cancel_that_is_there_already_is_its_own_refusal(client):
    [service, *_] = (await client.get_clients_products(DEMO, start=0, limit=1)).items
    wish = {"serviceid": service.id, "type": "End of Billing Period"}
    await do(client, "AddCancelRequest", **wish)
    assert await code_of(do(client, "AddCancelRequest", **wish)) == "state_conflict"


async def test_billing_exactly_these_services_twice_makes_one_invoice(client, sandbox):
    placed = await do(client, "AddOrder", **cart(SIM, noinvoice=True))
    await do(client, "AcceptOrder", orderid=placed["orderid"])
    wanted = placed["serviceids"].split(",")
    first = await do(client, "GenInvoices", noemails=True, serviceids=wanted)
    invoice = await client.get_invoice(parse_id(first["latestinvoiceid"]))
    assert [str(line.relid) for line in invoice.items] == wanted
    assert parse_money(str((await do(client, "GenInvoices", serviceids=wanted))["numcreated"])) == 0


@pytest.mark.parametrize("event", ["AcceptOrder", "CancelOrder", "PendingOrder", "FraudOrder", "DeleteOrder"])
def test_an_event_that_comes_before_its_change_is_known_as_early(event):
    assert concern_of(event, {"orderid": 9001}).early


async def test_the_call_log_never_holds_what_must_not_be_seen(client, sandbox):
    await Registration(client, customer_number_field_id=198, portal_user_field_id=202).add(HANAKO)
    await client.validate_login("demo@example.com", "demo-whmcs-pass")
    logged = str(sandbox.world.calls.last(100))
    assert "demo-whmcs-pass" not in logged
    assert sandbox.world.config.whmcs_secret not in logged
