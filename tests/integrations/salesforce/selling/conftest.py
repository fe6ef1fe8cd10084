"""The price book and orders over real sockets against the sandbox."""

from datetime import date

import pytest

from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_LONG, Upstream
from portal_app.storage.cache import MemoryCache
from portal_app.storage.clock import Clock
from sandbox.app import running
from sandbox.config import Config
from tests.integrations.salesforce.selling.staff import BOOK, customer_of, quick


@pytest.fixture
async def sandbox():
    config = Config(port=0, smtp_port=0, data=None, seed_size=5, today=date(2026, 4, 15))
    async with running(config) as started:
        yield started


@pytest.fixture
async def client(sandbox):
    config, usage, clock = sandbox.world.config, ApiUsage(), Clock()
    threads = Threads(14, lambda: SfSession(usage.note))
    key = sandbox.world.salesforce.keys.private_pem()
    tokens = Tokens(threads, sandbox.url, config.sf_client_id, config.sf_username, key, clock)
    upstreams = Upstream(quick(SALESFORCE), clock), Upstream(quick(SALESFORCE_LONG), clock)
    yield SalesforceClient(tokens, threads, *upstreams, usage)
    await tokens.stop()
    await threads.close()


@pytest.fixture
def book(client):
    clock = Clock()
    return PriceBook(client, FieldMap(), MemoryCache("test", clock), clock, pricebook_id=BOOK)


@pytest.fixture
def orders(client):
    return Orders(client, FieldMap(), MemoryCache("test", Clock()), pricebook_id=BOOK)


@pytest.fixture
async def customer(client):
    return await customer_of(client, "C-100001")
