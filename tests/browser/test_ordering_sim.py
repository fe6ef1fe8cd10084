"""A SIM in a browser: a wrong EID, a number taken along with every field wrong, a document that is sent back."""

from playwright.async_api import Page, expect

from portal_app import routes
from tests.support import ordering as shop
from tests.support.newcomers import fill

VOICE = "SIM-DATA-VOICE-5GB"
WRONG = {
    "reservation_number": "12345",
    "expires_on": "2020-01-01",
    "phone_number": "03-1234-5678",
    "last_name": "",
    "first_name": "あ" * 60,
    "last_name_kana": "Yamada",
    "first_name_kana": "花子",
    "birth_date": "2020-01-01",
    "account_number": "A" * 41,
    "gender": "",
}
RIGHT = {
    "reservation_number": "12-345-67890",
    "phone_number": "090 1234 5678",
    "last_name": "山田",
    "first_name": "花子",
    "last_name_kana": "やまだ",
    "first_name_kana": "ﾊﾅｺ",
    "birth_date": "1990-05-17",
    "account_number": "AB-12345",
    "gender": "female",
}


async def test_an_esim_with_a_number_taken_along_and_a_document_that_was_sent_back(person, portal):
    visitor, account_id = await shop.new_customer(person, portal, 22)
    page = visitor.page
    await shop.choose(page, portal.url, VOICE)
    await expect(page).to_have_url(shop.at(routes.ORDER_SIM))
    await phone(page)
    await number(page)
    await shop.go_on(page, "review")
    await expect(page.locator("#initial-contract")).to_contain_text("8 days")
    held = await page.locator("main").inner_text()
    assert shop.EID not in held and "1234567890" not in held
    await shop.to_checkout(page, "sim")
    await shop.missing(page, "payment_method", "document", "terms")

    await document(page, portal.console, account_id)
    await shop.pay_by_card(page)
    await shop.accept_terms(page)
    order_id = await shop.place(page)
    (order,) = portal.console.orders_of(account_id)
    assert (order["Id"], order["lines"]) == (order_id, 2)
    kept = portal.console.record(order_id)
    assert (kept["EID__c"], kept["MNP_Reservation_Number__c"]) == (shop.EID, "1234567890")


async def phone(page: Page) -> None:
    """An EID with a slip in it first; then the right one, starting at once."""
    await shop.to_step(page, "sim")
    await page.locator("#form-esim").check()
    await page.locator("[name='eid']").fill(shop.EID[:-1] + "6")
    await page.locator("[name='phone_ready']").check()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#eid-error")).not_to_be_empty()
    await page.locator("[name='eid']").fill(" ".join(shop.EID[at : at + 4] for at in range(0, 32, 4)))
    await shop.go_on(page, "start")
    await page.locator("[name='start'][value='immediate']").check()
    await shop.go_on(page, "number")


async def number(page: Page) -> None:
    """Each wrong field has its own sentence; what is right is kept and the step goes on."""
    await page.locator("#number-take").check()
    await fill(page, WRONG)
    await page.get_by_role("button", name="Continue").click()
    for name in WRONG:
        await expect(page.locator(f"#{name}-error"), name).not_to_be_empty()
    await expect(page.locator("[name='reservation_number']")).to_be_focused()
    latest = await page.locator("[name='expires_on']").get_attribute("max")
    await fill(page, RIGHT | {"expires_on": str(latest)})
    await shop.go_on(page, "add_ons")


async def document(page: Page, console: shop.Console, account_id: str) -> None:
    """Not a picture, then one that staff cannot read, then a good one."""
    await shop.gate(page, "document").get_by_role("link").click()
    await expect(page).to_have_url(shop.at(routes.VERIFICATION))
    await shop.send_document(page, "licence.png", b"MZ" + b"\x00" * 200)
    await expect(page.locator("#document-error")).not_to_be_empty()
    await shop.send_document(page)
    standing = page.locator("[role=status][data-standing]")
    await expect(standing).to_have_attribute("data-standing", "submitted")
    await page.get_by_role("link", name="Go on with your order").click()
    await shop.missing(page, "payment_method", "terms")

    console.review_document(account_id, "Rejected", "The photo is blurred.")
    await expect(shop.gate(page, "document_rejected")).to_be_visible()
    await expect(page.locator("[data-part='document']")).to_contain_text("The photo is blurred.")
    await shop.gate(page, "document_rejected").get_by_role("link").click()
    await expect(standing).to_have_attribute("data-standing", "rejected")
    await shop.send_document(page)
    await expect(standing).to_have_attribute("data-standing", "submitted")
    await page.get_by_role("link", name="Go on with your order").click()
    await shop.missing(page, "payment_method", "terms")
