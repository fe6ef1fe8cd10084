"""When does a page's first data stand on the screen? Pages with it in the HTML, without it, and the floor app.

python -m bench.first_data [--page invoices] [--rounds 12] [--network loopback|line]

The same build is served twice, with FIRST_DATA on ("primed") and off ("unprimed"), beside bench/floor_app, a bare
Reflex page with 25 rows. Each visit has an empty cache; the three take turns, who is first changes from round to round.
All of it once on loopback and once through bench/delay_proxy: 40 ms round trip, 10 Mbit/s down, 3 up. Prints medians
with quartiles, whether the aims are met, and what a console said; bench/first_visit.py explains the columns.

The line listens on 127.0.0.2 at the port of each server and the browser is told that localhost is there, so that Host,
Origin, cookies and the socket's address are the same with and without it. Linux only, for that second loopback address.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, StorageState, async_playwright

from bench.first_visit import LATER, TIMES, Click, Target, Visit, quartiles, visit
from bench.floor import running_floor
from portal_app import routes
from tests.support.browser import Person, new_person
from tests.support.portal import running_portal
from tools.chromium import launch
from tools.paths import ROOT
from tools.processes import start, wait_for_line

NEAR = "127.0.0.2"
NETWORKS = {
    "loopback": (),
    "line": (f"--host-resolver-rules=MAP localhost {NEAR}",),
}
PRIMED, UNPRIMED, FLOOR = "primed", "unprimed", "floor"
LATEST_PAINT_MS = 40


def _only(word: str) -> str:
    return f"rows.length && rows.every((row) => row.textContent.includes('{word}'))"


def _not_only(word: str) -> str:
    return f"rows.some((row) => !row.textContent.includes('{word}'))"


def _tabs(path: str, rows: str, tab: str, word: str, least: int = 1) -> Target:
    nav = "nav[aria-label='Filter by status'] a"
    there, back = Click(f"{nav}[href$='tab={tab}']", _only(word)), Click(f"{nav}:first-child", _not_only(word))
    return Target(path, rows, least, there, back)


def _refreshed(path: str, rows: str, least: int = 1) -> Target:
    """The button is out of use from the moment the server has heard of the click until it has read again."""
    button = "button[title='Refresh']"
    there = Click(button, f'document.querySelector("{button}:disabled")')
    return Target(path, rows, least, there, Click("", f'!document.querySelector("{button}:disabled")'), stays=False)


PAGES = {
    "invoices": _tabs(routes.INVOICES, "[data-invoice]", "paid", "Paid", least=25),
    "dashboard": _refreshed(routes.DASHBOARD, "[data-invoice]", least=5),
    "services": _refreshed(routes.SERVICES, "main ul > li:has(dl)"),
    "orders": _refreshed(routes.ORDERS, "#orders a"),  # who has none is shown the way to the plans
    "cases": _tabs(routes.CASES, "[data-case]", "closed", "Closed"),
    "catalog": Target(routes.CATALOG_SIM, "[data-plan]"),
}
"""Name -> the page of the portal with what counts as a row; `url` is its path."""

FLOOR_PAGE = Target("/", "#rows tr", 25, Click("#paid", _only("Paid")), Click("#all", _not_only("Paid")))


@dataclass
class App:
    """One of the three, as `visitor` sees it; the floor knows nobody."""

    name: str
    target: Target
    visitor: Person | None = None

    async def cookies(self) -> StorageState | None:
        """A refresh token works once: a fresh pair through the one profile that keeps them."""
        if not self.visitor:
            return None
        await self.visitor.context.request.get(self.visitor.url + routes.DASHBOARD)
        return await self.visitor.context.storage_state()


@contextmanager
def running_servers() -> Iterator[dict[str, str]]:
    """Name -> URL."""
    with ExitStack() as running:
        folders = {name: Path(running.enter_context(tempfile.TemporaryDirectory())) for name in (PRIMED, UNPRIMED)}
        urls = {
            PRIMED: running.enter_context(
                running_portal(folders[PRIMED], FIRST_DATA="on", FIRST_DATA_BUDGET_MS="50")
            ).url,
            UNPRIMED: running.enter_context(running_portal(folders[UNPRIMED], FIRST_DATA="off")).url,
            FLOOR: running.enter_context(running_floor()),
        }
        running.enter_context(_line(urls.values(), folders[PRIMED] / "line.log"))
        yield urls


@contextmanager
def _line(urls: Iterable[str], log: Path) -> Iterator[None]:
    """The slow line in front of all of them, in a process of its own."""
    ports = [urlsplit(url).port for url in urls]
    pairs = [f"{NEAR}:{port}=127.0.0.1:{port}" for port in ports]
    process = start("line", [sys.executable, "-m", "bench.delay_proxy", *pairs], log=log, cwd=ROOT)
    try:
        wait_for_line(process, "ready")
        yield
    finally:
        process.stop()


async def opened(browser: Browser, urls: dict[str, str], page: str) -> list[App]:
    """The three of them, somebody signed in where one can; each was visited once."""
    apps = []
    for name, url in urls.items():
        visitor = None
        target = FLOOR_PAGE
        if name != FLOOR:
            visitor, target = await new_person(browser, url), PAGES[page]
            await visitor.sign_in()
        apps.append(App(name, replace(target, url=url + target.url), visitor))
    for app in apps:
        await visit(browser, app.target, await app.cookies())
    return apps


async def measured(urls: dict[str, str], page: str, network: str, rounds: int) -> dict[str, list[Visit]]:
    """App -> its visits, in turns."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, *NETWORKS[network])
        apps = await opened(browser, urls, page)
        visits: dict[str, list[Visit]] = {app.name: [] for app in apps}
        for number in range(rounds):
            first = number % len(apps)
            for app in apps[first:] + apps[:first]:
                visits[app.name].append(await visit(browser, app.target, await app.cookies()))
        await browser.close()
    return visits


