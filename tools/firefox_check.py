"""`make firefox`: the pages whose first data stands in the HTML, in Debian's Firefox, in both languages.

python -m tools.firefox_check [--off] [dashboard invoices ...]     only these pages
--off: with FIRST_DATA=off, where rows come by the socket

Each line: rows in the HTML, rows once the socket is live, how many of those are the same elements as in the HTML, and
every warning or error the browser told. Exit code 1 when there was an error, a row was replaced, or a page that should
have had its rows in the HTML had none.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from portal_app import routes
from tools.firefox import Entry, Firefox, FirefoxError, firefox, running_firefox
from tools.run import DEMO_PASSWORD
from tools.running import running

LANGUAGES: Final = ("en", "ja")
# Runs before anything of the page. Rows are kept as the parser made them, as long as React has not touched any;
# and every message of the portal's socket is counted.
WATCH: Final = """() => {
  const seen = window.portalSeen = {rows: [], words: [], messages: 0, at: 0};
  const reacts = e => Object.keys(e).some(key => key.startsWith("__reactFiber"));
  const look = () => {
    const found = [...document.querySelectorAll(%s)];
    if (found.some(reacts)) return observer.disconnect();
    seen.rows = found;
    seen.words = found.map(e => e.textContent);
  };
  const observer = new MutationObserver(look);
  observer.observe(document, {childList: true, subtree: true});
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({data}) => {
        if (!String(data).startsWith("42/_event")) return;
        seen.messages += 1;
        seen.at = performance.now();
      });
    }
  };
}"""
LIVE: Final = "portalSeen.messages && performance.now() - portalSeen.at > 500 && !!document.querySelector(%s)"
"""The socket has answered and has nothing more to say, and the rows stand."""
COMPARED: Final = r"""(() => {
  const now = [...document.querySelectorAll(%s)], seen = portalSeen;
  return {
    path: location.pathname, lang: document.documentElement.lang, html: seen.rows.length, rows: now.length,
    first: !!seen.rows[0]?.isSameNode(now[0]), same: now.filter((e, at) => e === seen.rows[at]).length,
    hydrated: now.every(e => Object.keys(e).some(key => key.startsWith("__reactFiber"))),
    marks: /[\ue000-\ue00f]/.test(document.documentElement.outerHTML),
    changed: now.filter((e, at) => at in seen.words && e.textContent !== seen.words[at]).length,
  };
})()"""
SIGN_IN: Final = """fetch(%s, {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(%s)
}).then(answer => answer.status)"""


@dataclass(frozen=True, slots=True)
class Look:
    """One page: `rows` finds what its first data is."""

    name: str
    path: str
    rows: str


class Seen(NamedTuple):
    """A page as it was. `html` rows stood in the HTML, `rows` in the end, `same` of them as the same elements.

    `marks`: whether something of a template was left over.
    """

    path: str
    lang: str
    html: int
    rows: int
    first: bool
    same: int
    hydrated: bool
    marks: bool
    changed: int


LISTS: Final = (
    Look("dashboard", routes.DASHBOARD, "main [data-invoice]"),
    Look("invoices", routes.INVOICES, "main [data-invoice]"),
    Look("services", routes.SERVICES, "main li[id^=service-]"),
    Look("orders", routes.ORDERS, "main [data-order]"),
    Look("cases", routes.CASES, "main [data-case]"),
    Look("catalogue", routes.CATALOG, "main [data-line]"),
    Look("internet-plans", routes.CATALOG_INTERNET, "main [data-plan]"),
    Look("sim-plans", routes.CATALOG_SIM, "main [data-plan]"),
    Look("vpn-plans", routes.CATALOG_VPN, "main [data-plan]"),
)
DETAILS: Final = {
    "invoices": ("invoice", "#invoice tbody tr"),
    "services": ("service", "#service dd"),
    "orders": ("order", "#timeline [data-step]"),
    "cases": ("case", "#thread [data-author]"),
}
"""List -> its first row's page, and what is looked for there."""
NAMES: Final = [*(look.name for look in LISTS), *(name for name, _ in DETAILS.values())]


def told(entries: Sequence[Entry]) -> list[str]:
    """Warnings and errors."""
    return [f"{entry.level}: {entry.text}" for entry in entries if entry.level in ("error", "warn")]


def problems(look: Look, language: str, seen: Seen, entries: Sequence[Entry], *, primed: bool) -> list[str]:
    """Sentences about what must not be; empty when all is well."""
    html = f"of {seen.html} rows of the HTML {seen.same} are the same elements"
    wrong = {
        "the page speaks another language": seen.lang != language,
        f"was sent to {seen.path}": seen.path.rstrip("/") != look.path,
        "no row": not seen.rows,
        "no row in the HTML": primed and not seen.html,
        html: seen.html > 0 and (not seen.first or seen.same < min(seen.html, seen.rows)),
        "a row is not React's": not seen.hydrated,
        "a mark of the template is left": seen.marks,
    }
    return [text for text, is_so in wrong.items() if is_so] + [
        f"error: {entry.text}" for entry in entries if entry.level == "error"
    ]


