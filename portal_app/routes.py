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
MFA: Final = "/auth/mfa"
CONFIRM: Final = "/auth/confirm"
CONFIRM_EMAIL: Final = "/auth/confirm-email"
CATALOG: Final = "/catalog"
CATALOG_INTERNET: Final = "/catalog/internet"
CATALOG_SIM: Final = "/catalog/sim"
CATALOG_VPN: Final = "/catalog/vpn"
DASHBOARD: Final = "/dashboard"
INVOICES: Final = "/billing/invoices"
INVOICE: Final = "/billing/invoices/[invoice_id]"
PAYMENT_METHODS: Final = "/billing/payments"
SERVICES: Final = "/subscriptions"
SERVICE: Final = "/subscriptions/[service_id]"
ORDER_INTERNET: Final = "/order/internet"
ORDER_SIM: Final = "/order/sim"
ORDER_VPN: Final = "/order/vpn"
AVAILABILITY: Final = "/order/internet/availability"
CHECKOUT: Final = "/checkout/[line]"
ORDERS: Final = "/orders"
ORDER: Final = "/orders/[order_id]"
CASES: Final = "/support/cases"
CASE: Final = "/support/cases/[case_id]"
NEW_CASE: Final = "/support/new"
ACCOUNT: Final = "/account"
PROFILE: Final = "/account/profile"
SECURITY: Final = "/account/security"
NOTIFICATIONS: Final = "/account/notifications"
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
API_MFA: Final = "/api/auth/mfa"
API_CONFIRM: Final = "/api/auth/confirm"
API_CONFIRM_EMAIL: Final = "/api/auth/confirm-email"
API_CART: Final = "/api/cart"
API_ORDERS: Final = "/api/orders"
API_ADDRESS: Final = "/api/account/address"
API_VERIFICATION: Final = "/api/account/verification"
API_PROFILE: Final = "/api/account/profile"
API_PASSWORD: Final = "/api/account/password"
API_EMAIL: Final = "/api/account/email"
API_TOTP: Final = "/api/account/totp"
API_TOTP_REMOVE: Final = "/api/account/totp/remove"
API_RECOVERY_CODES: Final = "/api/account/recovery-codes"
API_CASES: Final = "/api/cases"
API_CASE_COMMENTS: Final = "/api/cases/{case_id}/comments"
API_CASE_CLOSE: Final = "/api/cases/{case_id}/close"
API_CASE_REOPEN: Final = "/api/cases/{case_id}/reopen"
API_CASE_UPLOADS: Final = "/api/case-files"
API_CASE_UPLOAD: Final = "/api/case-files/{file_id}"
API_CASE_FILE: Final = "/api/cases/{case_id}/files/{document_id}"
API_PAYMENTS_SSO: Final = "/api/payments/sso-link"
API_INVOICE_SSO: Final = "/api/invoices/{invoice_id}/sso-link"
API_WHMCS_WEBHOOK: Final = "/api/webhooks/whmcs"
API_LIVE: Final = "/api/health/live"
API_READY: Final = "/api/health/ready"
API_SF_EVENTS: Final = "/api/health/sf-events"
API_QUEUES: Final = "/api/health/queues"
METRICS: Final = "/metrics"
OPERATOR_WAKE: Final = "/api/operator/wake"

PRIVATE_PREFIXES: Final = (
    "/dashboard",
    "/billing",
    "/subscriptions",
    "/order",
    "/orders",
    "/checkout",
    "/account",
    "/support",
)


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


def service(whmcs_service_id: int | str) -> str:
    """The page of one service."""
    return f"{SERVICES}/{whmcs_service_id}"


def case(salesforce_case_id: str) -> str:
    """The page of one question to the staff."""
    return f"{CASES}/{salesforce_case_id}"


def question(topic: str, kind: str, record_id: int | str) -> str:
    """The form for a question about one "service", "order" or "invoice", with both chosen already."""
    return f"{NEW_CASE}?topic={topic}&related={kind}:{record_id}"


def case_api(salesforce_case_id: str, what: str) -> str:
    """Where the forms of a question post: "comments", "close", "reopen"."""
    return f"{API_CASES}/{salesforce_case_id}/{what}"


def case_file(salesforce_case_id: str, salesforce_document_id: str) -> str:
    """Where one attachment is downloaded."""
    return f"{API_CASES}/{salesforce_case_id}/files/{salesforce_document_id}"


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
