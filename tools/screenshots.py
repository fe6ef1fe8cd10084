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
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from playwright.async_api import Browser, BrowserContext, FilePayload, Page, StorageState, async_playwright

from portal_app import routes
from tools import ordering_screens as ordering
from tools import security_screens as second_factor
from tools.chromium import launch
from tools.paths import ROOT
from tools.run import DEMO_PASSWORD
from tools.running import Running, running

WIDTHS, THEMES, LANGUAGES = (390, 1280), ("light", "dark"), ("en", "ja")
FOLDER = ROOT / "screenshots"
Who = Literal["customer", "nobody", "linked"]
LINKED_EMAIL, LINKED_PASSWORD = "legacy@example.com", "legacy-whmcs-pass"
# Orders stay as they are put: nobody hears of an approval.
QUIET = {"SF_EVENTS_ENABLED": "false"}
A_TOKEN = "0" * 43
NEWS_AT: set[str] = set()
A_BILL = {"items": [{"description": "Router", "amount": "3000", "taxed": True}]}
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 120_000 + b"\0\0\0\0IEND\xaeB`\x82"


@dataclass(frozen=True)
class Screen:
    """`wait` is on the page once it shows what matters; `act` does something first.

    `who` looks at it: a customer, nobody, or somebody who linked an account and has no password yet.
    """

    name: str
    path: str
    wait: str
    who: Who = "customer"
    act: Callable[[Page], Awaitable[None]] | None = None


async def _wrong_password(page: Page) -> None:
    await page.fill("#email", "demo@example.com")
    await page.fill("#password", "not the password")
    await page.locator("form button[type=submit]").click()


async def _send(page: Page) -> None:
    await page.locator("#form button[type=submit]").click()


async def _half_filled_in(page: Page) -> None:
    typed = {"last_name": "山田", "first_name": "Mika", "email": "mika@example", "phone": "090-1234-5678"}
    typed |= {"customer_number": "C-299999", "postal_code": "150-00", "password": "harbour"}
    for name, text in typed.items():
        await page.fill(f"#{name}", text)
    await page.select_option("#prefecture", "Tokyo")
    await _send(page)


async def _forgotten(page: Page) -> None:
    await page.fill("#email", "mika@example.com")
    await _send(page)


async def _with_password(page: Page) -> None:
    await page.fill("#password", "harbour lantern 58")
    await _send(page)


async def _with_good_password(page: Page) -> None:
    await page.fill("#password", "harbour lantern 58")


async def _wrong_billing_password(page: Page) -> None:
    await page.fill("#email", "nobody@example.com")
    await _with_password(page)


async def _wrong_phone(page: Page) -> None:
    await page.fill("#phone", "12")
    await page.locator("#profile-form button[type=submit]").click()


async def _known_code(page: Page) -> None:
    await page.fill("#postal_code", "150-0001")
    await page.check("#dwelling-apartment")


async def _unknown_code(page: Page) -> None:
    await page.fill("#postal_code", "999-0001")
    await page.check("#dwelling-house")


async def _half_asked(page: Page) -> None:
    await page.select_option("#topic", "internet")
    await page.fill("#message", "Since Monday the line drops every evening.\n\nThe pictures show the speed.")
    picture = FilePayload(name="speed test.png", mimeType="image/png", buffer=PICTURE)
    letter = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"-")
    await page.set_input_files("#files", files=[picture, letter])
    await page.locator("[data-file=done]").wait_for()
    await _send(page)


def _open_case(status: str) -> Callable[[Page], Awaitable[None]]:
    async def click(page: Page) -> None:
        await page.locator("[data-case]", has=page.locator(f"[data-status={status}]")).first.locator("a").click()

    return click


async def _open_menu(page: Page) -> None:
    menu = page.locator("[data-menu=true] > summary")
    if await menu.is_visible():
        await menu.click()


async def _first_service(page: Page) -> None:
    await page.locator("main li a").first.click()
    await page.locator("#history:not(:has(#history-rest)) [data-invoice]").first.wait_for()


