"""With the portal's own sign-in and REST client: one token for both, and our own changes come back as ours."""

import pytest

from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.pubsub.client import PubSubClient
from portal_app.integrations.salesforce.pubsub.wire import TokenSource
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_LONG, Upstream
from portal_app.storage.clock import Clock
from tests.integrations.salesforce.pubsub.conftest import QUICK
from tests.integrations.salesforce.pubsub.listening import ACCOUNT_ID, CHANGES, Notebook


@pytest.fixture
async def threads():
    usage = ApiUsage()
    made = Threads(14, lambda: SfSession(usage.note))
    yield made
    await made.close()


@pytest.fixture
def tokens(sandbox, threads) -> TokenSource:
    config, key = sandbox.world.config, sandbox.world.salesforce.keys.private_pem()
    return Tokens(threads, sandbox.url, config.sf_client_id, config.sf_username, key, Clock())


@pytest.fixture
def rest(tokens, threads) -> SalesforceClient:
    upstreams = Upstream(SALESFORCE, Clock()), Upstream(SALESFORCE_LONG, Clock())
    return SalesforceClient(tokens, threads, *upstreams, ApiUsage())


@pytest.fixture
async def client(sandbox, tokens):
    made = PubSubClient(sandbox.pubsub, tokens, QUICK)
    yield made
    await made.stop()


async def test_our_own_change_is_known_as_ours(listen, rest):
    sink = Notebook()
    await listen(CHANGES, sink)
    await rest.update("Account", ACCOUNT_ID, {"Phone": "0312345678"})
    (changed,) = await sink.events(1)
    assert changed.from_portal and "Phone" in changed.changed and changed.record_ids == (ACCOUNT_ID,)


async def test_a_session_ended_by_staff_is_replaced_under_a_running_stream(listen, rest, sandbox):
    sink = Notebook()
    await listen(CHANGES, sink)
    await rest.update("Account", ACCOUNT_ID, {"Phone": "0312345678"})
    await sink.events(1)
    sandbox.world.salesforce.sessions.expire()
    await rest.update("Account", ACCOUNT_ID, {"Phone": "0398765432"})
    assert len(await sink.events(2)) == 2
