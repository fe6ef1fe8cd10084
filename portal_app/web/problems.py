"""Errors as answers: RFC 9457 problem documents in the customer's language.

Nothing here repeats an exception's message, so no stack, SQL, host name or upstream text can slip out.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from portal_app import errors, routes
from portal_app.text import say
from portal_app.web import requests
from portal_app.web.refusal import HttpProblem

log = logging.getLogger(__name__)

BILLING: Final = "whmcs"
TITLES: Final[dict[str, str]] = {  # code -> key of its sentence
    "malformed": "problem.malformed",
    "validation": "problem.validation",
    "bad-credentials": "problem.bad_credentials",
    "bad-code": "problem.bad_code",
    "session-over": "problem.session_over",
    "reauthenticate": "problem.reauthenticate",
    "not-allowed": "problem.not_allowed",
    "not-found": "problem.not_found",
    "method-not-allowed": "problem.method_not_allowed",
    "set-password-first": "problem.set_password_first",
    "conflict": "problem.conflict",
    "idempotency-key-missing": "problem.idempotency_key_missing",
    "idempotency-key-malformed": "problem.idempotency_key_malformed",
    "idempotency-key-reused": "problem.idempotency_key_reused",
    "request-in-progress": "problem.request_in_progress",
    "too-large": "problem.too_large",
    "unsupported-type": "problem.unsupported_type",
    "too-many-tries": "problem.too_many_tries",
    "busy": "problem.busy",
    "upstream-unavailable": "problem.upstream_unavailable",
    "upstream-refused": "problem.upstream_refused",
    "being-confirmed": "problem.being_confirmed",
    "unavailable": "problem.unavailable",
    "our-bug": "problem.our_bug",
}


def problem(
    request: Request,
    status: int,
    code: str,
    *,
    detail: str = "",
    fields: list[dict[str, str]] | None = None,
    retry_after: int | None = None,
) -> Response:
    """One problem document. `detail` is a finished sentence; without it the title says all."""
    locale = requests.locale_of(request)
    title = say(locale, TITLES[code])
    body: dict[str, Any] = {
        "type": f"urn:portal:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": requests.correlation_id(request),
        "code": code,
    }
    if fields:
        body["errors"] = fields
    headers = {"cache-control": "no-store", "content-language": locale}
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def explain(request: Request, error: Exception) -> Response:
    """The problem document of any exception; one we did not expect is logged by type and shown as our bug."""
    match error:
        case HttpProblem():
            return problem(request, error.status, error.code, retry_after=error.retry_after)
        case errors.InvalidInput():
            sentence = _say(request, error.reason)
            named = {"field": error.field, "code": error.reason, "detail": sentence}
            return problem(request, 422, "validation", detail=sentence, fields=[named])
        case errors.InvalidFields():
            named_all = [{"field": f, "code": r, "detail": _say(request, r)} for f, r in error.reasons.items()]
            return problem(request, 422, "validation", fields=named_all)
        case errors.InvalidCredentials():
            return problem(request, 401, "bad-credentials")
        case errors.InvalidCode():
            return problem(request, 401, "bad-code")
        case errors.NotSignedIn():
            return problem(request, 401, "session-over")
        case errors.NotFound():
            return problem(request, 404, "not-found")
        case errors.Conflict():
            return problem(request, 409, "conflict", detail=_say(request, error.reason))
        case errors.TooManyTries():
            detail = wait_sentence(requests.locale_of(request), error.retry_after)
            return problem(request, 429, "too-many-tries", detail=detail, retry_after=error.retry_after)
        case errors.Busy():
            return problem(request, 503, "busy", retry_after=error.retry_after)
        case errors.UpstreamUnavailable():
            # The sentence of the first names billing; customers know no other outside system.
            code = "upstream-unavailable" if error.system == BILLING else "unavailable"
            return problem(request, 503, code, retry_after=30)
        case errors.UpstreamOutcomeUnknown():
            return problem(request, 202, "being-confirmed")
        case errors.UpstreamError():
            log.error("upstream_refused", exc_info=error)
            return problem(request, 502, "upstream-refused" if error.system == BILLING else "unavailable")
    log.error("request_failed", exc_info=error)
    return problem(request, 500, "our-bug")


def wait_sentence(locale: str, seconds: int) -> str:
    """Too many tries, and for how long to wait."""
    return say(locale, "problem.wait", minutes=max(1, math.ceil(seconds / 60)))


Handler = Callable[[Request], Awaitable[Response]]


def door(method: str, *, without_password: bool = False) -> Callable[[Handler], Handler]:
    """Every HTTP handler's frame: one method, no error unexplained, no answer kept by a cache.

    A session that must set a password first gets no further, except `without_password` (P11).
    """
    accepted = {method, "HEAD"} if method == "GET" else {method}

    def frame(handler: Handler) -> Handler:
        @wraps(handler)
        async def framed(request: Request) -> Response:
            if request.method not in accepted:
                response = problem(request, 405, "method-not-allowed")
                response.headers["allow"] = ", ".join(sorted(accepted))
                return response
            try:
                if not without_password and _must_set_password(request):
                    response = _password_first(request)
                else:
                    response = await handler(request)
            except Exception as error:
                response = explain(request, error)
            response.headers.setdefault("cache-control", "no-store")
            return response

        return framed

    return frame


def _must_set_password(request: Request) -> bool:
    session = requests.session_of(request)
    return session is not None and session.must_set_password


def _password_first(request: Request) -> Response:
    if requests.wants_json(request):
        return problem(request, 403, "set-password-first")
    return RedirectResponse(routes.SET_PASSWORD, 303)


def _say(request: Request, key: str) -> str:
    locale = requests.locale_of(request)
    try:
        return say(locale, key)
    except KeyError:
        return say(locale, "problem.validation")
