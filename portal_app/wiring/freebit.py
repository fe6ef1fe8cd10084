"""The mobile network, where there is one, and what fulfilment asks of it."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from portal_app.domain.catalog import ProductLine
from portal_app.integrations.freebit.client import FreebitClient
from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.upstream import FREEBIT, Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts
from portal_app.workflows.fulfilment_sims import SimSteps


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs the customer records. Without an address "sims" is None. Signs in at the first call, not here."""
    made = _network(chosen, parts, stack) if chosen.FREEBIT_API_BASE_URL else {"sims": None}
    # The request may arrive as late as any write, and its line show later still.
    settle = timedelta(seconds=chosen.FULFILMENT_SETTLE_SECONDS + chosen.FREEBIT_SETTLE_SECONDS)
    steps = SimSteps(
        made["sims"],
        parts["checks"],
        parts["clock"],
        plan_codes=chosen.plan_codes(),
        documents_for=frozenset(map(ProductLine, chosen.documented_lines())),
        settle=settle,
    )
    return made | {"sim_steps": steps}


def _network(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    policy = replace(FREEBIT, write_s=chosen.FREEBIT_WRITE_TIMEOUT_MS / 1000)
    upstream = Upstream(policy, parts["clock"], on_event=metrics.upstream_called)
    http = open_http(policy.concurrency)
    stack.push_async_callback(http.aclose)
    identity = chosen.FREEBIT_CLIENT_ID, chosen.FREEBIT_CLIENT_SECRET
    client = FreebitClient(http, chosen.FREEBIT_API_BASE_URL, *identity, upstream)
    stack.push_async_callback(client.stop)
    return {"upstreams": (*parts["upstreams"], upstream), "sims": Sims(client, parts["clock"])}
