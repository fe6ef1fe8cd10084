"""The screens of ordering, which show something only once a plan was chosen and an order placed."""

from playwright.async_api import Page, expect

from portal_app import routes

SIM_PLAN, INTERNET_PLAN, VPN_PLAN = "[data-plan^='SIM-DATA-VOICE']", "[data-plan^='INTERNET']", "[data-plan^='VPN']"
TERMS = "[data-gate^='checkout.terms']"


async def _choose(page: Page, plan: str) -> None:
    await page.locator(f"{plan} button[type=submit]").first.click()
    await page.locator("[data-step]").first.wait_for()


async def choose_internet(page: Page) -> None:
    """From the catalogue into the wizard."""
    await _choose(page, INTERNET_PLAN)


async def choose_vpn(page: Page) -> None:
    """From the catalogue into the wizard."""
    await _choose(page, VPN_PLAN)


async def choose_sim(page: Page) -> None:
    """From the catalogue into the wizard, with the answer that asks for more."""
    await _choose(page, SIM_PLAN)
    await page.check("#form-esim")


async def wrong_eid(page: Page) -> None:
    """An answer the wizard refuses."""
    await choose_sim(page)
    await page.fill("#eid", "8904")
    await page.locator("[data-step] button[type=submit]").click()


async def number_to_take_along(page: Page) -> None:
    """To the questions about a number from another operator, answered with nothing."""
    await _choose(page, SIM_PLAN)
    await page.check("#form-physical")
    await page.locator("[data-step=sim] button[type=submit]").click()
    await page.locator("[data-step=start]").wait_for()
    await page.check("[name=start][value=immediate]")
    await page.locator("[data-step=start] button[type=submit]").click()
    await page.locator("[data-step=number]").wait_for()
    await page.check("#number-take")
    await page.locator("[data-step=number] button[type=submit]").click()


async def vpn_again(page: Page) -> None:
    """The checkout of another VPN, the terms accepted."""
    await choose_vpn(page)
    await page.goto(_address(page) + routes.checkout("vpn"))
    await page.locator("[data-gate]").first.wait_for()
    if await page.locator(TERMS).count():
        await page.locator("#terms").check()
    await expect(page.locator(TERMS)).to_have_count(0)


async def place_vpn(page: Page) -> None:
    """A VPN order of the demo customer, unless there is one that has not ended; then its page."""
    await vpn_again(page)
    await page.locator("#place, [data-gate]").first.wait_for()
    if await page.locator("[data-gate]").count():
        await page.goto(_address(page) + routes.ORDERS)
        await page.locator("[data-order] a").first.click()
    else:
        await page.locator("#place button").click()
    await page.locator("#timeline").wait_for()


def _address(page: Page) -> str:
    scheme, _, rest = page.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
