"""The first data in the HTML: the same before and after the scripts, right when they changed, there without scripts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from portal_app import routes
from portal_app.text import say
from tests.support.browser import SECOND
from tests.support.console import Console
from tests.support.first_data import SKELETON, hold_answers, hold_sockets, open_whole, open_with, shown, whole_answer
from tests.support.portal import running_portal

NUMBER = "C-100001"
SERVICE = 40001


@dataclass
class Stocked:
    """A portal of these tests, whose demo customer has an order, too."""

    url: str
    console: Console
    order: str
    unpaid: int


@dataclass(frozen=True)
class Screen:
    """A page, what is listed there, a sentence of it, and what staff may change, with the place where that is read."""

    path: str
    row: str
    sentence: str
    place: str
    change: Callable[[Stocked], object]

    def __str__(self) -> str:
        return self.path


SCREENS = [
    Screen(
        routes.DASHBOARD,
        "main [data-invoice]",
        "dashboard.lead",
        "#unpaid-amount",
        lambda stocked: stocked.console.new_invoice(("Late fee", 4321)),
    ),
    Screen(
        routes.INVOICES,
        "main [data-invoice]",
        "invoices.lead",
        "[data-invoice='{0.unpaid}'] [data-status]",
        lambda stocked: stocked.console.pay(stocked.unpaid),
    ),
    Screen(
        routes.SERVICES,
        "main li[id^=service-]",
        "services.lead",
        f"#service-{SERVICE} [data-status]",
        lambda stocked: stocked.console.change_service(SERVICE, "suspend"),
    ),
    Screen(
        routes.ORDERS,
        "main [data-order]",
        "orders.lead",
        "[data-order='{0.order}'] [data-status]",
        lambda stocked: stocked.console.decide_order(stocked.order, "cancel"),
    ),
]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    with running_portal(tmp_path_factory.mktemp("first-data")) as running:
        order = running.console.take_order(NUMBER, "VPN-USA-SF", "VPN-ACTIVATION-FEE")
        unpaid = max(one["id"] for one in running.console.client()["invoices"] if one["status"] == "Unpaid")
        yield Stocked(running.url, running.console, order, unpaid)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_what_the_html_shows_stays_as_it_is_when_the_socket_comes(stocked, person, screen):
    visitor = await person(url=stocked.url)
    await shown(visitor, screen.path, screen.row)
    opened = await open_whole(visitor, screen.path, screen.row)
    await opened.nothing_changed()


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_without_scripts_every_page_is_readable_in_both_languages(stocked, person, language):
    visitor, reader = await person(url=stocked.url), await person(url=stocked.url, java_script_enabled=False)
    await reader.context.add_cookies([{"name": "portal_locale", "value": language, "url": stocked.url}])
    for screen in SCREENS:
        await shown(visitor, screen.path, screen.row)
        page = await whole_answer(reader, screen.path, screen.row)
        await expect(page.locator(screen.row).first).to_be_visible()
        await expect(page.get_by_text(say(language, screen.sentence))).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_what_changed_between_html_and_socket_is_right_in_the_end(stocked, person, screen):
    visitor, watcher = await person(url=stocked.url), await person(url=stocked.url)
    watched = (await shown(watcher, screen.path, screen.row)).locator(screen.place.format(stocked))
    released = await hold_sockets(visitor)
    opened = await open_whole(visitor, screen.path, screen.row)
    held = opened.page.locator(screen.place.format(stocked))
    before = await held.inner_text()
    await expect(watched).to_have_text(before)
    screen.change(stocked)
    await expect(watched).not_to_have_text(before)
    await expect(held).to_have_text(before)
    released.set()
    await expect(held).to_have_text(await watched.inner_text())
    assert opened.said == []


async def test_a_block_that_is_not_kept_comes_with_the_socket_and_the_others_with_the_html(stocked, person):
    visitor = await person(SECOND, url=stocked.url)
    await shown(visitor, routes.INVOICES, "main [data-invoice]")
    await visitor.page.close()
    released = await hold_sockets(visitor)
    opened = await open_with(visitor, routes.DASHBOARD, "#unpaid-amount")
    await expect(opened.page.locator("#unpaid-amount")).to_have_text(re.compile(r"\d"))
    await expect(opened.page.locator("#cases-card .animate-pulse")).to_have_count(1)
    released.set()
    await expect(opened.page.locator(SKELETON)).to_have_count(0)
    await expect(opened.page.locator("#open-cases")).to_have_text(re.compile(r"\d"))
    assert opened.said == []


@pytest.mark.parametrize(
    ("path", "row", "link", "address"),
    [
        (routes.INVOICES, "main [data-invoice]", "a[href$='?tab=paid']", "tab=paid"),
        (routes.CASES, "main [data-case]", "a[href$='?tab=closed']", "tab=closed"),
    ],
)
async def test_what_is_asked_for_before_the_page_is_live_waits_for_the_page_s_own_rows(
    stocked, person, path, row, link, address
):
    """Else the server could run the page's own load after it, and show its rows under another address."""
    visitor = await person(url=stocked.url)
    await shown(visitor, path, row)
    line = await hold_answers(visitor)
    opened = await open_whole(visitor, path, row)
    await line.asked("hydrate_and_load")
    await opened.page.locator(f"main {link}").first.click()
    await expect(opened.page.locator("main [aria-busy=true]")).to_have_count(1)
    assert not line.has_asked(address)
    line.release()
    await line.asked(address)
    await expect(opened.page.locator(f"main {link}").first).to_have_attribute("aria-current", "true")
    await expect(opened.page).to_have_url(re.compile(address))
    assert opened.said == []
