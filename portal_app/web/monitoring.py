"""Who may see more than one word about how the portal is doing."""

import hmac

from starlette.requests import Request

from portal_app import wiring
from portal_app.web.forwarded import is_local


def allowed(request: Request) -> bool:
    """The bearer of the monitoring token; in demo also a direct call from this machine."""
    settings = wiring.settings()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = settings.PORTAL_MONITORING_TOKEN
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    return settings.PORTAL_ENV == "demo" and not given and is_local(request.scope)
