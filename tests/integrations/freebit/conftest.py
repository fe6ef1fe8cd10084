"""The subjects over a fake network, and what it takes to put them over the stand-in's real sockets."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal_app.domain.customer import Customer
from portal_app.integrations.freebit.client import FreebitClient
from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.upstream import FREEBIT, Upstream, UpstreamPolicy
from portal_app.integrations.upstream.http import open_http
from sandbox.app import Running, running
from sandbox.config import DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY, Config
from tests.fakes.clock import FakeClock
from tests.fakes.freebit import FakeFreebit
from tests.sandbox.freebit.visitors import StillClock

QUICK = replace(FREEBIT, per_second=100_000, per_minute=None, backoff_base_s=0, backoff_cap_s=0, breaker_failures=99)
Connect = Callable[..., FreebitClient]


@pytest.fixture
def freebit() -> FakeFreebit:
    return FakeFreebit()


@pytest.fixture
def clock() -> FakeClock:
    """Noon of 15 January 2026 in Japan."""
    return FakeClock()


@pytest.fixture
def sims(freebit: FakeFreebit, clock: FakeClock) -> Sims:
    return Sims(freebit.client(), clock)


@pytest.fixture
def customer() -> Customer:
    """Owner of WHMCS client 7, whose number is LINE."""
    return Customer("u-7", 7)


@pytest.fixture
def other_customer() -> Customer:
    return Customer("u-8", 8)


@pytest.fixture
async def sandbox() -> AsyncIterator[Running]:
    """Noon of 15 April 2026 in Japan, until its clock is advanced."""
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5), StillClock()) as started:
        yield started


@pytest.fixture
def april() -> FakeClock:
    """Our own clock of that noon."""
    return FakeClock(datetime(2026, 4, 15, 3, tzinfo=UTC))


@pytest.fixture
async def connect(sandbox: Running, april: FakeClock) -> AsyncIterator[Connect]:
    """Makes a client of its own for the stand-in."""
    async with open_http() as http:

        def made(secret: str = DEMO_FREEBIT_KEY, policy: UpstreamPolicy = QUICK) -> FreebitClient:
            return FreebitClient(http, sandbox.freebit_url, DEMO_FREEBIT_ID, secret, Upstream(policy, april))

        yield made
