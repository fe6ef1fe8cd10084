"""Linking over HTTP: one check of the old password, a mailed code where there is a second factor, one run per key."""

import asyncio

import pytest

from portal_app import routes
from tests.fakes.becoming_world import PASSWORD
from tests.fakes.entrance import LEGACY, LEGACY_PASSWORD


@pytest.fixture
async def browser(entrance):
    return entrance.browser()


@pytest.fixture
async def program(entrance):
    return entrance.program()


async def session_of(world, answer):
    return (await world.sessions.resolve(answer.cookies["portal_at"], None, rotate=True)).session


async def users(world) -> int:
    return await world.scalar("SELECT count(*) FROM users")


@pytest.mark.parametrize("path", [routes.API_LINK, routes.API_LINK_ALIAS])
async def test_the_right_password_leads_to_the_page_that_sets_one(entrance, browser, world, path):
    entrance.a_legacy_client()
    form = {"email": LEGACY, "password": LEGACY_PASSWORD, "idempotency_key": entrance.key()}
    answer = await browser.post(path, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.SET_PASSWORD)
    session = await session_of(world, answer)
    assert session.must_set_password
    assert session.customer is None


async def test_a_program_links_in_json(entrance, program):
    entrance.a_legacy_client()
    body = {"email": LEGACY, "password": LEGACY_PASSWORD}
    answer = await program.post(routes.API_LINK, json=body, headers={"idempotency-key": entrance.key()})
    assert (answer.status_code, answer.json()) == (200, {"next": routes.SET_PASSWORD, "expires_in": 600})
    assert answer.cookies["portal_at"]


async def test_the_whole_way_from_the_old_password_to_the_dashboard(entrance, browser, world):
    entrance.a_legacy_client()
    limited = await session_of(world, await entrance.link(browser))
    answer = await browser.post(routes.API_SET_PASSWORD, data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, routes.DASHBOARD)
    full = await session_of(world, answer)
    assert full.session_id != limited.session_id
    assert full.customer.whmcs_client_id == 7
    assert await world.sessions.find(limited.session_id) is None


async def test_p11_a_wrong_password_reads_as_at_sign_in_and_keeps_only_the_address(entrance, browser, program):
    entrance.a_legacy_client()
    answer = await entrance.link(browser, password="wrong")
    assert answer.headers["location"] == routes.LINK
    kept = await entrance.kept(answer)
    assert kept == {"error": "sign_in.refused", "email": LEGACY, "value.email": LEGACY}
    body = {"email": LEGACY, "password": "wrong"}
    answer = await program.post(routes.API_LINK, json=body, headers={"idempotency-key": entrance.key()})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-credentials")


async def test_p5_a_wrong_password_and_an_unknown_address_are_byte_for_byte_alike(entrance, program):
    entrance.a_legacy_client()
    answers = [
        await program.post(
            routes.API_LINK,
            json={"email": email, "password": "wrong"},
            headers={"idempotency-key": entrance.key()},
        )
        for email in (LEGACY, "nobody@example.com")
    ]
    assert len({(a.status_code, a.content, str(sorted(a.headers.items()))) for a in answers}) == 1


async def test_a_reason_is_told_to_somebody_whose_password_was_right(entrance, browser):
    entrance.a_legacy_client()
    await entrance.link(browser)
    other = await entrance.link(entrance.browser())
    assert (await entrance.kept(other))["error"] == "link.already_linked"


