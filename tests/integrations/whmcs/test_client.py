"""The wire of WHMCS: what is sent, and what every odd answer means. Sections are those of the WHMCS reference."""

import json
import logging
from urllib.parse import parse_qs

import httpx
import pytest

from portal_app.errors import (
    PortalError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import CredentialRefused
from portal_app.integrations.upstream.http import open_http
from portal_app.integrations.whmcs.client import BACKGROUND
from portal_app.integrations.whmcs.transport import LARGEST_REPLY
from tests.fakes.whmcs import (
    IDENTIFIER,
    ROOT,
    SECRET,
    FakeWhmcs,
    a_json,
    a_wire_invoice,
    as_json,
    page_of_html,
    refusal,
    success,
)
from tests.integrations.virtual_time import in_virtual_time, now


@pytest.fixture
def whmcs():
    return FakeWhmcs(invoices=[a_wire_invoice(101)])


async def read(whmcs):
    """Any read will do."""
    return await whmcs.client().get_invoice(101)


async def write(whmcs):
    """The one action of the portal that is sent as a write."""
    return await whmcs.client()._call("CapturePayment", {"invoiceid": 101}, BACKGROUND, write=True)


# 1 Transport


@in_virtual_time
async def test_credentials_travel_in_the_body_only(whmcs):
    await read(whmcs)
    request = whmcs.requests[0]
    body = parse_qs(request.content.decode())
    assert (body["identifier"], body["secret"], body["responsetype"]) == ([IDENTIFIER], [SECRET], ["json"])
    assert str(request.url) == f"{ROOT}/includes/api.php"
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert IDENTIFIER not in str(request.url) + str(request.headers)


@pytest.mark.parametrize("base", [ROOT, ROOT + "/", ROOT + "/includes/api.php"])
@in_virtual_time
async def test_the_base_url_may_end_in_a_slash_or_in_the_api_path(whmcs, base):
    client = whmcs.client(base_url=base)
    await client.get_invoice(101)
    assert str(whmcs.requests[0].url) == f"{ROOT}/includes/api.php"
    assert client.root == ROOT


@in_virtual_time
async def test_no_cookie_is_ever_sent_back(whmcs):
    client = whmcs.client()
    whmcs.will("GetInvoice", httpx.Response(200, json={"result": "error"}, headers={"Set-Cookie": "WHMCSsession=1"}))
    with pytest.raises(UpstreamRejected):
        await client.get_invoice(101)
    await client.get_invoice(101)
    assert "cookie" not in whmcs.requests[1].headers


@in_virtual_time
async def test_absent_filters_are_not_sent_since_an_empty_one_would_blank_something(whmcs):
    await whmcs.client().get_invoices(None, start=0, limit=10)
    assert whmcs.calls[0].keys() == {"action", "responsetype", "orderby", "order", "limitstart", "limitnum"}


@in_virtual_time
async def test_a_read_has_ten_seconds_and_three_to_connect(whmcs):
    await read(whmcs)
    assert whmcs.requests[0].extensions["timeout"] == {"connect": 3, "read": 10, "write": 10, "pool": 3}


@in_virtual_time
async def test_a_write_has_thirty_seconds(whmcs):
    whmcs.will("CapturePayment", success())
    await write(whmcs)
    assert whmcs.requests[0].extensions["timeout"]["read"] == 30


@in_virtual_time
async def test_tls_is_verified_and_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    async with open_http() as http:
        assert http.follow_redirects is False
        assert http._mounts == {}


# 1.1 Status and body


@in_virtual_time
async def test_an_error_inside_a_200_is_a_refusal(whmcs):
    with pytest.raises(UpstreamRejected) as refused:
        await whmcs.client().get_invoice(999)
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("key", ["result", "status"])
@in_virtual_time
async def test_the_verdict_may_be_called_status(whmcs, key):
    whmcs.will("GetPaymentMethods", httpx.Response(200, json={key: "Success", "paymentmethods": ""}))
    assert (await whmcs.client().get_payment_methods()).items == ()
    whmcs.will("GetPaymentMethods", httpx.Response(200, json={key: "error", "message": "x"}))
    with pytest.raises(UpstreamRejected):
        await whmcs.client().get_payment_methods()


@pytest.mark.parametrize(
    "text",
    [
        "Invalid or missing credentials",
        "Authentication Failed",
        "Invalid password provided",
        "Administrator Account Disabled",
        "Some text nobody has seen before",
    ],
)
@in_virtual_time
async def test_t3_a_403_about_the_credential_is_not_repeated_and_stops_all_calls(whmcs, text):
    client = whmcs.client()
    whmcs.will("GetInvoice", refusal(text, 403))
    with pytest.raises(CredentialRefused):
        await client.get_invoice(101)
    with pytest.raises(UpstreamUnavailable, match="breaker_credential"):
        await client.get_invoice(101)
    assert len(whmcs.calls) == 1


@in_virtual_time
async def test_an_authentication_error_may_come_as_nvp_text(whmcs):
    whmcs.will("GetInvoice", httpx.Response(403, text="result=error;message=Authentication Failed;"))
    with pytest.raises(CredentialRefused):
        await read(whmcs)


@in_virtual_time
async def test_an_nvp_success_is_not_taken_for_an_empty_list(whmcs):
    whmcs.will("GetInvoices", httpx.Response(200, text="result=success;totalresults=0;"))
    with pytest.raises(UpstreamReplyChanged):
        await whmcs.client().get_invoices(7, start=0, limit=10)


@in_virtual_time
async def test_a_refused_address_pages_the_operator_with_the_address(whmcs, caplog):
    whmcs.will("GetInvoice", refusal("Invalid IP 203.0.113.7", 403))
    with pytest.raises(UpstreamUnavailable, match="allowlist"):
        await read(whmcs)
    assert [r.refused_ip for r in caplog.records if r.levelno == logging.ERROR] == ["203.0.113.7"]


@in_virtual_time
async def test_a_missing_permission_is_about_one_action_and_keeps_the_others_going(whmcs):
    client = whmcs.client()
    whmcs.will("GetInvoice", refusal('Invalid Permissions: API action "getinvoice" is not allowed', 403))
    with pytest.raises(UpstreamRejected, match="permission"):
        await client.get_invoice(101)
    assert (await client.get_payment_methods()).items


@pytest.mark.parametrize("status", [200, 403, 404, 500])
@in_virtual_time
async def test_html_is_never_an_empty_result_but_an_outage(whmcs, status):
    whmcs.will("GetInvoices", page_of_html(status))
    with pytest.raises(UpstreamUnavailable):
        await whmcs.client().get_invoices(7, start=0, limit=10)
    assert len(whmcs.calls) == 1


@pytest.mark.parametrize("status", [200, 500, 502])
@in_virtual_time
async def test_html_after_a_write_leaves_its_outcome_unknown(whmcs, status):
    whmcs.will("CapturePayment", page_of_html(status))
    with pytest.raises(UpstreamOutcomeUnknown):
        await write(whmcs)
    assert len(whmcs.calls) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@in_virtual_time
async def test_t2_passing_failures_of_a_read_are_tried_again(whmcs, status):
    whmcs.will("GetInvoice", page_of_html(status))
    assert (await read(whmcs)).id == 101
    assert len(whmcs.calls) == 2


@in_virtual_time
async def test_t1_retry_after_is_waited_for(whmcs):
    whmcs.will("GetInvoice", httpx.Response(429, headers={"Retry-After": "4"}))
    began = now()
    await read(whmcs)
    assert now() - began == 4


@in_virtual_time
async def test_a_write_turned_away_with_429_surely_was_not_done(whmcs):
    whmcs.will("CapturePayment", httpx.Response(429, headers={"Retry-After": "Fri, 01 Jan 2027 00:00:00 GMT"}))
    with pytest.raises(UpstreamUnavailable):
        await write(whmcs)


@pytest.mark.parametrize("body", ["", "null", "[]", "7", '{"result":"suc', '{"result":NaN}', "[" * 100_000])
@in_virtual_time
async def test_what_is_not_a_json_object_is_an_outage(whmcs, body):
    whmcs.will("GetInvoice", a_json(body))
    with pytest.raises(UpstreamUnavailable):
        await read(whmcs)


@pytest.mark.parametrize("reply", [{}, {"result": "maybe"}, {"invoices": {"invoice": []}}])
@in_virtual_time
async def test_an_object_without_a_verdict_is_a_changed_reply(whmcs, reply):
    whmcs.will("GetInvoice", httpx.Response(200, json=reply))
    with pytest.raises(UpstreamReplyChanged):
        await read(whmcs)


@in_virtual_time
async def test_a_success_with_a_status_other_than_200_is_not_believed(whmcs):
    whmcs.will("GetInvoice", httpx.Response(500, json={"result": "success", "invoiceid": 101}))
    with pytest.raises(UpstreamUnavailable):
        await read(whmcs)


@in_virtual_time
async def test_a_byte_order_mark_before_the_json_is_no_reason_to_fail(whmcs):
    whmcs.will("GetPaymentMethods", a_json("\ufeff \n" + as_json({"paymentmethods": []})))
    assert (await whmcs.client().get_payment_methods()).items == ()


@in_virtual_time
async def test_t4_redirects_are_not_followed(whmcs):
    whmcs.will("GetInvoice", httpx.Response(302, headers={"Location": "https://elsewhere.example.com/"}))
    with pytest.raises(UpstreamUnavailable, match="http_302"):
        await read(whmcs)
    assert len(whmcs.requests) == 1


@in_virtual_time
async def test_t4_a_reply_over_eight_mebibytes_is_cut_off(whmcs):
    chunk, served = b" " * 65536, []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            for _ in range(3 * LARGEST_REPLY // len(chunk)):
                served.append(len(chunk))
                yield chunk

    whmcs.will("GetInvoice", httpx.Response(200, stream=Endless()))
    with pytest.raises(UpstreamReplyChanged, match="unreadable"):
        await read(whmcs)
    assert sum(served) <= LARGEST_REPLY + 2 * len(chunk)


@in_virtual_time
async def test_a_row_that_is_not_utf8_is_read_once_more_as_xml(whmcs):
    xml = """<?xml version="1.0" encoding="utf-8"?><whmcsapi version="8.13"><action>getinvoices</action>
      <result>success</result><totalresults>1</totalresults><invoices><invoice><id>101</id><userid>7</userid>
      <total>1100.00</total><status>Unpaid</status><invoicenum>N\xff1</invoicenum></invoice></invoices></whmcsapi>"""
    refused = refusal("Error generating JSON encoded response: Malformed UTF-8 characters")
    whmcs.will("GetInvoices", refused, httpx.Response(200, content=xml.encode("latin-1")))
    page = await whmcs.client().get_invoices(7, start=0, limit=10)
    assert [(row.id, row.invoicenum) for row in page.items] == [(101, "N\ufffd1")]
    assert [call["responsetype"] for call in whmcs.calls] == ["json", "xml"]


@in_virtual_time
async def test_xml_with_entities_of_its_own_is_refused(whmcs):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><whmcsapi><result>success</result><b>&a;</b></whmcsapi>'
    whmcs.will("GetInvoice", refusal("Malformed UTF-8 characters"), httpx.Response(200, text=bomb))
    with pytest.raises(UpstreamUnavailable):
        await read(whmcs)


@in_virtual_time
async def test_a_malformed_write_is_not_sent_again_as_xml(whmcs):
    whmcs.will("CapturePayment", refusal("Malformed UTF-8 characters"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await write(whmcs)
    assert len(whmcs.calls) == 1


# 1.2 Silence


@pytest.mark.parametrize(
    "silence", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.ReadError("reset")]
)
@in_virtual_time
async def test_silence_after_a_read_is_tried_again_and_after_a_write_never(whmcs, silence):
    whmcs.will("GetInvoice", silence)
    assert (await read(whmcs)).id == 101
    whmcs.will("CapturePayment", silence)
    with pytest.raises(UpstreamOutcomeUnknown):
        await write(whmcs)
    assert len(whmcs.asked("CapturePayment")) == 1


@pytest.mark.parametrize("unsent", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
@in_virtual_time
async def test_a_write_that_never_left_us_surely_was_not_done(whmcs, unsent):
    whmcs.will("CapturePayment", unsent)
    with pytest.raises(UpstreamUnavailable):
        await write(whmcs)


@in_virtual_time
async def test_t2_a_bad_certificate_is_not_tried_again(whmcs):
    whmcs.will("GetInvoice", httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired"))
    with pytest.raises(UpstreamUnavailable, match="certificate"):
        await read(whmcs)
    assert len(whmcs.calls) == 1


@in_virtual_time
async def test_a_lost_answer_to_a_sign_in_link_is_only_an_outage(whmcs):
    whmcs.will("CreateSsoToken", httpx.ReadTimeout("slow"))
    with pytest.raises(UpstreamUnavailable):
        await whmcs.client().create_sso_token(7, destination="clientarea:invoices")
    assert len(whmcs.calls) == 1


# What must never be seen


@pytest.mark.parametrize(
    "answer",
    [
        refusal(f"Authentication Failed for {IDENTIFIER} {SECRET}", 403),
        refusal(f"Something about {SECRET} and ParamCanary"),
        httpx.ConnectError(f"cannot connect with {SECRET}"),
        httpx.ReadTimeout(f"timeout {SECRET}"),
        page_of_html(500),
        success(invoiceid=f"{SECRET}"),
        a_json(json.dumps({"result": "success", "items": SECRET})),
    ],
)
@in_virtual_time
async def test_r2_no_error_and_no_log_line_holds_credential_parameters_or_reply(whmcs, caplog, answer):
    caplog.set_level(logging.DEBUG, "portal_app")
    whmcs.will("GetClientsDetails", *[answer] * 3)
    with pytest.raises(PortalError) as failure:
        await whmcs.client().get_clients_details(email="ParamCanary@example.com")
    logged = [str(vars(record)) for record in caplog.records if record.name.startswith("portal_app")]
    seen = [*logged, *everything_about(failure.value)]
    assert logged
    for canary in (IDENTIFIER, SECRET, "ParamCanary", "Something about"):
        assert not [text for text in seen if canary in text]


def everything_about(error):
    """The error and all it drags along, as an unlucky logger might print it."""
    while error is not None:
        yield repr(error) + str(vars(error)) + str(getattr(error, "__notes__", ""))
        error = error.__cause__ or error.__context__


@in_virtual_time
async def test_a_call_is_logged_with_action_status_length_and_time_only(whmcs, caplog):
    caplog.set_level(logging.INFO, "portal_app")
    await read(whmcs)
    record = next(r for r in caplog.records if r.message == "whmcs call")
    assert (record.operation, record.status) == ("GetInvoice", 200)
    assert record.length > 0


@in_virtual_time
async def test_a_sign_in_link_does_not_show_in_its_own_repr(whmcs):
    token = await whmcs.client().create_sso_token(7, destination="clientarea:invoices")
    assert "a1a1" in token.redirect_url
    assert "a1a1" not in repr(token)
