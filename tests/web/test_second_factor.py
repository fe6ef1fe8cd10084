"""Second factor, confirming, password and address over HTTP: cookies, ways on, and who may stand before a door."""

import json

import pytest

from portal_app import routes
from portal_app.errors import NotFound
from tests.fakes.becoming_world import EMAIL, PASSWORD
from tests.fakes.factors import an_enrolled_user, code_at, code_of

NEW = "another lantern 59"
STALE = 301


@pytest.fixture
async def user(world) -> str:
    return await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))


@pytest.fixture
async def owner(world):
    """A user with a second factor."""
    return await an_enrolled_user(world)


async def typed(browser, path: str, **fields: str):
    return await browser.post(path, data=fields)


async def sign_in(browser, **fields: str):
    return await typed(browser, routes.API_LOGIN, email=EMAIL, password=PASSWORD, **fields)


async def let_in(entrance, world, owner):
    """A browser that is signed in by both factors, a step ago."""
    browser = entrance.browser()
    await sign_in(browser)
    await typed(browser, routes.API_MFA, code=code_of(world, owner))
    world.clock.advance(30)
    return browser


def where(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def cookies_set(answer) -> dict[str, str]:
    lines = answer.headers.get_list("set-cookie")
    return {line.partition("=")[0]: line for line in lines}


async def test_p8_the_password_leads_to_the_code_with_nothing_but_a_reference(entrance, owner):
    answer = await sign_in(entrance.browser(), next="/orders")
    assert where(answer) == f"{routes.MFA}?next=/orders"
    given = cookies_set(answer)
    assert not {"portal_at", "portal_rt", "portal_device"} & set(given)
    assert "HttpOnly" in given["portal_mfa"] and "Max-Age=300" in given["portal_mfa"]
    assert "SameSite=lax" in given["portal_mfa"]


async def test_the_code_signs_in_and_goes_on(entrance, world, owner):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await typed(browser, routes.API_MFA, code=code_of(world, owner), next="/orders")
    assert where(answer) == "/orders"
    assert {"portal_at", "portal_rt", "portal_device"} <= set(cookies_set(answer))
    assert "Max-Age=0" in cookies_set(answer)["portal_mfa"]


async def test_a_program_is_asked_for_the_code_and_told_what_is_wrong(entrance, world, owner):
    program = entrance.program()
    asked = await program.post(routes.API_LOGIN, json={"email": EMAIL, "password": PASSWORD})
    assert (asked.status_code, asked.json()) == (202, {"status": "code_needed", "next": routes.MFA})
    wrong = await program.post(routes.API_MFA, json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad-code")
    right = await program.post(routes.API_MFA, json={"code": code_of(world, owner)})
    assert right.json()["next"] == routes.DASHBOARD


async def test_a_wrong_code_comes_back_and_the_fifth_starts_over(entrance, owner):
    browser = entrance.browser()
    await sign_in(browser, next="/orders")
    answers = [await typed(browser, routes.API_MFA, code="000000", next="/orders") for _ in range(5)]
    assert [where(one) for one in answers] == [f"{routes.MFA}?next=/orders"] * 4 + [f"{routes.LOGIN}?next=/orders"]
    assert await entrance.kept(answers[0]) == {"error": "problem.validation", "field.code": "mfa.wrong"}
    assert await entrance.kept(answers[4]) == {"error": "mfa.over"}
    assert "Max-Age=0" in cookies_set(answers[4])["portal_mfa"]


async def test_a_code_without_a_login_that_waits_starts_over(entrance, world, owner):
    answer = await typed(entrance.browser(), routes.API_MFA, code=code_of(world, owner))
    assert where(answer) == routes.LOGIN


async def test_p8_a_reference_taken_to_another_browser_is_all_that_is_bound(entrance, world, owner):
    """The cookie is the login: without it the right code opens nothing, in the same browser or another."""
    browser, thief = entrance.browser(), entrance.browser("198.51.100.9")
    await sign_in(browser)
    assert where(await typed(thief, routes.API_MFA, code=code_of(world, owner))) == routes.LOGIN
    assert where(await typed(browser, routes.API_MFA, code=code_of(world, owner))) == routes.DASHBOARD


async def test_s5_a_session_the_browser_had_before_ends_with_the_code_and_not_with_the_password(entrance, world, owner):
    browser = await let_in(entrance, world, owner)
    before = browser.cookies["portal_at"]
    await sign_in(browser)
    assert browser.cookies["portal_at"] == before, "the password alone changes nothing"
    await typed(browser, routes.API_MFA, code=code_of(world, owner))
    assert (await world.sessions.resolve(before, None, rotate=False)).session is None
    assert (await world.sessions.resolve(browser.cookies["portal_at"], None, rotate=False)).session is not None


async def test_s6_what_matters_asks_who_it_is_after_five_minutes_and_leads_back(entrance, world, user):
    browser = entrance.browser()
    await sign_in(browser)
    world.clock.advance(STALE)
    asked = f"{routes.CONFIRM}?next={routes.SECURITY}"
    for path in (routes.API_PASSWORD, routes.API_EMAIL, routes.API_TOTP_REMOVE):
        assert where(await typed(browser, path, password=NEW, email="a@b.example", code="1")) == asked
    for path in (routes.API_TOTP, routes.API_RECOVERY_CODES, routes.API_PASSWORD, routes.API_EMAIL):
        refused = await browser.post(path, json={}, headers={"accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (403, "reauthenticate")
    before = browser.cookies["portal_at"]
    assert where(await typed(browser, routes.API_CONFIRM, password=PASSWORD, next=routes.SECURITY)) == routes.SECURITY
    assert (await world.sessions.resolve(before, None, rotate=False)).session is None, "a new one took its place (S5)"
    assert (await browser.post(routes.API_TOTP, json={}, headers={"accept": "application/json"})).status_code == 200


async def test_a_wrong_password_is_said_beside_its_field_and_never_kept(entrance, user):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await typed(browser, routes.API_CONFIRM, password="wrong", next="/account/security")
    assert where(answer) == f"{routes.CONFIRM}?next=/account/security"
    assert await entrance.kept(answer) == {"error": "problem.validation", "field.password": "confirm.wrong"}


async def test_107_confirming_leads_to_no_other_site(entrance, user):
    browser = entrance.browser()
    await sign_in(browser)
    for target in ("//evil.example", "https://evil.example", "javascript:alert(1)", "/auth/login", "/api/auth/logout"):
        assert where(await typed(browser, routes.API_CONFIRM, password=PASSWORD, next=target)) == routes.DASHBOARD


async def test_p7_the_secret_is_in_the_answer_to_the_script_and_kept_by_nobody(entrance, world, user):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await browser.post(routes.API_TOTP, json={}, headers={"accept": "application/json"})
    begun = answer.json()
    assert sorted(begun) == ["secret", "svg", "uri"]
    assert answer.headers["cache-control"] == "no-store"
    assert begun["uri"].startswith("otpauth://totp/") and begun["secret"] in begun["uri"]
    code = code_at(world, begun["secret"])
    done = await browser.post(routes.API_TOTP, json={"code": code}, headers={"accept": "application/json"})
    assert len(done.json()["codes"]) == 10
    assert done.headers["cache-control"] == "no-store"
    again = await browser.post(routes.API_TOTP, json={"code": code}, headers={"accept": "application/json"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_p9_codes_are_renewed_and_the_factor_removed_by_a_code(entrance, world, owner):
    browser = await let_in(entrance, world, owner)
    answer = await browser.post(
        routes.API_RECOVERY_CODES, json={"code": code_of(world, owner)}, headers={"accept": "application/json"}
    )
    codes = answer.json()["codes"]
    refused = await typed(browser, routes.API_TOTP_REMOVE, code=owner.codes[0])
    assert where(refused) == routes.SECURITY
    assert (await entrance.kept(refused))["field.code"] == "mfa.wrong"
    answer = await typed(browser, routes.API_TOTP_REMOVE, code=codes[0])
    assert await entrance.kept(answer) == {"notice": "mfa.removed"}
    assert where(await sign_in(entrance.browser())) == routes.DASHBOARD


async def test_s5_s6_a_new_password_gives_this_browser_a_new_session_and_ends_the_others(entrance, world, user):
    browser, other = entrance.browser(), entrance.browser()
    await sign_in(browser)
    await sign_in(other)
    before = browser.cookies["portal_at"]
    answer = await typed(browser, routes.API_PASSWORD, current_password=PASSWORD, password=NEW)
    assert where(answer) == routes.SECURITY
    assert await entrance.kept(answer) == {"notice": "password_change.done"}
    for over in (before, other.cookies["portal_at"]):
        assert (await world.sessions.resolve(over, None, rotate=False)).session is None
    assert (await world.sessions.resolve(browser.cookies["portal_at"], None, rotate=False)).session is not None


async def test_a_wrong_or_weak_password_is_said_beside_its_field(entrance, user):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await typed(browser, routes.API_PASSWORD, current_password="wrong", password=NEW)
    assert await entrance.kept(answer) == {
        "error": "problem.validation",
        "field.current_password": "password_change.wrong",
    }
    answer = await typed(browser, routes.API_PASSWORD, current_password=PASSWORD, password="short 88")
    assert await entrance.kept(answer) == {"error": "problem.validation", "field.password": "password.too_short"}


async def test_a_missing_current_password_is_said_beside_its_own_field(entrance, user):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await typed(browser, routes.API_PASSWORD, password=NEW)
    assert await entrance.kept(answer) == {
        "error": "problem.validation",
        "field.current_password": "sign_in.password_missing",
    }


async def test_l5_secrets_are_not_made_without_end(entrance, user):
    browser = entrance.browser()
    await sign_in(browser)
    codes = [(await browser.post(routes.API_TOTP, json={})).status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]


async def test_a_new_address_by_its_link_alone_in_a_browser_that_is_not_signed_in(entrance, world, user):
    browser, elsewhere = entrance.browser(), entrance.browser()
    await sign_in(browser)
    answer = await typed(browser, routes.API_EMAIL, email="moved@example.com")
    assert await entrance.kept(answer) == {"notice": "email_change.asked"}
    token = await entrance.token("email_change")
    answer = await typed(elsewhere, routes.API_CONFIRM_EMAIL, token=token)
    assert where(answer) == routes.LOGIN
    assert await entrance.kept(answer) == {"notice": "email_change.done"}
    assert "portal_at" not in cookies_set(answer), "the link signs nobody in"
    assert (await world.users.get(user)).email == "moved@example.com"
    again = await typed(elsewhere, routes.API_CONFIRM_EMAIL, token=token)
    assert (where(again), await entrance.kept(again)) == (routes.CONFIRM_EMAIL, {"error": "token.used"})


async def test_the_browser_that_asked_stays_signed_in(entrance, world, user):
    browser = entrance.browser()
    await sign_in(browser)
    await typed(browser, routes.API_EMAIL, email="moved@example.com")
    answer = await typed(browser, routes.API_CONFIRM_EMAIL, token=await entrance.token("email_change"))
    assert where(answer) == routes.SECURITY


async def test_p5_taken_or_free_the_answer_is_the_same(entrance, world, user):
    await world.users.create("taken@example.com", "hash")
    browser = entrance.browser()
    await sign_in(browser)
    told = [
        await browser.post(routes.API_EMAIL, json={"email": email}, headers={"accept": "application/json"})
        for email in ("taken@example.com", "free@example.com")
    ]
    assert len({(one.status_code, one.content) for one in told}) == 1


async def test_s7_a_browser_that_is_ended_by_its_handle_is_out_at_once(entrance, world, user):
    browser = entrance.browser()
    await sign_in(browser)
    (only,) = await world.sessions.list_live(user)
    stranger = await world.users.create("other@example.com", "hash")
    with pytest.raises(NotFound):
        await world.sessions.end_by_handle(stranger, only.handle, reason="by_owner")
    heard: list[str] = []
    world.bus.subscribe("session:", lambda topic, payload: heard.append(topic))
    await world.sessions.end_by_handle(user, only.handle, reason="by_owner")
    assert len(heard) == 1 and only.handle not in heard[0]
    assert where(await typed(browser, routes.API_EMAIL, email="a@b.example")).startswith(routes.LOGIN)
    with pytest.raises(NotFound):
        await world.sessions.end_by_handle(user, only.handle, reason="by_owner")


BODIES = {
    routes.API_MFA: {"code": "000000"},
    routes.API_CONFIRM: {"password": PASSWORD, "code": "000000"},
    routes.API_CONFIRM_EMAIL: {"token": "x" * 43},
    routes.API_PASSWORD: {"current_password": PASSWORD, "password": NEW},
    routes.API_EMAIL: {"email": "moved@example.com"},
    routes.API_TOTP: {},
    routes.API_TOTP_REMOVE: {"code": "000000"},
    routes.API_RECOVERY_CODES: {"code": "000000"},
}
EXPECTED = {  # door -> visitor, signed in a moment ago, signed in long ago, must set a password first
    routes.API_MFA: (422, 422, 422, 403),
    routes.API_CONFIRM: (401, 200, 200, 403),
    routes.API_CONFIRM_EMAIL: (422, 422, 422, 403),
    routes.API_PASSWORD: (401, 200, 403, 403),
    routes.API_EMAIL: (401, 202, 403, 403),
    routes.API_TOTP: (401, 200, 403, 403),
    routes.API_TOTP_REMOVE: (401, 409, 403, 403),
    routes.API_RECOVERY_CODES: (401, 409, 403, 403),
}
PEOPLE = ("visitor", "recent", "stale", "without password")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", EXPECTED)
async def test_o6_each_door_answers_each_person_as_the_table_says(entrance, world, path, who):
    program = entrance.program()
    if who != "visitor":
        stored = "" if who == "without password" else await world.passwords.hash(PASSWORD)
        user_id = await world.users.create(EMAIL, stored)
        tokens = await world.sessions.start(user_id, device_label="x")
        if who == "stale":
            world.clock.advance(STALE)
        program.cookies.set("portal_at", tokens.access, domain="localhost.local", path="/")
    answer = await program.post(path, json=BODIES[path])
    assert answer.status_code == EXPECTED[path][PEOPLE.index(who)], answer.text


@pytest.mark.parametrize("path", EXPECTED)
async def test_s14_another_site_can_use_none_of_these_doors(entrance, world, user, path):
    browser = entrance.browser()
    await sign_in(browser)
    answer = await browser.post(path, data=BODIES[path], headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await world.users.get(user)).email == EMAIL


@pytest.mark.parametrize("path", EXPECTED)
async def test_rows_97_to_109_bad_bodies_and_methods_are_answered_and_never_with_our_bug(entrance, user, path):
    program = entrance.program()
    await program.post(routes.API_LOGIN, json={"email": EMAIL, "password": PASSWORD})
    answers = [
        await program.post(path, content=b"x" * 20_000, headers={"content-type": "application/json"}),
        await program.post(path, content=b"{}", headers={"content-type": "text/plain"}),
        await program.post(path, content=b'{"code":"1","code":"2"}', headers={"content-type": "application/json"}),
        await program.post(path, content=json.dumps({"code": ["1"]}), headers={"content-type": "application/json"}),
        await program.get(path),
    ]
    assert [one.status_code for one in answers] == [413, 415, 400, 400, 405]


async def test_s12_nothing_but_the_named_fields_is_looked_at(entrance, world, user):
    other = await world.users.create("other@example.com", await world.passwords.hash(PASSWORD))
    program = entrance.program()
    await program.post(routes.API_LOGIN, json={"email": EMAIL, "password": PASSWORD})
    await program.post(routes.API_EMAIL, json={"email": "moved@example.com", "user_id": other})
    await program.post(routes.API_CONFIRM_EMAIL, json={"token": await entrance.token("email_change"), "user_id": other})
    assert (await world.users.get(other)).email == "other@example.com"
