"""A customer on the way from a plan to an order: what is pressed on each page, and what staff do meanwhile."""

import asyncio
import re
from typing import Any, Final

from playwright.async_api import Locator, Page, expect

from portal_app import routes
from tests.support.browser import Person
from tests.support.console import Console
from tests.support.newcomers import PASSWORD as PASSWORD
from tests.support.newcomers import Post, form_of, sign_up, submit, within

EID: Final = "89049032123451234512345678901235"
ORDER: Final = re.compile(rf"{routes.ORDERS}/801\w+")
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a4944415478"
    "9c6360000002000154a24f5d0000000049454e44ae426082"
)


def at(path: str) -> re.Pattern[str]:
    """An address of the portal that ends in this path, whatever follows a question mark."""
    return re.compile(re.escape(path) + r"(/?$|/?[?#])")


async def choose(page: Page, url: str, sku: str) -> None:
    """Press the button of a plan in the catalogue."""
    line = sku.split("-")[0].lower()
    await page.goto(
        url + {"internet": routes.CATALOG_INTERNET, "sim": routes.CATALOG_SIM}.get(line, routes.CATALOG_VPN)
    )
    await page.locator(f"[data-plan='{sku}']").get_by_role("button", name=re.compile("^Choose")).click()


async def become_customer(page: Page, url: str, console: Console, number: int) -> str:
    """Sign up as newcomer `number` and open the mailed link; the Salesforce account, once the portal has marked it."""
    email = f"newcomer{number}@example.com"
    await sign_up(page, url, form_of(f"C-2000{number}", email))
    await expect(page).to_have_url(at(routes.CHECK_MAIL))
    await page.goto(await asyncio.to_thread(Post(console, email).link))
    await expect(page.locator("form [name='token']")).to_have_value(re.compile(r"\S{30,}"))
    await submit(page, {"password": PASSWORD})
    await expect(page).not_to_have_url(at(routes.VERIFY_EMAIL))
    return (await asyncio.to_thread(active_account, console, f"C-2000{number}"))["id"]


def active_account(console: Console, number: str) -> dict[str, Any]:
    """The account with that number, once the portal has marked it."""
    return within(
        "the account",
        lambda: next((one for one in console.accounts(number) if one["portal_status"] == "Active"), None),
    )


async def to_step(page: Page, step: str) -> Locator:
    """That step of a wizard, once it stands."""
    shown = page.locator(f"[data-step='{step}']")
    await expect(shown).to_be_visible()
    return shown


async def go_on(page: Page, step: str) -> Locator:
    """Continue, to that step."""
    await page.get_by_role("button", name="Continue").or_(page.get_by_role("link", name="Continue")).click()
    return await to_step(page, step)


async def to_checkout(page: Page, line: str) -> None:
    """From a wizard's last step; the checkout is read."""
    await page.get_by_role("link", name=re.compile("checkout", re.IGNORECASE)).first.click()
    await expect(page).to_have_url(at(routes.checkout(line)))
    await checkout_ready(page)


async def checkout_ready(page: Page) -> None:
    """What is missing, or that nothing is, stands there."""
    await expect(page.locator("#checkout")).to_have_attribute("data-standing", "open")


def gate(page: Page, key: str) -> Locator:
    """One thing that is missing, by its key without `checkout.`."""
    return page.locator(f"#gates [data-gate^='checkout.{key}-']")


async def missing(page: Page, *wanted: str) -> None:
    """Exactly these gates stand on the checkout page, once what was read is shown."""
    await checkout_ready(page)
    keys: list[str] = []
    for _ in range(100):
        found = await page.locator("#gates [data-gate]").evaluate_all("all => all.map(one => one.dataset.gate)")
        keys = sorted(str(key).removeprefix("checkout.").partition("-")[0] for key in found)
        if keys == sorted(wanted):
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"{keys} are missing, not {sorted(wanted)}")


async def pay_by_card(page: Page) -> None:
    """Follow the link of the missing payment method, and add a card on the page of the billing system."""
    async with page.context.expect_page() as opened:
        await gate(page, "payment_method").get_by_role("button").click()
    billing = await opened.value
    await add_card(billing)
    await billing.close()
    await page.bring_to_front()
    await expect(gate(page, "payment_method")).to_have_count(0)


async def add_card(billing: Page) -> None:
    """On the page of the billing system for payment methods."""
    await billing.locator("[name='last_four']").fill("4242")
    await billing.locator("[name='year']").select_option(index=2)
    await billing.get_by_role("button", name=re.compile("add", re.IGNORECASE)).click()
    await expect(billing.get_by_text("4242")).to_be_visible()


async def accept_terms(page: Page) -> None:
    """The tick; it is kept by the server."""
    await page.locator("#terms").click()  # it is ticked by the answer
    await expect(gate(page, "terms")).to_have_count(0)


async def send_document(page: Page, name: str = "licence.png", content: bytes = PNG) -> None:
    """Pick a file on the page of the identity document, and send it."""
    await page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    await page.locator("#form button[type=submit]").click()


async def place(page: Page) -> str:
    """Press the button; the Salesforce id of the order whose page came."""
    await page.get_by_role("button", name="Place order").click()
    await expect(page).to_have_url(ORDER)
    await expect(page.locator("#order")).to_have_attribute("data-status", "under_review")
    return page.url.split("?")[0].rstrip("/").rpartition("/")[2]


async def new_customer(person: Any, portal: Any, number: int) -> tuple[Person, str]:
    """Somebody who has just signed up, and their account."""
    visitor = await person(email="")
    return visitor, await become_customer(visitor.page, portal.url, portal.console, number)
