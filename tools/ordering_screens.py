"""The screens of ordering, which show something only once a plan was chosen and an order placed."""

import json
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from playwright.async_api import Page, expect

from portal_app import routes

SIM_PLAN, INTERNET_PLAN, VPN_PLAN = "[data-plan^='SIM-DATA-VOICE']", "[data-plan^='INTERNET']", "[data-plan^='VPN']"
TERMS = "[data-gate^='checkout.terms']"
UNTOUCHED: Final[dict[str, str | None]] = {
    "Status": "Pending Review",
    "Activation_Status__c": "Not Started",
    "Activation_Error_Code__c": None,
    "Activation_Scheduled_At__c": None,
}
APPROVED: Final = {"Status": "Approved", "Activation_Status__c": "Not Started"}
FAILED: Final = {"Status": "Approved", "Activation_Status__c": "Failed"}
# How an order may stand: what is on its page then, and the fields by which Salesforce says so.
STANDINGS: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "payment": ("#wanted button", FAILED | {"Activation_Error_Code__c": "PAYMENT_METHOD_MISSING"}),
    "identity": ("#wanted a", FAILED | {"Activation_Error_Code__c": "IDENTITY_NOT_VERIFIED"}),
    "setting-up": ("[data-status=setting_up] #timeline", APPROVED),
    "scheduled": (
        "[data-status=scheduled] #timeline",
        {
            "Status": "Approved",
            "Activation_Status__c": "Scheduled",
            "Activation_Scheduled_At__c": "2030-03-31T15:00:00.000+0000",
        },
    ),
    "delayed": ("[data-status=delayed] #timeline", FAILED | {"Activation_Error_Code__c": "WHMCS_ERROR"}),
    "in-progress": (
        "[data-status=in_progress] #timeline",
        {"Status": "Pending Review", "Activation_Status__c": "Activating"},
    ),
    "active": ("[data-status=active] #timeline", {"Status": "Approved", "Activation_Status__c": "Activated"}),
    "cancelled": ("[data-status=cancelled] #timeline", {"Status": "Cancelled", "Activation_Status__c": "Not Started"}),
}


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
    await page.locator("#checkout[data-standing=open]").wait_for()
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


def standing(console_url: str, fields: Mapping[str, str], path: str = "") -> Callable[[Page], Awaitable[None]]:
    """A VPN order of the demo customer as staff left it, with those fields; its page, or that of `path`."""

    async def act(page: Page) -> None:
        await place_vpn(page)
        order_id = page.url.split("?")[0].rstrip("/").rpartition("/")[2]
        record = f"{console_url}/console/api/salesforce/records/{order_id}"
        _patch(record, {"Status": fields["Status"]})  # what an approval sets by itself is overwritten then
        _patch(record, {**UNTOUCHED, **fields})
        if path:
            await page.goto(_address(page) + path)

    return act


def _patch(url: str, fields: Mapping[str, str | None]) -> None:
    body, headers = json.dumps(fields).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PATCH"), timeout=10):
        pass


def _address(page: Page) -> str:
    scheme, _, rest = page.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
