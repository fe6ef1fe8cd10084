"""Becoming a customer of the portal: sign-up, linking an old billing account, a forgotten password."""

import asyncio
import re
import sqlite3

import pytest
from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import dashboard_ready
from tests.support.newcomers import PASSWORD, Post, form_of, sign_up, submit, within

NEW_PASSWORD = "quiet mountain rail 77"
UNKNOWN, LINKED_ELSEWHERE = "C-299999", "C-200004"


def at(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path) + r"(/?$|/?[?#])")


async def confirm(page: Page, link: str, password: str = PASSWORD) -> None:
    """Open the link of the mail and enter the password that was chosen."""
    await page.goto(link)
    await expect(page.locator("form [name='token']")).to_have_value(re.compile(r"\S{30,}"))
    assert "#" not in page.url, "the token stays in the address bar"
    await submit(page, {"password": password})


async def refused_to_sign_in(page: Page, url: str, email: str, password: str = PASSWORD) -> None:
    await page.goto(url + routes.LOGIN)
    await submit(page, {"email": email, "password": password})
    await expect(page.locator("#refusal")).to_contain_text("not right")


async def sign_in(page: Page, url: str, email: str, password: str) -> None:
    await page.goto(url + routes.LOGIN)
    await submit(page, {"email": email, "password": password})
    await expect(page).to_have_url(at(routes.DASHBOARD))


async def link_and_set_password(page: Page, url: str, email: str, whmcs_password: str) -> None:
    await page.goto(url + routes.LINK)
    await expect(page.locator("form [name='idempotency_key']").first).to_have_value(re.compile(r"\S{16,}"))
    await submit(page, {"email": email, "password": whmcs_password})
    await expect(page).to_have_url(at(routes.SET_PASSWORD))
    await submit(page, {"password": PASSWORD})
    await expect(page).to_have_url(at(routes.DASHBOARD))


async def test_sign_up_straight_through(person, portal):
    number, email = "C-200010", "newcomer10@example.com"
    page = (await person(email="")).page
    await sign_up(page, portal.url, form_of(number, email))
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    assert portal.console.find_clients(email) == [], "a client was made before the e-mail was verified"
    await confirm(page, await asyncio.to_thread(Post(portal.console, email).link))
    await expect(page).to_have_url(at(routes.DASHBOARD))
    await dashboard_ready(page)

    (client,) = portal.console.find_clients(email)
    account = await asyncio.to_thread(
        within,
        "the Salesforce account",
        lambda: next((a for a in portal.console.accounts(number) if a["portal_status"] == "Active"), None),
    )
    assert account["whmcs_account"].startswith(f"#{client['id']} - ")
    await page.context.clear_cookies()
    await sign_in(page, portal.url, email, PASSWORD)


async def test_an_unknown_and_a_linked_number_get_one_sentence_and_typed_values_stay(person, portal):
    page = (await person(email="")).page
    said = set()
    for number in (UNKNOWN, LINKED_ELSEWHERE):
        await sign_up(page, portal.url, form_of(number, "newcomer11@example.com"))
        problem = page.locator("#customer_number-error")
        await expect(problem).to_be_visible()
        said.add(await problem.inner_text())
        await expect(page.locator("form [name='customer_number']")).to_have_value(number)
        await expect(page.locator("form [name='email']")).to_have_value("newcomer11@example.com")
        await expect(page.locator("form [name='city']")).to_have_value("Shibuya-ku")
        await expect(page.locator("form [name='password']")).to_have_value("")
    assert len(said) == 1
    assert Post(portal.console, "newcomer11@example.com").all() == []


async def test_an_e_mail_the_billing_system_knows_is_told_by_mail_to_link(person, portal):
    before = portal.console.find_clients("credit@example.com")
    page = (await person(email="")).page
    await sign_up(page, portal.url, form_of("C-200012", "credit@example.com"))
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    mail = await asyncio.to_thread(Post(portal.console, "credit@example.com").saying, routes.LINK)
    assert routes.LINK in mail["text"] and routes.VERIFY_EMAIL not in mail["text"]
    assert portal.console.find_clients("credit@example.com") == before


async def test_the_page_says_the_same_to_somebody_who_has_an_account(person, portal):
    page = (await person(email="")).page
    told = []
    for number, email in (("C-200013", "demo@example.com"), ("C-200014", "newcomer14@example.com")):
        await sign_up(page, portal.url, form_of(number, email))
        await expect(page).to_have_url(at(routes.CHECK_MAIL))
        await expect(page.locator("main")).to_contain_text(email)
        told.append((await page.locator("main").inner_text()).replace(email, "..."))
    assert told[0] == told[1]
    mail = await asyncio.to_thread(Post(portal.console, "demo@example.com").saying, "It has an account already")
    assert routes.LOGIN in mail["text"] and routes.VERIFY_EMAIL not in mail["text"]


