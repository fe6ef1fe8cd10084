"""Every URL once. Patterns are what Reflex and Starlette mount; the functions build links."""

from typing import Final

LANDING: Final = "/"
LOGIN: Final = "/auth/login"
SIGN_UP: Final = "/auth/signup"
CHECK_MAIL: Final = "/auth/check-mail"
VERIFY_EMAIL: Final = "/auth/verify-email"
SIGN_UP_STATUS: Final = "/auth/signup-status"
LINK: Final = "/auth/link"
LINK_CODE: Final = "/auth/link/code"
SET_PASSWORD: Final = "/auth/set-password"
FORGOT_PASSWORD: Final = "/auth/forgot-password"
RESET_PASSWORD: Final = "/auth/reset-password"
CATALOG: Final = "/catalog"
CATALOG_INTERNET: Final = "/catalog/internet"
CATALOG_SIM: Final = "/catalog/sim"
CATALOG_VPN: Final = "/catalog/vpn"
DASHBOARD: Final = "/dashboard"
INVOICES: Final = "/billing/invoices"
INVOICE: Final = "/billing/invoices/[invoice_id]"
SERVICES: Final = "/subscriptions"
ORDER_INTERNET: Final = "/order/internet"
ORDER_SIM: Final = "/order/sim"
ORDER_VPN: Final = "/order/vpn"
AVAILABILITY: Final = "/order/internet/availability"
CHECKOUT: Final = "/checkout/[line]"
ORDERS: Final = "/orders"
ORDER: Final = "/orders/[order_id]"
SETTINGS: Final = "/account/settings"
ADDRESS: Final = "/account/settings/address"
VERIFICATION: Final = "/account/settings/verification"
TERMS: Final = "/legal/terms"
PRIVACY: Final = "/legal/privacy"
NOT_FOUND: Final = "/404"

API_LOGIN: Final = "/api/auth/login"
API_LOGOUT: Final = "/api/auth/logout"
API_REFRESH: Final = "/api/auth/refresh"
API_SIGN_UP: Final = "/api/auth/signup"
API_VERIFY_EMAIL: Final = "/api/auth/verify-email"
API_RESEND_VERIFICATION: Final = "/api/auth/resend-verification"
API_LINK: Final = "/api/auth/link-whmcs"
API_LINK_ALIAS: Final = "/api/auth/migrate"
API_SET_PASSWORD: Final = "/api/auth/set-password"
API_FORGOT_PASSWORD: Final = "/api/auth/forgot-password"
API_RESET_PASSWORD: Final = "/api/auth/reset-password"
API_CART: Final = "/api/cart"
API_ORDERS: Final = "/api/orders"
API_ADDRESS: Final = "/api/account/address"
API_VERIFICATION: Final = "/api/account/verification"
API_PAYMENTS_SSO: Final = "/api/payments/sso-link"
API_INVOICE_SSO: Final = "/api/invoices/{invoice_id}/sso-link"
API_WHMCS_WEBHOOK: Final = "/api/webhooks/whmcs"
API_LIVE: Final = "/api/health/live"
API_READY: Final = "/api/health/ready"
API_SF_EVENTS: Final = "/api/health/sf-events"
API_QUEUES: Final = "/api/health/queues"
METRICS: Final = "/metrics"
OPERATOR_WAKE: Final = "/api/operator/wake"

PRIVATE_PREFIXES: Final = ("/dashboard", "/billing", "/subscriptions", "/order", "/orders", "/checkout", "/account")


def invoice(whmcs_invoice_id: int | str) -> str:
    """The page of one invoice."""
    return f"{INVOICES}/{whmcs_invoice_id}"


def order_wizard(line: str) -> str:
    """Where a plan of that line ("internet", "sim", "vpn") is configured."""
    return f"/order/{line}"


def checkout(line: str) -> str:
    """Where the cart of that line becomes an order."""
    return f"/checkout/{line}"


def order(salesforce_order_id: str) -> str:
    """The page of one order."""
    return f"{ORDERS}/{salesforce_order_id}"


def invoice_sso(whmcs_invoice_id: int | str) -> str:
    """Where the Pay form posts."""
    return f"/api/invoices/{whmcs_invoice_id}/sso-link"


def safe_next(target: str | None) -> str:
    """A path of this site to go to after sign-in; anything else becomes the dashboard."""
    elsewhere = ("//", "/api", "/auth", "/_")
    if not target or len(target) > 500 or not target.startswith("/") or target.startswith(elsewhere):
        return DASHBOARD
    if "\\" in target or any(ord(c) < 33 or ord(c) == 127 or "\ud800" <= c <= "\udfff" for c in target):
        return DASHBOARD
    return target


def is_private(path: str) -> bool:
    """Whether a page belongs to a signed-in customer, so that a visitor is sent to sign in before any script loads."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in PRIVATE_PREFIXES)
