"""The hook file against a running portal: what staff do in WHMCS turns up on an open page, once."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import closing

import aiohttp
import httpx
import pytest
import sqlalchemy as sa

from tests.hooks.stage import CRON, Install, advance, fire
from tests.support.portal import RunningPortal, running_portal
from tests.support.socket_client import Tab
from tools.environment import WEBHOOK_PATH

PAID = '"status": "paid"'


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """Its sandbox sends no hooks: what arrives comes from PHP."""
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        console = f"{running.processes.demo.console_url}/console/api/webhook"
        httpx.post(console, json={"url": "", "secret": ""}).raise_for_status()
        yield running


@pytest.fixture
def installed(whmcs: Install, portal: RunningPortal) -> Install:
    return whmcs.settings(f"{portal.url}{WEBHOOK_PATH}", portal.processes.demo.env["WHMCS_WEBHOOK_SECRET"])


@pytest.fixture
def inbox(portal: RunningPortal) -> Iterator["Inbox"]:
    engine = sa.create_engine(portal.processes.demo.env["DATABASE_URL"])
    with closing(Inbox(engine)) as opened:
        yield opened


Row = tuple[str, str, str | None, int]


class Inbox:
    """What the portal's inbox received since this was made, read from beside it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.close = engine.dispose
        self._before = {event_id for event_id, *_ in self._all()}

    def rows(self) -> list[Row]:
        return [row for row in self._all() if row[0] not in self._before]

    def _all(self) -> list[Row]:
        """Event id, name, when it was worked on, and failed attempts."""
        sql = "SELECT event_id, event_type, processed_at, attempts FROM inbox_events ORDER BY event_id"
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]

    async def settled(self, count: int) -> list[Row]:
        """The rows once there are so many and all are worked on, or put off for being early."""
        async with asyncio.timeout(10):
            while len(rows := self.rows()) != count or not all(row[2] or row[3] for row in rows):
                await asyncio.sleep(0.05)
        return rows


async def test_w4_paying_turns_the_open_page_and_a_repeat_changes_nothing(
    portal: RunningPortal, installed: Install, inbox: Inbox
) -> None:
    invoice = portal.console.new_invoice(("Hook file", 4321))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        who = {"email": "demo@example.com", "password": "demo-portal-2026"}
        async with http.post(f"{portal.url}/api/auth/login", json=who, headers={"Origin": portal.url}) as answer:
            assert answer.status == 200
        tab = await Tab(http, portal.url).open(f"/billing/invoices/{invoice}")
        assert await tab.wait_for('"status": "unpaid"', limit_s=15) and "4,321" in tab.text
        portal.console.pay(invoice)
        await tab.settle(quiet_s=1)
        assert PAID not in tab.text  # nobody has told the portal

        told = {"now": time.time(), "dice": secrets.token_hex(10)}
        payment, paid = fire("AddInvoicePayment", invoiceid=invoice), fire("InvoicePaid", invoiceid=invoice)
        assert installed.run(payment).log == installed.run(paid, **told).log == []
        assert await tab.wait_for(PAID, limit_s=15)
        known = await inbox.settled(2)

        # The same event once more, then its id with another body: both are taken and have no effect.
        await tab.settle()
        tab.deltas.clear()
        portal.console.forget_calls()
        assert installed.run(paid, **told).log == []
        assert installed.run(fire("InvoicePaid", invoiceid=invoice + 1), **told).log == []
        assert not await tab.wait_for('"status"', limit_s=2)
        await tab.close()
    assert installed.spool == [] and inbox.rows() == known
    assert portal.console.calls("GetInvoice") == []


async def test_w5_a_wrong_secret_loses_nothing_once_it_is_put_right(
    portal: RunningPortal, installed: Install, inbox: Inbox
) -> None:
    url, secret = f"{portal.url}{WEBHOOK_PATH}", portal.processes.demo.env["WHMCS_WEBHOOK_SECRET"]
    [line] = installed.settings(url, "not-the-secret-of-the-portal-at-all").run(fire("ClientEdit", userid=1001)).log
    assert "status 401" in line and inbox.rows() == []
    ran = installed.settings(url, secret).run(advance(60), CRON)
    assert ran.log == ["Portal hooks: everything that was kept has been sent"]
    await inbox.settled(1)


async def test_every_hook_is_taken_by_the_portal_and_worked_on(
    portal: RunningPortal, installed: Install, inbox: Inbox
) -> None:
    events = list(installed.run().allowed)
    only = {"EmailPreSend": {"messagename": "Credit Card Payment Failed"}}
    ran = installed.run(*(fire(event, **only.get(event, {})) for event in events))
    assert ran.log == [] and installed.spool == []
    rows = await inbox.settled(len(events))
    assert sorted(name for _, name, *_ in rows) == sorted(events)


def test_a_stale_clock_is_refused_and_the_event_kept(installed: Install) -> None:
    ran = installed.run(fire("InvoicePaid", invoiceid=1), now=time.time() - 400)
    assert "status 401" in ran.log[0] and len(installed.spool) == 1
