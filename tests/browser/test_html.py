"""What the HTML says before any script has run, and says for good to whoever runs none."""

import pytest
from playwright.async_api import expect

from portal_app import routes
from portal_app.text import LANGUAGES, say
from tests.support.first_data import shown, whole_answer


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("path", [routes.LANDING, routes.LOGIN, routes.TERMS, routes.CATALOG])
async def test_a_page_is_in_the_language_of_the_reader_and_says_which_one_that_is(person, path, locale):
    reader = await person("", java_script_enabled=False)
    await reader.context.add_cookies([{"name": "portal_locale", "value": locale, "url": reader.url}])
    page = await reader.go(path)
    await expect(page.locator("html")).to_have_attribute("lang", locale)
    pressed = page.locator("header button[aria-pressed=true]")
    await expect(pressed).to_have_count(1)
    await expect(pressed).to_have_attribute("lang", locale)
    await expect(page.get_by_role("link", name=say(locale, "legal.privacy"))).to_be_visible()


async def test_a_customer_among_the_plans_has_the_bar_of_a_customer(person):
    customer, reader = await person(), await person(java_script_enabled=False)
    await shown(customer, routes.CATALOG, "main [data-line]")
    page = await whole_answer(reader, routes.CATALOG, "main [data-line]")
    bar = page.get_by_role("navigation", name=say("en", "common.navigation")).first
    await expect(bar.get_by_role("link", name=say("en", "nav.dashboard"))).to_be_visible()
    await expect(page.get_by_role("link", name=say("en", "common.sign_in"))).to_have_count(0)


async def test_a_list_comes_with_its_filters_and_every_link_to_a_part_stays_on_the_page(person):
    customer, reader = await person(), await person(java_script_enabled=False)
    await shown(customer, routes.INVOICES, "main [data-invoice]")
    page = await whole_answer(reader, routes.INVOICES, "main [data-invoice]")
    await expect(page.get_by_role("navigation", name=say("en", "invoices.tabs"))).to_be_visible()
    await page.locator("main [data-invoice] a").first.click()
    await expect(page.locator("#invoice")).to_be_visible()
    here = page.url
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{here}#content")
