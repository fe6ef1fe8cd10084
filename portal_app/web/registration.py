"""Becoming a customer over HTTP: the sign-up form, the mailed link, and the same mail once more (P5, K1)."""

from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.emails import clean_email
from portal_app.domain.sign_up import FIELDS, SignUpDetails, parse_sign_up
from portal_app.security.lockout import network
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import adoption, bodies, cookies, forms, idempotency, requests
from portal_app.web.auth import EXPIRES_IN, end_replaced, refuse_foreign, with_session
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door
from portal_app.web.recovery import check_mail, page_with_token
from portal_app.web.refusal import HttpProblem
from portal_app.workflows.signing_up import ANSWER, HTTP_ACCEPTED

MOST_BYTES: Final = 128 * 1024  # a field pasted full of Japanese gets its field error
ANYBODY: Final = "somebody's browser"
"""What the cookie of a browser is signed for: it names nobody."""


@door("POST")
async def sign_up(request: Request) -> Response:
    """POST the sign-up form: 202 or on to "check your mail", whether or not the e-mail is known."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    typed = {name: fields[name] for name in FIELDS if name in fields}  # whatever else is sent is not looked at (O5)
    browser, cookie = _browser(request)
    try:
        reply = await _once(request, fields, typed, browser)
    except (errors.PortalError, HttpProblem) as refusal:
        return await forms.refused(request, routes.SIGN_UP, refusal, typed, FIELDS)
    response = reply.mark(await check_mail(request, typed["email"]))
    if not reply.replayed:
        # Not for a refused form, nor for a repeat: each costs nothing, and each new cookie is ten more numbers to try.
        cookies.set_browser(response.headers, cookie, wiring.settings())
    return response


@door("POST")
async def verify_email(request: Request) -> Response:
    """POST the token of a mailed link and the password chosen at sign-up: the account is made, or on its way."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    token = fields.get("token", "")
    try:
        confirmed = await wiring.signing_up().confirm(
            token,
            fields.get("password", ""),
            ip=requests.client_ip(request),
            user_agent=requests.user_agent(request),
            locale=requests.form_locale(request),
        )
    except errors.PortalError as refusal:
        return await forms.refused(request, page_with_token(routes.VERIFY_EMAIL, token, refusal), refusal, {}, ())
    as_json = requests.wants_json(request)
    if confirmed.tokens is None:
        page = f"{routes.SIGN_UP_STATUS}?outcome={confirmed.outcome}"
        return JSONResponse({"status": confirmed.outcome}, 202) if as_json else forms.see_other(page)
    adopted = await adoption.adopt(request, confirmed.tokens.session)
    body = {"next": adopted.onward, "expires_in": EXPIRES_IN}
    response = JSONResponse(body) if as_json else forms.see_other(adopted.onward)
    adopted.settle(response)
    response.background = BackgroundTask(end_replaced, request)
    return with_session(request, response, confirmed.tokens)


@door("POST")
async def resend_verification(request: Request) -> Response:
    """POST an e-mail address: the mail of a sign-up that waits for it is sent again. The answer never says whether."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    email = fields.get("email", "")
    try:
        await wiring.recovery().resend(email, locale=requests.form_locale(request), ip=requests.client_ip(request))
    except errors.PortalError as refusal:
        return await forms.refused(request, routes.CHECK_MAIL, refusal, fields, ("email",))
    return await check_mail(request, email)


async def _once(request: Request, fields: dict[str, str], typed: dict[str, str], browser: str) -> Reply:
    """Run the sign-up under its key. Raises InvalidFields for every bad field at once, and what the workflow raises."""
    key, password = idempotency.key_of(request, fields), fields.get("password", "")
    details = _checked(typed, password)
    email = clean_email(details.email)

    async def work(record: KeyRecord) -> Reply:
        await wiring.signing_up().submit(
            details,
            password,
            key=record,
            locale=requests.form_locale(request),
            ip=requests.client_ip(request),
            browser=browser,
        )
        return Reply(HTTP_ACCEPTED, ANSWER)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request, f"sign_up|{email}"),
        operation="sign_up",
        body={**typed, "password": password},
        work=work,
        stores="in_work",
    )


def _checked(typed: dict[str, str], password: str) -> SignUpDetails:
    bad: dict[str, str] = {}
    details = None
    try:
        details = parse_sign_up(typed, wiring.clock().today_in_japan())
    except errors.InvalidFields as found:
        bad |= found.reasons
    try:
        wiring.passwords().check_new(password, typed.get("email", ""))
    except errors.InvalidInput as found:
        bad[found.field] = found.reason
    if bad or details is None:
        raise errors.InvalidFields(bad)
    return details


def _browser(request: Request) -> tuple[str, str]:
    """What tells this browser from others, and the cookie to know it again by.

    One that brings no cookie of ours shares the count of its address: dropping the cookie wins nothing. The cookie is
    given for a sign-up that was accepted.
    """
    devices, presented = wiring.devices(), cookies.browser_of(request.headers, wiring.settings())
    if name := devices.read(presented, ANYBODY):
        return name, presented
    return f"new|{network(requests.client_ip(request))}", devices.mint(ANYBODY)
