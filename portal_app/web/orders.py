"""From the checkout page, or from a program, to an order: one order however often it is sent (K1-K8, K12).

A form's key is its cart's own, made when the cart was. A program brings a key of its own, which is bound to the cart's
key when it comes first. What is sent beside line and fingerprint is not looked at, a price least of all (O5).
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Missing
from portal_app.domain.customer import Customer
from portal_app.security.sessions import Session
from portal_app.storage.idempotency import KeyRecord
from portal_app.text import say
from portal_app.web import bodies, forms, idempotency, requests
from portal_app.web.auth import refuse_foreign, with_next
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door, problem
from portal_app.web.refusal import HttpProblem
from portal_app.workflows.checkout import CheckoutRefused

MOST_BYTES: Final = 4 * 1024
FIELDS: Final = ("line", "fingerprint")
SOLD: Final = (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN)
AT_ORDER: Final = "order"
"""The recovery point: the key is bound to an order's key, and that order may have been sent."""


@door("POST")
async def place(request: Request) -> Response:
    """POST the line and the fingerprint of what was shown: its cart becomes an order, as it was shown or not at all."""
    refuse_foreign(request)
    fields = await _fields(request)
    try:
        reply = await _once(request, requests.required_session(request), fields)
    except (errors.PortalError, HttpProblem) as refusal:
        if requests.wants_json(request):
            return _problem(request, refusal)
        return await _back_to_page(request, fields, refusal)
    if requests.wants_json(request):
        return reply.mark(JSONResponse(reply.body, reply.status))
    return reply.mark(forms.see_other(routes.order(reply.body["order_id"])))


async def _fields(request: Request) -> dict[str, str]:
    """Raises HttpProblem 400 for JSON whose fields are no texts; fields nobody asked for may hold anything."""
    if bodies.content_type(request) != bodies.JSON:
        return await bodies.read_fields(request, MOST_BYTES)
    sent = bodies.strict_json(await bodies.read_bytes(request, MOST_BYTES))
    if not isinstance(sent, dict) or not all(isinstance(sent.get(name, ""), str) for name in FIELDS):
        raise HttpProblem(400, "malformed")
    return {name: sent[name] for name in FIELDS if name in sent}


async def _once(request: Request, session: Session, fields: dict[str, str]) -> Reply:
    """Raises what the checkout raises; HttpProblem 202 while nobody knows."""
    key, line = idempotency.key_of(request, fields), _line(fields)
    customer, by_form = session.customer, bodies.content_type(request) == bodies.FORM
    if customer is None:
        raise CheckoutRefused([Missing("checkout.link", "link")])

    async def work(record: KeyRecord) -> Reply:
        await wiring.limits().hit("order", session.user_id)
        if by_form:
            return await _placed(customer, line, fields, key)
        return await _of_program(customer, line, fields, record)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request),
        operation="order",
        # A form's key names one cart with one content: an older page of it is told of the order there is.
        body={"line": line.value} if by_form else {name: fields.get(name, "") for name in FIELDS},
        work=work,
        resumes=True,
    )


async def _of_program(customer: Customer, line: ProductLine, fields: dict[str, str], record: KeyRecord) -> Reply:
    """The same order again for the same key of the program's, whatever became of the answer to the first."""
    keys, order_key = wiring.idempotency_keys(), record.resource_ref
    again = bool(order_key)
    if not again:
        order_key = await wiring.checkout().current_key(customer, line)
        await keys.reached(record, AT_ORDER, order_key)
    try:
        return await _placed(customer, line, fields, order_key)
    except (errors.Conflict, HttpProblem) as unsettled:
        if isinstance(unsettled, errors.Conflict) and not (again and unsettled.reason == "checkout.in_progress"):
            raise
        await keys.unknown(record, 202, {}, recovery_point=AT_ORDER, resource_ref=order_key)
        raise HttpProblem(202, "being-confirmed") from None


async def _placed(customer: Customer, line: ProductLine, fields: dict[str, str], order_key: str) -> Reply:
    placement = await wiring.checkout().place(
        customer, line, fingerprint=fields.get("fingerprint", ""), order_key=order_key
    )
    if placement.outcome == "unsure":
        raise HttpProblem(202, "being-confirmed")
    return Reply(201, {"order_id": placement.salesforce_order_id, "number": placement.number})


def _line(fields: dict[str, str]) -> ProductLine:
    found = next((line for line in SOLD if line.value == fields.get("line")), None)
    if found is None:
        raise errors.InvalidInput("line", "checkout.line")
    return found


def _problem(request: Request, refusal: Exception) -> Response:
    """Raises the refusal itself where its problem document says all."""
    if isinstance(refusal, CheckoutRefused):
        locale = requests.locale_of(request)
        named = [_named(locale, one) for one in refusal.missing]
        return problem(request, 422, "validation", detail=say(locale, "checkout.incomplete"), fields=named)
    if isinstance(refusal, HttpProblem) and refusal.code == "being-confirmed":
        return JSONResponse({"status": "being_confirmed"}, 202)
    raise refusal


def _named(locale: str, one: Missing) -> dict[str, Any]:
    return {"field": one.field or one.fix, "code": one.words, "detail": say(locale, one.words)}


async def _back_to_page(request: Request, fields: dict[str, str], refusal: Exception) -> Response:
    """The checkout page shows by itself what is missing, being confirmed, or not there; the rest is told."""
    try:
        page = routes.checkout(_line(fields).value)
    except errors.InvalidInput:
        return await forms.told(routes.CATALOG, {"error": "checkout.line"})
    match refusal:
        case errors.NotSignedIn():
            return forms.see_other(with_next(routes.LOGIN, page))
        case CheckoutRefused():
            return await forms.told(page, {"error": "checkout.incomplete"})
        case errors.NotFound() | HttpProblem(code="being-confirmed"):
            return forms.see_other(page)
    return await forms.refused(request, page, refusal, {}, ())
