"""Showing again who one is, over HTTP; and asking for it before something that matters (S6)."""

from collections.abc import Mapping
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.security.policy import FRESH
from portal_app.security.session import Session
from portal_app.web import bodies, cookies, forms, requests
from portal_app.web.auth import EXPIRES_IN, MOST_BYTES, end_replaced, refuse_foreign, target_of, with_next, with_session
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

AGAIN: Final = "reauthenticate"


@door("POST")
async def confirm(request: Request) -> Response:
    """POST the password, or a code where a second factor is on: a new session that has just been proven."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    target = target_of(request, fields)
    try:
        tokens = await wiring.confirming().confirm(
            requests.required_session(request),
            password=fields.get("password", ""),
            code=fields.get("code", ""),
            device=cookies.device_of(request.headers, wiring.settings()) or None,
            ip=requests.client_ip(request),
            user_agent=requests.user_agent(request),
        )
    except errors.NotSignedIn as over:
        return await forms.refused(request, with_next(routes.LOGIN, target), over, {}, ())
    except errors.InvalidCredentials:
        wrong = errors.InvalidInput("password", "confirm.wrong")
        return await forms.refused(request, with_next(routes.CONFIRM, target), wrong, {}, ())
    except errors.PortalError as refusal:
        return await forms.refused(request, with_next(routes.CONFIRM, target), refusal, {}, ())
    as_json = requests.wants_json(request)
    response = JSONResponse({"expires_in": EXPIRES_IN, "next": target}) if as_json else forms.see_other(target)
    # Afterwards: other tabs, told of the end, come back at once and must find the new cookies in their browser.
    response.background = BackgroundTask(end_replaced, request)
    return with_session(request, response, tokens)


def is_recent(session: Session) -> bool:
    """Whether its owner has shown who they are within five minutes."""
    return wiring.clock().now() - session.auth_time <= FRESH


def require_recent(request: Request) -> Session:
    """The session, proven within five minutes. Raises: NotSignedIn; HttpProblem 403, which `refused` makes a way of."""
    session = requests.required_session(request)
    if not is_recent(session):
        raise HttpProblem(403, AGAIN)
    return session


async def refused(request: Request, page: str, refusal: Exception, typed: Mapping[str, str]) -> Response:
    """The answer to a form that needs a recent session: to the page that asks who it is, to sign in, or back."""
    if requests.wants_json(request):
        raise refusal
    if isinstance(refusal, errors.NotSignedIn):
        return forms.see_other(with_next(routes.LOGIN, page))
    if isinstance(refusal, HttpProblem) and refusal.code == AGAIN:
        return forms.see_other(with_next(routes.CONFIRM, page))
    return await forms.refused(request, page, refusal, typed, tuple(typed))
