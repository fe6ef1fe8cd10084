"""`make soak`: customers come and go, staff take payments, WHMCS stumbles now and then; memory and errors are watched.

python -m bench.soak [--minutes 10] [--customers 20]

Prints one line each quarter minute and ends with exit code 1 when a visit failed while WHMCS was well, an ERROR was
logged that nobody caused, or memory grew by more than a third between the first and the last third of the time.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from portal_app import routes
from tests.support.portal import RunningPortal, running_portal
from tests.support.socket_client import Tab
from tools.run import DEMO_PASSWORD

PAGES = (routes.DASHBOARD, routes.INVOICES, routes.SERVICES)
PEOPLE = ("demo@example.com", "second@example.com")


@dataclass
class Tally:
    """What happened so far."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    memory_mb: list[float] = field(default_factory=list)


def memory_mb(leader: int) -> float:
    """Proportional memory of a process group, in MB (Linux)."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[2]) == leader:
                rollup = (stat.parent / "smaps_rollup").read_text()
                total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except (OSError, ValueError, IndexError):
            continue
    return total / 1024


async def sign_in(session: aiohttp.ClientSession, url: str) -> str:
    """Cookie header of a new session."""
    form = {"email": random.choice(PEOPLE), "password": DEMO_PASSWORD}
    request = session.post(url + routes.API_LOGIN, data=form, headers={"Origin": url}, allow_redirects=False)
    async with request as answer:
        return "; ".join(f"{name}={morsel.value}" for name, morsel in answer.cookies.items())


async def visit(session: aiohttp.ClientSession, url: str, cookie: str, path: str) -> bool:
    """Open one page as a browser does and wait for its data; whether it came."""
    tab = Tab(session, url, cookie=cookie)
    await tab.open(path)
    try:
        return await tab.wait_for('"is_hydrated_rx_state_": true', limit_s=15)
    finally:
        await tab.close()


async def customer(portal: RunningPortal, tally: Tally, until: float) -> None:
    """Sign in, look at some pages, leave; again and again."""
    while time.monotonic() < until:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            cookie = await sign_in(session, portal.url)
            for path in random.sample(PAGES, 2):
                began = time.monotonic()
                if await visit(session, portal.url, cookie, path):
                    tally.seconds.append(time.monotonic() - began)
                else:
                    tally.failed += 1
                await asyncio.sleep(random.uniform(0.2, 1.5))


async def staff(portal: RunningPortal, until: float) -> None:
    """Bills are written and paid; now and then WHMCS is down for three seconds."""
    while time.monotonic() < until:
        whmcs_invoice_id = await asyncio.to_thread(portal.console.new_invoice)
        await asyncio.sleep(2)
        await asyncio.to_thread(portal.console.pay, whmcs_invoice_id)
        if random.random() < 0.1:
            portal.console.fail(random.choice(["down", "http500", "slow"]))
            await asyncio.sleep(3)
            portal.console.heal()


async def watch(portal: RunningPortal, tally: Tally, until: float) -> None:
    """One line each quarter minute."""
    while time.monotonic() < until:
        await asyncio.sleep(min(15, max(0.1, until - time.monotonic())))
        tally.memory_mb.append(memory_mb(portal.processes.portal.pid))
        latest = tally.seconds[-200:] or [0.0]
        slow = statistics.quantiles(latest, n=20)[-1] if len(latest) > 1 else latest[0]
        print(
            f"visits {len(tally.seconds):>6}  failed {tally.failed:>3}  memory {tally.memory_mb[-1]:>6.0f} MB  "
            f"page data p50 {statistics.median(latest) * 1000:>5.0f} ms  p95 {slow * 1000:>5.0f} ms",
            flush=True,
        )


def errors_logged(log: Path) -> list[str]:
    """Lines of level ERROR."""
    lines = (line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.startswith("{"))
    return [line for line in lines if json.loads(line).get("level") in ("ERROR", "CRITICAL")]


async def soak(portal: RunningPortal, minutes: float, customers: int) -> Tally:
    """Everybody at once until the time is over."""
    tally, until = Tally(), time.monotonic() + minutes * 60
    people = [customer(portal, tally, until) for _ in range(customers)]
    await asyncio.gather(staff(portal, until), watch(portal, tally, until), *people)
    return tally


def main(minutes: float, customers: int) -> int:
    with tempfile.TemporaryDirectory() as data, running_portal(Path(data)) as portal:
        tally = asyncio.run(soak(portal, minutes, customers))
        errors = errors_logged(portal.processes.portal.log)
    third = max(1, len(tally.memory_mb) // 3)
    growth = statistics.mean(tally.memory_mb[-third:]) / statistics.mean(tally.memory_mb[:third])
    print(f"\nmemory grew {growth:.2f} times; failed visits: {tally.failed}; errors logged: {len(errors)}")
    print(*errors[:5], sep="\n")
    return 1 if tally.failed or errors or growth > 4 / 3 else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mixed load for a while.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--customers", type=int, default=20)
    sys.exit(main(**vars(parser.parse_args())))
