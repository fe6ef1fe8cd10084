"""One cold visit to a page, timed by a script that is there before the document.

Times are ms from navigation start. "Painted" is the first animation frame in which the rows stand and can be seen;
"answered" the moment the page shows what was clicked. Clicking begins when the rows are painted, every 20 ms until the
page takes a click.
"""

import asyncio
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Browser, Error, Page, StorageState

TIMES = ("first byte", "first contentful paint", "rows in the DOM", "rows painted", "first answered click")
LATER = "later click (duration)"
LIMIT_S = 30
QUIET_MS = 500
LATER_CLICKS = 4

WATCH = """(wanted) => {
  const rows = () => [...document.querySelectorAll(wanted.rows)];
  // Neither a grey shape nor a mark that nobody filled.
  const real = (row) => row.textContent.trim() && !/[\\uE000-\\uF8FF]/.test(row.textContent);
  const stand = () => rows().length >= wanted.least && rows().every(real);
  const look = {contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true};
  const seen = () => stand() && rows().every((row) => row.checkVisibility(look));
  const until = (met) => new Promise((done) => {
    const check = () => met() && (observer.disconnect(), done(performance.now()));
    const observer = new MutationObserver(check);
    observer.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
    check();
  });
  const frame = (met) => new Promise((done) => {
    const check = () => met() ? done(performance.now()) : requestAnimationFrame(check);
    requestAnimationFrame(check);
  });
  let taken = -Infinity, parsed = false;
  // A link that no script takes yet would leave the page. React keeps a click to itself while it hydrates.
  addEventListener("click", (event) => {
    event.stopPropagation = () => { event.preventDefault(); Event.prototype.stopPropagation.call(event); };
  }, true);
  addEventListener("click", (event) => {
    if (event.defaultPrevented) taken = performance.now();
    event.preventDefault();
  });
  const shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
  document.addEventListener("readystatechange", () => { parsed ||= document.readyState === "interactive" && stand(); });
  const shows = (name) => Boolean(wanted[name].sign(rows()));
  const answer = async (name, every) => {
    const began = performance.now();
    let last = taken = -Infinity;
    const click = () => {
      if (!wanted[name].press || performance.now() < Math.max(last + every, taken + 1000)) return;
      last = performance.now();
      document.querySelector(wanted[name].press)?.click();
    };
    const clicking = setInterval(click, 5);
    click();
    const at = await until(() => shows(name));
    clearInterval(clicking);
    return {at, took: at - began};
  };
  const watch = async () => {
    const stood = await until(stand), painted = await frame(seen);
    if (wanted.there && shows("there")) throw new Error("the answer is shown before the click");
    const answered = wanted.there && (await answer("there", 20)).at;
    return {
      "first byte": performance.getEntriesByType("navigation")[0].responseStart,
      "rows in the DOM": stood, "rows painted": painted, ...(answered && {"first answered click": answered}),
    };
  };
  const shift = (end) => shifts.filter((one) => one.startTime < end).reduce((sum, one) => sum + one.value, 0);
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  window.firstVisit = {times: watch(), answer, shows, shift, paint, parsed: () => parsed};
}"""


@dataclass(frozen=True)
class Click:
    """What to press ("" to only wait), and the script's expression of `rows` that is true once the answer is shown."""

    press: str
    sign: str

    @property
    def script(self) -> str:
        return f"{{press: {json.dumps(self.press)}, sign: (rows) => {self.sign}}}"


@dataclass(frozen=True)
class Target:
    """A page, its rows and how many there must be; what to click and the way back; whether an answer stays."""

    url: str
    rows: str
    least: int = 1
    there: Click | None = None
    back: Click | None = None
    stays: bool = True

    @property
    def script(self) -> str:
        """Runs in the page before its document."""
        clicks = (one.script if one else "null" for one in (self.there, self.back))
        return f"({WATCH})({{rows: {json.dumps(self.rows)}, least: {self.least}, there: %s, back: %s}})" % tuple(clicks)


@dataclass
class Visit:
    """Column -> ms, and what was noticed beside: were the rows in the HTML, how far did things move until an answer."""

    times: dict[str, float]
    in_html: bool
    shift: float
    problems: list[str] = field(default_factory=list)


async def visit(browser: Browser, target: Target, cookies: StorageState | None) -> Visit:
    """With an empty cache. Raises TimeoutError when the rows or an answer do not come."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=cookies)
    try:
        return await asyncio.wait_for(_visit(await context.new_page(), target), LIMIT_S)
    except TimeoutError as late:
        raise TimeoutError(f"{target.url}: no rows or no answer within {LIMIT_S} s") from late
    finally:
        await context.close()


async def _visit(page: Page, target: Target) -> Visit:
    problems: list[str] = []
    documents: list[str] = []
    page.on("request", lambda sent: documents.extend([sent.url] if sent.is_navigation_request() else []))
    page.on("console", lambda said: problems.extend([said.text] if said.type in ("error", "warning") else []))
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.add_init_script(target.script)
    await page.goto(target.url, wait_until="commit")
    try:
        times = await page.evaluate("firstVisit.times")
    except Error:
        if len(documents) < 2:
            raise
        return Visit({}, False, 0, [*problems, f"the page was left for {documents[1]}"])
    await page.wait_for_timeout(QUIET_MS)
    times["first contentful paint"] = await page.evaluate("firstVisit.paint()")
    end = times.get(TIMES[-1], QUIET_MS + times["rows painted"])
    in_html, shift = await page.evaluate("(end) => [firstVisit.parsed(), firstVisit.shift(end)]", end)
    if target.there and target.stays and not await page.evaluate("firstVisit.shows('there')"):
        problems.append("the answer to the first click did not stay")
    if target.there and target.back:
        times[LATER] = await _later(page)
    return Visit(times, in_html, shift, problems)


async def _later(page: Page) -> float:
    took = []
    for _ in range(LATER_CLICKS):
        await page.evaluate("firstVisit.answer('back', 1000)")
        took.append((await page.evaluate("firstVisit.answer('there', 1000)"))["took"])
    return statistics.median(took)


def quartiles(values: Sequence[float]) -> str:
    """Median and the two other quartiles; "-" without a value."""
    if len(values) < 2:
        return f"{values[0]:.0f}" if values else "-"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.0f} ({low:.0f}-{high:.0f})"