def _of(visits: list[Visit], column: str) -> list[float]:
    return [one.times[column] for one in visits if one.times.get(column) is not None]


def table(visits: dict[str, list[Visit]]) -> list[str]:
    """One line per column: median (quartiles) of each app."""
    lines = [f"{'':<26}" + "".join(f"{name:>20}" for name in visits)]
    for column in (*TIMES, LATER):
        lines.append(f"{column:<26}" + "".join(f"{quartiles(_of(those, column)):>20}" for those in visits.values()))
    return lines


def verdict(visits: dict[str, list[Visit]]) -> list[str]:
    """The aims with what came out, and everything that should not have happened."""

    def pair(column: str) -> tuple[float, float]:
        primed, unprimed = (statistics.median(_of(visits[name], column) or [0]) for name in (PRIMED, UNPRIMED))
        return primed, unprimed

    rows, paint, click = pair("rows painted"), pair("first contentful paint"), pair("first answered click")
    lines = [
        f"rows painted: {rows[0] / rows[1]:.2f} times unprimed (aim: at most 0.5)",
        f"first contentful paint: {paint[0] - paint[1]:+.0f} ms to unprimed (aim: at most +{LATEST_PAINT_MS})",
    ]
    if click[1]:
        lines.append(f"first answered click: {click[0] - click[1]:+.0f} ms to unprimed (aim: not slower)")
    for name, those in visits.items():
        shift = max(one.shift for one in those)
        said = sorted({problem for one in those for problem in one.problems})
        at_once = [one for one in those if one.in_html]
        painted = f", painted {quartiles(_of(at_once, 'rows painted'))}" if at_once else ""
        lines.append(
            f"{name}: rows in the HTML {len(at_once)} of {len(those)} times{painted}; largest shift {shift:.3f}"
        )
        lines += [f"    {problem[:200]}" for problem in said]
    return lines


async def main(page: str, networks: list[str], rounds: int) -> None:
    """Measure and print."""
    with running_servers() as urls:
        for network in networks:
            visits = await measured(urls, page, network, rounds)
            print(f"\n{page}, {network}, {rounds} rounds, ms from navigation start: median (quartiles)")
            print(*table(visits), "", *verdict(visits), sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="First data in the HTML, side by side with pages without.")
    parser.add_argument("--page", choices=PAGES, default="invoices")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--network", choices=NETWORKS, action="append")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.page, chosen.network or list(NETWORKS), chosen.rounds))
