"""The billing system fails while customers look: they keep the last copy, are told so, and it heals by itself."""

import re

from playwright.async_api import expect

from portal_app import routes
from portal_app.text import say
from tests.support.browser import dashboard_ready, invoice_ready, rows_ready


async def test_the_last_copy_stays_with_its_time_and_a_notice_and_recovers_by_itself(own_portal, person):
    whmcs_invoice_id = own_portal.console.new_invoice()
    visitor = await person()
    page = await visitor.go(routes.INVOICES)
    await rows_ready(page)
    own_portal.console.fail("down")
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_text("We cannot reach the billing system right now")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text(re.compile("As of "))).to_be_visible()
    line = page.locator(f"[data-invoice='{whmcs_invoice_id}']")
    await expect(line.get_by_role("button", name="Pay")).to_be_disabled()

    own_portal.console.heal()
    await expect(page.get_by_text("We cannot reach the billing system")).to_be_hidden(timeout=60_000)
    await expect(line.get_by_role("button", name="Pay")).to_be_enabled()


async def test_each_block_of_the_dashboard_fails_alone(own_portal, person):
    own_portal.console.fail("http500", system="salesforce")
    visitor = await person()
    page = await visitor.go(routes.DASHBOARD)
    await dashboard_ready(page)
    await expect(page.locator("#cases-card")).to_contain_text(say("en", "support.unavailable"))
    await expect(page.locator("#open-cases")).to_have_text("–")
    await expect(page.locator("[data-task=overdue]")).to_be_visible()
    await expect(page.locator("[data-happened^=invoice]").first).to_be_visible()
    owed = await page.locator("#unpaid-amount").inner_text()
    own_portal.console.fail("http500", action="GetClientsProducts")
    await page.get_by_role("button", name="Refresh").last.click()
    await expect(page.get_by_text("You see our last copy of your services")).to_be_visible()
    await expect(page.locator("#unpaid-amount")).to_have_text(owed)
    await expect(page.get_by_text("paying is paused")).to_have_count(0)


async def test_a_slow_billing_system_leaves_the_page_with_its_copy(own_portal, person):
    whmcs_invoice_id = own_portal.console.new_invoice()
    visitor = await person()
    await invoice_ready(await visitor.go(routes.invoice(whmcs_invoice_id)), "unpaid")
    page = await visitor.go(routes.INVOICES)
    await rows_ready(page)
    own_portal.console.fail("slow", delay_ms=4000)
    await page.reload()
    await expect(page.locator("[data-invoice]").first).to_be_visible(timeout=2500)