async def test_k1_linking_needs_a_key(entrance, program, browser):
    answer = await program.post(routes.API_LINK, json={"email": LEGACY, "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    form = await browser.post(routes.API_LINK, data={"email": LEGACY, "password": "x"})
    assert (await entrance.kept(form))["error"] == "problem.idempotency_key_missing"


async def test_k4_a_double_click_links_once_and_both_answers_hold_a_session(entrance, browser, world):
    entrance.a_legacy_client()
    key = entrance.key()
    answers = await asyncio.gather(*(entrance.link(browser, key=key) for _ in range(2)))
    assert {a.headers["location"] for a in answers} == {routes.SET_PASSWORD}
    assert [bool(await session_of(world, a)) for a in answers] == [True, True]
    assert sorted("idempotency-replayed" in a.headers for a in answers) == [False, True]
    assert await users(world) == 1
    assert len(world.whmcs.asked("ValidateLogin")) == 1


async def test_k4_once_a_password_is_set_a_repeat_opens_no_session(entrance, browser):
    entrance.a_legacy_client()
    key = entrance.key()
    await entrance.link(browser, key=key)
    await browser.post(routes.API_SET_PASSWORD, data={"password": PASSWORD})
    again = await entrance.link(entrance.browser(), key=key)
    assert "portal_at" not in again.cookies
    assert (await entrance.kept(again))["error"] == "link.already_linked"


async def test_k5_the_key_of_a_link_with_another_password_opens_nothing(entrance, browser):
    entrance.a_legacy_client()
    key = entrance.key()
    await entrance.link(browser, key=key)
    other = await entrance.link(entrance.browser(), key=key, password="guess")
    assert "portal_at" not in other.cookies
    assert (await entrance.kept(other))["error"] == "problem.idempotency_key_reused"


async def test_a_second_factor_leads_to_the_page_for_the_code_and_the_code_finishes(entrance, browser, world):
    entrance.a_legacy_client(two_factor=True)
    answer = await entrance.link(browser)
    assert (answer.headers["location"], await users(world)) == (routes.LINK_CODE, 0)
    [line] = [line for line in answer.headers.get_list("set-cookie") if line.startswith("portal_link=")]
    assert "httponly" in line.lower()
    assert "portal_at" not in answer.cookies
    done = await browser.post(routes.API_LINK, data={"code": await entrance.code()})
    assert done.headers["location"] == routes.SET_PASSWORD
    assert (await session_of(world, done)).must_set_password
    assert "portal_link" not in browser.cookies


async def test_a_program_is_told_that_a_code_is_needed(entrance, program):
    entrance.a_legacy_client(two_factor=True)
    body = {"email": LEGACY, "password": LEGACY_PASSWORD}
    answer = await program.post(routes.API_LINK, json=body, headers={"idempotency-key": entrance.key()})
    assert (answer.status_code, answer.json()) == (202, {"status": "code_needed", "next": routes.LINK_CODE})
    assert answer.cookies["portal_link"] not in answer.text
    done = await program.post(routes.API_LINK, json={"code": await entrance.code()})
    assert (done.status_code, done.json()["next"]) == (200, routes.SET_PASSWORD)


async def test_k4_sent_twice_one_code_is_mailed_and_both_browsers_answers_name_it(entrance, browser, world):
    entrance.a_legacy_client(two_factor=True)
    key = entrance.key()
    first, again = [await entrance.link(browser, key=key) for _ in range(2)]
    assert first.cookies["portal_link"] == again.cookies["portal_link"]
    await world.deliver()
    assert world.sent().count("link_code") == 1


async def test_a_code_sent_twice_by_a_double_click_links_once(entrance, browser, world):
    entrance.a_legacy_client(two_factor=True)
    await entrance.link(browser)
    code = await entrance.code()
    answers = await asyncio.gather(*(browser.post(routes.API_LINK, data={"code": code}) for _ in range(2)))
    assert {a.headers["location"] for a in answers} == {routes.SET_PASSWORD}
    assert await users(world) == 1


async def test_a_wrong_code_keeps_the_page_and_never_the_code(entrance, browser):
    entrance.a_legacy_client(two_factor=True)
    await entrance.link(browser)
    code = await entrance.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answer = await browser.post(routes.API_LINK, data={"code": wrong})
    assert answer.headers["location"] == routes.LINK_CODE
    assert await entrance.kept(answer) == {"error": "problem.validation", "field.code": "link.code_wrong"}
    assert (await browser.post(routes.API_LINK, data={"code": code})).headers["location"] == routes.SET_PASSWORD


async def test_s5_linking_in_a_browser_with_a_session_ends_that_session(entrance, browser, world):
    entrance.a_legacy_client()
    user_id = await world.users.create("before@example.com", await world.passwords.hash(PASSWORD))
    before = await world.sessions.start(user_id, device_label="x")
    browser.cookies.set("portal_at", before.access, domain="localhost.local", path="/")
    await entrance.link(browser)
    assert await world.sessions.find(before.session.session_id) is None
