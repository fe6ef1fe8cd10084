"""Pages of one record come with it in the HTML: whatever the tab showed before, also without scripts, to its owner."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from portal_app import routes
from tests.support.browser import SECOND, Person
from tests.support.console import Console
from tests.support.first_data import TRIES, hold_sockets, open_whole, shown, whole_answer
from tests.support.portal import RunningPortal, running_portal

NUMBER = "C-100001"
SERVICE = 40001
WATCH_TITLES = """(first) => {
  globalThis.wrong = [];
  const path = location.pathname;
  const look = () => {
    const title = document.querySelector("#invoice h1")?.textContent;
    const another = location.pathname.startsWith("/billing/invoices/") && location.pathname !== path;
    if (title === first && another) wrong.push(location.pathname);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True)
class Screen:
    """A page of one record, what is listed there, what will change of it, and a word of it in Japanese."""

    name: str
    path: str
    row: str
    place: str
    change: Callable[[Console], object]
    japanese: str


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPortal, dict[str, Screen]]]:
    """A portal of these tests, and the pages of one record of each kind of its demo customer."""
    with running_portal(tmp_path_factory.mktemp("details")) as running:
        yield running, {screen.name: screen for screen in _screens(running.console)}


def _screens(console: Console) -> list[Screen]:
    order = console.take_order(NUMBER, "VPN-USA-SF", "VPN-ACTIVATION-FEE")
    invoice = max(one["id"] for one in console.client()["invoices"] if one["status"] == "Unpaid")
    case = next(one["Id"] for one in console.cases_of(NUMBER) if one["Status"] == "Awaiting Customer")
    return [
        Screen(
            "invoice",
            routes.invoice(invoice),
            "#invoice tbody tr",
            "#invoice h1 + [data-status]",
            lambda console: console.pay(invoice),
            "ご請求内訳",
        ),
        Screen(
            "service",
            routes.service(SERVICE),
            "#history [data-invoice]",
            "#service h1 + [data-status]",
            lambda console: console.change_service(SERVICE, "suspend"),
            "請求履歴",
        ),
        Screen(
            "order",
            routes.order(order),
            "#timeline [data-step]",
            "#order h1 + [data-status]",
            lambda console: console.decide_order(order, "cancel"),
            "進み具合",
        ),
        Screen(
            "case",
            routes.case(case),
            "#thread [data-author]",
            "#thread li:last-child [data-body]",
            lambda console: console.reply(case, "Line one.\n  Line two & <b>"),
            "詳細",
        ),
    ]


async def known(visitor: Person, screen: Screen) -> Page:
    """The page with all there is of the record, so that it is kept: a history comes in parts."""
    page = await shown(visitor, screen.path, screen.row)
    await expect(page.locator("#history-rest")).to_have_count(0)
    return page


def two_invoices(console: Console) -> tuple[int, int]:
    """The newest paid ones, which stand on the first page of the list."""
    first, second, *_ = sorted(one["id"] for one in console.client()["invoices"] if one["status"] == "Paid")[::-1]
    return first, second


NAMES = ("invoice", "service", "order", "case")
ROOM = "#message-room"
"""How much more a message may be long is told by a script."""


@pytest.mark.parametrize("name", NAMES)
async def test_what_the_html_shows_stays_as_it_is_when_the_socket_comes(stocked, person, name):
    portal, screens = stocked
    visitor = await person(url=portal.url)
    await known(visitor, screens[name])
    opened = await open_whole(visitor, screens[name].path, screens[name].row)
    await opened.nothing_changed(ROOM)


async def test_in_a_tab_that_showed_another_record_the_html_stays_all_the_same(stocked, person):
    portal, _ = stocked
    visitor = await person(url=portal.url)
    one, other = (routes.invoice(invoice) for invoice in two_invoices(portal.console))
    for path in (other, one):
        await shown(visitor, path, "#invoice tbody tr")
    opened = await open_whole(visitor, one, "#invoice tbody tr")
    for _ in range(TRIES):
        await opened.nothing_changed()
        if await opened.go(portal.url + other):
            break
        await opened.go(portal.url + one)
    await opened.nothing_changed()


