"""Internet in a browser: nothing is prepared, everything that is missing is said at once, and each link mends it."""

import asyncio

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support import fulfilment
from tests.support import ordering as shop
from tests.support.newcomers import Post, submit

GOLD = "INTERNET-GOLD-HOME-1G"
NOTHING_PREPARED = {
    "access_mode",
    "installation",
    "availability_ask",
    "address_confirm",
    "payment_method",
    "terms",
}


async def test_from_the_catalogue_by_way_of_signing_up_to_an_order_with_every_gate_on_the_way(person, portal):
    visitor = await person(email="")
    page = visitor.page
    await shop.choose(page, portal.url, GOLD)
    await expect(page).to_have_url(shop.at(routes.LOGIN))
    account_id = await shop.become_customer(page, portal.url, portal.console, 20)
    await expect(page).to_have_url(shop.at(routes.ORDER_INTERNET))
    await shop.to_step(page, "plan")

    await visitor.go(routes.checkout("internet"))
    await shop.missing(page, *NOTHING_PREPARED)
    await expect(page.get_by_role("button", name="Place order")).to_be_disabled()

    await shop.gate(page, "access_mode").get_by_role("link").click()
    await configure(page)
    await shop.missing(page, *(NOTHING_PREPARED - {"access_mode", "installation"}))

    await shop.gate(page, "availability_ask").get_by_role("link").click()
    await page.locator("#ask").click()
    await expect(page.locator("[data-standing]").first).to_have_attribute("data-standing", "requested")
    portal.console.decide_availability(account_id, "Eligible", "Home 1G")
    await expect(page.locator("[data-standing]").first).to_have_attribute("data-standing", "eligible")
    await visitor.go(routes.checkout("internet"))
    await shop.missing(page, "address_confirm", "payment_method", "terms")

    await shop.gate(page, "address_confirm").get_by_role("link").click()
    await page.locator("#confirm-address").click()
    await expect(shop.gate(page, "address_confirm")).to_have_count(0)
    await shop.pay_by_card(page)
    await shop.accept_terms(page)
    order_id = await shop.place(page)

    (order,) = portal.console.orders_of(account_id)
    assert (order["Id"], order["lines"]) == (order_id, 2)
    await asyncio.to_thread(Post(portal.console, "newcomer20@example.com").saying, order["OrderNumber"])
    await fulfilment.follow(page)
    portal.console.decide_order(order_id, "approve")
    await fulfilment.reads(page, "active")
    await fulfilment.never_went_back(page)


async def test_a_new_address_closes_the_plan_until_it_was_checked_and_another_kind_of_building_for_good(person, portal):
    visitor, account_id = await shop.new_customer(person, portal, 21)
    page = visitor.page
    portal.console.decide_availability(account_id, "Eligible", "Home 1G")
    await shop.choose(page, portal.url, GOLD)
    await shop.to_step(page, "plan")
    await configure(page)
    await shop.missing(page, "address_confirm", "payment_method", "terms")
    await page.locator("#confirm-address").click()
    await expect(shop.gate(page, "address_confirm")).to_have_count(0)

    await page.locator("[data-part='where']").get_by_role("link").first.click()
    await expect(page).to_have_url(shop.at(routes.ADDRESS))
    await move(page)
    await expect(page).to_have_url(shop.at(routes.checkout("internet")))
    await expect(page.locator("[data-part='where']")).to_contain_text("Ginza")
    await expect(shop.gate(page, "availability_ask")).to_be_visible()
    await shop.missing(page, "availability_ask", "address_confirm", "payment_method", "terms")

    portal.console.decide_availability(account_id, "Eligible", "Apartment 1G")
    await expect(shop.gate(page, "offering_dwelling")).to_be_visible()
    await shop.gate(page, "offering_dwelling").get_by_role("link").click()
    await visitor.go(routes.CATALOG_INTERNET)
    closed = page.locator(f"[data-plan='{GOLD}']")
    await expect(closed).to_contain_text("another kind of building")
    await expect(closed.get_by_role("button")).to_have_count(0)


async def configure(page: Page) -> None:
    """Every step of the wizard, from the first; at the checkout."""
    await shop.to_step(page, "plan")
    await page.locator("[name='access_mode'][value='IPoE-BYOR']").check()
    await shop.go_on(page, "installation")
    await page.locator("[name='installation'][value='INTERNET-INSTALL-24M']").check()
    await shop.go_on(page, "add_ons")
    await shop.go_on(page, "review")
    await shop.to_checkout(page, "internet")


async def move(page: Page) -> None:
    """To an apartment in Ginza."""
    await page.locator("[name='postal_code']").fill("104-0061")
    await expect(page.locator("[data-code]")).to_have_attribute("data-code", "known")
    await page.locator("#dwelling-apartment").check()
    await submit(page, {"block": "4-5-6", "building": "Harbour Heights", "room": "203"})
