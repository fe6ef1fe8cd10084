"""The dashboard of somebody who has questions at support: they stand there, and what staff do shows by itself."""

from playwright.async_api import expect

from portal_app import routes
from tests.support.browser import dashboard_ready


async def test_a_question_that_begins_to_wait_for_the_customer_is_a_task_without_reload(person, portal):
    page = await (await person()).go(routes.DASHBOARD)
    await dashboard_ready(page)
    lines = page.locator("#cases-card [data-case]")
    await expect(lines.first).to_be_visible()
    # The card has room for three; which they are depends on what other tests have asked.
    shown = [await line.get_attribute("data-case") for line in await lines.all()]
    open_ones = [one for one in map(portal.console.case, shown) if one["Status"] != "Awaiting Customer"]
    case = open_ones[0]
    await expect(page.locator("#activity-card [data-happened]").nth(9)).to_be_visible()
    await expect(page.locator("[data-task=case]", has_text=case["Subject"])).to_have_count(0)

    portal.console.decide(case["Id"], "wait")
    task = page.locator("[data-task=case]", has_text=case["Subject"])
    await expect(task).to_be_visible()
    await task.get_by_role("link").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(case["Subject"])
    portal.console.decide(case["Id"], "reopen")
