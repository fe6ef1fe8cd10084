"""Linking an old billing account over HTTP: its password once, or the code that was mailed after it."""

from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.emails import clean_email
from portal_app.security.sessions import Tokens
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import bodies, cookies, forms, idempotency, requests
from portal_app.web.auth import EXPIRES_IN, MOST_BYTES, end_replaced, refuse_foreign, with_session
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem
from portal_app.workflows.linking import AMR, CodeNeeded, Linked
from portal_app.workflows.signing_in import device_label

CODE_NEEDED: Final = {"status": "code_needed", "next": routes.LINK_CODE}
ONE_OF_A_KIND: Final = "the-code-of-this-reference"
"""The key of a code: its scope is the browser's reference, and one pending link is finished once."""


@door("POST")
async def link(request: Request) -> Response:
    """POST e-mail and WHMCS password, or the mailed code. The portal password comes next: nothing else opens before.

    A repeat of the same request gets the same answer, with a session of its own while no password is set.
    """
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    by_code = "code" in fields
    try:
        return await (_by_code(request, fields) if by_code else _by_password(request, fields))
    except (errors.PortalError, HttpProblem) as refusal:
        page = routes.LINK_CODE if by_code else routes.LINK
        return await forms.refused(request, page, refusal, fields, ("email",))


async def _by_password(request: Request, fields: dict[str, str]) -> Response:
    key = idempotency.key_of(request, fields)
    email, password = clean_email(fields.get("email", "")), _sendable(fields.get("password", ""))
    new: list[Tokens] = []

    async def work(_: KeyRecord) -> Reply:
        found = await wiring.linking().link(
            email,
            password,
            ip=requests.client_ip(request),
            user_agent=requests.user_agent(request),
            device=cookies.device_of(request.headers, wiring.settings()) or None,
            locale=requests.form_locale(request),
        )
        if isinstance(found, CodeNeeded):
            return Reply(202, {"reference": found.reference})
        return _linked(found, new)

    reply = await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request, f"link|{email}"),
        operation="link",
        body={"email": email, "password": password},
        work=work,
    )
    if reference := reply.body.get("reference"):
        return _code_next(request, reply, reference)
    return await _signed_in(request, reply, new)


def _sendable(password: str) -> str:
    """Half a letter, which JSON can hold, goes into no form that WHMCS could read."""
    if any("\ud800" <= c <= "\udfff" for c in password):
        raise errors.InvalidInput("password", "password.unusable_character")
    return password


async def _by_code(request: Request, fields: dict[str, str]) -> Response:
    reference, code = cookies.link_of(request.headers, wiring.settings()), fields["code"]
    if not reference:
        raise errors.InvalidInput("code", "link.code_expired")
    new: list[Tokens] = []

    async def work(_: KeyRecord) -> Reply:
        found = await wiring.linking().finish(
            reference,
            code,
            ip=requests.client_ip(request),
            user_agent=requests.user_agent(request),
            device=cookies.device_of(request.headers, wiring.settings()) or None,
        )
        return _linked(found, new)

    reply = await idempotency.once(
        request,
        key=ONE_OF_A_KIND,
        scope=idempotency.scope_of(request, f"link_code|{reference}"),
        operation="link_code",
        body={"code": code},
        work=work,
    )
    return await _signed_in(request, reply, new)


def _linked(found: Linked, new: list[Tokens]) -> Reply:
    """The tokens go out once and are stored nowhere; the user's id is what a repeat needs."""
    new.append(found.tokens)
    return Reply(200, {"user_id": found.tokens.session.user_id})


def _code_next(request: Request, reply: Reply, reference: str) -> Response:
    as_json = requests.wants_json(request)
    response = JSONResponse(CODE_NEEDED, reply.status) if as_json else forms.see_other(routes.LINK_CODE)
    cookies.set_link(response.headers, reference, wiring.settings())
    cookies.clear_flash(response.headers, wiring.settings())
    return reply.mark(response)


async def _signed_in(request: Request, reply: Reply, new: list[Tokens]) -> Response:
    tokens = new[0] if new else await _again(request, reply.body)
    body = {"next": routes.SET_PASSWORD, "expires_in": EXPIRES_IN}
    response = (
        JSONResponse(body, reply.status) if requests.wants_json(request) else forms.see_other(routes.SET_PASSWORD)
    )
    response.background = BackgroundTask(end_replaced, request)
    cookies.clear_link(response.headers, wiring.settings())
    return with_session(request, reply.mark(response), tokens)


async def _again(request: Request, body: dict[str, Any]) -> Tokens:
    """A session for a repeat whose first answer may have been lost; refused once the user has a password."""
    user = await wiring.users().get(body["user_id"])
    if user.password_hash or user.disabled:
        raise errors.Conflict("link.already_linked")
    label = device_label(requests.user_agent(request))
    return await wiring.sessions().start(user.user_id, device_label=label, amr=AMR, verified="")
