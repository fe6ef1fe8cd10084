"""The main job without a mouse."""

import re

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import DEMO, dashboard_ready, invoice_ready
from tools.run import DEMO_PASSWORD

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  return {
    text: (e.innerText || e.getAttribute("aria-label") || e.id || "").trim(), tag: e.tagName, id: e.id,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
  };
}"""


async def tab_to(page: Page, wanted: str, most: int = 60) -> None:
    """Press Tab until the focus is on something whose text, label or id matches; every stop must be visible."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        if focused["tag"] != "BODY":
            assert focused["outlined"], f"no visible focus on {focused}"
        if re.search(wanted, focused["text"]) or re.fullmatch(wanted, focused["id"]):
            return
    raise AssertionError(f"never reached {wanted} by Tab")


async def test_sign_in_find_an_invoice_and_pay_it_by_keyboard_only(person, portal):
    whmcs_invoice_id = portal.console.new_invoice(due_in_days=1)
    visitor = await person(email="")
    page = await visitor.go(routes.LOGIN)
    await expect(page.locator("#email")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await tab_to(page, "email")
    await page.keyboard.type(DEMO)
    await tab_to(page, "password")
    await page.keyboard.type(DEMO_PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{routes.DASHBOARD}**")
    await dashboard_ready(page)

    await tab_to(page, "^Skip to content")
    await tab_to(page, "^Invoices$")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{routes.INVOICES}**")
    heading = page.get_by_role("heading", level=1, name="Invoices")
    await expect(heading).to_be_focused()
    shown = await page.locator(f"[data-invoice='{whmcs_invoice_id}'] a").inner_text()
    await tab_to(page, f"^{re.escape(shown)}$", most=150)
    await page.keyboard.press("Enter")
    await invoice_ready(page, "unpaid")

    await tab_to(page, "^Pay ")
    async with visitor.context.expect_page() as opened:
        await page.keyboard.press("Enter")
    payment = await opened.value
    await expect(payment.get_by_role("button", name="Pay now")).to_be_visible()
    await tab_to_plainly(payment, "Pay now")
    await payment.keyboard.press("Enter")
    await invoice_ready(page, "paid")


async def test_a_refused_sign_up_is_put_right_by_keyboard_only(person):
    visitor = await person(email="")
    page = await visitor.go(routes.SIGN_UP)
    await page.wait_for_load_state("networkidle")
    await tab_to(page, "last_name")
    await page.keyboard.type("山田")
    await page.keyboard.press("Enter")
    first = page.locator("#last_name")
    await expect(page.locator("#refusal")).to_contain_text("Family name")
    await expect(first).to_be_focused()
    await expect(first).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#last_name-error")).to_contain_text("roman letters")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("Yamada")
    await page.keyboard.press("Tab")
    await expect(page.locator("#last_name-error")).to_be_empty()
    await page.locator("#refusal a[href$='#city']").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#city")).to_be_focused()
    assert "#" not in page.url


async def tab_to_plainly(page: Page, name: str) -> None:
    """On the stand-in's page, whose looks are not ours to judge."""
    button = page.get_by_role("button", name=name)
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await button.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"never reached {name} by Tab")
