"""A new password, and another e-mail address, over HTTP (S6)."""

from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.security.session import Session, Tokens
from portal_app.web import bodies, confirming, cookies, forms, requests
from portal_app.web.auth import EXPIRES_IN, MOST_BYTES, end_replaced, refuse_foreign, with_session
from portal_app.web.problems import door
from portal_app.web.recovery import CHECK_YOUR_MAIL, page_with_token
from portal_app.web.refusal import HttpProblem

CHANGED: Final = "password_change.done"
EMAIL_ASKED: Final = "email_change.asked"
EMAIL_CHANGED: Final = "email_change.done"


@door("POST")
async def password(request: Request) -> Response:
    """POST `current_password` and the new `password`: every other session ends, and this one is a new one (S5)."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    try:
        tokens = await _changed(request, confirming.require_recent(request), fields)
    except errors.InvalidCredentials:
        wrong = errors.InvalidInput("current_password", "password_change.wrong")
        return await confirming.refused(request, routes.SECURITY, wrong, {})
    except (errors.PortalError, HttpProblem) as refusal:
        return await confirming.refused(request, routes.SECURITY, refusal, {})
    if requests.wants_json(request):
        response: Response = JSONResponse({"expires_in": EXPIRES_IN})
        response = with_session(request, response, tokens)
    else:
        response = with_session(request, forms.see_other(routes.SECURITY), tokens)
        cookies.set_flash(response.headers, await wiring.flash().put({"notice": CHANGED}), wiring.settings())
    # Afterwards: other tabs, told of the end, come back at once and must find the new cookies in their browser.
    response.background = BackgroundTask(end_replaced, request)
    return response


async def _changed(request: Request, session: Session, fields: dict[str, str]) -> Tokens:
    return await wiring.password_change().change(
        session,
        fields.get("current_password", ""),
        fields.get("password", ""),
        device=cookies.device_of(request.headers, wiring.settings()) or None,
        ip=requests.client_ip(request),
        user_agent=requests.user_agent(request),
    )


@door("POST")
async def email(request: Request) -> Response:
    """POST the wished-for address: a link is mailed to it. The answer never says whether it is taken (P5)."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    typed = {name: fields[name] for name in ("email",) if name in fields}
    try:
        await wiring.email_change().ask(
            confirming.require_recent(request),
            fields.get("email", ""),
            locale=requests.form_locale(request),
            ip=requests.client_ip(request),
        )
    except (errors.PortalError, HttpProblem) as refusal:
        return await confirming.refused(request, routes.SECURITY, refusal, typed)
    if requests.wants_json(request):
        return JSONResponse(CHECK_YOUR_MAIL, 202)
    return await forms.told(routes.SECURITY, {"notice": EMAIL_ASKED})


@door("POST")
async def confirm_email(request: Request) -> Response:
    """POST the token of a mailed link: the address is changed. The link alone is enough, in whichever browser."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    token, session = fields.get("token", ""), requests.session_of(request)
    try:
        await wiring.email_change().confirm(token, asking=session, ip=requests.client_ip(request))
    except errors.PortalError as refusal:
        return await forms.refused(request, page_with_token(routes.CONFIRM_EMAIL, token, refusal), refusal, {}, ())
    still = session is not None and await wiring.sessions().find(session.session_id) is not None
    page = routes.SECURITY if still else routes.LOGIN
    if requests.wants_json(request):
        return JSONResponse({"next": page})
    return await forms.told(page, {"notice": EMAIL_CHANGED})
