"""Somebody wants an account that is not theirs: by links, codes, cookies, other sites, and fields nobody asked for."""

import asyncio

import pytest

from portal_app import routes
from tests.fakes.becoming_world import EMAIL, PASSWORD
from tests.fakes.entrance import BASE, LEGACY, SIGN_UP

MINE = "mallory strings 77"
NEW = "another lantern 59"
FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"{BASE}.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]
DOORS = {
    routes.API_SIGN_UP: SIGN_UP | {"idempotency_key": "key-of-the-attacker-1"},
    routes.API_VERIFY_EMAIL: {"token": "t" * 43, "password": PASSWORD},
    routes.API_RESEND_VERIFICATION: {"email": EMAIL},
    routes.API_LINK: {"email": LEGACY, "password": "x", "idempotency_key": "key-of-the-attacker-2"},
    routes.API_LINK_ALIAS: {"code": "123456"},
    routes.API_SET_PASSWORD: {"password": NEW},
    routes.API_FORGOT_PASSWORD: {"email": EMAIL},
    routes.API_RESET_PASSWORD: {"token": "t" * 43, "password": NEW},
}
TABLES = ("users", "signups", "email_tokens", "idempotency_keys", "outbox", "id_mappings")


async def everything(world) -> str:
    return repr([await world.rows(f"SELECT * FROM {table}") for table in TABLES])


async def nobody_came_in(world) -> bool:
    return 0 == await world.scalar("SELECT count(*) FROM sessions") == await world.scalar("SELECT count(*) FROM users")


async def refused_code(program, path: str, **body: str) -> str:
    """The code of the one field that was refused."""
    answer = await program.post(path, json=body)
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    return answer.json()["errors"][0]["code"]


async def test_a_sign_up_with_somebody_elses_address_is_worth_nothing_to_who_chose_its_password(entrance, world):
    """Mallory signs up with Hanako's address and his own password; Hanako opens the link with what she would type."""
    await entrance.sign_up(entrance.browser(), password=MINE)
    token = await entrance.token()
    hanako = entrance.program()
    for _ in range(4):
        assert await refused_code(hanako, routes.API_VERIFY_EMAIL, token=token, password=PASSWORD) == (
            "verify.password_wrong"
        )
    assert await refused_code(hanako, routes.API_VERIFY_EMAIL, token=token, password=PASSWORD) == "token.void"
    assert await refused_code(entrance.program(), routes.API_VERIFY_EMAIL, token=token, password=MINE) == "token.void"
    assert await nobody_came_in(world)
    assert world.whmcs.asked("AddClient") == []


async def test_the_link_of_one_sign_up_does_not_open_another(entrance, world):
    """Mallory has a link of his own and knows the password of a sign-up that is not his."""
    world.an_account("C-1002")
    await entrance.sign_up(entrance.browser())
    await entrance.sign_up(entrance.browser(), email="mallory@example.com", password=MINE, customer_number="C-1002")
    mallorys = await entrance.token()
    assert (
        await refused_code(entrance.program(), routes.API_VERIFY_EMAIL, token=mallorys, password=PASSWORD)
        == "verify.password_wrong"
    )
    assert await nobody_came_in(world)


async def test_five_wrong_passwords_at_once_are_five_wrong_passwords(entrance, world):
    await entrance.sign_up(entrance.browser())
    token = await entrance.token()
    guesses = [{"token": token, "password": f"guess number {n}"} for n in range(5)]
    await asyncio.gather(*(entrance.program().post(routes.API_VERIFY_EMAIL, json=guess) for guess in guesses))
    assert await refused_code(entrance.program(), routes.API_VERIFY_EMAIL, token=token, password=PASSWORD) == (
        "token.void"
    )
    assert await nobody_came_in(world)


@pytest.mark.parametrize("purpose", ["reset", "verify"])
async def test_a_link_made_for_one_thing_does_nothing_else(entrance, world, purpose):
    if purpose == "verify":
        await entrance.sign_up(entrance.browser())
        token, path = await entrance.token(), routes.API_RESET_PASSWORD
    else:
        await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))
        await entrance.browser().post(routes.API_FORGOT_PASSWORD, data={"email": EMAIL})
        token, path = await entrance.token("reset_password"), routes.API_VERIFY_EMAIL
    assert await refused_code(entrance.program(), path, token=token, password=PASSWORD) == "token.unknown"


