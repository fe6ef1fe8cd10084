"""An identity document over HTTP: a native form with a file, or a program's (K1)."""

import hashlib
import uuid
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.customer import Customer
from portal_app.domain.uploads import UploadRefused
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import forms, idempotency, requests
from portal_app.web.auth import refuse_foreign, with_next
from portal_app.web.idempotency import Reply
from portal_app.web.multipart import FileForm, drain
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

FILE: Final = "document"
SUBMITTED: Final = "document.submitted"
NOT_WANTED: Final = "document.not_wanted"
STATUS: Final = {"status": "submitted"}


@door("POST")
async def identity_document(request: Request) -> Response:
    """POST one file in `document`: handed over to the staff, once however often it is sent.

    Who needs none is refused before anything is looked at; a program that names its key may be asking again, so it
    is answered after (K4).
    """
    refuse_foreign(request)
    form = FileForm(FILE)
    try:
        customer = await _admitted(request)
        reply = await _once(request, customer, form, await form.read(request))
    except UploadRefused as refusal:
        return await _refused(request, form, errors.InvalidFields({FILE: refusal.reason}))
    except (errors.PortalError, HttpProblem) as refusal:
        return await _refused(request, form, refusal)
    if requests.wants_json(request):
        return reply.mark(JSONResponse(reply.body, reply.status))
    return reply.mark(await forms.told(_page(request, form), {"notice": SUBMITTED}))


async def _admitted(request: Request) -> Customer:
    """Who may send a file now. Raises, with the body taken unread."""
    try:
        session = requests.required_session(request)
        if session.customer is None:
            raise errors.NotFound("account")
        await wiring.identity_documents().count(session.customer)
        if not request.headers.get(idempotency.HEADER):
            await wiring.identity_documents().expect(session.customer)
    except errors.PortalError:
        await drain(request)
        raise
    return session.customer


async def _once(request: Request, customer: Customer, form: FileForm, file: tuple[str, bytes, str]) -> Reply:
    name, content, _ = file
    key = idempotency.key_of(request, form.fields)
    digest = hashlib.sha256(content).hexdigest()
    # Not the id of the key's row: that is forgotten when the file arrived and what is noted about it did not.
    reference = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{customer.user_id}|{key}|{digest}"))

    async def work(record: KeyRecord) -> Reply:
        try:
            await wiring.identity_documents().submit(customer, name, content, reference=reference)
        except errors.Conflict as refusal:
            if not record.recovery_point or refusal.reason != NOT_WANTED:
                raise
            # Only the answer was lost: a document is with the staff.
        return Reply(200, STATUS)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request),
        operation="identity_document",
        body={"name": name, "content": digest},
        work=work,
        resumes=True,
    )


async def _refused(request: Request, form: FileForm, refusal: Exception) -> Response:
    as_json, page = requests.wants_json(request), _page(request, form)
    match refusal:
        case HttpProblem(code="too-large") if not as_json:
            refusal = errors.InvalidFields({FILE: "upload.too_large"})
        case errors.NotSignedIn() if not as_json:
            return forms.see_other(with_next(routes.LOGIN, page))
        case errors.Conflict(reason=reason) if reason == NOT_WANTED and not as_json:
            # Sent twice, say: the page shows that the document is with the staff, and that is no bad news.
            return forms.see_other(page)
    return await forms.refused(request, page, refusal, {}, ())


def _page(request: Request, form: FileForm) -> str:
    """Back to the page of the form, with where that one leads. Before the body is read only its address says so."""
    target = form.fields.get("returnTo", "") or requests.asked_of_page(request, "returnTo")
    known = target if target and routes.safe_next(target) == target else ""
    return routes.VERIFICATION + (f"?returnTo={quote(known, safe='/')}" if known else "")