async def _cards(page: Page) -> Page:
    """The billing system's page of cards."""
    async with page.context.expect_page() as opened:
        await page.locator(f"form[action='{routes.API_PAYMENTS_SSO}'] button").first.click()
    billing = await opened.value
    await billing.wait_for_load_state()
    return billing


async def _old_cards(page: Page) -> None:
    """One that has expired and one that soon will."""
    await _add_cards(page, ("2222", "01", 0), ("3333", f"{datetime.now(UTC):%m}", 0))


async def _one_card(page: Page) -> None:
    if await page.locator("#no-methods").count():
        await _add_cards(page, ("4242", "11", 2))


async def _add_cards(page: Page, *cards: tuple[str, str, int]) -> None:
    """Each by digits, month, and years from now."""
    billing = await _cards(page)
    for digits, month, years in cards:
        await billing.fill("[name=last_four]", digits)
        await billing.select_option("[name=month]", month)
        await billing.select_option("[name=year]", index=years)
        await billing.locator("form:has([name=last_four]) button").click()
    await billing.close()
    await page.reload()


async def _no_cards(page: Page) -> None:
    """Taken away; `_one_card` puts one back for the next look."""
    billing = await _cards(page)
    while await billing.locator("button[name=remove]").count():
        await billing.locator("button[name=remove]").first.click()
        await billing.wait_for_load_state()
    await billing.close()
    await page.reload()


def _with_news(
    console_url: str, *, then: Callable[[Page], Awaitable[None]] | None = None
) -> Callable[[Page], Awaitable[None]]:
    """Something has happened to the demo customer: a bill, one that was paid, a card that was refused."""

    async def act(page: Page) -> None:
        if console_url not in NEWS_AT:
            NEWS_AT.add(console_url)
            await asyncio.to_thread(_news, console_url)
        await page.locator("#bell [data-notice] >> nth=2").wait_for(state="attached")
        if then:
            await then(page)

    return act


def _news(console_url: str) -> None:
    for ends in ("pay", "fail", ""):
        made = _posted(f"{console_url}/console/api/clients/1001/invoices", A_BILL)
        if ends:
            _posted(f"{console_url}/console/api/invoices/{made['invoiceid']}/{ends}", {})


def _posted(url: str, body: object) -> dict[str, str]:
    asked = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        found: dict[str, str] = json.load(answer)
    return found


async def _open_bell(page: Page) -> None:
    await page.locator("#bell > summary").click()