async def test_row_91_a_reset_link_used_a_second_time_changes_nothing(entrance, world):
    user_id = await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))
    await entrance.browser().post(routes.API_FORGOT_PASSWORD, data={"email": EMAIL})
    token = await entrance.token("reset_password")
    answers = await asyncio.gather(
        *(
            entrance.program().post(routes.API_RESET_PASSWORD, json={"token": token, "password": f"{NEW} {n}"})
            for n in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    kept = (await world.users.get(user_id)).password_hash
    assert await refused_code(entrance.program(), routes.API_RESET_PASSWORD, token=token, password=MINE)
    assert (await world.users.get(user_id)).password_hash == kept


async def test_p6_asking_for_a_link_neither_signs_out_nor_locks_out(entrance, world):
    user_id = await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))
    session = (await world.sessions.start(user_id, device_label="x")).session
    for _ in range(20):
        answer = await entrance.browser().post(routes.API_FORGOT_PASSWORD, data={"email": EMAIL})
        assert answer.headers["location"] == routes.CHECK_MAIL
    await world.deliver()
    assert len(world.mails) <= 5
    assert await world.sessions.find(session.session_id)


async def test_p11_guessing_the_mailed_code_ends_with_the_fifth(entrance, world):
    entrance.a_legacy_client(two_factor=True)
    program = entrance.program()
    await entrance.link(program)
    code = await entrance.code()
    wrong = [f"{(int(code) + n) % 10**6:06}" for n in range(1, 6)]
    said = [await refused_code(program, routes.API_LINK, code=guess) for guess in wrong]
    assert said == ["link.code_wrong"] * 4 + ["link.code_expired"]
    assert await refused_code(program, routes.API_LINK, code=code) == "link.code_expired"
    assert await nobody_came_in(world)


async def test_p11_guesses_all_at_once_are_no_more_than_five(entrance, world, monkeypatch):
    entrance.a_legacy_client(two_factor=True)
    program = entrance.program()
    await entrance.link(program)
    code = int(await entrance.code())
    guesses = [f"{(code + n) % 10**6:06}" for n in range(1, 31)]
    answers = await asyncio.gather(*(program.post(routes.API_LINK, json={"code": guess}) for guess in guesses))
    assert {answer.status_code for answer in answers} <= {409, 422, 429, 503}
    tries = await world.scalar("SELECT tries FROM email_tokens WHERE purpose = 'link_code'")
    assert tries <= 5
    assert await nobody_came_in(world)


@pytest.mark.parametrize("forged", ["x" * 43, "", "' OR 1=1 --", "a" * 5000, "../../etc/passwd"])
async def test_the_code_is_worthless_without_the_browser_that_asked_for_it(entrance, world, forged):
    entrance.a_legacy_client(two_factor=True)
    await entrance.link(entrance.browser())
    code = await entrance.code()
    thief = entrance.browser(accept="application/json", cookie=f"portal_link={forged}")
    assert await refused_code(thief, routes.API_LINK, code=code) == "link.code_expired"
    assert await nobody_came_in(world)


async def test_the_cookie_of_a_pending_link_sent_twice_is_believed_neither_time(entrance, world):
    entrance.a_legacy_client(two_factor=True)
    pending = (await entrance.link(entrance.browser())).cookies["portal_link"]
    code = await entrance.code()
    thief = entrance.browser(accept="application/json", cookie=f"portal_link={'x' * 43}; portal_link={pending}")
    assert await refused_code(thief, routes.API_LINK, code=code) == "link.code_expired"


async def test_the_cookie_alone_opens_no_page_and_no_door(entrance, world):
    entrance.a_legacy_client(two_factor=True)
    browser = entrance.browser()
    reference = (await entrance.link(browser)).cookies["portal_link"]
    for name in ("portal_at", "portal_rt"):
        thief = entrance.browser(accept="application/json", cookie=f"{name}={reference}")
        assert (await thief.post(routes.API_SET_PASSWORD, json={"password": NEW})).status_code == 401


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", DOORS)
async def test_s14_no_other_site_can_use_a_door(entrance, world, path, headers):
    entrance.a_legacy_client()
    victim = entrance.browser()
    if path == routes.API_SET_PASSWORD:
        await entrance.link(victim)
    before = await everything(world)
    del victim.headers["origin"]
    for how in ({"data": DOORS[path]}, {"json": DOORS[path]}):
        answer = await victim.post(path, headers=headers, **how)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert await everything(world) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", DOORS)
async def test_rows_108_109_no_other_method_does_anything(entrance, world, path, method):
    before = await everything(world)
    answer = await entrance.browser().request(method, path, params=DOORS[path])
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await everything(world) == before


BCC = [
    "hanako@example.com\nBcc: mallory@example.com",
    "hanako@example.com\r\nBcc: mallory@example.com",
    "hanako@example.com%0d%0aBcc:mallory@example.com",
    "hanako@example.com, mallory@example.com",
    "hanako@example.com; mallory@example.com",
    "<hanako@example.com>",
    '"a\nb"@example.com',
    "hanako@example.com\x00mallory@example.com",
    "hanako@example.com\u2028Bcc: mallory@example.com",
]


