"""The way to WHMCS's card page: signed in lately, on the click, kept nowhere (S16)."""

import json
from datetime import timedelta

import pytest

from portal_app import routes, wiring
from portal_app.errors import Busy, UpstreamRejected, UpstreamUnavailable
from tests.fakes.address_book import FakePayMethods
from tests.fakes.doors import OWNER, PASSWORD

URL = routes.API_PAYMENTS_SSO
BACK = {"returnTo": "/checkout/sim"}
JSON = {"accept": "application/json", "content-type": "application/json"}
WHMCS = "http://127.0.0.1:3900/whmcs/oauth/singlesignon.php?access_token="


@pytest.fixture
def methods():
    return FakePayMethods()


@pytest.fixture
def app(app, methods):
    with wiring.use(pay_methods=methods):
        yield app


@pytest.fixture
async def signed_in(browser, doors):
    await doors.a_user()
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


async def told(answer, doors) -> dict[str, str]:
    return await doors.flash.take(answer.cookies["portal_flash"])


async def test_s16_a_form_goes_to_whmcs_and_nothing_keeps_the_link(signed_in, methods):
    links = [await signed_in.post(URL, data=BACK) for _ in range(2)]
    assert [a.headers["location"] for a in links] == [f"{WHMCS}1", f"{WHMCS}2"]
    assert {a.status_code for a in links} == {303}
    assert links[0].headers["cache-control"] == "no-store"
    assert links[0].headers["referrer-policy"] == "no-referrer"
    assert methods.minted == [101, 101]


@pytest.mark.parametrize("sent", [{"content": b"{}", "headers": JSON}, {"headers": {"accept": "application/json"}}])
async def test_s16_a_program_gets_the_link_in_json_with_or_without_a_body(signed_in, sent):
    answer = await signed_in.post(URL, **sent)
    assert (answer.status_code, answer.json()) == (200, {"url": f"{WHMCS}1"})
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_s16_where_it_leads_is_never_taken_from_the_browser(signed_in):
    fields = {"returnTo": "//evil.example", "destination": "sso:custom_redirect", "sso_redirect_path": "evil.php"}
    assert (await signed_in.post(URL, data=fields)).headers["location"] == f"{WHMCS}1"


async def test_s16_after_30_minutes_who_it_is_must_be_shown_again(signed_in, doors, methods):
    for _ in range(3):
        doors.clock.advance(timedelta(minutes=10))
        assert (await signed_in.post(URL, data=BACK)).headers["location"].startswith(WHMCS)
    doors.clock.advance(1)
    form = await signed_in.post(URL, data=BACK)
    assert form.headers["location"] == f"{routes.CONFIRM}?next=/checkout/sim"
    program = await signed_in.post(URL, content=b"{}", headers=JSON)
    assert (program.status_code, program.json()["code"]) == (403, "reauthenticate")
    assert len(methods.minted) == 3


async def test_without_a_session_a_program_gets_401_and_a_form_the_sign_in_page(browser, methods):
    assert (await browser.post(URL, content=b"{}", headers=JSON)).status_code == 401
    form = await browser.post(URL, data=BACK)
    assert form.headers["location"] == f"{routes.LOGIN}?next=/checkout/sim"
    assert methods.minted == []


@pytest.mark.parametrize(
    ("failure", "status", "key"),
    [
        (UpstreamUnavailable("whmcs", "CreateSsoToken", "timeout"), 503, "problem.unavailable"),
        (UpstreamRejected("whmcs", "CreateSsoToken", "validation"), 502, "problem.unavailable"),
        (Busy("whmcs"), 503, "problem.busy"),
    ],
)
async def test_why_there_is_no_link_is_said_where_the_form_stood(signed_in, doors, methods, failure, status, key):
    methods.failure = failure
    assert (await signed_in.post(URL, content=b"{}", headers=JSON)).status_code == status
    form = await signed_in.post(URL, data=BACK)
    assert form.headers["location"] == "/checkout/sim"
    assert (await told(form, doors))["error"] == key


async def test_row_107_nobody_is_sent_elsewhere_to_be_told(signed_in, methods):
    methods.failure = Busy("whmcs")
    for elsewhere in ("//evil.example", "javascript:alert(1)", "https://evil.example"):
        answer = await signed_in.post(URL, data={"returnTo": elsewhere})
        assert answer.headers["location"] == routes.DASHBOARD
    assert (await signed_in.post(URL, data={})).headers["location"] == routes.PAYMENT_METHODS


async def test_a_user_without_billing_account_is_told_to_link_it(browser, doors, methods):
    await doors.users.create("new@example.com", await doors.passwords.hash(PASSWORD))
    await browser.post(routes.API_LOGIN, data={"email": "new@example.com", "password": PASSWORD})
    assert (await browser.post(URL, content=b"{}", headers=JSON)).status_code == 409
    assert (await told(await browser.post(URL, data=BACK), doors))["error"] == "checkout.link"
    assert methods.minted == []


async def test_l5_links_to_invoices_and_to_cards_share_one_limit(signed_in, methods):
    for _ in range(10):
        await signed_in.post(URL, data=BACK)
    assert (await signed_in.post(URL, content=b"{}", headers=JSON)).status_code == 429
    assert (await signed_in.post(routes.invoice_sso(101), content=b"{}", headers=JSON)).status_code == 429
    assert len(methods.minted) == 10


async def test_every_try_is_audited_without_the_link(signed_in, doors, methods):
    await signed_in.post(URL, data=BACK)
    methods.failure = UpstreamUnavailable("whmcs", "CreateSsoToken")
    await signed_in.post(URL, data=BACK)
    rows = await doors.audited("payment.methods_link")
    assert [row.outcome for row in rows] == ["ok", "failed"]
    assert not any("token" in json.dumps(row.detail) for row in rows)


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_s14_another_site_cannot_mint_a_link(signed_in, methods, headers):
    del signed_in.headers["origin"]
    assert (await signed_in.post(URL, data=BACK, headers=headers)).status_code == 403
    assert methods.minted == []


@pytest.mark.parametrize(("kind", "size", "status"), [("text/plain", 1, 415), ("application/json", 5000, 413)])
async def test_rows_97_and_98_what_is_no_form_is_refused(signed_in, methods, kind, size, status):
    answer = await signed_in.post(URL, content=b"x" * size, headers={"content-type": kind})
    assert answer.status_code == status
    assert methods.minted == []
