"""`make screenshots`: every screen at two widths, light and dark, in both languages, into screenshots/.

python -m tools.screenshots [dashboard invoices ...]     only these screens
"""

import asyncio
import itertools
import json
import sys
import tempfile
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from portal_app import routes
from tools.chromium import launch
from tools.paths import ROOT
from tools.run import DEMO_PASSWORD
from tools.running import Running, running

WIDTHS, THEMES, LANGUAGES = (390, 1280), ("light", "dark"), ("en", "ja")
FOLDER = ROOT / "screenshots"


@dataclass(frozen=True)
class Screen:
    """`wait` is on the page once it shows what matters; `act` does something first."""

    name: str
    path: str
    wait: str
    signed_in: bool = True
    act: Callable[[Page], Awaitable[None]] | None = None


async def _wrong_password(page: Page) -> None:
    await page.fill("#email", "demo@example.com")
    await page.fill("#password", "not the password")
    await page.locator("form button[type=submit]").click()


async def _open_menu(page: Page) -> None:
    if await page.locator("summary").is_visible():
        await page.locator("summary").click()


def screens(invoices: dict[str, int]) -> list[Screen]:
    """Every screen worth looking at. `invoices` names one id for each status."""
    listed = "[data-invoice]"
    return [
        Screen("landing", routes.LANDING, "h1", signed_in=False),
        Screen("login", routes.LOGIN, "#email", signed_in=False),
        Screen("login-refused", routes.LOGIN, "#refusal p", signed_in=False, act=_wrong_password),
        Screen("not-found", "/no/such/page", "h1", signed_in=False),
        Screen("dashboard", routes.DASHBOARD, "#active-services:not(:empty)"),
        Screen("menu", routes.DASHBOARD, "#active-services:not(:empty)", act=_open_menu),
        Screen("invoices", routes.INVOICES, listed),
        Screen("invoices-none", f"{routes.INVOICES}?q=nothing-like-this", "#invoice-rows h2, #invoice-rows p"),
        *(Screen(f"invoice-{status}", routes.invoice(number), "#invoice") for status, number in invoices.items()),
        Screen("invoice-missing", routes.invoice(99999999), "#invoice-missing"),
        Screen("services", routes.SERVICES, "main li, main article"),
    ]


def demo_invoices(console_url: str) -> dict[str, int]:
    """Status -> id of one invoice of the demo customer."""
    with urllib.request.urlopen(f"{console_url}/console/api/clients/1001", timeout=10) as answer:
        listed = json.load(answer)["invoices"]
    found: dict[str, int] = {}
    for invoice in listed:
        status = "overdue" if invoice["overdue"] else str(invoice["status"]).lower()
        found.setdefault(status, int(invoice["id"]))
    return {status: number for status, number in found.items() if status != "draft"}


Look = tuple[int, str, str]


async def _context(browser: Browser, url: str, look: Look, signed_in: bool) -> BrowserContext:
    width, theme, language = look
    context = await browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        device_scale_factor=1,
    )
    if signed_in:
        form: dict[str, str | float | bool] = {"email": "demo@example.com", "password": DEMO_PASSWORD}
        await context.request.post(url + routes.API_LOGIN, form=form, headers={"Origin": url}, max_redirects=0)
    await context.add_cookies([{"name": "portal_locale", "value": language, "url": url}])
    return context


async def shoot(context: BrowserContext, url: str, screen: Screen, target: Path) -> None:
    """One picture of the whole page."""
    page = await context.new_page()
    await page.goto(url + screen.path)
    if screen.act:
        await page.wait_for_load_state("networkidle")
        await screen.act(page)
    await page.locator(screen.wait).first.wait_for(state="attached")
    await page.wait_for_load_state("networkidle")
    await page.evaluate("document.fonts.ready")
    await page.screenshot(path=target, full_page=True, animations="disabled")
    await page.close()


async def main(only: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as portal:
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            for width, theme, language in itertools.product(WIDTHS, THEMES, LANGUAGES):
                await _shoot_all(browser, portal, only, (width, theme, language))
            await browser.close()


async def _shoot_all(browser: Browser, portal: Running, only: list[str], look: Look) -> None:
    url = portal.demo.portal_url
    contexts = {who: await _context(browser, url, look, who) for who in (True, False)}
    suffix = "-".join(str(part) for part in look)
    for screen in screens(demo_invoices(portal.demo.console_url)):
        if not only or screen.name in only:
            target = FOLDER / f"{screen.name}-{suffix}.png"
            await shoot(contexts[screen.signed_in], url, screen, target)
            print(target.relative_to(ROOT), flush=True)
    for context in contexts.values():
        await context.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
