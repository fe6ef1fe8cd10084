"""The hook file against a running portal: what staff do in WHMCS turns up on an open page, once."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import httpx
import pytest
import sqlalchemy as sa

from tests.hooks.stage import CRON, Install, fire
from tests.support.portal import RunningPortal, running_portal
from tests.support.socket_client import Tab
from tools.environment import WEBHOOK_PATH


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


class Inbox:
    """The portal's inbox, read from beside it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.close = engine.dispose

    def rows(self) -> list[tuple[str, str, str, int]]:
        """Event id, name, when it was worked on, and failed attempts, of everything received."""
        sql = "SELECT event_id, event_type, processed_at, attempts FROM inbox_events ORDER BY event_id"
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]


async def test_paying_turns_the_open_page_and_a_repeat_changes_nothing(
    portal: RunningPortal, installed: Install, inbox: Inbox
) -> None:
    invoice = portal.console.new_invoice(("Hook file", 4321))
    page = f"/billing/invoices/{invoice}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        who = {"email": "demo@example.com", "password": "demo-portal-2026"}
        async with http.post(f"{portal.url}/api/auth/login", json=who, headers={"Origin": portal.url}) as answer:
            assert answer.status == 200
        tab = await Tab(http, portal.url).open(page)
        assert await tab.wait_for("4,321") and '"unpaid"' in tab.text.lower()
        portal.console.pay(invoice)
        tab.deltas.clear()
        await tab.settle(quiet_s=1.5)
        assert '"paid"' not in tab.text.lower()  # nobody told the portal yet
        before = {event_id for event_id, *_ in inbox.rows()}
        ran = installed.run(fire("AddInvoicePayment", invoiceid=invoice), fire("InvoicePaid", invoiceid=invoice))
        assert ran.log == [] and installed.spool == []
        assert await tab.wait_for('"paid"') or await tab.wait_for('"Paid"')
        await tab.close()
    told = [row for row in inbox.rows() if row[0] not in before]
    assert [name for _, name, *_ in told] == ["AddInvoicePayment", "InvoicePaid"]
