"""To WHMCS's own pages where money is spoken of: a link minted on the click, used at once, kept nowhere (S16)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from portal_app import errors, routes, wiring
from portal_app.security.audit import Detail
from portal_app.security.sessions import Session
from portal_app.web import bodies, forms, requests
from portal_app.web.auth import refuse_foreign, with_next
from portal_app.web.confirming import AGAIN
from portal_app.web.forms import see_other
from portal_app.web.problems import door, problem
from portal_app.web.refusal import HttpProblem

MOST_BYTES: Final = 4 * 1024
SIGNED_IN_WITHIN: Final = timedelta(minutes=30)
_ID = re.compile(r"[1-9][0-9]{0,9}")


@door("POST")
async def invoice_sso(request: Request) -> Response:
    """POST: the customer's own payable invoice opens in WHMCS, signed in. A form goes there, a program gets the URL."""
    refuse_foreign(request)
    if bodies.content_type(request) not in (bodies.FORM, bodies.JSON, ""):
        raise HttpProblem(415, "unsupported-type")
    await bodies.read_bytes(request, MOST_BYTES)
    as_json = requests.wants_json(request)
    try:
        session = requests.required_session(request)
        invoice_id = whmcs_id(request.path_params["invoice_id"])
        if _long_ago(session):
            return _show_who(request, routes.invoice(invoice_id), as_json)
        url = await _payment_url(request, session, invoice_id)
    except errors.PortalError as refused:
        if as_json:
            raise
        return _back_to_page(request, refused)
    return _go(url, as_json)


@door("POST")
async def methods_sso(request: Request) -> Response:
    """POST: WHMCS's page of cards and bank accounts, signed in. `returnTo` is only where to say why not."""
    refuse_foreign(request)
    fields = await _fields(request)
    page = routes.safe_next(fields["returnTo"]) if fields.get("returnTo") else routes.PAYMENT_METHODS
    as_json = requests.wants_json(request)
    try:
        session = requests.required_session(request)
        if _long_ago(session):
            return _show_who(request, page, as_json)
        url = await _methods_url(request, session)
    except errors.NotSignedIn:
        if as_json:
            raise
        return see_other(with_next(routes.LOGIN, page))
    except errors.PortalError as refused:
        return await forms.refused(request, page, refused, {}, ())
    return _go(url, as_json)


def whmcs_id(text: str) -> int:
    """A WHMCS id as it is written in a path. Raises NotFound for anything else, `01` and `1e3` included."""
    if not _ID.fullmatch(text) or int(text) > 2**31 - 1:
        raise errors.NotFound("invoice")
    return int(text)


async def _fields(request: Request) -> dict[str, str]:
    """A program may send nothing at all."""
    if bodies.content_type(request) == "" and not await bodies.read_bytes(request, 0):
        return {}
    return await bodies.read_fields(request, MOST_BYTES)


def _long_ago(session: Session) -> bool:
    return wiring.clock().now() - session.auth_time > SIGNED_IN_WITHIN


def _go(url: str, as_json: bool) -> Response:
    response = JSONResponse({"url": url}) if as_json else RedirectResponse(url, 303)
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "no-referrer"
    return response


async def _payment_url(request: Request, session: Session, invoice_id: int) -> str:
    async with _noted(request, session, "payment.link", {"whmcs_invoice_id": invoice_id}):
        if session.customer is None:
            raise errors.NotFound("invoice", invoice_id)
        url = await wiring.billing().request_payment(session.customer, invoice_id)
        await wiring.bus().publish(f"customer:{session.user_id}:invoices")  # every open page: waiting for your payment
        return url


async def _methods_url(request: Request, session: Session) -> str:
    async with _noted(request, session, "payment.methods_link", {}):
        if session.customer is None:
            raise errors.Conflict("checkout.link")
        return await wiring.pay_methods().request_link(session.customer)


@asynccontextmanager
async def _noted(request: Request, session: Session, event: str, detail: Detail) -> AsyncIterator[None]:
    """Counts against the limit of links, and audits what came of it."""
    outcome = "failed"
    try:
        await wiring.limits().hit("sso_link", session.user_id)
        yield
        outcome = "ok"
    except errors.NotFound:
        outcome = "not_found"
        raise
    except errors.TooManyTries:
        outcome = "limited"
        raise
    finally:
        await wiring.audit().record(
            event,
            user_id=session.user_id,
            session_id=session.session_id,
            outcome=outcome,
            detail=detail,
            client_ip=requests.client_ip(request),
        )


def _show_who(request: Request, page: str, as_json: bool) -> Response:
    return problem(request, 403, AGAIN) if as_json else see_other(with_next(routes.CONFIRM, page))


def _back_to_page(request: Request, refused: errors.PortalError) -> Response:
    """A form posted into a new tab gets a page of ours that explains, not a document for programs."""
    page = routes.invoice(quote(request.path_params["invoice_id"][:20], safe=""))
    match refused:
        case errors.NotSignedIn():
            return see_other(with_next(routes.LOGIN, routes.safe_next(page)))
        case errors.TooManyTries() | errors.Busy():
            return see_other(f"{page}?notice=busy")
        case errors.Conflict():
            return see_other(f"{page}?notice=not_payable")
        case errors.NotFound():
            return see_other(page)  # says itself that there is no such invoice
    return see_other(f"{page}?notice=unavailable")
