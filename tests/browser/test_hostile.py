"""Every text a customer's pages can show was written by somebody who means harm: it is read as text, on every page."""

import html
import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import DEMO, Person
from tests.support.console import DEMO_CLIENT
from tests.support.portal import RunningPortal

NUMBER = "C-100001"
HOSTILE = "</script><script>alert(1)</script>\"'&<b>"
BRACES = "{{7*7}}{%x%}"
LABEL = HOSTILE[:30]
"""As much as is left of it on a card, whose name the portal cuts."""
HARM = "window.alert = () => { window.__harmed = true }"
HARMED = """() => Boolean(window.__harmed)
  || [...document.scripts].some(one => one.type !== "application/json" && one.text.includes("alert(1)"))
  || document.querySelector("[onerror]") !== null"""


@dataclass(frozen=True)
class Screen:
    """A page, and where on it stands such a text; `shows` "" where no text of anybody's stands on it."""

    path: str
    place: str
    shows: str = HOSTILE


CATALOGUE = [
    Screen(routes.CATALOG, "[data-line=internet]", ""),
    Screen(routes.CATALOG_INTERNET, "[data-plan] >> nth=0"),
    Screen(routes.CATALOG_SIM, "[data-plan] >> nth=0"),
    Screen(routes.CATALOG_VPN, "[data-plan] >> nth=0"),
]
OWN = [
    Screen(routes.DASHBOARD, "h1"),
    Screen(routes.DASHBOARD, "[data-invoice] >> nth=0"),
    Screen(routes.DASHBOARD, "[data-case] >> nth=0"),
    Screen(routes.INVOICES, "[data-invoice] >> nth=0"),
    Screen(routes.invoice("{invoice}"), "#invoice h1"),
    Screen(routes.invoice("{invoice}"), "#invoice table >> nth=0"),
    Screen(routes.invoice("{paid}"), "#invoice", f"Credit Card{HOSTILE}"),  # what the gateway is called
    Screen(routes.SERVICES, "[id^=service-4] >> nth=0"),
    Screen(routes.service(40002), "#service h1"),
    Screen(routes.service(40002), "#history [data-invoice] >> nth=0"),
    Screen(routes.service(40002), "#service", f"Credit Card{HOSTILE}"),
    Screen(routes.ORDERS, "[data-order] >> nth=0"),
    Screen(routes.order("{order}"), "#order", f"VPN Router USA (San Francisco){HOSTILE}"),
    Screen(routes.order("{order}"), "#order", f"Shibuya 2-21-1{HOSTILE}"),
    Screen(routes.CASES, "[data-case] >> nth=0"),
    Screen(routes.case("{case}"), "#case h1"),
    Screen(routes.case("{case}"), "[data-author=you] >> nth=0"),
    Screen(routes.case("{case}"), "[data-author=staff] >> nth=0"),
    Screen(routes.case("{case}"), "a[href*='/files/'] >> nth=0"),
    Screen(routes.case("{case}"), "a[href$='/subscriptions/40001']", f"Internet Gold (Home 1G){HOSTILE}"),
    Screen(routes.NEW_CASE, "#related"),
    *CATALOGUE,
    Screen(routes.order_wizard("vpn"), "[data-step]"),
    Screen(routes.checkout("vpn"), "#checkout"),
    Screen(routes.ACCOUNT, "#person"),
    Screen(routes.ACCOUNT, "main address"),
    Screen(routes.PROFILE, "main"),
    Screen(routes.SECURITY, "#devices li >> nth=0", ""),
    Screen(routes.NOTIFICATIONS, "#notifications"),
    Screen(routes.ADDRESS, "main address"),
    Screen(routes.AVAILABILITY, "[data-standing] h2", ""),
    Screen(routes.VERIFICATION, "[data-standing]", f"The photo is too dark.{HOSTILE}"),
    Screen(routes.PAYMENT_METHODS, "[data-method] >> nth=0", f"Visa{LABEL}"),
]
IN_THE_ANSWER = {routes.INVOICES, routes.CASES, routes.CATALOG_INTERNET, routes.CATALOG_SIM, routes.CATALOG_VPN}
"""Pages whose first data come with the HTML; on a busy machine only with one of several answers."""
TRIES = 20
SCRIPTS = re.compile(r"<script.*?</script>", re.DOTALL)
IN_JAPANESE = [Screen(routes.DASHBOARD, "h1"), Screen(routes.invoice("{invoice}"), "#invoice table >> nth=0")]


