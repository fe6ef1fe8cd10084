"""The way to WHMCS's payment page: owner only, on the click, not twice remembered (S16, O1)."""

from datetime import timedelta

import pytest

from portal_app import routes
from portal_app.errors import Busy, Conflict, UpstreamRejected, UpstreamUnavailable
from tests.fakes.doors import OWNER, PASSWORD

MINE, OTHERS = routes.invoice_sso(101), routes.invoice_sso(202)


@pytest.fixture(autouse=True)
async def users(doors):
    await doors.a_user()
    await doors.a_user("second@example.com", whmcs_client_id=102)


@pytest.fixture
async def signed_in(browser):
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


AS_JSON = {"accept": "application/json", "content-type": "application/json"}
AS_FORM = {"content-type": "application/x-www-form-urlencoded"}


async def test_s16_a_form_goes_to_whmcs_and_nothing_keeps_the_link(signed_in, doors):
    answer = await signed_in.post(MINE, headers=AS_FORM)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://127.0.0.1:3900/whmcs/oauth/singlesignon.php?access_token=")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_s16_a_program_gets_the_link_in_json(signed_in):
    answer = await signed_in.post(MINE, headers=AS_JSON, content=b"{}")
    assert answer.status_code == 200
    assert set(answer.json()) == {"url"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_s16_every_click_mints_a_link_of_its_own(signed_in, billing):
    links = {(await signed_in.post(MINE, headers=AS_FORM)).headers["location"] for _ in range(3)}
    assert len(links) == 3 == len(billing.minted)


async def test_o1_another_customers_invoice_reads_like_one_that_does_not_exist(signed_in, billing):
    answers = [await signed_in.post(p, headers=AS_JSON) for p in (OTHERS, routes.invoice_sso(999))]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert billing.minted == []


@pytest.mark.parametrize(
    "odd",
    ["0", "-1", "01", "1e3", "1.0", "2147483648", "99999999999999999999", "true", "١٠١", "101;", "%20101", "101%00"],
)
async def test_rows_52_to_58_what_is_no_id_is_not_found(signed_in, billing, odd):
    assert (await signed_in.post(routes.invoice_sso(odd), headers=AS_JSON)).status_code == 404
    assert billing.minted == []


@pytest.mark.parametrize(
    "path", ["/api/invoices/%2e%2e%2f101/sso-link", "/api/invoices/../101/sso-link", "/api/invoices/101%2f/sso-link"]
)
async def test_row_110_a_path_that_climbs_reaches_nothing(signed_in, billing, path):
    assert (await signed_in.post(path, headers=AS_JSON)).status_code == 404
    assert billing.minted == []


async def test_without_a_session_a_program_gets_401_and_a_form_the_sign_in_page(browser, billing):
    problem = await browser.post(MINE, headers=AS_JSON)
    assert (problem.status_code, problem.json()["code"]) == (401, "session-over")
    form = await browser.post(MINE, headers=AS_FORM)
    assert (form.status_code, form.headers["location"]) == (303, f"{routes.LOGIN}?next=/billing/invoices/101")
    assert billing.minted == []


async def test_s16_after_30_minutes_who_it_is_must_be_shown_again(signed_in, doors, billing):
    for _ in range(3):
        doors.clock.advance(timedelta(minutes=10))
        assert (await signed_in.post(MINE, headers=AS_FORM)).headers["location"].startswith("http://127.0.0.1:3900")
    doors.clock.advance(1)
    minted = len(billing.minted)
    form = await signed_in.post(MINE, headers=AS_FORM)
    assert form.headers["location"] == f"{routes.CONFIRM}?next=/billing/invoices/101"
    problem = await signed_in.post(MINE, headers=AS_JSON)
    assert (problem.status_code, problem.json()["code"]) == (403, "reauthenticate")
    assert len(billing.minted) == minted


async def test_s16_signing_in_again_opens_the_way(signed_in, doors):
    doors.clock.advance(timedelta(minutes=29))
    await signed_in.post(MINE, headers=AS_FORM)
    doors.clock.advance(timedelta(minutes=20))
    await signed_in.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    assert (await signed_in.post(MINE, headers=AS_FORM)).headers["location"].startswith("http://127.0.0.1:3900")


async def test_s16_showing_who_it_is_opens_the_way_and_leads_back(signed_in, doors):
    doors.clock.advance(timedelta(minutes=29))
    await signed_in.post(MINE, headers=AS_FORM)
    doors.clock.advance(timedelta(minutes=20))
    asked = await signed_in.post(MINE, headers=AS_FORM)
    again = {"password": PASSWORD, "next": asked.headers["location"].partition("?next=")[2]}
    back = await signed_in.post(routes.API_CONFIRM, data=again)
    assert (back.status_code, back.headers["location"]) == (303, "/billing/invoices/101")
    assert (await signed_in.post(MINE, headers=AS_FORM)).headers["location"].startswith("http://127.0.0.1:3900")


async def test_l5_the_eleventh_link_in_a_minute_is_refused(signed_in, billing):
    for _ in range(10):
        await signed_in.post(MINE, headers=AS_FORM)
    problem = await signed_in.post(MINE, headers=AS_JSON)
    assert problem.status_code == 429
    assert 1 <= int(problem.headers["retry-after"]) <= 60
    form = await signed_in.post(MINE, headers=AS_FORM)
    assert form.headers["location"] == "/billing/invoices/101?notice=busy"
    assert len(billing.minted) == 10


@pytest.mark.parametrize(
    ("failure", "status", "code", "notice"),
    [
        (Conflict("billing.not_payable"), 409, "conflict", "not_payable"),
        (UpstreamUnavailable("whmcs", "CreateSsoToken", "timeout"), 503, "upstream-unavailable", "unavailable"),
        (UpstreamRejected("whmcs", "CreateSsoToken", "refused"), 502, "upstream-refused", "unavailable"),
        (Busy("whmcs"), 503, "busy", "busy"),
    ],
)
async def test_what_whmcs_or_the_invoice_forbids_is_explained_on_the_page(
    signed_in, billing, failure, status, code, notice
):
    billing.failure = failure
    problem = await signed_in.post(MINE, headers=AS_JSON)
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    form = await signed_in.post(MINE, headers=AS_FORM)
    assert form.headers["location"] == f"/billing/invoices/101?notice={notice}"


async def test_a_user_without_billing_account_has_no_invoice(browser, doors, billing):
    await doors.users.create("new@example.com", await doors.passwords.hash(PASSWORD))
    await browser.post(routes.API_LOGIN, data={"email": "new@example.com", "password": PASSWORD})
    assert (await browser.post(MINE, headers=AS_JSON)).status_code == 404


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_s14_another_site_cannot_mint_a_link(signed_in, billing, headers):
    del signed_in.headers["origin"]
    assert (await signed_in.post(MINE, headers=AS_FORM | headers)).status_code == 403
    assert (await signed_in.post(MINE, headers=AS_FORM)).status_code == 403, "a session cookie without Origin"
    assert billing.minted == []


@pytest.mark.parametrize(("kind", "size", "status"), [("text/plain", 1, 415), ("application/json", 5000, 413)])
async def test_rows_97_98_odd_bodies_are_refused(signed_in, kind, size, status):
    answer = await signed_in.post(MINE, content=b"x" * size, headers={"content-type": kind})
    assert answer.status_code == status


async def test_a3_links_are_audited_by_invoice_and_outcome_and_never_with_the_url(signed_in, doors, caplog):
    for path in (MINE, OTHERS):
        await signed_in.post(path, headers=AS_FORM)
    rows = await doors.audited("payment.link")
    assert [(r.outcome, r.detail) for r in rows] == [
        ("ok", '{"whmcs_invoice_id": 101}'),
        ("not_found", '{"whmcs_invoice_id": 202}'),
    ]
    assert "access_token" not in caplog.text + str([vars(r) for r in rows])


async def test_i4_when_the_act_cannot_be_audited_no_link_is_handed_out(signed_in, doors, monkeypatch):
    async def broken(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(doors.audit, "record", broken)
    answer = await signed_in.post(MINE, headers=AS_JSON)
    assert answer.status_code == 500
    assert "access_token" not in answer.text
