"""The shape for many machines: two web processes and a worker of its own, with Redis and PostgreSQL between them."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from portal_app import routes
from tests.support.databases import create_database, drop_database
from tests.support.portal import running_portal
from tests.support.socket_client import Tab
from tools.processes import started_at
from tools.run import DEMO_PASSWORD

TABS = 12


@pytest.fixture(scope="module")
def portal(tmp_path_factory, redis_url, postgres_url):
    shape = {"PORTAL_WEB_WORKERS": "2", "PORTAL_WORKER": "external"}
    database = create_database(postgres_url)
    with running_portal(tmp_path_factory.mktemp("portal"), REDIS_URL=redis_url, DATABASE_URL=database, **shape) as made:
        yield made
    drop_database(database, postgres_url)


async def sign_in(session: aiohttp.ClientSession, url: str) -> str:
    """The Cookie header of a new session."""
    form = {"email": "demo@example.com", "password": DEMO_PASSWORD}
    door = session.post(url + routes.API_LOGIN, data=form, headers={"Origin": url}, allow_redirects=False)
    async with door as answer:
        assert answer.status == 303
        return "; ".join(f"{name}={morsel.value}" for name, morsel in answer.cookies.items())


def web_processes(leader: int) -> list[int]:
    """Ids of the web workers below the server's main process."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text(encoding="ascii")
    return [int(pid) for pid in children.split() if started_at(int(pid))]


async def test_a_payment_reaches_tabs_on_every_web_process(portal):
    assert len(web_processes(portal.processes.portal.pid)) >= 2
    whmcs_invoice_id = await asyncio.to_thread(portal.console.new_invoice)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        cookie = await sign_in(session, portal.url)
        tabs = [Tab(session, portal.url, cookie=cookie) for _ in range(TABS)]
        await asyncio.gather(*(tab.open(routes.invoice(whmcs_invoice_id)) for tab in tabs))
        assert all(await asyncio.gather(*(tab.wait_for('"unpaid"', limit_s=20) for tab in tabs)))
        await asyncio.to_thread(portal.console.pay, whmcs_invoice_id)
        assert all(await asyncio.gather(*(tab.wait_for('"paid"', limit_s=4) for tab in tabs)))
        await asyncio.gather(*(tab.close() for tab in tabs))


async def test_signing_out_on_one_process_ends_the_session_on_the_other(portal):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        cookie = await sign_in(session, portal.url)
        tabs = [Tab(session, portal.url, cookie=cookie) for _ in range(TABS)]
        await asyncio.gather(*(tab.open(routes.SERVICES) for tab in tabs))
        assert all(await asyncio.gather(*(tab.wait_for("rx_state_", limit_s=20) for tab in tabs)))
        headers = {"Origin": portal.url, "Cookie": cookie}
        async with session.post(portal.url + routes.API_LOGOUT, headers=headers) as answer:
            assert answer.ok
        assert all(await asyncio.gather(*(tab.wait_for(routes.LOGIN, limit_s=4) for tab in tabs)))
        await asyncio.gather(*(tab.close() for tab in tabs))
