"""What a customer must not see, and what every tab must learn."""

from playwright.async_api import expect

from portal_app import routes
from tests.support.browser import DEMO, SECOND, dashboard_ready, invoice_ready, rows_ready
from tests.support.console import SECOND_CLIENT
from tools.run import DEMO_PASSWORD

SIGNED_OUT = "**/auth/login**"


async def test_signing_out_in_one_tab_is_seen_in_the_other(person):
    visitor = await person()
    first, second = await visitor.open(routes.DASHBOARD), await visitor.open(routes.SERVICES)
    await dashboard_ready(first)
    await expect(second.get_by_role("heading", level=1)).to_be_visible()
    async with second.expect_event("load", timeout=5000):  # the server is asked whether somebody signed in meanwhile
        await first.get_by_role("button", name="Sign out").click()
    await second.wait_for_url(SIGNED_OUT)
    await second.goto(visitor.url + routes.DASHBOARD)
    await second.wait_for_url(SIGNED_OUT)


async def test_another_customers_invoice_reads_as_not_found(person, portal):
    theirs = portal.console.client(SECOND_CLIENT)["invoices"][0]["id"]
    visitor, owner = await person(), await person(SECOND)
    visitor.expected = ["404"]  # the answer's status, where it knows already
    page = await visitor.go(routes.invoice(theirs))
    await expect(page.locator("#invoice-missing")).to_be_visible()
    same_as = await visitor.open(routes.invoice(99_999_999))
    await expect(same_as.locator("#invoice-missing")).to_be_visible()
    assert await page.locator("#invoice-missing").inner_text() == await same_as.locator("#invoice-missing").inner_text()
    await expect((await owner.go(routes.invoice(theirs))).locator("#invoice")).to_be_visible()


async def test_a_private_page_asks_a_stranger_to_sign_in_and_then_opens(person):
    stranger = await person(email="")
    page = await stranger.go(f"{routes.INVOICES}?tab=paid")
    await page.wait_for_url(SIGNED_OUT)
    await expect(page.locator("input[name=next]")).to_have_value(f"{routes.INVOICES}?tab=paid")
    await page.get_by_label("E-mail address").fill(DEMO)
    await page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{routes.INVOICES}?tab=paid")
    await rows_ready(page)


async def test_a_sign_in_page_left_open_goes_where_it_was_asked_to_once_somebody_is_signed_in(person):
    stranger = await person(email="")
    page = await stranger.go(routes.INVOICES)
    await page.wait_for_url(SIGNED_OUT)
    await stranger.sign_in()
    await page.reload()
    await page.wait_for_url(stranger.url + routes.INVOICES)


async def test_showing_who_it_is_in_one_tab_brings_the_others_back_to_where_they_were(person, portal):
    whmcs_invoice_id = portal.console.new_invoice()
    visitor = await person()
    paying = await visitor.open(routes.invoice(whmcs_invoice_id))
    await invoice_ready(paying, "unpaid")
    again = await visitor.open(f"{routes.CONFIRM}?next={routes.SERVICES}")
    await expect(again.locator("input[name=next]")).to_have_value(routes.SERVICES)
    async with paying.expect_event("framenavigated", lambda f: routes.LOGIN in f.url, timeout=15_000):
        await again.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
        await again.keyboard.press("Enter")
        await again.wait_for_url(f"**{routes.SERVICES}")
    await paying.wait_for_url(visitor.url + routes.invoice(whmcs_invoice_id))
    await invoice_ready(paying, "unpaid")
    portal.console.pay(whmcs_invoice_id)
    await invoice_ready(paying, "paid")


async def test_both_names_of_this_machine_serve_a_live_page(person, portal):
    for host in ("localhost", "127.0.0.1"):
        whmcs_invoice_id = portal.console.new_invoice()
        visitor = await person(url=portal.url.replace("localhost", host))
        page = await visitor.go(routes.invoice(whmcs_invoice_id))
        await invoice_ready(page, "unpaid")
        portal.console.pay(whmcs_invoice_id)
        await invoice_ready(page, "paid")


async def test_an_unknown_address_is_a_page_with_a_way_on_and_status_404(person):
    visitor = await person()
    visitor.expected = ["404"]
    answer = await visitor.page.goto(visitor.url + "/no/such/page")
    assert answer.status == 404
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_attached()
    await expect(visitor.page.get_by_role("link", name="Customer Portal")).to_be_visible()
