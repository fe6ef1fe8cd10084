"""Changing what the billing account knows about oneself, over HTTP."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.customer import Customer
from portal_app.domain.profile import FIELDS, ProfileChange, parse_profile
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import bodies, cookies, forms, idempotency, requests
from portal_app.web.auth import refuse_foreign
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

MOST_BYTES: Final = 16 * 1024
SAVED: Final = {"status": "saved"}


@door("POST")
async def profile(request: Request) -> Response:
    """POST the profile form: saved, and back to it in the language that was chosen; or every bad field at once."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    typed = {name: fields[name] for name in FIELDS if name in fields}  # whatever else is sent is not looked at (O5)
    try:
        reply = await _once(request, fields, typed)
    except errors.UpstreamOutcomeUnknown:
        if requests.wants_json(request):
            raise
        return await forms.told(routes.PROFILE, {"notice": "profile.being_confirmed"})
    except (errors.PortalError, HttpProblem) as refusal:
        return await forms.refused(request, routes.PROFILE, refusal, typed, FIELDS)
    if requests.wants_json(request):
        return reply.mark(JSONResponse(reply.body))
    answer = reply.mark(await forms.told(routes.PROFILE, {"notice": "profile.saved"}))
    cookies.give_locale(answer.headers, typed["language"], wiring.settings())
    return answer


async def _once(request: Request, fields: Mapping[str, str], typed: Mapping[str, str]) -> Reply:
    """Save it under its key. Raises InvalidFields for every bad field at once, and what the workflow raises."""
    session = requests.required_session(request)
    if session.customer is None:
        raise errors.Conflict("checkout.link")
    customer, key = session.customer, idempotency.key_of(request, fields)
    change = parse_profile(typed, wiring.clock().today_in_japan())

    async def work(record: KeyRecord) -> Reply:
        await _save(customer, change)
        return Reply(200, SAVED)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request),
        operation="profile",
        body=typed,
        work=work,
    )


async def _save(customer: Customer, change: ProfileChange) -> None:
    await wiring.limits().hit("profile", customer.user_id)
    await wiring.profiles().change(customer, change)
