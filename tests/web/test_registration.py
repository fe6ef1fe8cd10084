"""Signing up over HTTP: the form, the mailed link, one answer for everybody (P5), one run for every key (K1-K10)."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app import routes
from portal_app.errors import Busy
from tests.fakes.becoming_world import EMAIL, PASSWORD
from tests.fakes.entrance import SIGN_UP

CONFIRMED = {"status": "check_your_mail"}


@pytest.fixture
async def browser(entrance):
    return entrance.browser()


@pytest.fixture
async def program(entrance):
    return entrance.program()


async def signups(world) -> int:
    return await world.scalar("SELECT count(*) FROM signups")


async def test_a_form_is_sent_on_to_check_the_mail(entrance, browser, world):
    answer = await entrance.sign_up(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.CHECK_MAIL)
    assert await entrance.kept(answer) == {"email": EMAIL}
    assert await world.states() == ["AWAITING_EMAIL"]


async def test_a_program_gets_202(entrance, program, world):
    answer = await entrance.ask(program)
    assert (answer.status_code, answer.json()) == (202, CONFIRMED)
    assert await world.states() == ["AWAITING_EMAIL"]


async def test_every_bad_field_is_named_at_once_and_what_was_typed_stays(entrance, browser):
    answer = await entrance.sign_up(browser, email="hanako@", last_name="", password="short", terms="")
    assert (answer.status_code, answer.headers["location"]) == (303, routes.SIGN_UP)
    kept = await entrance.kept(answer)
    assert {name for name in kept if name.startswith("field.")} == {
        "field.email",
        "field.last_name",
        "field.password",
        "field.terms",
    }
    assert kept["error"] == "problem.validation"
    assert (kept["value.email"], kept["value.city"], kept["email"]) == ("hanako@", "Shibuya-ku", "hanako@")
    assert not {"value.password", "value.idempotency_key"} & set(kept)


async def test_a_program_gets_one_error_for_every_bad_field(entrance, program):
    answer = await entrance.ask(program, email="", postal_code="", password="short")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert {e["field"] for e in answer.json()["errors"]} == {"email", "postal_code", "password"}
    assert all(e["detail"] for e in answer.json()["errors"])


async def test_an_unknown_and_a_linked_number_read_the_same(entrance, program, world):
    world.an_account("C-1002", Portal_Status__c="Active", WH_Account__c="#9 - Somebody Else")
    answers = [await entrance.ask(program, customer_number=number) for number in ("C-9999", "C-1002")]
    assert [a.status_code for a in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    assert [(e["field"], e["code"]) for e in answers[0].json()["errors"]] == [
        ("customer_number", "signup.number_unusable")
    ]


async def test_k1_without_a_key_nothing_runs_and_the_form_keeps_what_was_typed(entrance, browser, program, world):
    answer = await program.post(routes.API_SIGN_UP, json=SIGN_UP)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    form = await browser.post(routes.API_SIGN_UP, data=SIGN_UP)
    assert form.headers["location"] == routes.SIGN_UP
    kept = await entrance.kept(form)
    assert (kept["error"], kept["value.city"]) == ("problem.idempotency_key_missing", "Shibuya-ku")
    assert await signups(world) == 0


async def test_k4_the_same_form_again_is_answered_again_and_runs_nothing(entrance, browser, program, world):
    key = entrance.key()
    first, again = [await entrance.ask(program, key=key) for _ in range(2)]
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    key = entrance.key()
    first, again = [await entrance.sign_up(browser, key=key, email="b@example.com") for _ in range(2)]
    assert again.headers["location"] == first.headers["location"] == routes.CHECK_MAIL
    assert await signups(world) == 2


async def test_a_double_click_makes_one_sign_up_and_both_answers_are_the_same(entrance, browser, world):
    key = entrance.key()
    answers = await asyncio.gather(*(entrance.sign_up(browser, key=key) for _ in range(3)))
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, routes.CHECK_MAIL)}
    assert await signups(world) == 1


async def test_k5_the_same_key_for_something_else_is_refused(entrance, program, world):
    key = entrance.key()
    await entrance.ask(program, key=key)
    answer = await entrance.ask(program, key=key, city="Minato-ku")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert await signups(world) == 1


async def test_k6_a_program_that_sends_it_twice_at_once_is_told_that_it_runs(entrance, program, monkeypatch, world):
    entered, go_on = asyncio.Event(), asyncio.Event()
    real = world.signing_up.submit

    async def slow(*args, **named):
        entered.set()
        await go_on.wait()
        return await real(*args, **named)

    monkeypatch.setattr(world.signing_up, "submit", slow)
    key = entrance.key()
    first = asyncio.create_task(entrance.ask(program, key=key))
    await entered.wait()
    second = await entrance.ask(entrance.program(), key=key)
    go_on.set()
    assert (second.status_code, second.json()["code"], second.headers["retry-after"]) == (
        409,
        "request-in-progress",
        "1",
    )
    assert (await first).status_code == 202
    assert await signups(world) == 1


async def test_k7_a_refused_form_may_come_again_corrected_with_the_same_key(entrance, program):
    key = entrance.key()
    for wrong in ({"customer_number": "C-9999"}, {"email": "x"}, {"password": "short"}):
        assert (await entrance.ask(program, key=key, **wrong)).status_code == 422
    assert (await entrance.ask(program, key=key)).status_code == 202


async def test_k10_the_key_of_somebody_else_is_a_key_nobody_used(entrance, program, world):
    world.an_account("C-1002")
    key = entrance.key()
    await entrance.ask(program, key=key)
    other = await entrance.ask(entrance.program(), key=key, email="other@example.com", customer_number="C-1002")
    assert other.status_code == 202
    assert "idempotency-replayed" not in other.headers
    assert await signups(world) == 2


async def test_l5_a_browser_tries_ten_customer_numbers_an_hour(entrance, world):
    browser = entrance.browser()
    await entrance.sign_up(browser, email="a@example.com")  # from here on it is known
    for n in range(10):
        answer = await entrance.sign_up(browser, email=f"a{n}@example.com", customer_number=f"C-9{n:03}")
        assert "field.customer_number" in await entrance.kept(answer)
    refused = await entrance.sign_up(browser, email="b@example.com", customer_number="C-9999")
    kept = await entrance.kept(refused)
    assert (kept["error"], kept["retry_after"]) == ("problem.too_many_tries", "3600")
    other = await entrance.sign_up(entrance.browser(), email="c@example.com")
    assert other.headers["location"] == routes.CHECK_MAIL


async def test_l5_dropping_the_cookie_of_the_browser_wins_nothing(entrance):
    for n in range(10):
        await entrance.sign_up(entrance.browser(), email=f"a{n}@example.com", customer_number=f"C-9{n:03}")
    answer = await entrance.sign_up(entrance.browser(), email="b@example.com", customer_number="C-9999")
    assert (await entrance.kept(answer))["error"] == "problem.too_many_tries"
    forged = entrance.browser(cookie="portal_browser=d1.00000000-0000-4000-8000-000000000000.1775012400." + "A" * 43)
    answer = await entrance.sign_up(forged, email="b@example.com", customer_number="C-9999")
    assert (await entrance.kept(answer))["error"] == "problem.too_many_tries"


async def test_l5_a_cookie_of_its_own_costs_a_sign_up_that_was_accepted(entrance):
    key, cookies = entrance.key(), []
    for _ in range(2):  # a repeat of an accepted one costs nothing, so it earns no second cookie
        cookies.append((await entrance.sign_up(entrance.browser(), key=key)).cookies.get("portal_browser"))
    refused = await entrance.sign_up(entrance.browser(), email="")
    cookies.append(refused.cookies.get("portal_browser"))
    refused = await entrance.sign_up(entrance.browser(), customer_number="C-9000")
    cookies.append(refused.cookies.get("portal_browser"))
    assert cookies[0]
    assert cookies[1:] == [None, None, None]


async def test_l5_an_address_and_a_number_sign_up_five_times_an_hour(entrance, program):
    for _ in range(5):
        assert (await entrance.ask(program)).status_code == 202
    answer = await entrance.ask(program)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-tries")


async def test_the_mailed_link_and_the_chosen_password_make_the_account_and_sign_in(entrance, browser, world):
    await entrance.sign_up(browser)
    form = {"token": await entrance.token(), "password": PASSWORD}
    answer = await browser.post(routes.API_VERIFY_EMAIL, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.DASHBOARD)
    session = (await world.sessions.resolve(answer.cookies["portal_at"], None, rotate=True)).session
    assert session.customer is not None
    assert not session.must_set_password
    assert await world.states() == ["COMPLETED"]


async def test_a_program_verifies_in_json_and_a_second_time_is_told_it_was_used(entrance, program):
    await entrance.ask(program)
    body = {"token": await entrance.token(), "password": PASSWORD}
    answer = await program.post(routes.API_VERIFY_EMAIL, json=body)
    assert (answer.status_code, answer.json()["next"]) == (200, routes.DASHBOARD)
    again = await program.post(routes.API_VERIFY_EMAIL, json=body)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "token.used")


async def test_what_no_customer_can_help_is_told_to_them_in_a_sentence_and_to_operators_in_the_log(
    entrance, browser, world, caplog
):
    await entrance.sign_up(browser)
    token = await entrance.token()
    async with world.db.write() as tx:
        await tx.execute(text("UPDATE signups SET payload_sealed = 'v1.k9.nothing.nothing'"))
    answer = await browser.post(routes.API_VERIFY_EMAIL, data={"token": token, "password": PASSWORD})
    assert (await entrance.kept(answer))["error"] == "problem.unavailable"
    assert "DecryptionFailed" in caplog.text


async def test_somebody_who_is_not_recognised_waits_and_gets_no_session(entrance, browser, program, world):
    stranger = {
        "email": "stranger@example.com",
        "phone": "090-9999-8888",
        "postal_code": "999-9999",
        "birth_date": "1970-01-01",
    }
    await entrance.sign_up(browser, **stranger)
    form = {"token": await entrance.token(), "password": PASSWORD}
    answer = await browser.post(routes.API_VERIFY_EMAIL, data=form)
    assert answer.headers["location"] == f"{routes.SIGN_UP_STATUS}?outcome=waiting"
    assert "portal_at" not in answer.cookies


async def test_a_wrong_password_leads_back_to_the_page_with_the_link_still_in_hand(entrance, browser):
    await entrance.sign_up(browser)
    token = await entrance.token()
    answer = await browser.post(routes.API_VERIFY_EMAIL, data={"token": token, "password": "not this one"})
    assert answer.headers["location"] == f"{routes.VERIFY_EMAIL}#{token}"
    kept = await entrance.kept(answer)
    assert kept == {"error": "problem.validation", "field.password": "verify.password_wrong"}


@pytest.mark.parametrize(("what", "reason"), [("expired", "token.expired"), ("unknown", "token.unknown")])
async def test_a_link_that_no_longer_works_says_why(entrance, browser, world, what, reason):
    await entrance.sign_up(browser)
    token = await entrance.token()
    if what == "expired":
        world.clock.advance(timedelta(hours=25))
    form = {"token": token if what == "expired" else "x" * 43, "password": PASSWORD}
    answer = await browser.post(routes.API_VERIFY_EMAIL, data=form)
    assert answer.headers["location"] == routes.VERIFY_EMAIL
    assert await entrance.kept(answer) == {"error": reason}


async def test_asking_for_the_mail_again_voids_the_link_before(entrance, browser, program, world):
    await entrance.sign_up(browser)
    first = await entrance.token()
    answer = await browser.post(routes.API_RESEND_VERIFICATION, data={"email": EMAIL})
    assert answer.headers["location"] == routes.CHECK_MAIL
    second = await entrance.token()
    assert second != first
    refused = await program.post(routes.API_VERIFY_EMAIL, json={"token": first, "password": PASSWORD})
    assert refused.json()["errors"][0]["code"] == "token.void"
    assert (
        await program.post(routes.API_VERIFY_EMAIL, json={"token": second, "password": PASSWORD})
    ).status_code == 200


@pytest.mark.parametrize("path", [routes.API_FORGOT_PASSWORD, routes.API_RESEND_VERIFICATION, routes.API_SIGN_UP])
async def test_p5_known_and_unknown_addresses_get_the_same_answer_byte_for_byte(
    entrance, program, browser, world, path
):
    await world.users.create(EMAIL, await world.passwords.hash(PASSWORD))

    async def sent(client, email: str):
        if path == routes.API_SIGN_UP:
            return await (entrance.ask if client is program else entrance.sign_up)(client, email=email)
        return await client.post(path, **{"json" if client is program else "data": {"email": email}})

    def shape(answer):
        names = sorted(name for name, _ in answer.headers.multi_items())
        set_cookies = sorted(line.partition("=")[0] for line in answer.headers.get_list("set-cookie"))
        fixed = {k: v for k, v in answer.headers.items() if k != "set-cookie"}
        return answer.status_code, answer.content, names, set_cookies, sorted(fixed.items())

    for client in (program, browser):
        known, unknown = await sent(client, EMAIL), await sent(client, "nobody@example.com")
        assert shape(known) == shape(unknown)


async def test_p3_when_too_many_passwords_wait_the_form_says_so_and_keeps_what_was_typed(
    entrance, browser, world, monkeypatch
):
    async def full(_: str) -> str:
        raise Busy("sign-in", retry_after=5)

    monkeypatch.setattr(world.passwords, "hash", full)
    kept = await entrance.kept(await entrance.sign_up(browser))
    assert (kept["error"], kept["retry_after"], kept["value.email"]) == ("problem.busy", "5", EMAIL)


async def test_salesforce_being_down_is_said_and_the_same_form_works_later(entrance, browser, world):
    key = entrance.key()
    world.salesforce.away()
    kept = await entrance.kept(await entrance.sign_up(browser, key=key))
    assert (kept["error"], kept["value.customer_number"]) == ("problem.unavailable", "C-1001")
    world.salesforce.back()
    assert (await entrance.sign_up(browser, key=key)).headers["location"] == routes.CHECK_MAIL


async def test_o5_fields_nobody_asked_for_change_nothing(entrance, program, world):
    extra = {"whmcs_client_id": "1", "user_id": "x", "sf_account_id": "001", "state": "COMPLETED", "verified_at": "now"}
    assert (await entrance.ask(program, **extra)).status_code == 202
    [row] = await world.rows("SELECT state, whmcs_client_id, sf_account_id, verified_at FROM signups")
    assert tuple(row) == ("AWAITING_EMAIL", 0, world.account()["Id"], None)


async def test_r2_no_password_or_token_is_in_flash_address_or_log(entrance, browser, world, caplog):
    canary = "canary-Zx81-long-password"
    answer = await entrance.sign_up(browser, password=canary, customer_number="C-9999")
    refused = await browser.post(routes.API_VERIFY_EMAIL, data={"token": "t" * 43, "password": canary})
    written = str(await entrance.kept(answer)) + str(await entrance.kept(refused)) + caplog.text
    written += str(await world.rows("SELECT * FROM audit_log")) + str(refused.headers)
    assert canary not in written
    assert "t" * 43 not in written
