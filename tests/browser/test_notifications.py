"""The bell in the browser: it counts without reload, closes as people expect, leads on; choices are kept."""

import re

from playwright.async_api import Locator, Page, expect

from portal_app import routes
from tests.support.browser import dashboard_ready

BELL, BADGE, ITEMS = "#bell > summary", "#bell [data-badge]", "#bell [data-notice]"


def unread(page: Page, invoice: int) -> Locator:
    """The new notice about one invoice; other tests have theirs beside it."""
    about = page.locator(f"a[href*='{routes.invoice(invoice)}']").filter(has_text="Unread")
    return page.locator(ITEMS, has=about)


async def test_a_new_bill_rings_on_every_open_page_and_is_read_by_following_it(person, portal):
    visitor = await person()
    page = await visitor.go(routes.DASHBOARD)
    await dashboard_ready(page)
    other = await visitor.open(routes.SERVICES)
    number = portal.console.new_invoice(("Router", 3000))
    for tab in (page, other):
        await expect(unread(tab, number)).to_have_count(1, timeout=5000)
        await expect(tab.locator(BADGE)).to_have_text(re.compile(r"[1-9]"))
    await expect(page.locator(BELL)).to_have_accessible_name(re.compile(r"Notifications, [1-9]\d* unread"))

    await page.locator(BELL).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(ITEMS).first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(ITEMS).first).to_be_hidden()
    await expect(page.locator(BELL)).to_be_focused()
    await page.locator(BELL).click()
    await page.locator("h1").click()
    await expect(page.locator(ITEMS).first).to_be_hidden()

    await page.locator(BELL).click()
    await unread(page, number).get_by_role("link").click()
    await expect(page).to_have_url(re.compile(f"{routes.invoice(number)}/?$"))
    await expect(page.locator(ITEMS).first).to_be_hidden()
    for tab in (page, other):
        await expect(unread(tab, number)).to_have_count(0)

    await other.locator(BELL).click()
    if await other.locator(BADGE).count():  # of what other tests did to the demo customer
        await other.get_by_role("button", name="Mark all as read").click()
    await expect(other.locator(BADGE)).to_have_count(0)
    first = await other.locator(ITEMS).first.get_attribute("data-notice")
    await other.locator(ITEMS).first.get_by_role("button").click()
    await expect(other.locator(f"#bell [data-notice='{first}']")).to_have_count(0)


async def test_a_choice_is_switched_by_keyboard_and_still_there_after_a_reload(person):
    page = await (await person()).go(routes.NOTIFICATIONS)
    switch = page.get_by_role("switch", name=re.compile("An invoice is due soon"))
    await expect(switch).to_be_enabled()
    before = await switch.get_attribute("aria-checked")
    after = "false" if before == "true" else "true"
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(switch).to_have_attribute("aria-checked", after)
    await page.reload()
    await expect(switch).to_have_attribute("aria-checked", after)
    await expect(page.get_by_text("Always by e-mail, for your safety")).to_be_attached()
    await expect(page.locator("#switch-security_change")).to_have_count(0)