async def test_moving_on_inside_the_app_never_shows_one_record_at_the_address_of_another(stocked, person):
    portal, _ = stocked
    visitor = await person(url=portal.url)
    first, second = two_invoices(portal.console)
    await shown(visitor, routes.invoice(first), "#invoice tbody tr")
    page = (await open_whole(visitor, routes.invoice(first), "#invoice tbody tr")).page
    title = await page.locator("#invoice h1").inner_text()
    await page.evaluate(WATCH_TITLES, title)
    await page.get_by_role("link", name="All invoices").click()
    await page.locator(f"[data-invoice='{second}'] a").first.click()
    await expect(page.locator("#invoice h1")).to_contain_text(re.compile(r"\d"))
    await expect(page.locator("#invoice h1")).not_to_have_text(title)
    await page.go_back()
    await page.go_back()
    await expect(page.locator("#invoice h1")).to_have_text(title)
    assert await page.evaluate("wrong") == []


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_without_scripts_every_record_is_readable_in_both_languages(stocked, person, language):
    portal, screens = stocked
    visitor = await person(url=portal.url)
    reader = await person(url=portal.url, java_script_enabled=False)
    await reader.context.add_cookies([{"name": "portal_locale", "value": language, "url": portal.url}])
    for screen in screens.values():
        await known(visitor, screen)
        page = await whole_answer(reader, screen.path, screen.row)
        await expect(page.locator(screen.row).first).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", language)
        assert (screen.japanese in await page.locator("main").inner_text()) == (language == "ja"), screen.name


async def test_what_changed_between_html_and_socket_is_right_in_the_end(stocked, person):
    portal, screens = stocked
    visitor, watcher = await person(url=portal.url), await person(url=portal.url)
    for screen in screens.values():
        await known(visitor, screen)
    released = await hold_sockets(visitor)
    for screen in screens.values():
        released.clear()
        watched = await known(watcher, screen)
        held = await open_whole(visitor, screen.path, screen.row)
        before = await held.page.locator(screen.place).inner_text()
        screen.change(portal.console)
        await expect(watched.locator(screen.place)).not_to_have_text(before)
        await expect(held.page.locator(screen.place)).to_have_text(before)
        released.set()
        now = await watched.locator(screen.place).inner_text()
        await expect(held.page.locator(screen.place)).to_have_text(now, use_inner_text=True)
        assert held.said == []
        await held.page.close()


async def test_somebody_elses_record_and_none_at_all_are_one_answer(stocked, person):
    portal, screens = stocked
    owner, other = await person(url=portal.url), await person(SECOND, url=portal.url)
    other.expected = ["404"]
    theirs = {name: screens[name].path for name in NAMES}
    unknown = {
        "invoice": routes.invoice(99_999_999),
        "service": routes.service(99_999_999),
        "order": routes.order("801000000000009AAA"),
        "case": routes.case("500000000000009AAA"),
    }
    for name in NAMES:
        await known(owner, screens[name])
        for path in (theirs[name], unknown[name]):
            await expect((await other.go(path)).locator(f"#{name}-missing")).to_be_visible()
        answers = {await missing(other, path, name) for path in (theirs[name], unknown[name])}
        assert len(answers) == 1, name


async def missing(visitor: Person, path: str, name: str) -> str:
    """What is said without scripts of a record that is known to be none, but for where it was asked for."""
    for _ in range(TRIES):
        answer = await visitor.context.request.get(visitor.url + path)
        if answer.status == 404:
            html = await answer.text()
            assert f'id="{name}-missing"' in html
            return html.replace(path.rpartition("/")[2], "")
    raise AssertionError(f"nobody says that there is no {path}")