@pytest.mark.parametrize("email", BCC)
async def test_row_7_no_address_smuggles_a_second_recipient_or_a_header_line_in(entrance, world, email, caplog):
    program = entrance.program()
    answers = [
        await program.post(path, json={"email": email})
        for path in (routes.API_FORGOT_PASSWORD, routes.API_RESEND_VERIFICATION)
    ]
    answers.append(await entrance.ask(program, email=email))
    answers.append(
        await program.post(
            routes.API_LINK, json={"email": email, "password": "x"}, headers={"idempotency-key": entrance.key()}
        )
    )
    assert [(a.status_code, a.json()["errors"][0]["field"]) for a in answers] == [(422, "email")] * 4
    await world.deliver()
    assert world.mails == []
    assert "mallory" not in caplog.text


async def test_what_is_kept_for_the_page_cannot_split_a_header(entrance):
    browser = entrance.browser()
    evil = "hanako@example.com\r\nset-cookie: portal_at=evil"
    for path in (routes.API_FORGOT_PASSWORD, routes.API_RESEND_VERIFICATION):
        answer = await browser.post(path, data={"email": evil})
        assert answer.status_code == 303
        assert "evil" not in str(answer.headers)
    for path in (routes.API_VERIFY_EMAIL, routes.API_RESET_PASSWORD):
        answer = await browser.post(path, data={"token": f"t{evil}", "password": "x"})
        assert answer.headers["location"] == path.replace("/api", "")
        assert "evil" not in str(answer.headers)


EXTRA = {
    "whmcs_client_id": "1",
    "user_id": "00000000-0000-0000-0000-000000000001",
    "sf_account_id": "001000000000001AAA",
    "password_hash": "$2b$04$" + "a" * 53,
    "state": "COMPLETED",
    "verified_at": "2026-01-01T00:00:00Z",
    "must_set_password": "false",
    "amr": "pwd mfa",
    "whmcs_user_id": "1",
    "country": "US",
    "notes": "x",
    "disabled": "false",
    "next": "//evil.example",
}


async def test_o5_extra_fields_of_a_sign_up_change_nothing_of_the_account(entrance, world):
    program = entrance.program()
    assert (await entrance.ask(program, **EXTRA)).status_code == 202
    form = {"token": await entrance.token(), "password": PASSWORD}
    answer = await program.post(routes.API_VERIFY_EMAIL, json=form | EXTRA)
    assert (answer.status_code, answer.json()["next"]) == (200, routes.DASHBOARD)
    [mapping] = await world.rows("SELECT user_id, whmcs_client_id, sf_account_id FROM id_mappings")
    [added] = world.whmcs.asked("AddClient")
    assert mapping.user_id != EXTRA["user_id"]
    assert mapping.sf_account_id == world.account()["Id"]
    assert {"notes", "groupid", "currency", "id"}.isdisjoint(added)
    assert added["country"] == "JP"


async def test_o5_extra_fields_of_linking_and_recovery_change_nothing(entrance, world):
    entrance.a_legacy_client()
    browser = entrance.browser()
    answer = await entrance.link(browser, **EXTRA)
    assert answer.headers["location"] == routes.SET_PASSWORD
    [mapping] = await world.rows("SELECT user_id, whmcs_client_id FROM id_mappings")
    assert mapping.whmcs_client_id == 7
    assert (await world.users.get(mapping.user_id)).password_hash == ""
    other = await world.users.create("other@example.com", await world.passwords.hash(PASSWORD))
    kept = (await world.users.get(other)).password_hash
    await browser.post(routes.API_SET_PASSWORD, data=EXTRA | {"user_id": other, "password": NEW})
    assert (await world.users.get(other)).password_hash == kept
    assert (await world.passwords.verify(NEW, (await world.users.get(mapping.user_id)).password_hash)).ok


async def test_k10_nobody_gets_the_answer_of_somebody_elses_key(entrance, world):
    """Even with the key and the address known, without the password the key is of no use."""
    entrance.a_legacy_client()
    key = entrance.key()
    await entrance.link(entrance.browser(), key=key)
    for form in ({"password": "guess"}, {"email": "mallory@example.com"}):
        answer = await entrance.link(entrance.browser(), key=key, **form)
        assert "portal_at" not in answer.cookies
        assert answer.headers["location"] == routes.LINK


async def test_i5_no_token_code_or_password_can_be_read_from_the_database(entrance, world):
    entrance.a_legacy_client(two_factor=True)
    browser = entrance.browser()
    await entrance.sign_up(browser)
    answer = await entrance.link(browser)
    secrets = [await entrance.token(), await entrance.code(), answer.cookies["portal_link"], PASSWORD, EMAIL, LEGACY]
    dump = await everything(world)
    dump += repr(await world.rows("SELECT * FROM audit_log"))
    assert [secret for secret in secrets if secret in dump and not secret.isdigit()] == []
