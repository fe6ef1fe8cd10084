"""The code after the password, over HTTP (P8)."""

from starlette.requests import Request
from starlette.responses import Response

from portal_app import errors, routes, wiring
from portal_app.web import bodies, cookies, forms, requests
from portal_app.web.auth import MOST_BYTES, let_in, refuse_foreign, target_of, with_next
from portal_app.web.problems import door
from portal_app.workflows.second_factor import OVER


@door("POST")
async def second_factor(request: Request) -> Response:
    """POST the code of the authenticator, or a recovery code: what the browser's cookie waits for is signed in."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    target, settings = target_of(request, fields), wiring.settings()
    try:
        reference = cookies.factor_of(request.headers, settings)
        if not reference:
            raise errors.InvalidInput("token", OVER)
        signed_in = await wiring.second_factor().finish(
            reference,
            fields.get("code", ""),
            device=cookies.device_of(request.headers, settings) or None,
            ip=requests.client_ip(request),
            locale=cookies.chosen_locale(request.headers),
        )
    except errors.PortalError as refusal:
        return await _refused(request, refusal, target)
    response = await let_in(request, signed_in, target)
    cookies.clear_factor(response.headers, settings)
    return response


async def _refused(request: Request, refusal: errors.PortalError, target: str) -> Response:
    """Once more on the same page, while there are tries; else from the beginning."""
    over = isinstance(refusal, errors.InvalidInput) and refusal.reason == OVER
    page = with_next(routes.LOGIN if over else routes.MFA, target)
    response = await forms.refused(request, page, refusal, {}, ())
    if over:
        cookies.clear_factor(response.headers, wiring.settings())
    return response
