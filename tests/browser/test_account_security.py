"""The account in a browser: a second factor from first code to removal, devices, profile and address."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import Person
from tests.support.newcomers import within

PASSWORD = "harbour lantern 58"
PEOPLE = {
    "empty": ("empty@example.com", "empty-whmcs-pass", 1005),
    "apostrophe": ("obrien@example.org", "obrien-whmcs-pass", 1007),
    "old tax": ("oldtax@example.com", "oldtax-whmcs-pass", 1010),
    "every status": ("every.status@example.com", "every-status-pass", 1011),
}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def at(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path) + r"/?(\?.*)?$")


@pytest.fixture
def a_customer(person, portal) -> Callable[..., Any]:
    """Link an account nobody else's test looks at. Each of them once."""

    async def link(name: str) -> tuple[Person, str, int]:
        email, password, client_id = PEOPLE[name]
        visitor = await person(email="")
        headers = {"Origin": portal.url, "Idempotency-Key": uuid.uuid4().hex}
        form = {"email": email, "password": password}
        steps = (
            (routes.API_LINK, form, routes.SET_PASSWORD),
            (routes.API_SET_PASSWORD, {"password": PASSWORD}, routes.DASHBOARD),
        )
        for path, fields, page in steps:
            answer = await visitor.context.request.post(
                portal.url + path, form=fields, headers=headers, max_redirects=0
            )
            assert answer.headers["location"].endswith(page), f"{path} was refused"
        return visitor, email, client_id

    return link


async def sign_in(page: Page, url: str, email: str) -> None:
    await page.context.clear_cookies()
    await page.goto(url + routes.LOGIN)
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.locator("form button[type=submit]").first.click()


def next_code(secret: str) -> str:
    """One that no step before has used: that of the next half minute is taken too."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))


def contact_when(portal: Any, client_id: int, name: str, value: str) -> dict[str, Any]:
    """The contact of a client's account, once that field says so."""
    number = f"C-{99000 + client_id}"

    def asked() -> dict[str, Any] | None:
        (contact,) = portal.console.contacts_of(number)
        return contact if contact[name] == value else None

    return within(f"{name} in Salesforce", asked)


async def test_a_second_factor_from_its_first_code_to_its_removal(a_customer, portal):
    visitor, email, _ = await a_customer("empty")
    visitor.expected.append("401")  # of the wrong code
    page = await visitor.go(routes.SECURITY)
    await page.locator("#second-factor-begin").click()
    await expect(page.locator("#second-factor-qr svg")).to_be_visible()
    secret = (await page.locator("#second-factor-secret").inner_text()).replace(" ", "")
    await page.fill("#second-factor-code", "000000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#second-factor-error")).not_to_be_empty()
    await page.fill("#second-factor-code", pyotp.TOTP(secret).now())
    await page.keyboard.press("Enter")
    await expect(page.locator("#recovery-codes li")).to_have_count(10)
    codes = await page.locator("#recovery-codes li").all_inner_texts()
    await expect(page.locator("[data-status=on]")).to_be_visible()
    await page.check("#codes-stored")
    await page.locator("#codes-done").click()
    await expect(page.locator("#new-codes")).to_be_visible()

    await sign_in(page, portal.url, email)
    await expect(page).to_have_url(at(routes.MFA))
    await page.fill("#code", next_code(secret))  # sent with the sixth digit
    await expect(page).to_have_url(at(routes.DASHBOARD))

    await sign_in(page, portal.url, email)
    await expect(page).to_have_url(at(routes.MFA))
    await page.locator("summary").last.click()
    await page.fill("#recovery", codes[0])
    await page.locator("form:has(#recovery) button[type=submit]").click()
    await expect(page).to_have_url(at(routes.DASHBOARD))

    await page.goto(portal.url + routes.SECURITY)
    await expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    await page.locator("details:has(#factor-form) summary").click()
    await page.fill("#code", codes[1])
    await page.locator("#factor-form button[type=submit]").click()
    await expect(page.locator("[data-status=off]")).to_be_visible()
    await sign_in(page, portal.url, email)
    await expect(page).to_have_url(at(routes.DASHBOARD))


