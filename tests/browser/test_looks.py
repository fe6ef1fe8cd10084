"""Every page, both themes: readable by everybody, and nothing sticks out of a small phone."""

import re
from dataclasses import dataclass

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from portal_app import routes
from tests.support.browser import NARROW, SMALLEST, WIDE, dashboard_ready, rows_ready
from tests.support.portal import RunningPortal

HEAVY = ("serious", "critical")


@dataclass(frozen=True)
class Screen:
    """One page. `ready` stands once its data does; "{invoice}" in the path is an unpaid one of the demo customer.

    `linked`: seen by somebody who has just linked a billing account and has no password yet. `sku`: lies in the cart.
    """

    name: str
    path: str
    ready: str
    signed_in: bool = True
    linked: bool = False
    sku: str = ""


TOKEN = "0" * 43
SCREENS = [
    Screen("landing", routes.LANDING, "h1", signed_in=False),
    Screen("sign-in", routes.LOGIN, "#email", signed_in=False),
    Screen("sign-up", routes.SIGN_UP, "#email", signed_in=False),
    Screen("check mail", routes.CHECK_MAIL, "main ol", signed_in=False),
    Screen("verify", f"{routes.VERIFY_EMAIL}#{TOKEN}", "h1", signed_in=False),
    Screen("verify, no token", routes.VERIFY_EMAIL, "[data-token=none] a", signed_in=False),
    Screen("sign-up waits", f"{routes.SIGN_UP_STATUS}?outcome=waiting", "main [role=status] p", signed_in=False),
    Screen("link", routes.LINK, "#email", signed_in=False),
    Screen("link code", routes.LINK_CODE, "#code", signed_in=False),
    Screen("set password", routes.SET_PASSWORD, "#password", signed_in=False, linked=True),
    Screen("code", routes.MFA, "#code", signed_in=False),
    Screen("confirm", routes.CONFIRM, "#password"),
    Screen("confirm address", f"{routes.CONFIRM_EMAIL}#{TOKEN}", "h1", signed_in=False),
    Screen("forgot", routes.FORGOT_PASSWORD, "#email", signed_in=False),
    Screen("reset", f"{routes.RESET_PASSWORD}#{TOKEN}", "h1", signed_in=False),
    Screen("catalogue", routes.CATALOG, "[data-line=internet]", signed_in=False),
    Screen("internet plans", routes.CATALOG_INTERNET, "[data-plan]", signed_in=False),
    Screen("sim plans", routes.CATALOG_SIM, "[data-plan]", signed_in=False),
    Screen("vpn plans", routes.CATALOG_VPN, "[data-plan]", signed_in=False),
    Screen("catalogue, customer", routes.CATALOG, "[data-line=internet]"),
    Screen("internet plans, customer", routes.CATALOG_INTERNET, "[data-plan] [data-status]"),
    Screen("sim plans, customer", routes.CATALOG_SIM, "[data-plan] [data-status]"),
    Screen("vpn plans, customer", routes.CATALOG_VPN, "[data-plan] [data-status]"),
    Screen("not found", "/no/such/page", "main", signed_in=False),
    Screen("dashboard", routes.DASHBOARD, "#active-services:not(:empty)"),
    Screen("invoices", routes.INVOICES, "[data-invoice]"),
    Screen("invoices, none match", f"{routes.INVOICES}?q=nothing-like-this", "#invoice-rows :is(h2, h3, p)"),
    Screen("invoice", routes.invoice("{invoice}"), "#invoice"),
    Screen("invoice, missing", routes.invoice(99_999_999), "#invoice-missing"),
    Screen("services", routes.SERVICES, "main [data-status]"),
    Screen("service", routes.service(40002), "#history [data-invoice]"),  # of the demo customer
    Screen("service, missing", routes.service(99_999_999), "#service-missing"),
    Screen("payment methods", routes.PAYMENT_METHODS, "[data-method]"),
    Screen("orders, none", routes.ORDERS, "#orders p"),
    Screen("order, missing", routes.order("801000000000009AAA"), "#order-missing"),
    Screen("checkout", routes.checkout("internet"), "[data-gate]", sku="INTERNET-GOLD-HOME-1G"),
    Screen("checkout, empty", routes.checkout("sim"), "#checkout a"),
    Screen("account", routes.ACCOUNT, "main address"),
    Screen("profile", routes.PROFILE, "#phone"),
    Screen("security", routes.SECURITY, "#devices li"),
    Screen("address", routes.ADDRESS, "main address"),
    Screen("availability", routes.AVAILABILITY, "[data-standing] h2"),
    Screen("identity document", routes.VERIFICATION, "[data-standing] h2"),
    Screen("notifications", routes.NOTIFICATIONS, "#choices [role=switch]:not([disabled])"),
    Screen("support", routes.CASES, "[data-case]"),
    Screen("support, new", routes.NEW_CASE, "#message-room:not(:empty)"),
    Screen("support, one", routes.case("{case}"), "#message-room:not(:empty)"),
    Screen("terms", routes.TERMS, "main h2", signed_in=False),
]


