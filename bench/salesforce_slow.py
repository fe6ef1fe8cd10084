"""Does a Salesforce that takes 20 s for every answer slow pages that need none of it?

python -m bench.salesforce_slow [--seconds 15] [--newcomers 50]

One portal, one process. The same visits are timed twice: while Salesforce is well and nobody signs up, and while it is
slow and so many newcomers have their customer number looked up, again and again. Ends with exit code 1 when the middle
or the 95th of a hundred visits got slower by more than half a second.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from bench.soak import sign_in, visit
from portal_app import routes
from tests.support.newcomers import form_of
from tests.support.portal import running_portal

SLOW_MS = 20_000
MOST_SLOWER_S = 0.5
WARM_S = 3.0
PAUSE_S = 1.0
"""Nobody presses the button again sooner."""

Timings = dict[str, list[float]]


class Visitor:
    """Looks at what has nothing to do with Salesforce, as often as the time allows."""

    def __init__(self, session: aiohttp.ClientSession, url: str, cookie: str) -> None:
        self._session, self._url, self._cookie = session, url, cookie
        self.busiest = 0  # calls to Salesforce under way and waiting at once, as the portal says

    async def look(self, seconds: float) -> Timings:
        """Seconds of every visit, by what was visited."""
        asked: dict[str, Callable[[], Awaitable[object]]] = {
            "/api/health/ready": self._ready,
            "dashboard, its HTML": lambda: self._get(routes.DASHBOARD),
            "dashboard, its event": self._event,
        }
        found: Timings = {name: [] for name in asked}
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name, ask in asked.items():
                began = time.monotonic()
                await ask()
                found[name].append(time.monotonic() - began)
        return found

    async def _ready(self) -> None:
        told = json.loads(await self._get(routes.API_READY))["details"]["salesforce"]
        self.busiest = max(self.busiest, told["running"] + told["waiting"])

    async def _get(self, path: str) -> bytes:
        async with self._session.get(self._url + path, headers={"Cookie": self._cookie}) as answer:
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
            return await answer.read()

    async def _event(self) -> None:
        """Open a socket, sign on, have the page's rows loaded."""
        if not await visit(self._session, self._url, self._cookie, routes.DASHBOARD):
            raise SystemExit("the dashboard did not load")


async def newcomer(session: aiohttp.ClientSession, url: str, place: int, answers: Counter[int]) -> None:
    """Send the sign-up form again and again, each time with a number that was not asked for yet."""
    tried = 0
    while True:
        tried += 1
        form = form_of(f"C-{place:03d}{tried:05d}", f"newcomer{place}.{tried}@example.com", terms="on")
        form |= {"idempotency_key": str(uuid.uuid4())}
        headers = {"Origin": url, "Accept": "application/json", "Idempotency-Key": form["idempotency_key"]}
        async with session.post(url + routes.API_SIGN_UP, json=form, headers=headers) as answer:
            answers[answer.status] += 1
        await asyncio.sleep(PAUSE_S)


def shown(name: str, times: list[float]) -> str:
    """One line: how many, the middle, the 95th of a hundred, the longest; milliseconds."""
    figures = statistics.median(times), _late(times), max(times)
    return f"  {name:<22} {len(times):>5} visits" + "".join(f" {1000 * one:>9.1f}" for one in figures)


def _late(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def slower(well: Timings, slow: Timings) -> list[str]:
    """What got slower by more than is allowed."""
    measures: tuple[Callable[[list[float]], float], ...] = (statistics.median, _late)
    return [name for name in well if any(of(slow[name]) - of(well[name]) > MOST_SLOWER_S for of in measures)]


async def run(seconds: float, newcomers: int) -> int:
    """Both rounds; the exit code."""
    no_cookies, unlimited = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(limit=0)
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder)) as portal:
        async with aiohttp.ClientSession(cookie_jar=no_cookies, connector=unlimited) as session:
            visitor = Visitor(session, portal.url, await sign_in(session, portal.url))
            await visitor.look(WARM_S)
            well = await visitor.look(seconds)
            console, answers = f"{portal.processes.demo.console_url}/console/api/latency", Counter[int]()
            async with session.post(console, json={"salesforce": SLOW_MS}) as answer:
                answer.raise_for_status()
            crowd = [asyncio.create_task(newcomer(session, portal.url, n, answers)) for n in range(newcomers)]
            await asyncio.sleep(WARM_S)
            slow = await visitor.look(seconds)
            for one in crowd:
                one.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
    for title, round_ in (("Salesforce well, nobody signs up", well), (f"20 s an answer, {newcomers} sign up", slow)):
        print(f"{title:<43}   median      95 %   longest  (ms)")
        print(*(shown(name, times) for name, times in round_.items()), sep="\n")
    told = ", ".join(f"{n} x {status}" for status, n in sorted(answers.items())) or "nothing yet"
    print(f"  newcomers were told: {told}; calls to Salesforce under way and waiting at most: {visitor.busiest}")
    worse = slower(well, slow)
    print(f"SLOWER: {', '.join(worse)}" if worse else "Nothing got slower by more than half a second.")
    return 1 if worse else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=15, help="how long each round lasts")
    parser.add_argument("--newcomers", type=int, default=50)
    chosen = parser.parse_args()
    return asyncio.run(run(chosen.seconds, chosen.newcomers))


if __name__ == "__main__":
    sys.exit(main())