async def test_ending_a_session_signs_that_browser_out_and_no_other(a_customer, person, portal):
    visitor, email, _ = await a_customer("every status")
    other = await person(email="", user_agent=FIREFOX)
    other.expected.append("401")
    await other.sign_in(email, PASSWORD)
    theirs = await other.go(routes.PROFILE)
    await expect(theirs.locator("#phone")).to_be_visible()
    page = await visitor.go(routes.SECURITY)
    await expect(page.locator("#devices li")).to_have_count(2)
    row = page.locator("#devices li", has_text="Firefox on Windows")
    await expect(row).to_have_attribute("data-current", "false")
    await row.locator("button").click()
    await expect(theirs).to_have_url(at(routes.LOGIN), timeout=5_000)
    await expect(page.locator("#devices li")).to_have_count(1)
    await expect(page.locator("#end-others")).to_have_count(0)
    await expect(page.locator("#activity")).to_contain_text("Signed a device out")


async def test_a_changed_profile_is_in_whmcs_and_salesforce_and_the_page_speaks_the_new_language(a_customer, portal):
    visitor, _, client_id = await a_customer("old tax")
    page = await visitor.go(routes.PROFILE)
    key = page.locator("#profile-form [name=idempotency_key]")
    await expect(key).to_have_value(re.compile(r"\w{32}"))
    await page.fill("#phone", "12")
    await page.locator("#profile-form button[type=submit]").click()
    await expect(page.locator("#refusal a[href$='#phone']")).to_be_visible()  # not before the form has come back
    await expect(key).to_have_value(re.compile(r"\w{32}"))
    await page.fill("#phone", "090-7777-8888")
    await page.locator("#phone").blur()
    await page.select_option("#language", "ja")
    await expect(page.locator("#phone")).not_to_have_attribute("aria-invalid", "true")  # all below it has moved
    await page.check("#marketing")
    await page.locator("#profile-form button[type=submit]").click()
    await expect(page.get_by_text("変更を保存しました。")).to_be_visible()
    await expect(page.locator("#phone")).to_have_value("090-7777-8888")
    await expect(page.locator("#marketing")).to_be_checked()
    held = portal.console.client(client_id)["profile"]
    assert (held["phonenumber"], held["language"]) == ("+819077778888", "japanese")
    contact = contact_when(portal, client_id, "MobilePhone", "+819077778888")
    assert contact["Email"] == held["email"]


async def test_an_address_that_salesforce_could_not_be_told_is_told_later(a_customer, portal):
    visitor, _, client_id = await a_customer("apostrophe")
    page = await visitor.go(f"{routes.ADDRESS}?returnTo={routes.PROFILE}")
    # Not all of it: other tests would wait for its breaker.
    portal.console.fail("down", system="salesforce", action="update Contact")
    try:
        await page.fill("#postal_code", "1500001")
        await expect(page.locator("[data-code=known]")).to_be_visible()
        await page.fill("#block", "9-8-7")
        await page.check("#dwelling-house")
        await page.locator("#form button[type=submit]").click()
        await expect(page.get_by_text("Your address is saved.")).to_be_visible()
        await expect(page.locator("address")).to_contain_text("9-8-7 Jingumae")
        assert portal.console.client(client_id)["profile"]["address1"] == "9-8-7 Jingumae"
        (contact,) = portal.console.contacts_of(f"C-{99000 + client_id}")
        assert contact["MailingStreet"] != "神宮前9-8-7"
    finally:
        portal.console.heal()
    contact = contact_when(portal, client_id, "MailingStreet", "神宮前9-8-7")
    assert (contact["MailingCity"], contact["MailingState"]) == ("渋谷区", "東京都")
