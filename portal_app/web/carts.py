"""Choosing a plan over HTTP, so that a visitor can do it too and has it after signing in or up."""

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.cart import CartRefused
from portal_app.security.lockout import network
from portal_app.security.sessions import Session
from portal_app.storage.carts import Guest, Owner
from portal_app.web import bodies, cookies, forms, requests
from portal_app.web.auth import refuse_foreign, with_next
from portal_app.web.problems import door

MOST_BYTES: Final = 4 * 1024
GUEST_BYTES: Final = 32


@door("POST")
async def choose(request: Request) -> Response:
    """POST {sku}: that plan is in the cart; on to its questions, for a visitor by way of signing in.

    Choosing twice is choosing once, so it needs no key (K1). Nothing but the SKU is looked at (O5).
    """
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    session = requests.session_of(request)
    guest_id = "" if session else _guest_id(request)
    try:
        await wiring.limits().hit("cart", session.user_id if session else network(requests.client_ip(request)))
        chosen = await wiring.shopping().choose(_owner(session, guest_id), fields.get("sku", ""))
    except CartRefused as refusal:
        return await _refused(request, errors.InvalidFields({"sku": refusal.reason}), refusal.reason)
    except errors.PortalError as refusal:
        return await forms.refused(request, routes.CATALOG, refusal, {}, ())
    wizard = routes.order_wizard(chosen.line.value)
    target = wizard if session else with_next(routes.LOGIN, wizard)
    as_json = requests.wants_json(request)
    response = JSONResponse({"line": chosen.line.value, "next": target}) if as_json else forms.see_other(target)
    if guest_id:
        cookies.set_cart(response.headers, guest_id, wiring.settings())
    return response


def _guest_id(request: Request) -> str:
    return cookies.cart_of(request.headers, wiring.settings()) or secrets.token_urlsafe(GUEST_BYTES)


def _owner(session: Session | None, guest_id: str) -> Owner:
    if session is None:
        return Guest(guest_id)
    if session.customer is None:
        raise errors.NotSignedIn
    return session.customer


async def _refused(request: Request, refusal: errors.InvalidFields, reason: str) -> Response:
    """There is no field to put it beside: the page says it on top."""
    if requests.wants_json(request):
        raise refusal
    return await forms.told(routes.CATALOG, {"error": reason})