async def test_a_number_of_somebody_else_waits_for_staff_and_opens_when_they_approve(person, portal):
    number, email = "C-200003", "patient@example.com"
    page = (await person(email="")).page
    await sign_up(page, portal.url, form_of(number, email))
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    await confirm(page, await asyncio.to_thread(Post(portal.console, email).link))
    await expect(page).to_have_url(at(routes.SIGN_UP_STATUS))
    assert number not in await page.locator("main").inner_text()
    await page.goto(portal.url + routes.DASHBOARD)
    await expect(page).to_have_url(at(routes.LOGIN))
    await refused_to_sign_in(page, portal.url, email)
    assert portal.console.find_clients(email) == []

    arrived = len(Post(portal.console, email).all())
    (case,) = [case for case in portal.console.cases() if number in str(case)]
    portal.console.decide(case["Id"], "approve")
    await asyncio.to_thread(Post(portal.console, email).saying, "Your account is ready", arrived)
    await sign_in(page, portal.url, email, PASSWORD)
    await dashboard_ready(page)


async def test_linking_forces_a_password_before_anything_else_opens(person, portal):
    visitor = await person(email="")
    page = visitor.page
    await page.goto(portal.url + routes.LINK)
    await expect(page.locator("form [name='idempotency_key']").first).to_have_value(re.compile(r"\S{16,}"))
    await submit(page, {"email": "legacy@example.com", "password": "legacy-whmcs-pass"})
    await expect(page).to_have_url(at(routes.SET_PASSWORD))
    for path in (routes.DASHBOARD, routes.INVOICES, routes.SERVICES):
        await page.goto(portal.url + path)
        await expect(page).to_have_url(at(routes.SET_PASSWORD))
    await submit(page, {"password": "short"})
    await expect(page.locator("#password-error")).to_be_visible()
    await submit(page, {"password": PASSWORD})
    await expect(page).to_have_url(at(routes.DASHBOARD))
    await dashboard_ready(page)
    await page.context.clear_cookies()
    await sign_in(page, portal.url, "legacy@example.com", PASSWORD)


async def test_a_two_factor_client_is_linked_by_a_mailed_code(person, portal):
    page = (await person(email="")).page
    await page.goto(portal.url + routes.LINK)
    await expect(page.locator("form [name='idempotency_key']").first).to_have_value(re.compile(r"\S{16,}"))
    await submit(page, {"email": "twofactor@example.com", "password": "twofactor-whmcs-pass"})
    await expect(page).to_have_url(at(routes.LINK_CODE))
    code = await asyncio.to_thread(Post(portal.console, "twofactor@example.com").code)
    await submit(page, {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    await expect(page.locator("#code-error")).to_be_visible()
    await submit(page, {"code": code})
    await expect(page).to_have_url(at(routes.SET_PASSWORD))
    await submit(page, {"password": PASSWORD})
    await expect(page).to_have_url(at(routes.DASHBOARD))


async def test_a_forgotten_password_is_reset_by_mail_and_its_link_works_once(person, portal):
    email = "boss@example.com"
    first, second = await person(email=""), await person(email="")
    await link_and_set_password(first.page, portal.url, email, "boss-whmcs-pass")
    post = Post(portal.console, email)
    arrived = len(post.all())
    page = second.page
    await page.goto(portal.url + routes.FORGOT_PASSWORD)
    await submit(page, {"email": email})
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    link = await asyncio.to_thread(post.link, arrived)
    await confirm(page, link, NEW_PASSWORD)
    await expect(page).to_have_url(at(routes.LOGIN))
    await expect(first.page).to_have_url(at(routes.LOGIN), timeout=5000)
    await refused_to_sign_in(page, portal.url, email, PASSWORD)
    await sign_in(page, portal.url, email, NEW_PASSWORD)

    await page.context.clear_cookies()
    await confirm(page, link, "another lantern 12345")
    await expect(page.locator("#refusal")).to_be_visible()
    await sign_in(page, portal.url, email, NEW_PASSWORD)


@pytest.mark.parametrize("page_of_link", [routes.VERIFY_EMAIL, routes.RESET_PASSWORD])
async def test_an_expired_link_says_so_and_how_to_go_on(person, portal, page_of_link):
    page = (await person(email="")).page
    if page_of_link == routes.VERIFY_EMAIL:
        email = "newcomer15@example.com"
        await sign_up(page, portal.url, form_of("C-200015", email))
    else:
        email = "second@example.com"
        await page.goto(portal.url + routes.FORGOT_PASSWORD)
        await submit(page, {"email": email})
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    post = Post(portal.console, email)
    link = await asyncio.to_thread(
        within, "the link", lambda: next((post.link() for m in post.all() if page_of_link in m["text"]), None)
    )
    database = portal.processes.demo.env["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(database, timeout=10) as stored:
        stored.execute("UPDATE email_tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    stored.close()
    await confirm(page, link)
    refusal = page.locator("#refusal")
    await expect(refusal).to_be_visible()
    await expect(refusal.get_by_role("link")).to_be_visible()
