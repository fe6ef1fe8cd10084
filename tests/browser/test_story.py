"""The main job: see what is owed, pay it, and watch it turn paid everywhere."""

import asyncio
import re

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import DEMO, dashboard_ready, invoice_ready, row
from tools.run import DEMO_PASSWORD


def yen(text: str) -> int:
    """The number in whatever way an amount is written."""
    return int(re.sub(r"\D", "", text.split(".")[0]) or 0)


async def pay_on_the_stand_in(page: Page) -> Page:
    """Press Pay, and pay on the page that opens; returns that page as soon as the money moved."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name=re.compile("^Pay ")).click()
    payment = await opened.value
    await payment.get_by_role("button", name="Pay now").click()
    await expect(payment.get_by_text("Your payment was received")).to_be_visible()
    return payment


async def test_from_sign_in_to_paid_on_every_open_page_without_reload(person, portal):
    whmcs_invoice_id = portal.console.new_invoice(("Home internet", 5200), ("Router rental", 300))
    visitor = await person(email="")
    page = await visitor.go(routes.LOGIN)
    await page.get_by_label("E-mail address").fill(DEMO)
    await page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page).to_have_url(re.compile(f"{routes.DASHBOARD}/?$"))
    await dashboard_ready(page)

    first, second = await asyncio.gather(*(visitor.open(routes.invoice(whmcs_invoice_id)) for _ in range(2)))
    await asyncio.gather(*(invoice_ready(tab, "unpaid") for tab in (first, second)))
    recent = row(page, whmcs_invoice_id).locator("[data-status]")
    await expect(recent).to_have_attribute("data-status", "unpaid")
    owed = yen(await page.locator("#unpaid-amount").inner_text())
    for tab in (page, first, second):
        await tab.evaluate("window.sameDocument = true")

    await pay_on_the_stand_in(first)
    paid_within_2_s = [
        expect(first.locator("#invoice")).to_have_attribute("data-status", "paid", timeout=2000),
        expect(second.locator("#invoice")).to_have_attribute("data-status", "paid", timeout=2000),
        expect(recent).to_have_attribute("data-status", "paid", timeout=2000),
    ]
    await asyncio.gather(*paid_within_2_s)
    await expect(page.locator("#unpaid-amount")).to_have_text(re.compile(rf"{owed - 6050:,}"))
    for tab in (page, first, second):
        assert await tab.evaluate("window.sameDocument === true"), "the page was loaded again"


async def test_dashboard_figures_equal_the_billing_systems_own(person, portal):
    stats = portal.console.client()["stats"]
    visitor = await person()
    page = await visitor.go(routes.DASHBOARD)
    await dashboard_ready(page)
    unpaid = page.locator("#unpaid-amount").locator("xpath=ancestor::div[1]")
    await expect(unpaid).to_contain_text(f"Invoices: {stats['numunpaidinvoices']}")
    assert yen(await page.locator("#active-services").inner_text()) == int(stats["productsnumactive"])
    listed = [i for i in portal.console.client()["invoices"] if i["status"] == "Unpaid"]
    assert yen(await page.locator("#unpaid-amount").inner_text()) == sum(yen(i["balance"]) for i in listed)
    late = [i for i in listed if i["overdue"]]
    assert yen(await page.locator("#overdue-amount").inner_text()) == sum(yen(i["balance"]) for i in late)


async def test_a_payment_staff_record_turns_the_open_page_paid(person, portal):
    whmcs_invoice_id = portal.console.new_invoice()
    visitor = await person()
    page = await visitor.go(routes.invoice(whmcs_invoice_id))
    await invoice_ready(page, "unpaid")
    portal.console.pay(whmcs_invoice_id)
    await expect(page.locator("#invoice")).to_have_attribute("data-status", "paid", timeout=2000)


async def test_the_page_waits_for_a_payment_that_was_begun(person, portal):
    whmcs_invoice_id = portal.console.new_invoice()
    visitor = await person()
    page = await visitor.go(routes.invoice(whmcs_invoice_id))
    await invoice_ready(page, "unpaid")
    async with visitor.context.expect_page() as opened:
        await page.get_by_role("button", name=re.compile("^Pay ")).click()
    payment = await opened.value
    await expect(payment.get_by_role("button", name="Pay now")).to_be_visible()
    assert payment.url.startswith(portal.processes.demo.env["WHMCS_BASE_URL"])
    await expect(page.get_by_text("Waiting for your payment")).to_be_visible()
