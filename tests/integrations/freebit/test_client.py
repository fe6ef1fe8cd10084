"""The wire of Freebit: what is sent, and what every odd answer means."""

import asyncio
import json
import logging
from urllib.parse import parse_qs

import httpx
import pytest

from portal_app.errors import (
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.freebit.client import ADD_ESIM, DETAIL
from portal_app.integrations.freebit.mapping import activation_fields
from portal_app.integrations.freebit.refusals import KINDS, SimRefused
from portal_app.integrations.freebit.transport import LARGEST_REPLY
from portal_app.integrations.upstream import CredentialRefused
from portal_app.integrations.upstream.http import open_http
from sandbox.freebit import codes
from tests.fakes.freebit import (
    ACCOUNT,
    EID,
    NUMBER,
    OEM_ID,
    OEM_KEY,
    PORT_IN,
    ROOT,
    FakeFreebit,
    an_activation,
    page_of_html,
    refusal,
    success,
)
from tests.integrations.virtual_time import in_virtual_time, now

FIELDS = activation_fields(an_activation())


@pytest.fixture
def freebit():
    return FakeFreebit(lines={ACCOUNT: {"account": ACCOUNT, "state": "active", "eid": EID}})


async def read(freebit):
    return await freebit.client().get_detail(ACCOUNT)


async def write(freebit):
    freebit.lines.clear()
    await freebit.client().add_esim(FIELDS)


# What is sent


@in_virtual_time
async def test_one_json_document_travels_in_one_form_field(freebit):
    await read(freebit)
    login, call = freebit.requests
    assert str(login.url) == f"{ROOT}/emptool/api/authOem/"
    assert str(call.url) == f"{ROOT}/emptool/api/mvno/getDetail/"
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = parse_qs(call.content.decode())
    assert list(form) == ["json"]
    document = {"authKey": "authkey-canary-1", "requestDatas": [{"kind": "MVNO", "account": ACCOUNT}]}
    assert json.loads(form["json"][0]) == document


@pytest.mark.parametrize("address", [ROOT, ROOT + "/", ROOT + "/emptool/api", ROOT + "/emptool/api/"])
def test_the_base_url_may_end_in_the_api_path(freebit, address):
    @in_virtual_time
    async def ask():
        await freebit.client(base_url=address).get_detail(ACCOUNT)

    ask()
    assert freebit.requests[-1].url.path == "/emptool/api/mvno/getDetail/"


def test_no_proxy_no_redirect():
    http = open_http()
    assert not http.follow_redirects and not http.trust_env


# The key


@in_virtual_time
async def test_the_login_is_asked_for_once_by_all(freebit):
    client = freebit.client()
    await asyncio.gather(*(client.get_detail(ACCOUNT) for _ in range(4)))
    assert freebit.logins == 1


@in_virtual_time
async def test_a_key_is_renewed_after_twenty_minutes(freebit):
    client = freebit.client()
    await client.get_detail(ACCOUNT)
    await asyncio.sleep(20 * 60 - 1)
    await client.get_detail(ACCOUNT)
    assert freebit.logins == 1
    await asyncio.sleep(2)
    await client.get_detail(ACCOUNT)
    assert freebit.logins == 2


@in_virtual_time
async def test_a_revoked_key_costs_one_silent_login_even_for_a_write(freebit):
    client = freebit.client()
    await client.get_detail(ACCOUNT)
    freebit.keys.clear()
    freebit.lines.clear()
    await client.add_esim(FIELDS)
    assert freebit.logins == 2
    assert len(freebit.asked(ADD_ESIM)) == 2 and list(freebit.lines) == [ACCOUNT]


@in_virtual_time
async def test_a_late_refusal_of_an_old_key_does_not_cost_the_new_one(freebit):
    keys = freebit.client()._keys
    old = await keys.get(5)
    keys.forget(old)
    new = await keys.get(5)
    keys.forget(old)
    assert await keys.get(5) == new != old
    assert freebit.logins == 2


@in_virtual_time
async def test_a_key_that_is_refused_twice_is_our_credential(freebit):
    freebit.will(DETAIL, refusal("300-102"), refusal("300-102"))
    with pytest.raises(CredentialRefused):
        await read(freebit)
    assert len(freebit.asked(DETAIL)) == 2


@in_virtual_time
async def test_a_refused_login_stops_everything_at_once(freebit):
    freebit.will("authOem", refusal("300-101"))
    client = freebit.client()
    with pytest.raises(CredentialRefused):
        await client.get_detail(ACCOUNT)
    with pytest.raises(UpstreamUnavailable, match="breaker_credential"):
        await client.get_detail(ACCOUNT)
    assert len(freebit.calls) == 1


@pytest.mark.parametrize("answer", [page_of_html(500), httpx.ReadTimeout("late"), refusal("500-100")])
def test_f5_a_login_outage_is_a_write_that_was_surely_not_sent(freebit, answer):
    @in_virtual_time
    async def ask():
        freebit.will("authOem", answer)
        with pytest.raises(UpstreamUnavailable):
            await write(freebit)

    ask()
    assert freebit.asked(ADD_ESIM) == []


@in_virtual_time
async def test_f5_a_login_that_hangs_leaves_the_write_unsent(freebit):
    client = freebit.client()

    async def hang(seconds):
        await asyncio.sleep(3600)

    client._keys._login = lambda: hang(0)
    with pytest.raises(UpstreamUnavailable, match="login_timeout"):
        await client.add_esim(FIELDS)
    await client.stop()
    assert freebit.calls == []


@in_virtual_time
async def test_a_login_reply_without_a_key_is_a_changed_reply(freebit):
    freebit.will("authOem", success())
    with pytest.raises(UpstreamReplyChanged):
        await read(freebit)


# What comes back


@in_virtual_time
async def test_success_may_be_a_number_or_a_text(freebit):
    line = freebit.lines[ACCOUNT]
    freebit.will(DETAIL, httpx.Response(200, json={"resultCode": 100, "responseDatas": [line]}))
    assert (await read(freebit)).eid == EID


@pytest.mark.parametrize(
    "code", sorted(codes.WORDS.keys() - {codes.OK, codes.LOGIN_REFUSED, codes.KEY_DEAD, codes.BUSY})
)
def test_every_code_of_the_stand_in_has_its_word(freebit, code):
    @in_virtual_time
    async def ask():
        freebit.will(ADD_ESIM, refusal(code))
        with pytest.raises(SimRefused) as caught:
            await write(freebit)
        assert (caught.value.code, caught.value.provider_code) == (KINDS[code], code)

    ask()


def test_both_tables_of_codes_change_together():
    assert set(KINDS) == set(codes.WORDS) - {codes.OK}


@in_virtual_time
async def test_an_unknown_code_is_a_no_and_never_a_success(freebit):
    freebit.will(ADD_ESIM, refusal("200-000"))
    with pytest.raises(UpstreamRejected) as caught:
        await write(freebit)
    assert (caught.value.code, caught.value.provider_code) == ("other", "200-000")


@pytest.mark.parametrize("code", [None, True, {}, "OK", "100; ", "<b>", "1" * 99])
def test_a_code_that_is_none_is_a_changed_reply_or_an_unknown_outcome(freebit, code):
    @in_virtual_time
    async def ask():
        freebit.will(DETAIL, refusal(code))
        freebit.will(ADD_ESIM, refusal(code))
        with pytest.raises(UpstreamReplyChanged):
            await read(freebit)
        with pytest.raises(UpstreamOutcomeUnknown):
            await write(freebit)

    ask()


@in_virtual_time
async def test_a_refusal_may_come_with_a_status_of_its_own_and_a_success_may_not(freebit):
    freebit.will(ADD_ESIM, refusal("400-001", 400), refusal("400-001", 500), refusal("100", 400), refusal("100", 500))
    with pytest.raises(SimRefused, match="invalid"):
        await write(freebit)
    for _ in range(3):
        with pytest.raises(UpstreamOutcomeUnknown, match="http_"):
            await write(freebit)


@in_virtual_time
async def test_details_of_another_line_are_never_taken(freebit):
    other = {"account": "07099999999", "state": "active"}
    for rows in ([other], [], [freebit.lines[ACCOUNT], other], None):
        freebit.will(DETAIL, success(responseDatas=rows))
        with pytest.raises(UpstreamReplyChanged):
            await read(freebit)


LOST = [
    httpx.ReadTimeout("late"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("cut"),
    page_of_html(200),
    page_of_html(500),
    page_of_html(302),
    httpx.Response(200, content=b'{"resultCode":"1'),
    httpx.Response(200, content=b"x" * (LARGEST_REPLY + 1)),
]


@pytest.mark.parametrize("answer", LOST)
def test_f1_a_write_whose_answer_is_lost_is_unknown_and_sent_once(freebit, answer):
    @in_virtual_time
    async def ask():
        freebit.will(ADD_ESIM, answer)
        with pytest.raises(UpstreamOutcomeUnknown):
            await write(freebit)

    ask()
    assert len(freebit.asked(ADD_ESIM)) == 1


@in_virtual_time
async def test_f1_a_write_that_hangs_is_unknown_after_its_time(freebit):
    client = freebit.client()
    await client.get_detail(ACCOUNT)
    started = now()

    async def hang(*args, **kwargs):
        await asyncio.sleep(3600)

    client._transport.post = hang
    with pytest.raises(UpstreamOutcomeUnknown, match="timeout"):
        await client.add_esim(FIELDS)
    assert now() - started == pytest.approx(40, abs=1)


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.PoolTimeout("full"), page_of_html(429)])
def test_f5_a_write_that_was_surely_not_sent_is_unavailable(freebit, answer):
    @in_virtual_time
    async def ask():
        freebit.will(ADD_ESIM, answer)
        with pytest.raises(UpstreamUnavailable):
            await write(freebit)

    ask()
    assert len(freebit.asked(ADD_ESIM)) == 1


@in_virtual_time
async def test_a_read_is_tried_three_times(freebit):
    freebit.will(DETAIL, httpx.ReadTimeout("late"), page_of_html(503))
    assert (await read(freebit)).eid == EID
    assert len(freebit.asked(DETAIL)) == 3


@in_virtual_time
async def test_no_key_number_eid_or_name_is_logged_or_raised(freebit, caplog):
    caplog.set_level(logging.DEBUG)
    freebit.will(DETAIL, refusal("400-201"))
    freebit.will(ADD_ESIM, page_of_html(500))
    raised = []
    for ask in (read, write):
        with pytest.raises(Exception) as caught:
            await ask(freebit)
        raised.append(repr(caught.value) + str(caught.value.__context__))
    wanted = an_activation(port_in=PORT_IN)
    said = str([vars(record) for record in caplog.records]) + "".join(raised) + repr(wanted)
    for secret in (OEM_ID, OEM_KEY, "authkey-canary", ACCOUNT, NUMBER, EID, "試験", "テスト", "1200000001"):
        assert secret not in said
    assert any(record.message == "freebit refused" and record.provider_code == "400-201" for record in caplog.records)
