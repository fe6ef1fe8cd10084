"""The customer records."""

from contextlib import AsyncExitStack
from dataclasses import replace

from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.changes import Changes
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.documents import Documents
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_LONG, Upstream
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts

SPARE_THREADS = 2
"""For calls that were given up but have not ended yet."""


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """The client over its two throttles, and its subjects. Signs in at the first call, not here. Raises: ConfigError"""
    fields, usage, clock = FieldMap(chosen.renamed_fields()), ApiUsage(), parts["clock"]
    upstream, long_upstream = _upstreams(chosen, parts)
    size = upstream.policy.concurrency + long_upstream.policy.concurrency + SPARE_THREADS
    threads = Threads(size, lambda: SfSession(usage.note))
    stack.push_async_callback(threads.close)
    tokens = Tokens(
        threads,
        chosen.SF_LOGIN_URL,
        chosen.SF_CLIENT_ID,
        chosen.SF_USERNAME,
        chosen.salesforce_key(),
        clock,
        audience=chosen.SF_AUDIENCE,
    )
    stack.push_async_callback(tokens.stop)
    client = SalesforceClient(tokens, threads, upstream, long_upstream, usage)
    accounts = Accounts(client, fields, clock)
    stack.push_async_callback(accounts.stop)
    return {
        "upstreams": (*parts["upstreams"], upstream, long_upstream),
        "salesforce_client": client,
        "salesforce_tokens": tokens,
        "salesforce_usage": usage,
        "salesforce_fields": fields,
        "accounts": accounts,
        "cases": Cases(client, fields, origin=chosen.SF_CASE_ORIGIN),
    } | _selling(client, fields, chosen, parts)


def _selling(client: SalesforceClient, fields: FieldMap, chosen: Settings, parts: Parts) -> Parts:
    cache, clock, book = parts["cache"], parts["clock"], chosen.PORTAL_PRICEBOOK_ID
    checks = Checks(client, fields, cache, clock, origin=chosen.SF_CASE_ORIGIN)
    return {
        "checks": checks,
        "catalog": PriceBook(client, fields, cache, clock, pricebook_id=book),
        "orders": Orders(client, fields, cache, pricebook_id=book),
        "approved_orders": ApprovedOrders(client, fields, clock),
        "opportunities": Opportunities(client, fields, clock),
        "contacts": Contacts(client, fields, parts["users"]),
        "documents": Documents(client, fields, checks, clock),
        "salesforce_record_changes": Changes(client, fields),
    }


def _upstreams(chosen: Settings, parts: Parts) -> tuple[Upstream, Upstream]:
    policy = replace(
        SALESFORCE,
        concurrency=chosen.SF_QUEUE_CONCURRENCY,
        per_second=chosen.SF_QUEUE_INTERVAL_CAP,
        queue_wait_s=chosen.SF_QUEUE_TIMEOUT_MS / 1000,
    )
    clock, told = parts["clock"], metrics.upstream_called
    return Upstream(policy, clock, on_event=told), Upstream(SALESFORCE_LONG, clock, on_event=told)
