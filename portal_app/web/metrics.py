"""GET /metrics for Prometheus, for those who may watch."""

import logging

from starlette.requests import Request
from starlette.responses import Response

from portal_app import wiring
from portal_app.observability import metrics
from portal_app.web import monitoring
from portal_app.web.problems import door, problem

log = logging.getLogger(__name__)


@door("GET")
async def render(request: Request) -> Response:
    """The counters of this process in text form."""
    if not monitoring.allowed(request):
        refused = problem(request, 401, "not-allowed")
        refused.headers["www-authenticate"] = "Bearer"
        return refused
    for upstream in wiring.upstreams():
        metrics.upstream_state(upstream.state())
    metrics.allowance_used(wiring.salesforce_client().allowance_used)
    await _events()
    await _work()
    return Response(metrics.render(), headers={"content-type": metrics.CONTENT_TYPE, "cache-control": "no-store"})


async def _events() -> None:
    """What the database knows of events: another process may be the one that listens. Without it the rest is told."""
    try:
        standing = await wiring.event_standing().get()
    except Exception as failure:
        log.error("events_unknown", exc_info=failure)
        return
    for one in standing.topics:
        metrics.event_topic(one.topic, one.status == "connected", one.heard_s)
    metrics.events_now(standing.waiting_s, standing.quarantined, standing.gap_since is not None)


async def _work() -> None:
    """What the database knows of background work, the same in every process."""
    try:
        standing = await wiring.work().get()
    except Exception as failure:
        log.error("queues_unknown", exc_info=failure)
        return
    for name, queue in standing.queues.items():
        metrics.queue_depth(name, queue.depth)
        metrics.queue_oldest(name, queue.oldest_s)
    orders = standing.orders
    by_state = {(state.value, hold.value): count for (state, hold), count in orders.orders.items()}
    metrics.orders_now(by_state, orders.held, orders.stuck)
    for report in standing.reports:
        metrics.reconciled(report.kind, report.finished_at.timestamp())
