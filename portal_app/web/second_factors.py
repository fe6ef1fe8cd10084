"""Authenticator and recovery codes over HTTP. What is secret goes to the script that asked, and into no page state."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.web import bodies, confirming, forms, requests
from portal_app.web.auth import refuse_foreign
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

MOST_BYTES: Final = 2 * 1024
REMOVED: Final = "mfa.removed"


@door("POST")
async def authenticator(request: Request) -> Response:
    """POST nothing: a new secret with its QR code, which counts for nothing yet. POST its first code: it counts.

    The recovery codes are in the second answer, this once.
    """
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    session = confirming.require_recent(request)
    if "code" in fields:
        return JSONResponse({"codes": await wiring.factor_settings().switch_on(session, fields["code"])})
    await wiring.limits().hit("write", session.user_id)  # nothing is guessed here, but each is a row
    begun = await wiring.factor_settings().begin(session)
    return JSONResponse({"secret": begun.secret, "uri": begun.uri, "svg": begun.qr_svg})


@door("POST")
async def recovery_codes(request: Request) -> Response:
    """POST a code: ten new recovery codes, this once; the old ones end."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    session = confirming.require_recent(request)
    return JSONResponse({"codes": await wiring.factor_settings().renew_codes(session, fields.get("code", ""))})


@door("POST")
async def remove(request: Request) -> Response:
    """POST a code, of the authenticator or for recovery: the second factor is off (P9)."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    try:
        await wiring.factor_settings().switch_off(confirming.require_recent(request), fields.get("code", ""))
    except (errors.PortalError, HttpProblem) as refusal:
        return await confirming.refused(request, routes.SECURITY, refusal, {})
    if requests.wants_json(request):
        return JSONResponse({"status": "removed"})
    return await forms.told(routes.SECURITY, {"notice": REMOVED})