def screens(invoices: dict[str, int], console_url: str) -> list[Screen]:
    """Every screen worth looking at. `invoices` names one id for each status."""
    listed = "[data-invoice]"
    return [
        Screen("landing", routes.LANDING, "h1", who="nobody"),
        Screen("login", routes.LOGIN, "#email", who="nobody"),
        Screen("login-refused", routes.LOGIN, "#refusal p", who="nobody", act=_wrong_password),
        Screen("sign-up", routes.SIGN_UP, "#email", who="nobody"),
        Screen("sign-up-refused", routes.SIGN_UP, "#refusal a", who="nobody", act=_half_filled_in),
        Screen("check-mail", routes.FORGOT_PASSWORD, "ol", who="nobody", act=_forgotten),
        Screen("verify", f"{routes.VERIFY_EMAIL}#{A_TOKEN}", "#password", who="nobody"),
        Screen("verify-refused", f"{routes.VERIFY_EMAIL}#{A_TOKEN}", "#refusal a", who="nobody", act=_with_password),
        Screen("verify-no-token", routes.VERIFY_EMAIL, "[data-token=none] a", who="nobody"),
        *(
            Screen(
                f"sign-up-status-{outcome}", f"{routes.SIGN_UP_STATUS}?outcome={outcome}", "[role=status]", who="nobody"
            )
            for outcome in ("waiting", "finishing", "refused")
        ),
        Screen("link", routes.LINK, "#email", who="nobody"),
        Screen("link-refused", routes.LINK, "#refusal p", who="nobody", act=_wrong_billing_password),
        Screen("link-code", routes.LINK_CODE, "#code", who="nobody"),
        Screen("set-password", routes.SET_PASSWORD, "#password", who="linked", act=_with_good_password),
        Screen("forgot", routes.FORGOT_PASSWORD, "#email", who="nobody"),
        Screen("reset", f"{routes.RESET_PASSWORD}#{A_TOKEN}", "#password", who="nobody"),
        Screen("catalog", routes.CATALOG, "[data-line=internet]", who="nobody"),
        Screen("catalog-internet", routes.CATALOG_INTERNET, "[data-plan]", who="nobody"),
        Screen("catalog-sim", routes.CATALOG_SIM, "[data-plan]", who="nobody"),
        Screen("catalog-vpn", routes.CATALOG_VPN, "[data-plan]", who="nobody"),
        Screen("catalog-customer", routes.CATALOG, "[data-line=internet]"),
        Screen("catalog-internet-customer", routes.CATALOG_INTERNET, "[data-plan] [data-status]"),
        Screen("not-found", "/no/such/page", "h1", who="nobody"),
        Screen("dashboard", routes.DASHBOARD, "#active-services:not(:empty)"),
        Screen("menu", routes.DASHBOARD, "#active-services:not(:empty)", act=_open_menu),
        Screen("invoices", routes.INVOICES, listed),
        Screen("invoices-none", f"{routes.INVOICES}?q=nothing-like-this", "#invoice-rows h2, #invoice-rows p"),
        *(Screen(f"invoice-{status}", routes.invoice(number), "#invoice") for status, number in invoices.items()),
        Screen("invoice-missing", routes.invoice(99999999), "#invoice-missing"),
        Screen("services", routes.SERVICES, "#service-figures"),
        Screen("service", routes.SERVICES, "#history [data-invoice]", act=_first_service),
        Screen("service-missing", routes.service(99999999), "#service-missing"),
        Screen("payments", routes.PAYMENT_METHODS, "[data-method]", act=_one_card),
        Screen("payments-expiring", routes.PAYMENT_METHODS, "[data-standing=expired]", act=_old_cards),
        Screen("account", routes.ACCOUNT, "#person"),
        Screen("profile", routes.PROFILE, "#phone"),
        Screen("profile-refused", routes.PROFILE, "#phone-error:not(:empty)", act=_wrong_phone),
        Screen("security", routes.SECURITY, "#devices li"),
        Screen("security-setup", routes.SECURITY, "#second-factor-qr svg", act=second_factor.begin),
        Screen("confirm", f"{routes.CONFIRM}?next={routes.SECURITY}", "#password"),
        Screen("confirm-email", f"{routes.CONFIRM_EMAIL}#{A_TOKEN}", "main button", who="nobody"),
        Screen("address", routes.ADDRESS, "[data-code=known]", act=_known_code),
        Screen("address-by-hand", routes.ADDRESS, "[data-code=unknown]", act=_unknown_code),
        Screen("availability", routes.AVAILABILITY, "[data-standing] h2"),
        Screen("document", routes.VERIFICATION, "[data-standing] h2"),
        Screen("order-internet", routes.CATALOG_INTERNET, "#summary", act=ordering.choose_internet),
        Screen("order-sim", routes.CATALOG_SIM, "#eid", act=ordering.choose_sim),
        Screen("order-sim-refused", routes.CATALOG_SIM, "#eid-error:not(:empty)", act=ordering.wrong_eid),
        Screen("order-sim-number", routes.CATALOG_SIM, "[aria-invalid=true]", act=ordering.number_to_take_along),
        Screen("order-vpn", routes.CATALOG_VPN, "#summary", act=ordering.choose_vpn),
        Screen("checkout-internet", routes.checkout("internet"), "#missing"),
        Screen("checkout-sim", routes.checkout("sim"), "#missing"),
        Screen("order", routes.CATALOG_VPN, "#timeline", act=ordering.place_vpn),
        Screen("orders", routes.ORDERS, "[data-order]"),
        *(
            Screen(f"order-{name}", routes.CATALOG_VPN, wait, act=ordering.standing(console_url, fields))
            for name, (wait, fields) in ordering.STANDINGS.items()
        ),
        *(
            Screen(
                name,
                routes.CATALOG_VPN,
                "[data-status=action_needed]",
                act=ordering.standing(console_url, ordering.STANDINGS["payment"][1], path),
            )
            for name, path in (("orders-payment", routes.ORDERS), ("dashboard-order", routes.DASHBOARD))
        ),
        Screen("checkout-vpn", routes.CATALOG_VPN, "[data-gate]", act=ordering.vpn_again),
        Screen("support", routes.CASES, "[data-case]"),
        Screen("support-none", f"{routes.CASES}?q=nothing-like-this", "#case-rows p"),
        Screen("support-new", routes.NEW_CASE, "#message-room:not(:empty)"),
        Screen("support-new-refused", routes.NEW_CASE, "#refusal a", act=_half_asked),
        Screen(
            "support-case",
            routes.CASES,
            "[data-status=awaiting_customer] #message-room:not(:empty)",
            act=_open_case("awaiting_customer"),
        ),
        Screen("support-case-closed", routes.CASES, "[data-status=closed] #reopen-form", act=_open_case("closed")),
        Screen("support-case-missing", routes.case("500000000000009AAA"), "#case-missing"),
        Screen("payments-none", routes.PAYMENT_METHODS, "#no-methods", act=_no_cards),  # the last that needs a card
        Screen("notifications", routes.NOTIFICATIONS, "#notifications [data-notice]", act=_with_news(console_url)),
        Screen("bell", routes.DASHBOARD, "#bell [data-notice]", act=_with_news(console_url, then=_open_bell)),
        Screen("terms", routes.TERMS, "main h2", who="nobody"),
        Screen("privacy", routes.PRIVACY, "main h2", who="nobody"),
        Screen("mfa", routes.LOGIN, "#code", who="nobody", act=second_factor.code_wanted),
        Screen("mfa-refused", routes.LOGIN, "#code-error:not(:empty)", who="nobody", act=second_factor.wrong_code),
        Screen("mfa-recovery", routes.LOGIN, "#recovery", who="nobody", act=second_factor.recovery_wanted),
        Screen("security-codes", routes.LOGIN, "#recovery-codes", who="nobody", act=second_factor.new_codes),
        Screen("security-off", routes.LOGIN, "#factor-form", who="nobody", act=second_factor.turning_off),
        Screen("security-on", routes.LOGIN, "[data-status=on]", who="nobody", act=second_factor.switched_on),
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


async def _linked(browser: Browser, url: str) -> StorageState:
    """The cookies of somebody who has just linked a billing account."""
    context = await browser.new_context()
    form: dict[str, str | float | bool] = {"email": LINKED_EMAIL, "password": LINKED_PASSWORD}
    headers = {"Origin": url, "Idempotency-Key": "screenshots-of-one-run"}
    await context.request.post(url + routes.API_LINK, form=form, headers=headers, max_redirects=0)
    kept = await context.storage_state()
    await context.close()
    return kept


async def _context(browser: Browser, url: str, look: Look, who: Who, linked: StorageState) -> BrowserContext:
    width, theme, language = look
    context = await browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        device_scale_factor=1,
        storage_state=linked if who == "linked" else None,
    )
    if who == "customer":
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
    with tempfile.TemporaryDirectory() as data, running(Path(data), **QUIET) as portal:
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            linked = await _linked(browser, portal.demo.portal_url)
            for width, theme, language in itertools.product(WIDTHS, THEMES, LANGUAGES):
                await _shoot_all(browser, portal, only, (width, theme, language), linked)
            await browser.close()


async def _shoot_all(browser: Browser, portal: Running, only: list[str], look: Look, linked: StorageState) -> None:
    url = portal.demo.portal_url
    contexts = {who: await _context(browser, url, look, who, linked) for who in get_args(Who)}
    suffix = "-".join(str(part) for part in look)
    for screen in screens(demo_invoices(portal.demo.console_url), portal.demo.console_url):
        if not only or screen.name in only:
            target = FOLDER / f"{screen.name}-{suffix}.png"
            await shoot(contexts[screen.who], url, screen, target)
            print(target.relative_to(ROOT), flush=True)
    for context in contexts.values():
        await context.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
