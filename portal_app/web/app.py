"""The HTTP doors and where they stand. Mounted beside the pages; Edge stands before all of it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portal_app import routes as urls
from portal_app.web import (
    addresses,
    auth,
    carts,
    case_files,
    cases,
    confirming,
    health,
    linking,
    metrics,
    mfa,
    operator,
    orders,
    payments,
    profile,
    recovery,
    registration,
    second_factors,
    security,
    uploads,
    webhooks,
)
from portal_app.web.problems import problem

EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def routes() -> list[BaseRoute]:
    """Every HTTP route of the portal. What else is asked for under /api answers with a problem document too."""
    doors = [
        (urls.API_LOGIN, auth.login),
        (urls.API_LOGOUT, auth.logout),
        (urls.API_REFRESH, auth.refresh),
        (urls.API_SIGN_UP, registration.sign_up),
        (urls.API_VERIFY_EMAIL, registration.verify_email),
        (urls.API_RESEND_VERIFICATION, registration.resend_verification),
        (urls.API_LINK, linking.link),
        (urls.API_LINK_ALIAS, linking.link),
        (urls.API_SET_PASSWORD, recovery.set_password),
        (urls.API_FORGOT_PASSWORD, recovery.forgot),
        (urls.API_RESET_PASSWORD, recovery.reset),
        (urls.API_MFA, mfa.second_factor),
        (urls.API_CONFIRM, confirming.confirm),
        (urls.API_CONFIRM_EMAIL, security.confirm_email),
        (urls.API_PASSWORD, security.password),
        (urls.API_EMAIL, security.email),
        (urls.API_TOTP, second_factors.authenticator),
        (urls.API_TOTP_REMOVE, second_factors.remove),
        (urls.API_RECOVERY_CODES, second_factors.recovery_codes),
        (urls.API_CART, carts.choose),
        (urls.API_VERIFICATION, uploads.identity_document),
        (urls.API_ORDERS, orders.place),
        (urls.API_ADDRESS, addresses.address),
        (urls.API_PROFILE, profile.profile),
        (urls.API_CASES, cases.open_case),
        (urls.API_CASE_COMMENTS, cases.comment),
        (urls.API_CASE_CLOSE, cases.close),
        (urls.API_CASE_REOPEN, cases.reopen),
        (urls.API_CASE_UPLOADS, case_files.upload),
        (urls.API_CASE_UPLOAD, case_files.discard),
        (urls.API_CASE_FILE, case_files.download),
        (urls.API_PAYMENTS_SSO, payments.methods_sso),
        (urls.API_INVOICE_SSO, payments.invoice_sso),
        (urls.API_WHMCS_WEBHOOK, webhooks.whmcs),
        (urls.OPERATOR_WAKE, operator.wake),
        (urls.API_LIVE, health.live),
        (urls.API_READY, health.ready),
        (urls.API_SF_EVENTS, health.sf_events),
        (urls.API_QUEUES, health.queues),
        (urls.METRICS, metrics.render),
        ("/api/{rest:path}", _unknown),
    ]
    return [Route(path, handler, methods=EVERY_METHOD) for path, handler in doors]


async def _unknown(request: Request) -> Response:
    return problem(request, 404, "not-found")
