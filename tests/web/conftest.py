"""The HTTP doors as an ASGI app over real stores, and browsers that keep their cookies."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.integrations.upstream import SALESFORCE, WHMCS, Upstream
from portal_app.web.app import routes
from tests.fakes.becoming_world import BecomingWorld
from tests.fakes.billing import FakeBilling
from tests.fakes.clock import FakeClock
from tests.fakes.doors import Doors, sqlite_url
from tests.fakes.entrance import Entrance
from tests.fakes.front_door import FrontDoor

HOME = "203.0.113.5"


@pytest.fixture
async def doors(tmp_path):
    made = Doors(sqlite_url(tmp_path), FakeClock())
    yield made
    await made.close()


@pytest.fixture
def billing():
    return FakeBilling()


@pytest.fixture
def app(doors, billing):
    """Everything wired. `wiring.use(settings=...)` inside a test changes the settings."""
    parts = {
        "settings": doors.settings,
        "clock": doors.clock,
        "database": doors.db,
        "bus": doors.bus,
        "flash": doors.flash,
        "sessions": doors.sessions,
        "limits": doors.limits,
        "audit": doors.audit,
        "inbox": doors.inbox,
        "outbox": doors.outbox,
        "billing": billing,
        "upstreams": (Upstream(WHMCS, doors.clock), Upstream(SALESFORCE, doors.clock)),
        "salesforce_client": SimpleNamespace(state=lambda: {"share": 0.9}, allowance_used=0.9),
    }
    with wiring.use(**parts | doors.factor_parts):
        yield FrontDoor(Starlette(routes=routes()))


@pytest.fixture
def browser_at(app):
    """A new browser at an address; it has the manners of a browser on our own page."""
    clients = []

    def make(ip: str = HOME, **headers: str) -> httpx.AsyncClient:
        manners = {"origin": "http://localhost:3000", "accept": "text/html", "user-agent": "Firefox Linux"}
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(ip, 50000)),
            base_url="http://localhost:3000",
            headers=manners | headers,
        )
        clients.append(client)
        return client

    return make


@pytest.fixture
async def browser(browser_at) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_at() as client:
        yield client


@pytest.fixture
async def program(browser_at) -> AsyncIterator[httpx.AsyncClient]:
    """A program: JSON in and out, no Origin."""
    async with browser_at(accept="application/json") as client:
        del client.headers["origin"]
        yield client


@pytest.fixture
async def world(tmp_path):
    """Nobody is a customer yet; Salesforce has the account C-1001 of Hanako, WHMCS has nobody."""
    made = BecomingWorld(Path(sqlite_url(tmp_path).removeprefix("sqlite:///")))
    made.an_account()
    yield made
    await made.close()


@pytest.fixture
async def entrance(world) -> AsyncIterator[Entrance]:
    made = Entrance(world)
    with wiring.use(**made.parts):
        yield made
    await made.close()
