"""A sandbox on real sockets, in memory, with twelve customers and a day that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import aiohttp
import pytest
from aiohttp import web

from sandbox.app import Running, running
from sandbox.clock import Clock
from sandbox.config import Config
from tests.sandbox.visitors import HOOK_SECRET, Console, Receiver, Whmcs

TODAY = date(2026, 4, 15)


@pytest.fixture
def clock() -> Clock:
    return Clock(TODAY)


@pytest.fixture
def config() -> Config:
    return Config(port=0, smtp_port=0, data=None, seed_size=12, today=TODAY)


@pytest.fixture
async def sandbox(config: Config, clock: Clock) -> AsyncIterator[Running]:
    async with running(config, clock) as started:
        yield started


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as opened:
        yield opened


@pytest.fixture
def whmcs(session: aiohttp.ClientSession, sandbox: Running) -> Whmcs:
    return Whmcs(session, sandbox)


@pytest.fixture
def console(session: aiohttp.ClientSession, sandbox: Running) -> Console:
    return Console(session, sandbox)


@pytest.fixture
async def receiver(console: Console) -> AsyncIterator[Receiver]:
    kept = Receiver()
    app = web.Application()
    app.router.add_post("/hook", kept.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await console("POST", "webhook", {"url": kept.url, "secret": HOOK_SECRET})
    yield kept
    await runner.cleanup()
