"""Changing one's address over HTTP."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.address import FIELDS, AddressChange, parse_address
from portal_app.domain.customer import Customer
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import bodies, forms, idempotency, requests
from portal_app.web.auth import refuse_foreign
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

MOST_BYTES: Final = 128 * 1024  # a field pasted full of Japanese gets its field error
SAVED: Final = {"status": "saved"}


@door("POST")
async def address(request: Request) -> Response:
    """POST the address form: saved, and back to where it was asked for; or every bad field at once."""
    refuse_foreign(request)
    fields = await bodies.read_fields(request, MOST_BYTES)
    typed = {name: fields[name] for name in FIELDS if name in fields}  # whatever else is sent is not looked at (O5)
    back = routes.safe_next(fields["returnTo"]) if fields.get("returnTo") else ""
    try:
        reply = await _once(request, fields, typed)
    except errors.UpstreamOutcomeUnknown:
        if requests.wants_json(request):
            raise
        return await forms.told(back or routes.ACCOUNT, {"notice": "address.being_confirmed"})
    except (errors.PortalError, HttpProblem) as refusal:
        return await forms.refused(request, _form(back), refusal, typed, FIELDS)
    if requests.wants_json(request):
        return reply.mark(JSONResponse(reply.body))
    return reply.mark(await forms.told(back or routes.ACCOUNT, {"notice": "address.saved"}))


async def _once(request: Request, fields: Mapping[str, str], typed: Mapping[str, str]) -> Reply:
    """Save it under its key. Raises InvalidFields for every bad field at once, and what the workflow raises."""
    session = requests.required_session(request)
    if session.customer is None:
        raise errors.Conflict("checkout.link")
    customer, key = session.customer, idempotency.key_of(request, fields)
    change = await _checked(typed)

    async def work(record: KeyRecord) -> Reply:
        await _save(customer, change)
        return Reply(200, SAVED)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request),
        operation="address",
        body=typed,
        work=work,
    )


async def _checked(typed: Mapping[str, str]) -> AddressChange:
    return parse_address(typed, await wiring.postal_codes().find(typed.get("postal_code", "")))


async def _save(customer: Customer, change: AddressChange) -> None:
    await wiring.limits().hit("address", customer.user_id)
    await wiring.addresses().change(customer, change)


def _form(back: str) -> str:
    """The form again, which still knows where to go afterwards."""
    return f"{routes.ADDRESS}?returnTo={quote(back, safe='/')}" if back else routes.ADDRESS
