"""From the Pay button to a link into WHMCS: whose invoice, still payable, and where the link leads."""

import logging

import httpx
import pytest

from portal_app.errors import Conflict, NotFound, UpstreamRejected, UpstreamReplyChanged, UpstreamUnavailable
from tests.fakes.whmcs import ROOT, a_wire_invoice, a_wire_transaction, refusal, success

TOKEN = "a1" * 20


@pytest.fixture
def billing(desk):
    return desk.billing


@pytest.fixture
def unpaid(whmcs):
    whmcs.invoices = [a_wire_invoice(101)]


async def test_paying_leads_to_that_invoice_in_whmcs(billing, customer, whmcs, unpaid):
    url = await billing.request_payment(customer, 101)
    assert url == f"{ROOT}/oauth/singlesignon.php?access_token={TOKEN}"
    asked = whmcs.asked("CreateSsoToken")[0]
    assert (asked["client_id"], asked["destination"], asked["sso_redirect_path"]) == (
        "7",
        "sso:custom_redirect",
        "viewinvoice.php?id=101",
    )


async def test_a_customer_waits_for_a_payment_they_went_for(billing, customer, other_customer, whmcs, unpaid, clock):
    assert await billing.waiting_for_payment(customer) == set()
    await billing.request_payment(customer, 101)
    assert await billing.waiting_for_payment(customer) == {101}
    assert await billing.waiting_for_payment(other_customer) == set()
    clock.advance(15 * 60 + 1)
    assert await billing.waiting_for_payment(customer) == set()


async def test_o1_nobody_can_pay_another_customers_invoice(desk, billing, other_customer, whmcs, unpaid):
    with pytest.raises(NotFound):
        await billing.request_payment(other_customer, 101)
    assert whmcs.asked("CreateSsoToken") == []
    assert desk.foreign == [(other_customer.user_id, "invoice", 101)]


@pytest.mark.parametrize("status", ["Paid", "Cancelled", "Refunded", "Collections", "Payment Pending"])
async def test_what_cannot_be_paid_gets_no_link(billing, customer, whmcs, status):
    whmcs.invoices = [a_wire_invoice(101, status=status)]
    with pytest.raises(Conflict) as refused:
        await billing.request_payment(customer, 101)
    assert refused.value.reason == "billing.not_payable"
    assert whmcs.asked("CreateSsoToken") == []


async def test_an_unpaid_invoice_with_nothing_left_to_pay_gets_no_link(billing, customer, whmcs, unpaid):
    whmcs.transactions = [a_wire_transaction(101, amountin="1100.00")]
    with pytest.raises(Conflict):
        await billing.request_payment(customer, 101)


async def test_a_draft_cannot_be_paid_and_does_not_show(billing, customer, whmcs):
    whmcs.invoices = [a_wire_invoice(101, status="Draft")]
    with pytest.raises(NotFound):
        await billing.request_payment(customer, 101)


async def test_the_state_is_read_anew_and_what_was_learned_replaces_the_copy(desk, billing, customer, whmcs, unpaid):
    assert (await billing.get_invoice(customer, 101)).invoice.payable
    whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    with pytest.raises(Conflict):
        await billing.request_payment(customer, 101)
    assert not (await billing.get_invoice(customer, 101)).invoice.payable
    copied = await desk.invoices.get(customer, 101)
    assert copied is not None and not copied.payable


async def test_where_single_sign_on_is_switched_off_the_invoice_is_behind_whmcss_own_sign_in(
    billing, customer, whmcs, unpaid
):
    whmcs.will("CreateSsoToken", refusal("SSO authentication blocked for client 7"))
    assert await billing.request_payment(customer, 101) == f"{ROOT}/viewinvoice.php?id=101"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.com/whmcs/oauth/singlesignon.php?access_token=x",
        "http://billing.example.com/whmcs/oauth/singlesignon.php?access_token=x",
        "https://billing.example.com:8443/whmcs/oauth/singlesignon.php?access_token=x",
        "https://billing.example.com@evil.example.com/whmcs/oauth/x",
        "https://billing.example.com.evil.example.com/whmcs/oauth/x",
        "https://billing.example.com/other/oauth/singlesignon.php",
        "https://evil.example.com\\@billing.example.com/whmcs/x",
        "https://billing.example.com/whmcs/\r\nSet-Cookie: a=b",
        "//billing.example.com/whmcs/oauth",
        "javascript:alert(1)",
        "https://[billing/whmcs/",
        "",
    ],
)
async def test_a_link_that_leads_anywhere_else_is_refused(billing, customer, whmcs, unpaid, elsewhere):
    whmcs.sso_url = elsewhere
    with pytest.raises(UpstreamReplyChanged):
        await billing.request_payment(customer, 101)
    assert await billing.waiting_for_payment(customer) == set()


async def test_the_default_port_may_be_written_or_not(billing, customer, whmcs, unpaid):
    whmcs.sso_url = "https://billing.example.com:443/whmcs/oauth/singlesignon.php?access_token=x"
    assert await billing.request_payment(customer, 101) == whmcs.sso_url


async def test_a_lost_answer_is_an_outage_and_nothing_is_waited_for(billing, customer, whmcs, unpaid):
    whmcs.will("CreateSsoToken", httpx.ReadTimeout("slow"))
    with pytest.raises(UpstreamUnavailable):
        await billing.request_payment(customer, 101)
    assert len(whmcs.asked("CreateSsoToken")) == 1
    assert await billing.waiting_for_payment(customer) == set()


async def test_any_other_refusal_is_raised(billing, customer, whmcs, unpaid):
    whmcs.will("CreateSsoToken", refusal("Invalid destination"))
    with pytest.raises(UpstreamRejected):
        await billing.request_payment(customer, 101)


async def test_a_reply_without_a_link_is_a_changed_reply(billing, customer, whmcs, unpaid):
    whmcs.will("CreateSsoToken", success(access_token=TOKEN))
    with pytest.raises(UpstreamReplyChanged):
        await billing.request_payment(customer, 101)


async def test_r2_the_link_is_neither_logged_nor_kept(desk, billing, customer, whmcs, unpaid, caplog):
    caplog.set_level(logging.DEBUG)
    await billing.request_payment(customer, 101)
    await billing.get_invoice(customer, 101)
    assert TOKEN not in caplog.text + str(vars(desk.cache._shelf)) + desk.db.sqlite_path.read_bytes().decode("latin-1")
