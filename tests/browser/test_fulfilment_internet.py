"""From approval to a running service in a browser: nobody reloads anything."""

import re

from playwright.async_api import expect

from portal_app import routes
from tests.support import fulfilment as story
from tests.support import ordering as shop
from tests.support.browser import DEMO, dashboard_ready, row
from tests.support.console import DEMO_CLIENT


async def test_an_approved_internet_order_runs_to_active_with_its_service_and_its_invoice(person, portal):
    visitor = await person()
    order_id = await story.plant(portal, DEMO, story.INTERNET)
    before = story.Billing(portal, DEMO_CLIENT)
    page = await story.at_order(visitor, order_id)
    services, invoices, board = [
        await visitor.open(path) for path in (routes.SERVICES, routes.INVOICES, routes.DASHBOARD)
    ]
    await dashboard_ready(board)
    listed = board.locator(f"#orders-card [data-order='{order_id}'] [data-status]")
    await expect(listed).to_have_attribute("data-status", "under_review")
    running = int(await board.locator("#active-services").inner_text())
    for tab in (services, invoices, board):
        await tab.evaluate("window.sameDocument = true")

    portal.console.decide_order(order_id, "approve")
    await story.reads(page, "active")
    assert set(await story.never_went_back(page)) <= {"under_review", "setting_up", "active"}
    for step in await page.locator("#timeline [data-step]").all():
        await expect(step).to_have_attribute("data-state", "done")

    (invoice_id,) = before.new("invoices")
    plan, installation = before.new("services")
    for one in (plan, installation):
        await expect(services.locator(f"#service-{one}")).to_contain_text("Active")
    await expect(row(invoices, invoice_id)).to_be_visible()
    await expect(board.locator("#active-services")).to_have_text(str(running + 2))
    await expect(listed).to_have_count(0)
    for tab in (services, invoices, board):
        assert await tab.evaluate("window.sameDocument === true"), "a page was loaded again"
    await page.get_by_role("link", name="See your services").click()
    await expect(page).to_have_url(shop.at(routes.SERVICES))
    await expect(page.locator(f"#service-{plan}")).to_contain_text(re.compile("Internet", re.IGNORECASE))
