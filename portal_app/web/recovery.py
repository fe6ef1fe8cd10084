"""A forgotten password, its mailed link, and the first password of a linked account, over HTTP (P5, P6, P11)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.web import adoption, bodies, forms, requests
from portal_app.web.auth import EXPIRES_IN, MOST_BYTES, refuse_foreign, with_session
from portal_app.web.problems import door

CHECK_YOUR_MAIL: Final = {"status": "check_your_mail"}
RESET_DONE: Final = "reset.done"


@door("POST")
async def forgot(request: Request) -> Response:
    """POST an e-mail address: a reset link is mailed if somebody has it. The answer never says whether."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    email = fields.get("email", "")
    try:
        await wiring.recovery().forgot(email, locale=requests.form_locale(request), ip=requests.client_ip(request))
    except errors.PortalError as refusal:
        return await forms.refused(request, routes.FORGOT_PASSWORD, refusal, fields, ("email",))
    return await check_mail(request, email)


@door("POST")
async def reset(request: Request) -> Response:
    """POST the token of a mailed link and a new password. Every session ends; signing in is the next step."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    token = fields.get("token", "")
    try:
        await wiring.recovery().reset(token, fields.get("password", ""), ip=requests.client_ip(request))
    except errors.PortalError as refusal:
        return await forms.refused(request, page_with_token(routes.RESET_PASSWORD, token, refusal), refusal, {}, ())
    if requests.wants_json(request):
        return JSONResponse({"next": routes.LOGIN})
    return await forms.told(routes.LOGIN, {"notice": RESET_DONE})


@door("POST", without_password=True)
async def set_password(request: Request) -> Response:
    """POST the first password of a linked account: the session that was for nothing else gives way to a full one."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    session, password = requests.session_of(request), fields.get("password", "")
    try:
        if session is None:
            raise errors.NotSignedIn
        tokens = await wiring.recovery().set_first_password(session, password, user_agent=requests.user_agent(request))
    except errors.PortalError as refusal:
        page = routes.LOGIN if session is None else routes.SET_PASSWORD
        return await forms.refused(request, page, refusal, {}, ())
    adopted = await adoption.adopt(request, tokens.session)
    body = {"next": adopted.onward, "expires_in": EXPIRES_IN}
    response = JSONResponse(body) if requests.wants_json(request) else forms.see_other(adopted.onward)
    adopted.settle(response)
    return with_session(request, response, tokens)


async def check_mail(request: Request, email: str) -> Response:
    """The one answer to whoever asks for a mail, known or not (P5)."""
    if requests.wants_json(request):
        return JSONResponse(CHECK_YOUR_MAIL, 202)
    return await forms.told(routes.CHECK_MAIL, {"email": email[: forms.EMAIL_LONGEST]})


def page_with_token(page: str, token: str, refusal: errors.PortalError) -> str:
    """Back to the page of a mailed link, with the token where the link has it as long as it still works.

    A fragment is sent to no server; the browser has just shown that it knows this one.
    """
    spent = isinstance(refusal, errors.InvalidInput) and refusal.field == "token"
    usable = token.isascii() and token.replace("-", "").replace("_", "").isalnum() and len(token) <= 100
    return f"{page}#{token}" if usable and not spent else page
