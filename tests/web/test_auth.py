"""Signing in, on and out over HTTP: forms, JSON, cookies, and who may ask (S1, S4, S5, S14, P5)."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.errors import Busy
from tests.fakes.doors import OWNER, PASSWORD
from tests.fakes.settings import a_secure_settings

RIGHT = {"email": OWNER, "password": PASSWORD}
WRONG = {"email": OWNER, "password": "wrong"}


@pytest.fixture(autouse=True)
async def owner(doors):
    return await doors.a_user()


async def kept(doors, answer: httpx.Response) -> dict[str, str]:
    """What the next page is told, by way of the flash cookie."""
    return await doors.flash.take(answer.cookies["portal_flash"])


def cookie_lines(answer: httpx.Response, name: str) -> list[str]:
    return [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]


async def test_s1_a_form_is_answered_with_cookies_and_a_303_to_the_dashboard(browser, doors):
    answer = await browser.post(routes.API_LOGIN, data=RIGHT)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.DASHBOARD)
    assert answer.headers["cache-control"] == "no-store"
    resolved = await doors.sessions.resolve(answer.cookies["portal_at"], None, rotate=True)
    assert resolved.session is not None
    lines = answer.headers.get_list("set-cookie")
    assert all("httponly" in line.lower() for line in lines if not line.startswith("portal_locale"))


async def test_s1_no_token_is_anywhere_but_in_cookies(browser, program):
    for client, body in ((browser, {"data": RIGHT}), (program, {"json": RIGHT})):
        answer = await client.post(routes.API_LOGIN, **body)
        visible = answer.text + str(answer.headers.get("location", ""))
        assert answer.cookies["portal_at"] not in visible
        assert answer.cookies["portal_rt"] not in visible


async def test_json_is_answered_in_json(program):
    answer = await program.post(routes.API_LOGIN, json={**RIGHT, "next": "/billing/invoices"})
    assert (answer.status_code, answer.json()) == (200, {"expires_in": 600, "next": "/billing/invoices"})


async def test_the_form_goes_where_the_customer_wanted_to_go(browser):
    answer = await browser.post(routes.API_LOGIN, data={**RIGHT, "next": "/billing/invoices/101?x=1"})
    assert answer.headers["location"] == "/billing/invoices/101?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "/api/auth/logout",
        "/x\r\nset-cookie: a=b",
        "\t//evil.example",
    ],
)
async def test_row_107_another_site_is_never_a_next_page(browser, target):
    answer = await browser.post(routes.API_LOGIN, data={**RIGHT, "next": target})
    assert answer.headers["location"] == routes.DASHBOARD


async def test_a_refused_form_keeps_the_address_and_never_the_password(browser, doors):
    answer = await browser.post(routes.API_LOGIN, data={**WRONG, "next": "/billing/invoices"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{routes.LOGIN}?next=/billing/invoices"
    assert await kept(doors, answer) == {"email": OWNER, "error": "sign_in.refused"}
    assert "portal_at" not in answer.cookies


@pytest.mark.parametrize(
    ("typed", "error", "field"),
    [
        ({"email": "", "password": "x"}, "sign_in.email_missing", "email"),
        ({"email": "a@b", "password": "x"}, "sign_in.email_invalid", "email"),
        ({"email": OWNER, "password": ""}, "sign_in.password_missing", "password"),
        ({}, "sign_in.email_missing", "email"),
    ],
)
async def test_a_field_error_names_its_field_to_the_page_and_to_programs(browser, program, doors, typed, error, field):
    told = await kept(doors, await browser.post(routes.API_LOGIN, data=typed or {"x": "y"}))
    assert (told["error"], told["field"]) == (error, field)
    problem = await program.post(routes.API_LOGIN, json=typed)
    assert problem.status_code == 422
    assert [(e["field"], e["code"]) for e in problem.json()["errors"]] == [(field, error)]


async def test_p5_unknown_account_and_wrong_password_are_byte_for_byte_alike(program, browser, doors):
    answers = [
        await program.post(routes.API_LOGIN, json={"email": e, "password": "wrong"}) for e in (OWNER, "x@example.com")
    ]
    assert len({(a.status_code, a.content, str(sorted(a.headers.items()))) for a in answers}) == 1
    forms = [
        await browser.post(routes.API_LOGIN, data={"email": e, "password": "wrong"}) for e in (OWNER, "x@example.com")
    ]
    assert len({(f.status_code, f.headers["location"]) for f in forms}) == 1
    assert len({(await kept(doors, f))["error"] for f in forms}) == 1


async def test_a_refusal_to_a_program_is_a_problem_document(program):
    answer = await program.post(routes.API_LOGIN, json=WRONG)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["status"], body["instance"]) == ("bad-credentials", 401, "AB12-CD34")
    assert set(body) == {"type", "title", "status", "detail", "instance", "code"}


async def test_a_refusal_speaks_the_customers_language(program):
    program.cookies.set("portal_locale", "ja")
    answer = await program.post(routes.API_LOGIN, json=WRONG)
    assert answer.headers["content-language"] == "ja"
    assert "パスワード" in answer.json()["title"]


async def test_l4_a_locked_account_answers_429_with_the_time_to_wait(browser, program, doors):
    for _ in range(10):
        await program.post(routes.API_LOGIN, json=WRONG)
    locked = await program.post(routes.API_LOGIN, json=RIGHT)
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "60")
    form = await browser.post(routes.API_LOGIN, data=RIGHT)
    assert await kept(doors, form) == {"email": OWNER, "error": "sign_in.locked", "retry_after": "60"}


async def test_p3_a_full_queue_answers_503_with_the_time_to_wait(program, doors, monkeypatch):
    async def full(*_: object) -> None:
        raise Busy("sign-in", retry_after=5)

    monkeypatch.setattr(doors.passwords, "verify", full)
    answer = await program.post(routes.API_LOGIN, json=RIGHT)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (503, "5", "busy")


async def test_l2_the_device_stays_known_after_signing_out(browser, doors):
    await browser.post(routes.API_LOGIN, data=RIGHT)
    device = browser.cookies["portal_device"]
    await browser.post(routes.API_LOGOUT)
    assert browser.cookies["portal_device"] == device
    for n in range(10):
        await doors.lockout.failed(doors.index.of(f"account|{OWNER}"), None, f"198.51.100.{n}")
    assert (await browser.post(routes.API_LOGIN, data=RIGHT)).headers["location"] == routes.DASHBOARD


async def test_s5_signing_in_again_gives_a_new_session_and_ends_the_old_one(browser, doors):
    first = await browser.post(routes.API_LOGIN, data=RIGHT)
    old = (await doors.sessions.resolve(first.cookies["portal_at"], None, rotate=True)).session
    second = await browser.post(routes.API_LOGIN, data=RIGHT)
    new = (await doors.sessions.resolve(second.cookies["portal_at"], None, rotate=True)).session
    assert new.session_id != old.session_id
    assert await doors.sessions.find(old.session_id) is None
    assert (f"session:{old.session_id}:ended", "replaced") in doors.heard


async def test_s5_a_planted_session_cookie_is_not_what_the_victim_signs_in_to(browser, browser_at, doors):
    await doors.a_user("second@example.com", whmcs_client_id=102)
    attacker = browser_at()
    planted = await attacker.post(routes.API_LOGIN, data={"email": "second@example.com", "password": PASSWORD})
    browser.cookies.set("portal_at", planted.cookies["portal_at"], domain="localhost.local", path="/")
    answer = await browser.post(routes.API_LOGIN, data=RIGHT)
    assert answer.cookies["portal_at"] != planted.cookies["portal_at"]
    session = (await doors.sessions.resolve(answer.cookies["portal_at"], None, rotate=True)).session
    assert session.customer.whmcs_client_id == 101
    await attacker.aclose()


async def test_s5_signing_out_ends_the_session_and_forgets_everything_but_the_device(browser, doors):
    tokens = (await browser.post(routes.API_LOGIN, data=RIGHT)).cookies
    session = (await doors.sessions.resolve(tokens["portal_at"], None, rotate=True)).session
    answer = await browser.post(routes.API_LOGOUT)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.LOGIN)
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert answer.headers["cache-control"] == "no-store"
    assert {"portal_at", "portal_rt"}.isdisjoint(browser.cookies)
    assert (f"session:{session.session_id}:ended", "signed_out") in doors.heard
    stolen = await doors.sessions.resolve(tokens["portal_at"], tokens["portal_rt"], rotate=True)
    assert stolen.session is None


async def test_s5_signing_out_at_the_moment_of_a_rotation_hands_out_no_new_cookies(browser, doors):
    await browser.post(routes.API_LOGIN, data=RIGHT)
    doors.clock.advance(timedelta(minutes=15))
    answer = await browser.post(routes.API_LOGOUT)
    assert [len(cookie_lines(answer, n)) for n in ("portal_at", "portal_rt")] == [1, 1]
    assert all("Max-Age=0" in cookie_lines(answer, n)[0] for n in ("portal_at", "portal_rt"))


async def test_signing_in_with_dead_cookies_sets_each_cookie_once(browser, doors):
    await browser.post(routes.API_LOGIN, data=RIGHT)
    doors.clock.advance(timedelta(hours=13))
    answer = await browser.post(routes.API_LOGIN, data=RIGHT)
    assert [len(cookie_lines(answer, n)) for n in ("portal_at", "portal_rt")] == [1, 1]
    assert answer.cookies["portal_at"]


async def test_a_program_signs_out_in_json_and_twice_is_once(program, doors):
    await program.post(routes.API_LOGIN, json=RIGHT)
    program.headers["origin"] = "http://localhost:3000"
    for _ in range(2):
        answer = await program.post(routes.API_LOGOUT, json={})
        assert (answer.status_code, answer.json()) == (200, {"signed_out": True})
    assert len(await doors.audited("session.ended")) == 1


async def test_s4_refresh_rotates_and_says_for_how_long(program, doors):
    program.headers["origin"] = "http://localhost:3000"
    before = (await program.post(routes.API_LOGIN, json=RIGHT)).cookies["portal_rt"]
    answer = await program.post(routes.API_REFRESH, json={})
    assert (answer.status_code, answer.json()) == (200, {"expires_in": 600})
    assert answer.cookies["portal_rt"] != before
    assert [len(cookie_lines(answer, n)) for n in ("portal_at", "portal_rt")] == [1, 1]


async def test_s4_two_refreshes_at_once_hand_out_the_same_successor(program):
    program.headers["origin"] = "http://localhost:3000"
    await program.post(routes.API_LOGIN, json=RIGHT)
    answers = await asyncio.gather(*(program.post(routes.API_REFRESH, json={}) for _ in range(4)))
    assert len({a.cookies["portal_rt"] for a in answers}) == 1


async def test_s4_a_stolen_old_refresh_token_ends_the_session_of_both(program, browser_at, doors):
    program.headers["origin"] = "http://localhost:3000"
    stolen = (await program.post(routes.API_LOGIN, json=RIGHT)).cookies["portal_rt"]
    await program.post(routes.API_REFRESH, json={})
    doors.clock.advance(11)
    thief = browser_at(accept="application/json", cookie=f"portal_rt={stolen}")
    answer = await thief.post(routes.API_REFRESH, json={})
    assert answer.status_code == 401
    assert (await program.post(routes.API_REFRESH, json={})).status_code == 401
    assert [m["template"] for m in await doors.mails()] == ["token_reuse"]
    await thief.aclose()


async def test_refresh_without_a_session_clears_cookies_and_asks_to_sign_in(program, browser):
    problem = await program.post(routes.API_REFRESH, json={})
    assert (problem.status_code, problem.json()["code"]) == (401, "session-over")
    assert all("Max-Age=0" in line for line in problem.headers.get_list("set-cookie"))
    form = await browser.post(routes.API_REFRESH, data={"next": "/billing/invoices"})
    assert (form.status_code, form.headers["location"]) == (303, routes.LOGIN)


async def test_refresh_of_a_form_goes_on_to_the_next_page(browser):
    await browser.post(routes.API_LOGIN, data=RIGHT)
    answer = await browser.post(routes.API_REFRESH, data={"next": "/billing/invoices"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/billing/invoices")


async def test_refresh_is_limited(program):
    for _ in range(30):
        assert (await program.post(routes.API_REFRESH, json={})).status_code == 401
    assert (await program.post(routes.API_REFRESH, json={})).status_code == 429


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", [routes.API_LOGIN, routes.API_LOGOUT, routes.API_REFRESH])
async def test_s14_another_site_can_neither_sign_in_nor_out_nor_refresh(browser, doors, path, headers):
    tokens = (await browser.post(routes.API_LOGIN, data=RIGHT)).cookies
    del browser.headers["origin"]
    answer = await browser.post(path, data=RIGHT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert "set-cookie" not in answer.headers
    assert (await doors.sessions.resolve(tokens["portal_at"], tokens["portal_rt"], rotate=True)).session


async def test_s14_without_origin_a_session_cookie_alone_signs_nobody_out(program, doors):
    await program.post(routes.API_LOGIN, json=RIGHT)
    assert (await program.post(routes.API_LOGOUT, json={})).status_code == 403
    assert (
        await program.post(routes.API_LOGOUT, json={}, headers={"sec-fetch-site": "same-origin"})
    ).status_code == 200


async def test_s1_over_https_cookies_are_host_bound_and_secure(app, doors):
    settings = a_secure_settings()
    transport = httpx.ASGITransport(app, client=("203.0.113.5", 1))
    with wiring.use(settings=settings):
        async with httpx.AsyncClient(transport=transport, base_url="https://portal.example") as client:
            answer = await client.post(routes.API_LOGIN, data=RIGHT, headers={"origin": "https://portal.example"})
    lines = answer.headers.get_list("set-cookie")
    lines = [line for line in lines if not line.startswith("portal_locale")]  # which scripts may read
    assert {line.partition("=")[0] for line in lines} == {f"__Host-portal_{n}" for n in ("at", "rt", "device", "flash")}
    assert all("Secure" in line and "HttpOnly" in line and "SameSite=lax" in line for line in lines)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize(
    "path", [routes.API_LOGIN, routes.API_LOGOUT, routes.API_REFRESH, "/api/invoices/101/sso-link"]
)
async def test_rows_108_109_other_methods_change_nothing(browser, doors, method, path):
    await browser.post(routes.API_LOGIN, data=RIGHT)
    before = browser.cookies["portal_rt"]
    answer = await browser.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert browser.cookies["portal_rt"] == before


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"email=a&password=b", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"email=a", 415),
        ("application/json", b"{", 400),
        ("application/json", b'{"email":"a","email":"b"}', 400),
        ("application/json", b"[]", 400),
        ("application/json", b'{"email":{"$ne":""},"password":"x"}', 400),
        ("application/json", b"[" * 1000 + b"]" * 1000, 400),
        ("application/json", b'{"email":"\xff"}', 400),
        ("application/x-www-form-urlencoded", b"email=a&email=b", 400),
        ("application/x-www-form-urlencoded", b"email=%ff", 400),
        ("application/x-www-form-urlencoded", b"x=" + b"y" * 16_384, 413),
        ("application/json", b'"' + b"y" * 16_384 + b'"', 413),
    ],
)
async def test_rows_97_to_102_a_malformed_body_is_refused_as_what_it_is(program, kind, body, status):
    answer = await program.post(routes.API_LOGIN, content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_row_97_a_body_without_declared_length_is_cut_off_too(program):
    async def endless():
        for _ in range(100):
            yield b"x" * 1000

    answer = await program.post(
        routes.API_LOGIN, content=endless(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


async def test_i4_a_failing_database_lets_nobody_in_and_says_nothing_about_itself(program, doors, monkeypatch):
    async def broken(_: str) -> None:
        raise RuntimeError("SELECT * FROM users: connection to db.internal lost")

    monkeypatch.setattr(doors.users, "find_by_email", broken)
    answer = await program.post(routes.API_LOGIN, json=RIGHT)
    assert (answer.status_code, answer.json()["code"]) == (500, "our-bug")
    assert "set-cookie" not in answer.headers
    assert "SELECT" not in answer.text
    assert "db.internal" not in answer.text


async def test_r2_the_password_reaches_neither_log_nor_flash_nor_audit(browser, doors, caplog):
    canary = "canary-Zx81-password"
    answer = await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": canary})
    written = str(await kept(doors, answer)) + caplog.text + str([vars(r) for r in await doors.audited("sign_in")])
    assert canary not in written
    assert canary not in str(answer.headers)


async def test_the_next_page_survives_a_refusal_as_a_path_only(browser):
    answer = await browser.post(routes.API_LOGIN, data={**WRONG, "next": "/billing/invoices?tab=unpaid&page=2"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query == {"next": ["/billing/invoices?tab=unpaid&page=2"]}


async def test_signing_in_brings_the_accounts_language_unless_one_was_chosen_here(doors, browser, owner):
    await doors.users.set_locale(owner, "ja")
    answer = await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    assert "portal_locale=ja" in answer.headers["set-cookie"]
    browser.cookies.delete("portal_locale")
    browser.cookies.set("portal_locale", "en")
    answer = await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    assert "portal_locale=en" in answer.headers["set-cookie"]
    assert (await doors.users.get(owner)).locale == "en"


async def test_a_form_sent_before_its_page_came_alive_goes_where_its_address_says(doors, browser, owner):
    form = {"email": OWNER, "password": PASSWORD, "next": routes.DASHBOARD}
    for address, target in (
        (f"{routes.LOGIN}?next=/billing/invoices%3Ftab%3Dpaid", "/billing/invoices?tab=paid"),
        (f"{routes.LOGIN}?next=//evil.example", routes.DASHBOARD),
        (routes.LOGIN, routes.DASHBOARD),
    ):
        answer = await browser.post(routes.API_LOGIN, data=form, headers={"referer": f"http://localhost:3000{address}"})
        assert answer.headers["location"] == target


async def test_a_page_that_is_no_address_or_none_of_ours_breaks_nothing(browser, owner):
    form = {"email": OWNER, "password": PASSWORD}
    answer = await browser.post(routes.API_LOGIN, data=form, headers={"referer": "http://["})
    assert answer.headers["location"] == routes.DASHBOARD
    half = json.dumps(form | {"next": "/orders\ud800"})
    headers = {"content-type": "application/json", "accept": "application/json"}
    answer = await browser.post(routes.API_LOGIN, content=half, headers=headers)
    assert (answer.status_code, answer.json()["next"]) == (200, routes.DASHBOARD)