def prepared(portal: RunningPortal) -> dict[str, str]:
    """Something of everything there is to show, and then all of it hostile; the ids of the pages."""
    console = portal.console
    (account,) = console.accounts(NUMBER)
    case = next(one for one in console.cases_of(NUMBER) if one["Status"] == "Awaiting Customer")
    about = f"Since Monday.{HOSTILE}\n\nAbout: service 40001 - Internet Gold (Home 1G)"
    console.change_record(case["Id"], Description=about)
    rejected = {"Id_Verification_Status__c": "Rejected"}
    console.change_record(account["id"], Id_Verification_Rejection_Message__c="The photo is too dark.", **rejected)
    order = console.take_order(NUMBER, "VPN-USA-SF", "VPN-ACTIVATION-FEE")
    ending = console.hostile(DEMO_CLIENT, catalogue=True)
    assert ending.startswith(HOSTILE) and BRACES in ending
    invoices = console.client()["invoices"]
    unpaid = max(one["id"] for one in invoices if one["status"] == "Unpaid")
    paid = max(one["id"] for one in invoices if one["status"] == "Paid")
    return {"order": order, "case": case["Id"], "invoice": str(unpaid), "paid": str(paid)}


async def harmless(visitor: Person, screens: list[Screen], ids: dict[str, str]) -> None:
    """Each page shows such a text as what it is; nothing of it ran, neither here nor in the answer as it came."""
    at = ""
    for screen in screens:
        path = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], screen.path)
        page = visitor.page if path == at else await visitor.go(path)
        at = path
        await expect(page.locator(screen.place)).to_contain_text(screen.shows)
        assert not await page.evaluate(HARMED), path
        await answered(visitor, path)
        if path in IN_THE_ANSWER and screen.shows:
            await comes_with_the_answer(visitor, path, screen)


async def answered(visitor: Person, path: str) -> str:
    raw = await (await visitor.context.request.get(visitor.url + path)).text()
    assert "<script>alert" not in raw and "alert(1)</script" not in raw, path
    return raw


async def comes_with_the_answer(visitor: Person, path: str, screen: Screen) -> None:
    """The text stands in the markup, where every browser reads it as text."""
    for _ in range(TRIES):
        if screen.shows in html.unescape(SCRIPTS.sub("", await answered(visitor, path))):
            return
        # What was cleared in the moment before is in no copy: the page reads it anew.
        page = await visitor.go(path)
        await expect(page.locator(screen.place).first).to_be_visible()
    raise AssertionError(f"{path} comes without its data")


async def careful(person: Any, email: str = "") -> Person:
    """Somebody in whose browser nothing stays unnoticed."""
    visitor: Person = await person(email)
    await visitor.context.add_init_script(HARM)
    visitor.context.on("dialog", lambda dialog: visitor.problems.append(f"a dialog: {dialog.message}"))
    return visitor


async def test_hostile_texts_are_read_as_texts_on_every_page_in_both_languages(own_portal, person):
    ids = prepared(own_portal)
    visitor = await careful(person)
    await harmless(visitor, CATALOGUE, ids)

    customer = await careful(person, DEMO)
    form = {"sku": "VPN-USA-SF"}
    origin = {"Origin": own_portal.url}
    await customer.context.request.post(own_portal.url + routes.API_CART, form=form, headers=origin, max_redirects=0)
    own_portal.console.reply(ids["case"], f"Who are you?{HOSTILE}")
    await harmless(customer, OWN, ids)
    await customer.context.add_cookies([{"name": "portal_locale", "value": "ja", "url": own_portal.url}])
    await harmless(customer, IN_JAPANESE, ids)
    await expect(customer.page.locator("html")).to_have_attribute("lang", "ja")
    await braces_stay(customer.page)
    await read_without_scripts(await person(DEMO, java_script_enabled=False))


async def braces_stay(page: Page) -> None:
    """What templates of the server would take for an order of theirs."""
    await expect(page.locator("#invoice table >> nth=0")).to_contain_text(BRACES)


async def read_without_scripts(reader: Person) -> None:
    """What a browser makes of the answers alone."""
    for screen in (one for one in (*OWN, *CATALOGUE) if one.path in IN_THE_ANSWER and one.shows):
        page, place = await reader.go(screen.path), reader.page.locator(screen.place)
        for _ in range(TRIES):
            if HOSTILE in (await place.all_inner_texts() or [""])[0]:
                break
            await page.reload()
        await expect(place).to_contain_text(screen.shows)
