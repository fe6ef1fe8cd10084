"""The screens of a second factor: switching it on, the code at sign-in, and the security page once it is on."""

import json
import re
from typing import Final
from urllib.parse import urlsplit

import pyotp
from playwright.async_api import Page

from portal_app import routes
from tools.run import DEMO_PASSWORD

WHO: Final = "second@example.com"
_CODES: Final[list[str]] = []
"""Recovery codes of that customer, one for each visit: a code of the authenticator works once in half a minute."""


async def begin(page: Page) -> None:
    """The picture to scan; nothing is switched on."""
    await page.locator("#second-factor-begin").click()
    await page.locator("#second-factor-qr svg").wait_for()


async def code_wanted(page: Page) -> None:
    """The password was right, the code is wanted."""
    if not _CODES:
        await _switch_on(page)
    if await page.locator("#email").count() == 0:  # signed in for the picture before
        await page.context.clear_cookies(name=re.compile("portal_(at|rt)$"))
        await page.goto(page.url.replace(routes.DASHBOARD, routes.LOGIN))
    await page.fill("#email", WHO)
    await page.fill("#password", DEMO_PASSWORD)
    await page.locator("form button[type=submit]").first.click()
    await page.wait_for_url(f"**{routes.MFA}*")


async def wrong_code(page: Page) -> None:
    """Sent as soon as it is complete."""
    await code_wanted(page)
    await page.locator("#code").press_sequentially("000000")


async def switched_on(page: Page) -> None:
    """The security page of somebody who has it on, and two browsers."""
    await code_wanted(page)
    await page.locator("summary").last.click()
    await page.fill("#recovery", _CODES.pop())
    await page.locator("form:has(#recovery) button[type=submit]").click()
    await page.wait_for_url(lambda url: urlsplit(url).path.rstrip("/") == routes.DASHBOARD)  # not what a ?next= says
    await page.goto(page.url.replace(routes.DASHBOARD, routes.SECURITY))


async def turning_off(page: Page) -> None:
    """Asks for a code; nothing is switched off."""
    await switched_on(page)
    await page.locator("details:has(#factor-form) summary").click()


async def new_codes(page: Page) -> None:
    """Recovery codes, as they are shown once."""
    await switched_on(page)
    await page.locator("#new-codes").click()
    await page.fill("#renew-code", _CODES.pop())
    await page.locator("form:has(#renew-code) button[type=submit]").click()
    await page.locator("#recovery-codes li").first.wait_for()
    _CODES[:] = await page.locator("#recovery-codes li").all_inner_texts()


async def recovery_wanted(page: Page) -> None:
    """For whoever has no authenticator at hand."""
    await code_wanted(page)
    await page.locator("summary").last.click()


async def _switch_on(page: Page) -> None:
    """In a browser of its own."""
    assert page.context.browser
    context = await page.context.browser.new_context()
    url = "/".join(page.url.split("/")[:3])
    headers = {"Origin": url, "Accept": "application/json"}
    form: dict[str, str | float | bool] = {"email": WHO, "password": DEMO_PASSWORD}
    await context.request.post(url + routes.API_LOGIN, form=form, headers={"Origin": url}, max_redirects=0)
    begun = await context.request.post(url + routes.API_TOTP, data={}, headers=headers)
    code = pyotp.TOTP((await begun.json())["secret"]).now()
    done = await context.request.post(url + routes.API_TOTP, data={"code": code}, headers=headers)
    _CODES.extend(json.loads(await done.text())["codes"])
    await context.close()
