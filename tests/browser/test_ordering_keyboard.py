"""Ordering without a mouse, and the page of a placed order: readable by everybody, and nothing sticks out of it."""

import re

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from portal_app import routes
from tests.support import ordering as shop
from tests.support.browser import SMALLEST, WIDE

SKU = "VPN-USA-SF"
HEAVY = ("serious", "critical")
SCROLLED_BY = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUSED = """wanted => {
  const focused = document.activeElement, style = getComputedStyle(focused), place = focused.getBoundingClientRect();
  return {
    there: focused.matches(wanted), nowhere: focused === document.body, what: focused.outerHTML.slice(0, 120),
    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
    seen: place.bottom > 0 && place.top < innerHeight,
  };
}"""


async def tab_to(page: Page, wanted: str, most: int = 80) -> None:
    """Press Tab until the focus is on `wanted`, a CSS selector; every stop is in sight and has a ring."""
    await expect(page.locator(wanted)).to_be_visible()
    for _ in range(most):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED, wanted)
        assert focused["nowhere"] or (focused["ringed"] and focused["seen"]), f"no visible focus: {focused}"
        if focused["there"]:
            return
    raise AssertionError(f"never reached {wanted} by Tab")


async def past_the_bar(page: Page) -> None:
    """A page that was loaded anew begins at its top: the first stop leads to what it is about."""
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#content")).to_be_focused()


async def add_card(page: Page) -> None:
    """From what is missing to the page of the billing system, whose looks are not ours to judge, and back."""
    async with page.context.expect_page() as opened:
        await page.keyboard.press("Enter")
    billing = await opened.value
    await billing.locator("[name='last_four']").focus()
    await billing.keyboard.type("4242")
    await billing.locator("[name='year']").focus()
    await billing.keyboard.press("ArrowDown")
    await billing.keyboard.press("ArrowDown")
    await billing.get_by_role("button", name=re.compile("add", re.IGNORECASE)).focus()
    await billing.keyboard.press("Enter")
    await expect(billing.get_by_text("4242")).to_be_visible()
    await billing.close()
    await page.bring_to_front()


async def readable(page: Page, language: str) -> None:
    """In this language, on a wide screen and on the smallest."""
    await page.context.add_cookies([{"name": "portal_locale", "value": language, "url": page.url}])
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    for width, height in (WIDE, SMALLEST):
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator("#timeline")).to_be_visible()
        found = (await Axe().run(page)).response["violations"]
        told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in HEAVY]
        assert told == [], f"{language}, {width} px"
    assert await page.evaluate(SCROLLED_BY) <= 0, f"{language}: sticks out at {SMALLEST[0]} px"


async def test_a_vpn_from_its_card_to_the_placed_order_by_keyboard_only(person, portal):
    visitor, account_id = await shop.new_customer(person, portal, 28)
    page = visitor.page
    await visitor.go(routes.CATALOG_VPN)
    await expect(page.locator(f"[data-plan='{SKU}']").first).to_be_visible()
    await past_the_bar(page)
    await tab_to(page, f"li[data-plan='{SKU}'] button")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(shop.at(routes.ORDER_VPN))
    await shop.to_step(page, "region")
    await past_the_bar(page)
    await tab_to(page, "input[name='region']:checked")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("input[name='region'][value='VPN-UK-LONDON']")).to_be_checked()
    await expect(page.locator("[data-part='VPN-UK-LONDON']")).to_be_visible()
    await expect(page.locator("input[name='region'][value='VPN-UK-LONDON']")).to_be_focused()
    await tab_to(page, "[data-option='VPN-ADDON-PROTECTION']")
    await page.keyboard.press("Space")
    await expect(page.locator("[data-part='VPN-ADDON-PROTECTION']")).to_be_visible()
    await tab_to(page, "[data-step='region'] button[type=submit]")
    await page.keyboard.press("Enter")
    await shop.to_step(page, "review")
    await expect(page.locator("#step-heading")).to_be_focused()
    await tab_to(page, f"[data-step='review'] a[href='{routes.checkout('vpn')}']")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(shop.at(routes.checkout("vpn")))
    await shop.checkout_ready(page)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await tab_to(page, "#gates [data-gate^='checkout.payment_method-'] button")
    await add_card(page)
    await expect(shop.gate(page, "payment_method")).to_have_count(0)
    await tab_to(page, "#terms")
    await page.keyboard.press("Space")
    await expect(shop.gate(page, "terms")).to_have_count(0)
    await expect(page.locator("#terms")).to_be_focused()
    await tab_to(page, "#place button")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(shop.ORDER)
    await expect(page.locator("#order")).to_have_attribute("data-status", "under_review")
    await past_the_bar(page)
    await tab_to(page, f"main a[href='{routes.ORDERS}']")
    (order,) = portal.console.orders_of(account_id)
    assert order["Id"] in page.url
    for language in ("en", "ja"):
        await readable(page, language)
