"""The HTTP doors and where they stand. Mounted beside the pages; Edge stands before all of it."""

from starlette.routing import BaseRoute, Route

from portal_app import routes as urls
from portal_app.web import auth, health, metrics, operator, payments, webhooks


def routes() -> list[BaseRoute]:
    """Every HTTP route of the portal. Other methods answer 405."""
    return [
        Route(urls.API_LOGIN, auth.login, methods=["POST"]),
        Route(urls.API_LOGOUT, auth.logout, methods=["POST"]),
        Route(urls.API_REFRESH, auth.refresh, methods=["POST"]),
        Route(urls.API_INVOICE_SSO, payments.invoice_sso, methods=["POST"]),
        Route(urls.API_WHMCS_WEBHOOK, webhooks.whmcs, methods=["POST"]),
        Route(urls.OPERATOR_WAKE, operator.wake, methods=["POST"]),
        Route(urls.API_LIVE, health.live, methods=["GET"]),
        Route(urls.API_READY, health.ready, methods=["GET"]),
        Route(urls.METRICS, metrics.render, methods=["GET"]),
    ]
