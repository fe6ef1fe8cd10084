"""What the account pages do in the browser by themselves: a look at a file, a postal code, a form that comes back."""

import re

import pytest
from playwright.async_api import Page, expect

from portal_app import routes

SEND = "#form button[type=submit]"
PNG = b"\x89PNG\r\n\x1a\n"


async def pick(page: Page, name: str, content: bytes) -> None:
    await page.set_input_files(
        "#document", files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("card.jpg", b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
        ("card.gif", b"GIF89a", "Use a JPG, PNG or PDF file."),
        ("card.png", b"", "This file is empty."),
    ],
)
async def test_a_file_that_cannot_be_taken_is_named_before_it_travels(person, name, content, sentence):
    page = await (await person()).go(routes.VERIFICATION)
    await expect(page.locator(SEND)).to_be_visible()
    await pick(page, name, content)
    await expect(page.get_by_text(sentence)).to_be_visible()
    await expect(page.locator(SEND)).to_be_disabled()
    await pick(page, "card.png", PNG + b"x" * 2000)
    await expect(page.get_by_text("card.png (3 kB)")).to_be_visible()
    await expect(page.get_by_text(sentence)).to_be_hidden()
    await expect(page.locator(SEND)).to_be_enabled()


async def test_a_file_of_another_kind_than_its_name_says_comes_back_with_the_reason(person):
    page = await (await person()).go(f"{routes.VERIFICATION}?returnTo={routes.ORDERS}")
    await pick(page, "card.png", b"GIF89a" * 300)
    await page.locator(SEND).click()
    await expect(page.locator("#document-error")).to_have_text("Use a JPG, PNG or PDF file.")
    await expect(page.locator("#document")).to_be_focused()
    assert page.url.endswith(f"?returnTo={routes.ORDERS}")


async def test_a_known_postal_code_is_the_whole_area_and_an_unknown_one_asks_for_it(person):
    page = await (await person()).go(routes.ADDRESS)
    await page.locator("#postal_code").press_sequentially("1500001")
    await expect(page.get_by_text("東京都渋谷区神宮前")).to_be_visible()
    await expect(page.get_by_text("Jingumae, Shibuya-ku, Tokyo")).to_be_visible()
    await expect(page.locator("#prefecture")).to_have_count(0)
    await page.fill("#postal_code", "999-0001")
    for field in ("#prefecture", "#city", "#town", "#city_roman", "#town_roman"):
        await expect(page.locator(field)).to_be_visible()


async def test_only_an_apartment_has_a_room_and_a_house_takes_it_away_again(person):
    page = await (await person()).go(routes.ADDRESS)
    await expect(page.locator("#room")).to_be_hidden()
    await page.check("#dwelling-apartment")
    await page.fill("#room", "203")
    await page.check("#dwelling-house")
    await expect(page.locator("#room")).to_be_hidden()
    await expect(page.locator("#room")).to_have_value("")


async def test_a_refused_address_comes_back_with_everything_that_was_typed(person):
    page = await (await person()).go(f"{routes.ADDRESS}?returnTo={routes.AVAILABILITY}")
    await page.fill("#postal_code", "999-0001")
    await page.select_option("#prefecture", "Osaka")
    await page.fill("#town_roman", "Namba")
    await page.check("#dwelling-apartment")
    await page.fill("#building", "ハイツ")
    await page.locator(SEND).click()
    await expect(page.locator("#refusal a")).to_have_count(6)
    await expect(page.locator("#city")).to_be_focused()
    await expect(page.locator("#prefecture")).to_have_value("Osaka")
    await expect(page.locator("#town_roman")).to_have_value("Namba")
    await expect(page.locator("#dwelling-apartment")).to_be_checked()
    await expect(page.locator("#building")).to_have_value("ハイツ")
    assert page.url.endswith(f"?returnTo={routes.AVAILABILITY}")


async def test_a_slow_press_on_the_button_is_a_click_though_the_field_left_has_something_to_say(person):
    page = await (await person()).go(routes.PROFILE)
    await expect(page.locator("#profile-form [name=idempotency_key]")).to_have_value(re.compile(r"\w{32}"))
    await page.fill("#phone", "12")
    # What the field says moves all below it: never away from under the hand.
    await page.locator("#profile-form button[type=submit]").click(delay=1_000)
    await expect(page.locator("#refusal a[href$='#phone']")).to_be_visible()
