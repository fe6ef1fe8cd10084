"""The list's place is in the address: however one moves about, address, rows and the marked tab agree."""

import re
from typing import Any

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import rows_ready

PAID = f"{routes.INVOICES}?tab=paid"


def tab(page: Page, name: str) -> Any:
    return page.get_by_role("navigation", name="Filter by status").get_by_role("link", name=re.compile(f"^{name}"))


async def shows(page: Page, address: str, marked: str) -> None:
    """The address bar, the marked tab and the rows all say the same."""
    await expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    await expect(tab(page, marked)).to_have_attribute("aria-current", "true")
    await rows_ready(page)
    if marked == "Paid":
        await expect(page.locator("[data-invoice] [data-status=unpaid]")).to_have_count(0)


async def first_number(page: Page) -> str:
    return await page.locator("[data-invoice] th").first.inner_text()


async def test_clicks_back_forward_reload_and_another_screen_agree_with_the_address(person):
    visitor = await person()
    page = await visitor.go(routes.INVOICES)
    await shows(page, routes.INVOICES, "All")
    await page.evaluate("window.sameDocument = true")
    first = await first_number(page)

    await tab(page, "Paid").click()
    await shows(page, PAID, "Paid")
    await page.get_by_role("link", name="Next").click()
    await shows(page, f"{PAID}&page=2", "Paid")
    assert await page.locator("#invoice-rows").evaluate("e => e.getBoundingClientRect().top") < 400
    second = await first_number(page)

    await page.go_back()
    await shows(page, PAID, "Paid")
    await page.go_back()
    await shows(page, routes.INVOICES, "All")
    await expect(page.locator("[data-invoice] th").first).to_have_text(first)
    await page.go_forward()
    await shows(page, PAID, "Paid")
    await page.go_forward()
    await shows(page, f"{PAID}&page=2", "Paid")
    await expect(page.locator("[data-invoice] th").first).to_have_text(second)

    await page.locator("[data-invoice] th a").first.click()
    await expect(page.locator("h1")).to_contain_text(second)
    await page.go_back()
    await shows(page, f"{PAID}&page=2", "Paid")
    await expect(page.locator("[data-invoice] th").first).to_have_text(second)
    assert await page.evaluate("window.sameDocument === true")

    await page.reload()
    await shows(page, f"{PAID}&page=2", "Paid")
    await expect(page.locator("[data-invoice] th").first).to_have_text(second)
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Invoices").click()
    await shows(page, routes.INVOICES, "All")
    await page.go_back()
    await shows(page, f"{PAID}&page=2", "Paid")


async def test_the_main_navigation_leads_out_of_a_filter_and_back_into_it(person):
    visitor = await person()
    page = await visitor.go(routes.DASHBOARD)
    navigation = page.get_by_role("navigation", name="Main")
    await navigation.get_by_role("link", name="Invoices").click()
    await shows(page, routes.INVOICES, "All")
    await tab(page, "Paid").click()
    await shows(page, PAID, "Paid")
    await navigation.get_by_role("link", name="Invoices").click()
    await shows(page, routes.INVOICES, "All")
    await page.go_back()
    await shows(page, PAID, "Paid")
    await page.go_back()
    await shows(page, routes.INVOICES, "All")
    await tab(page, "Paid").click()
    await shows(page, PAID, "Paid")
    await page.go_back()
    await shows(page, routes.INVOICES, "All")


async def test_a_link_of_the_list_opens_in_a_new_tab_and_leaves_this_one(person):
    visitor = await person()
    page = await visitor.go(routes.INVOICES)
    await rows_ready(page)
    async with visitor.context.expect_page() as opened:
        await tab(page, "Paid").click(modifiers=["Control"])
    await shows(await opened.value, PAID, "Paid")
    await shows(page, routes.INVOICES, "All")


async def test_a_search_keeps_the_tab_works_from_the_keyboard_and_can_be_undone(person):
    visitor = await person()
    page = await visitor.go(PAID)
    await shows(page, PAID, "Paid")
    number = await first_number(page)
    await page.get_by_role("searchbox").fill(f"  {number} ")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-invoice]")).to_have_count(1)
    assert await first_number(page) == number
    await shows(page, f"tab=paid&q=++{number}+", "Paid")
    await page.go_back()
    await shows(page, PAID, "Paid")
    await expect(page.locator("[data-invoice]")).to_have_count(25)
    await tab(page, "All").focus()
    await page.keyboard.press("Enter")
    await shows(page, routes.INVOICES, "All")


async def test_another_language_rewrites_the_rows_of_the_same_place_and_the_title(person):
    visitor = await person()
    page = await visitor.go(routes.INVOICES)
    await rows_ready(page)
    await page.get_by_role("link", name="Next").click()
    await shows(page, f"{routes.INVOICES}?page=2", "All")
    number = await first_number(page)
    await page.get_by_role("button", name="日本語").click()
    first = page.locator("[data-invoice]").first
    await expect(first).to_contain_text(re.compile(r"\d{4}年\d+月\d+日"))
    await expect(first).to_contain_text("￥")
    assert await first_number(page) == number
    await expect(page).to_have_title(re.compile("^ご請求一覧 · "))
    await expect(page).to_have_url(re.compile(r"page=2$"))
    await page.get_by_role("button", name="English").click()
    await expect(first).to_contain_text("¥")
    await expect(page).to_have_title(re.compile("^Invoices · "))
