"""VPN in a browser: from the catalogue to a placed order, in two tabs at once, and while Salesforce is away."""

import asyncio
import re
import subprocess
import sys

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support import ordering as shop
from tests.support.newcomers import Post

CLEARED = [sys.executable, "-m", "portal_app.cli", "catalog", "--clear"]
USA, LONDON = "VPN-USA-SF", "VPN-UK-LONDON"


async def configured(page: Page, url: str) -> None:
    """The router for London with its option, though the one for San Francisco was chosen first; at the checkout."""
    await shop.choose(page, url, USA)
    await expect(page).to_have_url(shop.at(routes.ORDER_VPN))
    await shop.to_step(page, "region")
    await page.locator(f"[name='region'][value='{LONDON}']").check()
    await page.locator("[data-option='VPN-ADDON-PROTECTION']").check()
    await expect(page.locator("[data-part='VPN-ADDON-PROTECTION-INSTALL']")).to_be_visible()
    await shop.go_on(page, "review")
    await shop.to_checkout(page, "vpn")


async def press(page: Page, times: int = 1) -> None:
    """The button, without waiting for what comes."""
    clicks = "(button, times) => { for (let at = 0; at < times; at++) button.click(); }"
    await page.locator("#place button[type=submit]").evaluate(clicks, times)


async def test_k12_a_double_click_in_two_tabs_makes_one_order(person, portal):
    visitor, account_id = await shop.new_customer(person, portal, 23)
    page = visitor.page
    await configured(page, portal.url)
    await shop.missing(page, "payment_method", "terms")
    await shop.pay_by_card(page)
    await shop.accept_terms(page)
    second = await visitor.open(routes.checkout("vpn"))
    await asyncio.gather(*(expect(tab.locator("#place")).to_be_visible() for tab in (page, second)))
    await asyncio.gather(press(page, times=2), press(second))
    arrived = [asyncio.create_task(tab.wait_for_url(shop.ORDER)) for tab in (page, second)]
    done, still = await asyncio.wait(arrived, return_when=asyncio.FIRST_COMPLETED)
    for task in (*done, *still):
        task.cancel()
    await asyncio.gather(*arrived, return_exceptions=True)
    assert any(task.exception() is None for task in done), "no tab came to the order"

    (order,) = portal.console.orders_of(account_id)
    await asyncio.to_thread(Post(portal.console, "newcomer23@example.com").saying, order["OrderNumber"])
    await visitor.go(routes.ORDERS)
    await expect(page.locator(f"[data-order='{order['Id']}']")).to_be_visible()
    await visitor.go(routes.checkout("vpn"))
    await expect(page.locator(f"#checkout a[href='{routes.CATALOG}']")).to_be_visible()  # nothing left to order


async def test_without_salesforce_the_checkout_says_so_and_the_same_cart_is_ordered_later(own_portal, person):
    visitor = await person()
    page = visitor.page
    await configured(page, own_portal.url)
    await shop.accept_terms(page)
    await expect(page.locator("#place")).to_be_visible()
    own_portal.console.fail("down", system="salesforce")
    await press(page)
    await expect(page.locator("#refusal")).not_to_be_empty(timeout=30_000)
    await asyncio.to_thread(subprocess.run, CLEARED, env=own_portal.processes.demo.env, check=True, capture_output=True)
    await visitor.go(routes.CATALOG_VPN)
    await expect(page.locator(f"[data-plan='{LONDON}']")).to_be_visible(timeout=30_000)
    await expect(page.get_by_text(re.compile(r"as it was at \d\d:\d\d"))).to_have_count(1)
    await visitor.go(routes.checkout("vpn"))
    await expect(shop.gate(page, "unreachable")).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("button", name="Place order")).to_be_disabled()

    own_portal.console.heal()
    for _ in range(40):
        if await page.locator("#place").count():
            break
        await (
            shop.gate(page, "unreachable")
            .get_by_role("button")
            .or_(page.locator("#gates").get_by_role("button").first)
            .first.click()
        )
        await page.wait_for_timeout(1000)
    assert await shop.place(page)
