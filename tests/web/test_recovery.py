"""Forgotten and first passwords over HTTP (P5, P6, P11, S6)."""

import pytest

from portal_app import routes
from tests.fakes.becoming_world import EMAIL, PASSWORD

NEW = "another lantern 59"


@pytest.fixture
async def browser(entrance):
    return entrance.browser()


@pytest.fixture
async def program(entrance):
    return entrance.program()


@pytest.fixture
async def user(world) -> str:
    return await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))


async def forgot(entrance, browser) -> str:
    await browser.post(routes.API_FORGOT_PASSWORD, data={"email": EMAIL})
    return await entrance.token("reset_password")


async def test_asking_leads_to_check_the_mail(entrance, browser, user):
    answer = await browser.post(routes.API_FORGOT_PASSWORD, data={"email": EMAIL})
    assert (answer.status_code, answer.headers["location"]) == (303, routes.CHECK_MAIL)
    assert await entrance.kept(answer) == {"email": EMAIL}
    assert await entrance.token("reset_password")


async def test_an_unknown_address_is_answered_alike_and_mailed_nothing(entrance, browser, world):
    answer = await browser.post(routes.API_FORGOT_PASSWORD, data={"email": "nobody@example.com"})
    assert answer.headers["location"] == routes.CHECK_MAIL
    await world.deliver()
    assert world.mails == []


async def test_what_is_no_address_is_said_beside_its_field(entrance, browser, program):
    answer = await browser.post(routes.API_FORGOT_PASSWORD, data={"email": "hanako@"})
    assert answer.headers["location"] == routes.FORGOT_PASSWORD
    kept = await entrance.kept(answer)
    assert (kept["field.email"], kept["value.email"]) == ("sign_in.email_invalid", "hanako@")
    assert (await program.post(routes.API_FORGOT_PASSWORD, json={"email": ""})).status_code == 422


async def test_p6_the_link_sets_a_password_ends_every_session_and_signs_nobody_in(entrance, browser, world, user):
    session = (await world.sessions.start(user, device_label="x")).session
    token = await forgot(entrance, browser)
    answer = await browser.post(routes.API_RESET_PASSWORD, data={"token": token, "password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, routes.LOGIN)
    assert "portal_at" not in answer.cookies
    assert "notice" in await entrance.kept(answer)
    assert await world.sessions.find(session.session_id) is None
    signed_in = await browser.post(routes.API_LOGIN, data={"email": EMAIL, "password": NEW})
    assert signed_in.headers["location"] == routes.DASHBOARD


async def test_row_91_a_link_works_once(entrance, browser, program, user):
    token = await forgot(entrance, browser)
    assert (await program.post(routes.API_RESET_PASSWORD, json={"token": token, "password": NEW})).json() == {
        "next": routes.LOGIN
    }
    again = await program.post(routes.API_RESET_PASSWORD, json={"token": token, "password": NEW + "x"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "token.used")
    form = await browser.post(routes.API_RESET_PASSWORD, data={"token": token, "password": NEW + "x"})
    assert form.headers["location"] == routes.RESET_PASSWORD
    assert await entrance.kept(form) == {"error": "token.used"}


async def test_row_92_a_link_of_an_older_password_is_void(entrance, browser, program, world, user):
    token = await forgot(entrance, browser)
    await world.users.set_password_hash(user, await world.passwords.hash("changed meanwhile 1"))
    answer = await program.post(routes.API_RESET_PASSWORD, json={"token": token, "password": NEW})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "token.void")


async def test_a_password_too_short_keeps_the_link_in_hand(entrance, browser, user):
    token = await forgot(entrance, browser)
    answer = await browser.post(routes.API_RESET_PASSWORD, data={"token": token, "password": "short"})
    assert answer.headers["location"] == f"{routes.RESET_PASSWORD}#{token}"
    assert (await entrance.kept(answer))["field.password"] == "password.too_short"
    done = await browser.post(routes.API_RESET_PASSWORD, data={"token": token, "password": NEW})
    assert done.headers["location"] == routes.LOGIN


async def test_the_first_password_is_only_for_a_user_without_one(entrance, browser, world, user):
    tokens = await world.sessions.start(user, device_label="x")
    browser.cookies.set("portal_at", tokens.access)
    answer = await browser.post(routes.API_SET_PASSWORD, data={"password": NEW})
    assert (await entrance.kept(answer))["error"] == "password.already_set"
    assert (await world.passwords.verify(PASSWORD, (await world.users.get(user)).password_hash)).ok


async def test_without_a_session_no_password_is_set(entrance, browser, program):
    answer = await browser.post(routes.API_SET_PASSWORD, data={"password": NEW})
    assert answer.headers["location"] == routes.LOGIN
    assert (await program.post(routes.API_SET_PASSWORD, json={"password": NEW})).status_code == 401


async def test_a_linked_user_without_a_password_sets_one_by_a_mailed_link_too(entrance, browser, program):
    entrance.a_legacy_client()
    await entrance.link(browser)
    stranger = entrance.browser()
    await stranger.post(routes.API_FORGOT_PASSWORD, data={"email": "legacy@example.com"})
    form = {"token": await entrance.token("reset_password"), "password": NEW}
    assert (await stranger.post(routes.API_RESET_PASSWORD, data=form)).headers["location"] == routes.LOGIN
    # The session that came by linking is over, so a thief of it is out as well.
    assert (await browser.post(routes.API_SET_PASSWORD, data={"password": "mine mine mine 1"})).headers[
        "location"
    ] == routes.LOGIN


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "password1234", "legacy@example.com", "nul\x00 inside 12"]
)
async def test_a_bad_first_password_stays_on_its_page(entrance, browser, password):
    entrance.a_legacy_client()
    await entrance.link(browser)
    answer = await browser.post(routes.API_SET_PASSWORD, data={"password": password})
    assert answer.headers["location"] == routes.SET_PASSWORD
    kept = await entrance.kept(answer)
    assert kept["field.password"].startswith("password.")
    assert not password or password not in kept.values()
