"""GET /metrics for Prometheus, for those who may watch."""

from starlette.requests import Request
from starlette.responses import Response

from portal_app import wiring
from portal_app.observability import metrics
from portal_app.web import monitoring
from portal_app.web.problems import door, problem


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
    return Response(metrics.render(), headers={"content-type": metrics.CONTENT_TYPE, "cache-control": "no-store"})
