"""An approved order that has to wait, in a browser: for the customer, or for staff while the customer is told so."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.support import fulfilment as story
from tests.support import ordering as shop
from tests.support.browser import SECOND, SMALLEST, WIDE
from tests.support.newcomers import within

PORT_NAME = "400-501"
SCROLLED_BY = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_a_missing_payment_method_pauses_the_order_and_adding_one_resumes_it_by_itself(person, portal):
    visitor, _ = await shop.new_customer(person, portal, 25)
    order_id = await story.plant(portal, "newcomer25@example.com", story.INTERNET)
    page = await story.at_order(visitor, order_id)

    portal.console.decide_order(order_id, "approve")
    await story.reads(page, "action_needed")
    await expect(page.locator("#wanted")).to_contain_text("waits for a payment method")
    await expect(page.locator("[data-step='billing']")).to_have_attribute("data-state", "waiting")
    assert "PAYMENT_METHOD" not in await page.content()
    await looks_right(page)
    within("the code for staff", lambda: story.code(portal, order_id) == "PAYMENT_METHOD_MISSING" or None)

    await add_card(page)
    await story.reads(page, "active")
    shown = await story.never_went_back(page)
    assert [one for one in shown if one in ("delayed", "in_progress", "")] == []
    within("the end in Salesforce", lambda: story.activation(portal, order_id) == ("Activated", None) or None)


async def test_an_esim_comes_alive_once_staff_gave_it_a_number(person, portal):
    visitor = await person(SECOND)
    story.verify(portal, "C-100002")
    order_id = await story.plant(portal, SECOND, story.an_esim())
    page = await story.at_order(visitor, order_id)
    number = portal.console.fill_in_sim(order_id)
    portal.console.decide_order(order_id, "approve")
    await story.reads(page, "active")
    assert set(await story.never_went_back(page)) <= {"under_review", "setting_up", "active"}
    assert (portal.console.sim(number)["status"], len(portal.console.sim(number)["requests"])) == ("active", 1)


async def test_a_refusal_of_the_network_is_a_delay_for_the_customer_and_a_code_for_staff(person, portal):
    visitor = await person(SECOND)
    story.verify(portal, "C-100002")
    order_id = await story.plant(portal, SECOND, story.an_esim())
    page = await story.at_order(visitor, order_id)
    portal.console.fill_in_sim(order_id)
    portal.console.reject_next_activation(PORT_NAME)
    portal.console.decide_order(order_id, "approve")
    await story.reads(page, "delayed")
    within("the code for staff", lambda: story.code(portal, order_id) or None)
    record = portal.console.record(order_id)
    assert record["Activation_Error_Code__c"] == "SIM_ERROR"
    assert PORT_NAME in record["Activation_Error_Message__c"]
    await expect(page.locator("#order")).to_contain_text("you need not do anything")
    await expect(page.locator("[data-state='delayed']")).to_contain_text(record["OrderNumber"])
    await looks_right(page)
    assert PORT_NAME not in await page.content() and "SIM_ERROR" not in await page.content()

    portal.console.decide_order(order_id, "reactivate")
    await story.reads(page, "active")
    await story.never_went_back(page)
    assert story.activation(portal, order_id) == ("Activated", None)


async def add_card(page: Page) -> None:
    """From the page of the order to the billing system's own by keyboard alone, and back."""
    async with page.context.expect_page() as opened:
        await press_by_keyboard(page, "#wanted button")
    billing = await opened.value
    await shop.add_card(billing)
    await billing.close()
    await page.bring_to_front()


async def press_by_keyboard(page: Page, wanted: str) -> None:
    """Tab until it is reached, and press it."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.locator(f"{wanted}:focus-visible").count():
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"{wanted} is not within reach of the keyboard")


async def looks_right(page: Page) -> None:
    """For everybody, on a small phone, too."""
    for width, height in (SMALLEST, WIDE):
        await page.set_viewport_size({"width": width, "height": height})
        found = (await Axe().run(page)).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], width
        assert await page.evaluate(SCROLLED_BY) <= 0, width
