"""`make bench`: the invoice list and the dashboard in a real browser, side by side with the floor app.

python -m bench.page_load [--runs 9]

Every figure is a median of runs that alternate between the apps. Cold: an empty browser cache, one signed-in visit.
Warm: the same page again. "rows" is the first frame after the rows stand; "next" and "filter" are from click to DOM.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.floor import running_floor
from portal_app import routes
from tests.support.browser import new_person
from tests.support.portal import running_portal
from tools.chromium import launch

# Runs in the page before anything else: a promise of the moment the rows are painted.
WATCH = """(wanted) => {
  const shown = () => [...document.querySelectorAll(wanted.rows)].filter(e => e.checkVisibility());
  window.rowsPainted = new Promise(done => {
    const look = () => {
      if (shown().length < wanted.least) return;
      observer.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, {childList: true, subtree: true, characterData: true});
  });
}"""
# From a click to changed rows, in ms.
CLICK = """([button, rows]) => new Promise((done, failed) => {
  const text = () => document.querySelector(rows)?.innerText, before = text(), began = performance.now();
  const observer = new MutationObserver(() => {
    if (text() && text() !== before) { observer.disconnect(); done(performance.now() - began); }
  });
  observer.observe(document, {childList: true, subtree: true, characterData: true});
  setTimeout(() => failed(new Error("nothing changed after a click on " + button)), 10000);
  [...document.querySelectorAll(button)].find(e => e.checkVisibility()).click();
})"""


@dataclass(frozen=True)
class Target:
    """One page to measure. `clicks`: name -> what to press, timed, and what to press to come back."""

    name: str
    url: str
    rows: str
    least: int
    clicks: dict[str, tuple[str, str]]


def portal_targets(url: str) -> list[Target]:
    """Pages of the portal."""
    pages, states = "nav[aria-label='Pages of invoices'] a", "nav[aria-label='Filter by status'] a"
    pager = f"{pages}:last-child", f"{pages}:first-child"
    tabs = f"{states}[href$='tab=paid']", f"{states}:first-child"
    invoices = Target("portal invoices", url + routes.INVOICES, "[data-invoice]", 25, {"next": pager, "filter": tabs})
    return [invoices, Target("portal dashboard", url + routes.DASHBOARD, "[data-invoice]", 5, {})]


def floor_target(url: str) -> Target:
    """The floor's only page."""
    clicks = {"next": ("#next", "#previous"), "filter": ("#paid", "#all")}
    return Target("floor table", url + "/", "#rows tr", 25, clicks)


async def visit(context: BrowserContext, target: Target, *, clicks: bool) -> dict[str, float]:
    """One load in one tab: kB, requests, first paint, rows; and the clicks when asked for."""
    page = await context.new_page()
    traffic = await _count_traffic(page)
    await page.add_init_script(f"({WATCH})({{rows: {target.rows!r}, least: {target.least}}})")
    await page.goto(target.url)
    rows_ms = await asyncio.wait_for(page.evaluate("window.rowsPainted"), 20)
    await page.wait_for_load_state("networkidle")
    measured = {"rows ms": rows_ms, "first paint ms": await page.evaluate(FIRST_PAINT)}
    measured |= {"kB": traffic["bytes"] / 1000, "requests": traffic["requests"]}
    if clicks:
        measured |= await _click_times(page, target)
    await page.close()
    return measured


FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


async def _count_traffic(page: Page) -> dict[str, float]:
    traffic = {"bytes": 0.0, "requests": 0.0}
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")

    def finished(event: dict[str, Any]) -> None:
        traffic["bytes"] += event["encodedDataLength"]
        traffic["requests"] += 1

    session.on("Network.loadingFinished", finished)
    return traffic


async def _click_times(page: Page, target: Target) -> dict[str, float]:
    times = {}
    for name, (there, back) in target.clicks.items():
        rows = f"{target.rows}:first-child"
        taken = []
        for _ in range(5):
            taken.append(await page.evaluate(CLICK, [there, rows]))
            await page.evaluate(CLICK, [back, rows])
        times[f"{name} ms"] = statistics.median(taken)
    return times


Measured = dict[str, dict[str, list[dict[str, float]]]]


async def measure(browser: Browser, targets: list[Target], cookies: Callable[[], Any], runs: int) -> Measured:
    """Every target cold and warm, `runs` times, in turns."""
    measured: Measured = {target.name: {"cold": [], "warm": []} for target in targets}
    for _ in range(runs):
        for target in targets:
            context = await browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=await cookies())
            measured[target.name]["cold"].append(await visit(context, target, clicks=False))
            measured[target.name]["warm"].append(await visit(context, target, clicks=True))
            await context.close()
    return measured


def table(measured: Measured) -> str:
    """Medians, one line per page and cache state."""
    columns = ["kB", "requests", "first paint ms", "rows ms", "next ms", "filter ms"]
    lines = [f"{'':<24}" + "".join(f"{column:>16}" for column in columns)]
    for name, states in measured.items():
        for state, runs in states.items():
            cells = [[run[column] for run in runs if column in run] for column in columns]
            figures = "".join(f"{statistics.median(cell):>16.1f}" if cell else f"{'-':>16}" for cell in cells)
            lines.append(f"{name + ' ' + state:<24}{figures}")
    return "\n".join(lines)


def verdict(measured: Measured) -> list[str]:
    """The aims, each with what came out."""

    def median(name: str, state: str, column: str) -> float:
        return statistics.median(run[column] for run in measured[name][state])

    lines = [f"dashboard, first visit: {median('portal dashboard', 'cold', 'kB'):.0f} kB (aim: at most 170)"]
    for state, column, aim in (
        *((s, "rows ms", 1.3) for s in ("cold", "warm")),
        *(("warm", c, 2.0) for c in ("next ms", "filter ms")),
    ):
        ratio = median("portal invoices", state, column) / median("floor table", state, column)
        lines.append(f"invoices against floor, {state} {column}: {ratio:.2f} times (aim: at most {aim})")
    return lines


async def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as data, running_portal(Path(data)) as portal, running_floor() as floor:
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            visitor = await new_person(browser, portal.url)
            await visitor.sign_in()
            for target in portal_targets(portal.url):
                await visit(visitor.context, target, clicks=False)

            async def cookies() -> Any:
                # A refresh token works once: ask for a fresh pair through the one profile that keeps them.
                await visitor.context.request.get(portal.url + routes.DASHBOARD)
                return await visitor.context.storage_state()

            measured = await measure(browser, [floor_target(floor), *portal_targets(portal.url)], cookies, runs)
            await browser.close()
    print(table(measured), "", *verdict(measured), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Page load side by side with the floor app.")
    parser.add_argument("--runs", type=int, default=9)
    asyncio.run(main(parser.parse_args().runs))
