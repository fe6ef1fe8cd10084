"""What forms do in the browser by themselves: secrets stay out of events and addresses, typed text stays in place."""

import re
from urllib.parse import parse_qs

import pytest
from playwright.async_api import Page, Request, expect

from portal_app import routes

TOKEN = "tokenTOKENtokenTOKENtokenTOKENtokenTOKEN123"
PASSWORD = "harbour lantern 58"


def overheard(page: Page) -> list[str]:
    """Everything the page sends from now on: frames of its socket, addresses and headers of its requests."""
    said: list[str] = []

    def note(request: Request) -> None:
        said.append(f"{request.url} {request.headers}")

    page.on("request", note)
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said.append(str(frame))))
    return said


@pytest.mark.parametrize("path", [routes.VERIFY_EMAIL, routes.RESET_PASSWORD])
async def test_p6_the_token_of_a_mailed_link_leaves_the_browser_only_in_the_post(person, path):
    visitor = await person(email="")
    said = overheard(visitor.page)
    page = await visitor.go(f"{path}#{TOKEN}")
    await expect(page.locator("form [name='token']")).to_have_value(TOKEN)
    assert "#" not in page.url
    await page.get_by_role("button", name="日本語").click()  # an event, with the page's address in it
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await page.fill("#password", PASSWORD)
    async with page.expect_request(lambda request: request.method == "POST" and "/api/auth/" in request.url) as sent:
        await page.locator("#form button[type=submit]").click()
    posted = parse_qs((await sent.value).post_data or "")
    assert (posted["token"], posted["password"]) == ([TOKEN], [PASSWORD])
    await expect(page.locator("#refusal a")).to_be_visible()
    assert len(said) > 5
    assert [line[:200] for line in said if TOKEN in line or PASSWORD in line] == []


async def test_a_password_travels_in_no_event_however_it_is_typed_and_shown(person):
    visitor = await person(email="")
    said = overheard(visitor.page)
    page = await visitor.go(routes.SIGN_UP)
    await page.wait_for_load_state("networkidle")
    await page.locator("#password").press_sequentially(PASSWORD)
    await expect(page.get_by_text("Strong", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Show password").click()
    await expect(page.locator("#password")).to_have_attribute("type", "text")
    await page.fill("#phone", "0901234567")
    await page.locator("#city").focus()
    await expect(page.locator("#phone-error")).to_be_visible()
    assert any("0901234567" in line for line in said), "the socket was not overheard"
    assert [line[:200] for line in said if "harbour" in line] == []


async def test_other_contents_get_another_key_and_a_repeat_keeps_it(person):
    page = await (await person(email="")).go(routes.SIGN_UP)
    key = page.locator("form [name='idempotency_key']")
    await expect(key).to_have_value(re.compile(r"[0-9a-f]{32}"))
    first = await key.input_value()
    await page.fill("#city", "Shibuya-ku")
    second = await key.input_value()
    assert first != second
    await page.locator("#city").blur()
    assert await key.input_value() == second


async def test_what_is_typed_outlives_a_lost_connection_and_another_language(person):
    visitor = await person(email="")
    page = await visitor.go(routes.SIGN_UP)
    await page.wait_for_load_state("networkidle")
    await page.fill("#city", "Shibuya-ku")
    await page.select_option("#prefecture", "Tokyo")
    await page.check("#terms")
    await page.get_by_role("button", name="日本語").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await visitor.context.set_offline(True)
    await visitor.context.set_offline(False)
    await expect(page.locator("#city")).to_have_value("Shibuya-ku")
    await expect(page.locator("#prefecture")).to_have_value("Tokyo")
    await expect(page.locator("#terms")).to_be_checked()
