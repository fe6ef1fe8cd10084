"""Every URL once. Patterns are what Reflex and Starlette mount; the functions build links."""

from typing import Final

LANDING: Final = "/"
LOGIN: Final = "/auth/login"
DASHBOARD: Final = "/dashboard"
INVOICES: Final = "/billing/invoices"
INVOICE: Final = "/billing/invoices/[invoice_id]"
SERVICES: Final = "/subscriptions"
NOT_FOUND: Final = "/404"

API_LOGIN: Final = "/api/auth/login"
API_LOGOUT: Final = "/api/auth/logout"
API_REFRESH: Final = "/api/auth/refresh"
API_INVOICE_SSO: Final = "/api/invoices/{invoice_id}/sso-link"
API_WHMCS_WEBHOOK: Final = "/api/webhooks/whmcs"
API_LIVE: Final = "/api/health/live"
API_READY: Final = "/api/health/ready"
METRICS: Final = "/metrics"
OPERATOR_WAKE: Final = "/api/operator/wake"

PRIVATE_PREFIXES: Final = ("/dashboard", "/billing", "/subscriptions")


def invoice(whmcs_invoice_id: int | str) -> str:
    """The page of one invoice."""
    return f"{INVOICES}/{whmcs_invoice_id}"


def invoice_sso(whmcs_invoice_id: int | str) -> str:
    """Where the Pay form posts."""
    return f"/api/invoices/{whmcs_invoice_id}/sso-link"


def safe_next(target: str | None) -> str:
    """A path of this site to go to after sign-in; anything else becomes the dashboard."""
    elsewhere = ("//", "/api", "/auth", "/_")
    if not target or len(target) > 500 or not target.startswith("/") or target.startswith(elsewhere):
        return DASHBOARD
    if "\\" in target or any(ord(c) < 33 or ord(c) == 127 for c in target):
        return DASHBOARD
    return target


def is_private(path: str) -> bool:
    """Whether a page belongs to a signed-in customer, so that a visitor is sent to sign in before any script loads."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in PRIVATE_PREFIXES)
