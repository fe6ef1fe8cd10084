"""Services and how they are paid: one service with its history, and a card added in the billing system."""

import re
from typing import Any

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import SECOND
from tests.support.console import DEMO_CLIENT, SECOND_CLIENT


def at(path: str) -> re.Pattern[str]:
    """The address of a page of ours."""
    return re.compile(f"{re.escape(path)}/?$")


def method(page: Page, digits: str) -> Any:
    """The row of one card."""
    return page.locator("[data-method]").filter(has_text=digits)


async def methods_ready(page: Page) -> None:
    await expect(page.locator("[data-method]").first).to_be_visible()


async def to_billing(page: Page) -> Page:
    """Press the button, to the page of the billing system in a new tab."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name=re.compile("^Add ")).first.click()
    billing = await opened.value
    await billing.wait_for_load_state()
    return billing


async def add_card(billing: Page, digits: str, *, month: int, year: int) -> None:
    """`month` and `year` by their place in the lists."""
    await billing.locator("[name='last_four']").fill(digits)
    await billing.locator("[name='month']").select_option(index=month)
    await billing.locator("[name='year']").select_option(index=year)
    await billing.get_by_role("button", name=re.compile("add", re.IGNORECASE)).click()
    await expect(billing.get_by_text(digits)).to_be_visible()


async def test_a_card_added_in_the_billing_system_appears_on_coming_back(person, portal):
    visitor = await person(SECOND)
    page = await visitor.go(routes.INVOICES)
    await page.get_by_role("link", name="Payment methods").click()
    await expect(page).to_have_url(at(routes.PAYMENT_METHODS))
    await methods_ready(page)
    await expect(method(page, "4444")).to_contain_text("Default")
    await expect(method(page, "4444")).to_contain_text("Pays for")
    await expect(method(page, "7373")).to_have_count(0)
    await page.evaluate("window.sameDocument = true")

    billing = await to_billing(page)
    await add_card(billing, "7373", month=1, year=3)
    await billing.close()
    await page.bring_to_front()
    await expect(method(page, "7373")).to_contain_text("ending in 7373")
    await expect(method(page, "7373")).to_have_attribute("data-standing", "good")
    assert await page.evaluate("window.sameDocument === true"), "the page was loaded again"

    billing = await to_billing(page)
    await billing.get_by_role("button", name=re.compile("Remove .*7373")).click()
    await expect(billing.get_by_text("7373")).to_have_count(0)
    await page.bring_to_front()
    await expect(method(page, "7373")).to_have_count(0)


async def test_a_service_with_what_billed_it_and_nobody_elses(person, portal):
    client = portal.console.client(SECOND_CLIENT)
    service = next(one for one in client["services"] if one["status"] == "Active")
    visitor = await person(SECOND)
    page = await visitor.go(routes.SERVICES)
    card = page.locator(f"#service-{service['id']}")
    await card.get_by_role("link", name="Details and billing history").click()
    await expect(page).to_have_url(at(routes.service(service["id"])))
    await expect(page.locator("#service")).to_have_attribute("data-status", "active")
    await expect(page.locator("#service-price")).to_have_text(re.compile(r"¥[\d,]+"))

    rows = page.locator("#history [data-invoice]")
    await expect(rows.first).to_be_visible()
    await expect(page.locator("#history-rest")).to_have_count(0)
    await rows.first.get_by_role("link").click()
    await expect(page.locator("#invoice")).to_have_attribute("data-status", re.compile("."))
    await page.get_by_role("link", name="View service").first.click()
    await expect(page).to_have_url(re.compile(f"{routes.SERVICES}/\\d+/?$"))

    foreign = portal.console.client(DEMO_CLIENT)["services"][0]["id"]
    for wanted in (foreign, 99_999_999):
        await visitor.go(routes.service(wanted))
        await expect(page.locator("#service-missing")).to_be_visible()
        await expect(page.get_by_role("heading", level=1)).to_have_text("We could not find this service")
