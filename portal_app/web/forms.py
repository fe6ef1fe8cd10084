"""Native forms: every answer is a 303, and what the next page has to say waits for it behind the flash cookie.

Kept are "error" (a text key about the form), "field.<name>" (a text key beside a field), "value.<name>" (what was
typed), "email", "notice" and "retry_after". Never a password, a token or a code.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app import errors, wiring
from portal_app.web import cookies, requests
from portal_app.web.problems import TITLES
from portal_app.web.refusal import HttpProblem

log = logging.getLogger(__name__)

SECRET: Final = frozenset({"password", "current_password", "token", "code", "idempotency_key"})
LONGEST: Final = 300
EMAIL_LONGEST: Final = 254
TOLD: Final = frozenset(
    {
        "idempotency-key-missing",
        "idempotency-key-malformed",
        "idempotency-key-reused",
        "request-in-progress",
        "being-confirmed",
    }
)
"""Problems of HTTP that somebody at a form can do something about."""


def see_other(target: str) -> Response:
    """303, and nobody keeps it."""
    return RedirectResponse(target, 303, {"cache-control": "no-store"})


async def refused(
    request: Request,
    page: str,
    refusal: Exception,
    typed: Mapping[str, str],
    keep: Iterable[str],
    *,
    longest: int = LONGEST,
) -> Response:
    """The answer to a refused form: back to its page. Raises the refusal itself for a program, or when it is our bug.

    `keep`: names of the fields whose values stay, each up to `longest` characters.
    """
    if requests.wants_json(request) or not _is_for_people(refusal):
        raise refusal
    kept = {f"value.{name}": typed[name][:longest] for name in keep if typed.get(name) and name not in SECRET}
    if "value.email" in kept:
        kept["email"] = kept["value.email"][:EMAIL_LONGEST]
    return await told(page, kept | reasons(refusal))


async def told(page: str, kept: dict[str, str]) -> Response:
    """On to a page that has something to say."""
    response = see_other(page)
    cookies.set_flash(response.headers, await wiring.flash().put(kept), wiring.settings())
    return response


def reasons(refusal: Exception) -> dict[str, str]:
    """What to say about a refused form: text keys, above it and beside its fields."""
    match refusal:
        case errors.InvalidFields():
            return {"error": "problem.validation"} | {f"field.{f}": key for f, key in refusal.reasons.items()}
        case errors.InvalidInput(field="token"):  # nobody sees that field
            return {"error": refusal.reason}
        case errors.InvalidInput():
            return {"error": "problem.validation", f"field.{refusal.field}": refusal.reason}
        case errors.InvalidCode():
            return {"error": "problem.validation", "field.code": refusal.reason}
        case errors.InvalidCredentials():
            return {"error": "sign_in.refused"}
        case errors.NotSignedIn():
            return {"error": "problem.session_over"}
        case errors.Conflict():
            return {"error": refusal.reason}
        case errors.TooManyTries():
            return {"error": "problem.too_many_tries", "retry_after": str(refusal.retry_after)}
        case errors.Busy():
            return {"error": "problem.busy", "retry_after": str(refusal.retry_after)}
        case errors.UpstreamOutcomeUnknown():
            return {"error": "problem.being_confirmed"}
        case HttpProblem():
            return {"error": TITLES[refusal.code]}
        case errors.UpstreamUnavailable():
            return {"error": "problem.unavailable"}
    # Nothing the customer did: a key that is missing, a refused credential, a changed reply. Operators must see it.
    log.error("request_failed", exc_info=refusal)
    return {"error": "problem.unavailable"}


def _is_for_people(refusal: Exception) -> bool:
    """Whether the page can say it; anything else is shown as what it is."""
    return isinstance(refusal, errors.PortalError) or (isinstance(refusal, HttpProblem) and refusal.code in TOLD)
