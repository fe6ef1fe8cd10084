"""Signing in, out and on: native forms answer 303 and keep field errors for the page, programs get JSON."""

from typing import Final
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.security.lockout import network
from portal_app.security.sessions import Tokens
from portal_app.security.tokens import ACCESS_LIFE
from portal_app.web import adoption, bodies, cookies, origin, requests
from portal_app.web.forms import see_other
from portal_app.web.problems import door, explain
from portal_app.web.refusal import HttpProblem
from portal_app.workflows.signing_in import FactorNeeded, SignedIn

MOST_BYTES: Final = 16 * 1024
EXPIRES_IN: Final = int(ACCESS_LIFE.total_seconds())


def refuse_foreign(request: Request) -> None:
    """Raises HttpProblem 403 for a request another site made."""
    has_session = any(cookies.session_tokens(request.headers, wiring.settings()))
    if not origin.allowed(request.headers, wiring.settings(), has_session=has_session):
        raise HttpProblem(403, "not-allowed")


@door("POST")
async def login(request: Request) -> Response:
    """POST e-mail and password; a form may say where to go `next`."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    target = target_of(request, fields)
    try:
        signed_in = await wiring.signing_in().sign_in(
            fields.get("email", ""),
            fields.get("password", ""),
            device=cookies.device_of(request.headers, wiring.settings()) or None,
            ip=requests.client_ip(request),
            user_agent=requests.user_agent(request),
            locale=cookies.chosen_locale(request.headers),
        )
    except errors.PortalError as refused:
        if requests.wants_json(request):
            raise
        return await _back_to_form(fields, target, refused)
    if isinstance(signed_in, FactorNeeded):
        return _code_next(request, signed_in, target)
    return await let_in(request, signed_in, target)


async def let_in(request: Request, signed_in: SignedIn, target: str) -> Response:
    """The answer to a sign-in that is complete: its cookies, and on to where it was for."""
    adopted = await adoption.adopt(request, signed_in.tokens.session)
    as_json = requests.wants_json(request)
    response = JSONResponse({"expires_in": EXPIRES_IN, "next": target}) if as_json else see_other(target)
    adopted.settle(response)
    # Afterwards: other tabs, told of the end, come back at once and must find the new cookies in their browser.
    response.background = BackgroundTask(end_replaced, request)
    return with_session(request, response, signed_in.tokens, signed_in.device)


def _code_next(request: Request, needed: FactorNeeded, target: str) -> Response:
    """The password was right. Whatever session the browser has stays as it is until the code is, too."""
    page = with_next(routes.MFA, target)
    as_json = requests.wants_json(request)
    response = JSONResponse({"status": "code_needed", "next": page}, 202) if as_json else see_other(page)
    cookies.set_factor(response.headers, needed.reference, wiring.settings())
    cookies.clear_flash(response.headers, wiring.settings())
    return response


@door("POST", without_password=True)
async def logout(request: Request) -> Response:
    """POST: end the session everywhere, forget the cookies and what the browser keeps. The device stays known."""
    refuse_foreign(request)
    await bodies.read_bytes(request, MOST_BYTES)
    session = requests.session_of(request)
    if session is not None:
        await wiring.sessions().end(session.session_id, "signed_out")
    response = JSONResponse({"signed_out": True}) if requests.wants_json(request) else see_other(routes.LOGIN)
    response.headers["clear-site-data"] = '"cache", "storage"'
    cookies.clear_session(response.headers, wiring.settings())
    # Whoever signs in here next has a language of their own.
    cookies.give_locale(response.headers, cookies.locale_of(request.headers), wiring.settings())
    cookies.settled(request)
    return response


@door("POST")
async def refresh(request: Request) -> Response:
    """POST: exchange the refresh token for its successor."""
    refuse_foreign(request)
    body = await bodies.read_bytes(request, MOST_BYTES)
    settings = wiring.settings()
    _, token = cookies.session_tokens(request.headers, settings)
    await wiring.limits().hit("refresh", token.partition(".")[0] or network(requests.client_ip(request)))
    resolved = await wiring.sessions().resolve(None, token or None, rotate=True)
    as_json = requests.wants_json(request)
    if resolved.tokens is None:
        return _nothing_to_refresh(request, as_json)
    target = routes.DASHBOARD if as_json else routes.safe_next(bodies.form_fields(body).get("next"))
    response = JSONResponse({"expires_in": EXPIRES_IN}) if as_json else see_other(target)
    cookies.set_session(response.headers, resolved.tokens, settings)
    cookies.settled(request)
    return response


def _nothing_to_refresh(request: Request, as_json: bool) -> Response:
    response = explain(request, errors.NotSignedIn()) if as_json else see_other(routes.LOGIN)
    cookies.clear_session(response.headers, wiring.settings())
    cookies.settled(request)
    return response


async def _back_to_form(fields: dict[str, str], target: str, refused: errors.PortalError) -> Response:
    """To the sign-in page, with what was typed (never the password) and what was wrong kept for it."""
    kept = {"email": fields.get("email", "")[:254], "error": _reason(refused)}
    if isinstance(refused, errors.InvalidInput):
        kept["field"] = refused.field
    if isinstance(refused, errors.TooManyTries | errors.Busy):
        kept["retry_after"] = str(refused.retry_after)
    response = see_other(with_next(routes.LOGIN, target))
    cookies.set_flash(response.headers, await wiring.flash().put(kept), wiring.settings())
    return response


def _reason(refused: errors.PortalError) -> str:
    """Key of the sentence above the form or beside its field."""
    match refused:
        case errors.InvalidInput():
            return refused.reason
        case errors.InvalidCredentials():
            return "sign_in.refused"
        case errors.TooManyTries():
            return "sign_in.locked"
        case errors.Busy():
            return "sign_in.busy"
    return "sign_in.unavailable"


async def end_replaced(request: Request) -> None:
    """A sign-in in a browser that had a session: the old one ends, and nothing of it carries over."""
    before = requests.session_of(request)
    if before is not None:
        await wiring.sessions().end(before.session_id, "replaced")


def with_session(request: Request, response: Response, tokens: Tokens, device: str = "") -> Response:
    """Hand out a new session, and the account's language with it; words kept for the sign-in page are void."""
    settings = wiring.settings()
    cookies.set_session(response.headers, tokens, settings)
    if device:
        cookies.set_device(response.headers, device, settings)
    cookies.give_locale(response.headers, tokens.session.locale, settings)
    cookies.clear_flash(response.headers, settings)
    cookies.settled(request)
    return response


def with_next(page: str, target: str) -> str:
    """A page that knows where to go afterwards; the dashboard goes without saying."""
    return f"{page}?next={quote(target, safe='/')}" if target != routes.DASHBOARD else page


def target_of(request: Request, fields: dict[str, str]) -> str:
    """Where to go afterwards. A form sent before its page came alive says it only in the address it was on."""
    target = routes.safe_next(fields.get("next"))
    if target != routes.DASHBOARD:
        return target
    return routes.safe_next(requests.asked_of_page(request, "next"))
