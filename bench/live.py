"""`python -m bench.live`: how long until an open page knows.

python -m bench.live [--times 20]

A real portal process beside the sandbox, tabs over real sockets. Prints the time from the staff's answer, given in the
sandbox's console, until it stands in the customer's open conversation, and the time from ending a session on one device
until the other device's page is told to sign in.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from portal_app import routes
from tests.support.portal import RunningPortal, running_portal
from tests.support.socket_client import ROOT, Tab
from tools.run import DEMO_PASSWORD

DEMO_NUMBER, OPEN_QUESTION = "C-100001", "eSIM for a second phone"
END = f"{ROOT}.portal_app___state___security____security_state.end"
LIMIT_S = 10.0


async def _device(http: aiohttp.ClientSession, portal: RunningPortal, path: str) -> Tab:
    """A new session of the demo customer with one page open."""
    who = {"email": "demo@example.com", "password": DEMO_PASSWORD}
    headers = {"Origin": portal.url, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130"}
    async with http.post(f"{portal.url}{routes.API_LOGIN}", json=who, headers=headers) as answer:
        answer.raise_for_status()
    return await (await Tab(http, portal.url).open(path)).settle()


async def _answers(portal: RunningPortal, times: int) -> list[float]:
    case_id = next(one["Id"] for one in portal.console.cases_of(DEMO_NUMBER) if one["Subject"] == OPEN_QUESTION)
    took = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        tab = await _device(http, portal, routes.case(case_id))
        for number in range(times):
            text = f"Answer number {number:04d}."
            began = time.monotonic()
            await asyncio.to_thread(portal.console.reply, case_id, text)
            if not await tab.wait_for(text, LIMIT_S):
                raise SystemExit(f"an answer was not seen within {LIMIT_S:.0f} s")
            took.append(time.monotonic() - began)
            await tab.settle()
        await tab.close()
    return took


async def _endings(portal: RunningPortal, times: int) -> list[float]:
    took = []
    for _ in range(times):
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as here,
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as there,
        ):
            other = await _device(there, portal, routes.DASHBOARD)
            mine = await _device(here, portal, routes.SECURITY)
            handles = re.findall(r'"handle": "([^"]+)"[^}]*"current": false', mine.text)
            began = time.monotonic()
            await mine.send(END, {"handle": handles[0]}, routes.SECURITY)
            if not await other.wait_for(routes.LOGIN, LIMIT_S):
                raise SystemExit(f"a session was not ended within {LIMIT_S:.0f} s")
            took.append(time.monotonic() - began)
            await mine.settle()
            await mine.close()
            await other.close()
    return took


def _print(what: str, took: list[float]) -> None:
    print(f"{what}: median {statistics.median(took) * 1000:.0f} ms, worst of {len(took)} {max(took) * 1000:.0f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as data, running_portal(Path(data)) as portal:
        _print("a staff answer in the open conversation", asyncio.run(_answers(portal, times)))
        _print("a session ended elsewhere", asyncio.run(_endings(portal, min(times, 8))))


if __name__ == "__main__":
    main()