async def show(make_person, portal, screen: Screen, **options) -> Page:
    visitor = await make_person("demo@example.com" if screen.signed_in else "", **options)
    visitor.expected = ["404"] if screen.name == "not found" or screen.name.endswith(", missing") else []
    if screen.linked:
        await link_account(visitor.context, portal)
    if screen.sku:
        await visitor.context.request.post(
            portal.url + routes.API_CART, form={"sku": screen.sku}, headers={"Origin": portal.url}, max_redirects=0
        )
    number = max(i["id"] for i in portal.console.client()["invoices"] if i["status"] == "Unpaid")
    answered = next(c["Id"] for c in portal.console.cases_of("C-100001") if c["Status"] == "Awaiting Customer")
    page = await visitor.go(screen.path.replace("{invoice}", str(number)).replace("{case}", answered))
    await expect(page.locator(screen.ready).first).to_be_visible()
    return page


async def link_account(context: BrowserContext, portal: RunningPortal) -> None:
    """The same request every time: a repeat of its key gets a session of its own. No other test links this client."""
    answer = await context.request.post(
        portal.url + routes.API_LINK,
        form={"email": "hostile@example.net", "password": "hostile-whmcs-pass"},
        headers={"Origin": portal.url, "Idempotency-Key": "the-looks-of-set-password"},
        max_redirects=0,
    )
    assert answer.headers["location"].endswith(routes.SET_PASSWORD)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
async def test_each_page_names_itself_and_is_for_everybody_in_both_themes_languages_and_on_a_small_phone(
    person, portal, screen
):
    """One visit for all of it: opening a page takes longer than looking at it."""
    page = await show(person, portal, screen, size=SMALLEST, color_scheme="light")
    assert await page.evaluate(SCROLLED_BY) <= 0, "English"
    await names_itself(page)
    await page.evaluate(AXE)
    await axe_finds_nothing_serious(page, f"{screen.name}, light")
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await page.evaluate(COLOURS_HAVE_CHANGED)
    # A theme changes colours and nothing else.
    await axe_finds_nothing_serious(page, f"{screen.name}, dark", runOnly=OF_COLOURS)

    await page.set_viewport_size({"width": SMALLEST[0], "height": SMALLEST[1]})
    await page.context.add_cookies([{"name": "portal_locale", "value": "ja", "url": page.url}])
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await expect(page.locator(screen.ready).first).to_be_visible()
    assert await page.evaluate(SCROLLED_BY) <= 0, "Japanese"


COLOURS_HAVE_CHANGED = """() => Promise.allSettled(
  document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"""
SCROLLED_BY = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


OF_COLOURS = ["color-contrast", "link-in-text-block"]
AXE = Axe().axe_script
"""Takes longer to bring into a page than to run."""


async def axe_finds_nothing_serious(page: Page, what: str, **only: list[str]) -> None:
    """At both widths. `AXE` stands in the page already."""
    for width, height in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": height})
        options = {"resultTypes": ["violations"]} | only
        found = await page.evaluate("options => axe.run(options).then(found => found.violations)", options)
        told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in HEAVY]
        assert told == [], f"{what}, {width} px"


async def names_itself(page: Page) -> None:
    assert await page.locator("h1").count() == 1
    assert re.fullmatch(r".+ · Customer Portal", await page.title())
    assert await page.locator("meta[name=description]").get_attribute("content")
    icon = await page.locator("link[rel=icon]").first.get_attribute("href")
    assert (await page.request.get(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + icon)).ok


async def test_another_language_needs_no_reload_and_is_kept_for_the_customer(person):
    visitor = await person()
    page = await visitor.go(routes.DASHBOARD)
    await dashboard_ready(page)
    await page.evaluate("window.sameDocument = true")
    await page.get_by_role("button", name="日本語").click()
    await expect(page.get_by_role("link", name="ご請求", exact=True)).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert await page.evaluate("window.sameDocument === true")

    elsewhere = await person()
    page = await elsewhere.go(routes.INVOICES)
    await rows_ready(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("ご請求一覧")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Invoices")
