"""Support in a browser: asked with files, answered while one looks on, ended, and nobody else's."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from portal_app import routes
from tests.browser.test_ordering_keyboard import past_the_bar, tab_to
from tests.support.browser import SECOND

SEND = "#form button[type=submit]"
CASE = re.compile(re.escape(routes.CASES) + r"/500\w{15}/?$")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 900 + b"\0\0\0\0IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n" + bytes(range(255, -1, -1)) * 300 + b"\nstartxref\n0\n%%EOF\n"
FILES = {"speed test 夜.png": PNG, "letter.pdf": PDF}


async def form_ready(page: Page) -> None:
    """The script of the form runs: there is a key, and the room left is told."""
    await expect(page.locator("#form [name=idempotency_key]")).to_have_value(re.compile(r"\w{32}"))
    await expect(page.locator("#message-room")).to_have_text(re.compile(r"\d"))


async def attach(page: Page, files: dict[str, bytes]) -> None:
    kind = "application/octet-stream"
    picked = [{"name": name, "mimeType": kind, "buffer": content} for name, content in files.items()]
    await page.set_input_files("#files", files=picked)  # type: ignore[arg-type]


def message(page: Page, author: str, text: str) -> Locator:
    return page.locator(f"[data-author={author}][data-standing=sent]", has_text=text)


def case_id_of(page: Page) -> str:
    return page.url.rstrip("/").rpartition("/")[2]


def a_case_of(portal: Any, number: str) -> str:
    """One with a conversation, seeded."""
    return str(next(one["Id"] for one in portal.console.cases_of(number) if one["Origin"] != "Portal Notification"))


async def test_a_question_with_two_files_is_read_back_byte_for_byte_answered_live_ended_and_taken_up_again(
    person, portal
):
    visitor = await person()
    page = await visitor.go(routes.NEW_CASE)
    await form_ready(page)
    await page.select_option("#topic", "internet")
    await page.fill("#subject", "Every evening the line drops")
    await page.fill("#message", "Since Monday.\n\n<b>Between 20:00 and 23:00</b>")
    await attach(page, FILES)
    await expect(page.locator("[data-file=done]")).to_have_count(2)

    await page.reload()  # what was typed and what was attached is kept
    await form_ready(page)
    await expect(page.locator("#subject")).to_have_value("Every evening the line drops")
    await expect(page.locator("#topic")).to_have_value("internet")
    await expect(page.locator("[data-file=done]")).to_have_count(2)
    await page.locator(SEND).click()
    await expect(page).to_have_url(CASE)
    case_id = case_id_of(page)
    await expect(page.locator("[data-author=you] [data-body]")).to_have_text(
        "Since Monday.\n\n<b>Between 20:00 and 23:00</b>", use_inner_text=True
    )
    for name, content in FILES.items():
        link = page.locator("#thread a", has_text=name)
        got = await page.request.get(visitor.url + str(await link.get_attribute("href")))
        assert (got.status, await got.body()) == (200, content)
        assert "attachment" in got.headers["content-disposition"]

    portal.console.reply(case_id, "We measure your line tonight.")
    await expect(message(page, "staff", "We measure your line tonight.")).to_be_visible()
    await page.fill("#message", "Thank you, it is fine now.")
    await page.locator(SEND).click()
    await expect(message(page, "you", "Thank you, it is fine now.")).to_be_visible()
    await expect(page.locator("#message")).to_have_value("")

    await page.locator("#close-form button").click()
    await expect(page.locator("#case")).to_have_attribute("data-status", "closed")
    await expect(page.locator("#form")).to_have_count(0)
    await page.locator("#reopen-form button").click()
    await expect(page.locator("#case")).not_to_have_attribute("data-status", "closed")
    await form_ready(page)
    await expect(page.locator("#message")).to_have_value("")


async def test_an_answer_is_unread_in_the_list_until_its_question_is_opened(person, portal):
    case_id = a_case_of(portal, "C-100002")
    page = await (await person(SECOND)).go(routes.CASES)
    row = page.locator(f"[data-case='{case_id}']")
    await expect(row).to_have_attribute("data-unread", "false")
    portal.console.reply(case_id, "Here is the list of the calls.")
    await expect(row).to_have_attribute("data-unread", "true")
    await row.get_by_role("link").click()
    await expect(message(page, "staff", "Here is the list of the calls.")).to_be_visible()
    await page.go_back()
    await expect(row).to_have_attribute("data-unread", "false")


async def test_an_invoice_and_a_service_lead_to_a_question_about_them(person, portal):
    invoice = max(one["id"] for one in portal.console.client()["invoices"] if one["status"] == "Unpaid")
    visitor = await person()
    for topic, kind, path in (
        ("billing", "invoice", routes.invoice(invoice)),
        ("sim", "service", routes.service(40002)),
    ):
        page = await visitor.go(path)
        await page.locator("#ask").click()
        await expect(page.locator("#topic")).to_have_value(topic)
        await expect(page.locator("#related")).to_have_value(f"{kind}:{path.rpartition('/')[2]}")


async def test_another_customers_question_and_file_are_not_there(person, portal):
    case_id = next(one["Id"] for one in portal.console.cases_of("C-100001") if portal.console.case(one["Id"])["files"])
    document = portal.console.case(case_id)["files"][0]["Id"]
    stranger = await person(SECOND)
    page = await stranger.go(routes.case(case_id))
    await expect(page.locator("#case-missing")).to_be_visible()
    answer = await page.request.get(stranger.url + routes.case_file(case_id, document))
    unknown = await page.request.get(stranger.url + routes.case_file(case_id, "069000000000999AAA"))
    assert (answer.status, unknown.status) == (404, 404)


async def test_what_cannot_be_sent_says_why_and_nothing_that_was_typed_is_lost(person):
    visitor = await person(SECOND)
    visitor.expected = ["422"]  # the file that is none
    page = await visitor.go(f"{routes.NEW_CASE}?topic=billing")
    await form_ready(page)
    await expect(page.locator("#topic")).to_have_value("billing")
    await page.fill("#message", "あ" * 8_001)
    await expect(page.locator("#message-room")).to_have_attribute("data-room", "none")
    await attach(page, {"notes.txt": b"x", "photo.png": b"GIF89a" + PNG})
    await expect(page.locator("[data-file=refused]")).to_have_count(2)
    await expect(page.get_by_text("Use a JPG, PNG or PDF file.").first).to_be_visible()
    await page.locator(SEND).click()
    await expect(page.locator("#refusal a")).to_have_count(2)
    await expect(page.locator("#subject")).to_be_focused()
    assert len(await page.input_value("#message")) == 8_001

    await visitor.context.clear_cookies()
    await page.fill("#message", "Why is my bill higher?")
    await page.fill("#subject", "Higher bill")
    await page.locator(SEND).click()
    await expect(page.locator("#password")).to_be_visible()
    await visitor.sign_in(SECOND)
    await visitor.go(routes.NEW_CASE)
    await expect(page.locator("#subject")).to_have_value("Higher bill")
    await expect(page.locator("#message")).to_have_value("Why is my bill higher?")


async def test_a_question_is_asked_by_keyboard_only(person):
    page = await (await person()).go(routes.CASES)
    await expect(page.locator("[data-case]").first).to_be_visible()
    await past_the_bar(page)
    await tab_to(page, f"main a[href='{routes.NEW_CASE}']")
    await page.keyboard.press("Enter")
    await form_ready(page)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await tab_to(page, "#topic")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "#subject")
    await page.keyboard.type("By keyboard")
    await tab_to(page, "#message")
    await page.keyboard.type("Typed, not clicked.")
    await attach(page, {"letter.pdf": PDF})
    await expect(page.locator("[data-file=done]")).to_have_count(1)
    await tab_to(page, "[data-file=done] button")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-file]")).to_have_count(0)
    await expect(page.locator("#files")).to_be_focused()
    await tab_to(page, SEND)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(CASE)
    await expect(message(page, "you", "Typed, not clicked.")).to_be_visible()