async def look_at(browser: Firefox, url: str, look: Look) -> tuple[Seen, list[Entry]]:
    """Open a page, wait until it is live, compare. Raises FirefoxError."""
    rows, before = json.dumps(look.rows), len(browser.entries)
    async with browser.before_each_page(WATCH % rows):
        await browser.open(url + look.path)
        try:
            await browser.until(LIVE % rows)
        except FirefoxError as never:
            heard = "; ".join(told(browser.entries[before:]))
            raise FirefoxError(f"{look.name}: not live with rows ({never}). {heard}") from never
        seen = Seen(**await browser.evaluate(COMPARED % rows))
    return seen, browser.entries[before:]


async def sign_in(browser: Firefox, url: str) -> None:
    """As the demo customer, from the portal's own origin. Raises FirefoxError."""
    who = {"email": "demo@example.com", "password": DEMO_PASSWORD}
    await browser.open(url + routes.TERMS)
    status = await browser.evaluate(SIGN_IN % (json.dumps(routes.API_LOGIN), json.dumps(who)))
    if status != 200:
        raise FirefoxError(f"sign-in was answered with {status}")


async def place_order(browser: Firefox, url: str) -> None:
    """The demo customer has no order at first: one for a VPN, as a customer places it. Raises FirefoxError."""
    await browser.open(url + routes.CATALOG_VPN)
    await _press(browser, "[data-plan] button[type=submit]")
    await browser.until("!!document.querySelector('[data-step]')")
    await browser.open(url + routes.checkout("vpn"))
    await browser.until("!!document.querySelector('#checkout[data-standing=open]')")
    await _press(browser, "#terms")
    await _press(browser, "#place button[type=submit]")
    await browser.until("!!document.querySelector('#timeline')")


async def _press(browser: Firefox, button: str) -> None:
    found = f"document.querySelector({json.dumps(button)})"
    reacts = f"Object.keys({found} ?? {{}}).some(key => key.startsWith('__reactFiber'))"
    await browser.until(f"{reacts} && !{found}.disabled")
    await browser.evaluate(f"setTimeout(() => {found}.click()) && null")


async def detail_of(browser: Firefox, url: str, look: Look) -> Look:
    """The page the first row of a list leads to."""
    await look_at(browser, url, look)
    name, rows = DETAILS[look.name]
    link = f"document.querySelector({json.dumps(look.rows)}).querySelector('a[href]')"
    return Look(name, await browser.evaluate(f"new URL({link}.href).pathname"), rows)


async def check(url: str, only: Sequence[str] = (), *, primed: bool) -> list[str]:
    """Print a line for every look, or those with the names in `only`; all that must not be."""
    async with running_firefox() as browser:
        await sign_in(browser, url)
        await place_order(browser, url)
        looks = [*LISTS, *[await detail_of(browser, url, look) for look in LISTS if look.name in DETAILS]]
        for look in looks:  # afterwards there is a copy of everything
            await look_at(browser, url, look)
        wrong = [f"before there were copies: {line}" for line in told(browser.entries) if line.startswith("error")]
        print(f"{'page':<16}{'':<4}{'html':>6}{'rows':>6}{'same':>6}{'reworded':>10}  first row")
        for language in LANGUAGES:
            await browser.set_cookie(url, "portal_locale", language)
            for look in (one for one in looks if not only or one.name in only):
                seen, entries = await look_at(browser, url, look)
                _print(look, language, seen, entries)
                found = problems(look, language, seen, entries, primed=primed)
                wrong += [f"{look.name} ({language}): {text}" for text in found]
    return wrong


def _print(look: Look, language: str, seen: Seen, entries: Sequence[Entry]) -> None:
    first = "the same" if seen.first else "REPLACED" if seen.html else "not in the HTML"
    print(f"{look.name:<16}{language:<4}{seen.html:>6}{seen.rows:>6}{seen.same:>6}{seen.changed:>10}  {first}")
    for line in told(entries):
        print(f"    {line}")


def main() -> int:
    parser = argparse.ArgumentParser(description="The primed pages in Firefox.")
    parser.add_argument("--off", action="store_true", help="with FIRST_DATA=off")
    parser.add_argument("only", nargs="*", metavar="page", help=", ".join(NAMES))
    given = parser.parse_args()
    if unknown := set(given.only) - set(NAMES):
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    firefox()  # without one nothing is worth starting
    settings = {"FIRST_DATA": "off"} if given.off else {}
    with tempfile.TemporaryDirectory() as data, running(Path(data), **settings) as portal:
        wrong = asyncio.run(check(portal.demo.portal_url, given.only, primed=not given.off))
    print(*(wrong or ["All is well."]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
