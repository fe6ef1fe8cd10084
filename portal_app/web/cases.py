"""Writing to support over HTTP: native forms and programs alike, each once however often it is sent (K1, K3-K8).

Fields are `subject`, `message`, `topic`, `related` ("service:101"), and the files of a message: `file_id`, repeated, or
`file_ids`, comma separated or a JSON list. The key names the post, too, so that a repeat finds what became of it.
"""

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import errors, routes, wiring
from portal_app.domain.cases import NewCase
from portal_app.domain.customer import Customer
from portal_app.storage.idempotency import KeyRecord
from portal_app.web import bodies, forms, idempotency, requests
from portal_app.web.auth import refuse_foreign, with_next
from portal_app.web.idempotency import Reply
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

MOST_BYTES: Final = 256 * 1024  # a message pasted full of Japanese gets its field error
TYPED: Final = ("subject", "message", "topic", "related")
FILES: Final = ("file_id", "file_ids")
LONGEST_KEPT: Final = 10_000
BEING_SENT: Final = "case.being_sent"
MOST_NAMED: Final = 20

Send = Callable[[Customer, Mapping[str, str], str], Awaitable[Reply]]
"""What a door does with the fields and the id of the post."""


@door("POST")
async def open_case(request: Request) -> Response:
    """POST a question: 303 to its conversation, or 201 with its id."""

    async def send(customer: Customer, fields: Mapping[str, str], post_id: str) -> Reply:
        kind, _, related_id = fields.get("related", "").partition(":")
        post = NewCase(
            fields.get("subject", ""),
            fields.get("message", ""),
            fields.get("topic", ""),
            kind,
            related_id,
            _file_ids(fields),
        )
        return Reply(201, {"case_id": await wiring.support().open_case(customer, post, post_id=post_id)})

    return await _answered(request, "case_open", send, page=routes.NEW_CASE, kept_at=routes.CASES, good="case.opened")


@door("POST")
async def comment(request: Request) -> Response:
    """POST a reply to a question: 303 back to its conversation, or 201."""
    case_id = request.path_params["case_id"]

    async def send(customer: Customer, fields: Mapping[str, str], post_id: str) -> Reply:
        await wiring.support().reply(customer, case_id, fields.get("message", ""), _file_ids(fields), post_id=post_id)
        return Reply(201, {"status": "sent"})

    return await _answered(request, "case_comment", send, page=_page(case_id), good="case.replied")


@door("POST")
async def close(request: Request) -> Response:
    """POST that nothing more is wanted: 303 back to the conversation, or 200."""
    case_id = request.path_params["case_id"]

    async def send(customer: Customer, fields: Mapping[str, str], post_id: str) -> Reply:
        await wiring.support().close(customer, case_id, post_id=post_id)
        return Reply(200, {"status": "closed"})

    return await _answered(request, "case_close", send, page=_page(case_id), good="case.was_closed")


@door("POST")
async def reopen(request: Request) -> Response:
    """POST that there is more to say: 303 back to the conversation, or 200."""
    case_id = request.path_params["case_id"]

    async def send(customer: Customer, fields: Mapping[str, str], post_id: str) -> Reply:
        await wiring.support().reopen(customer, case_id, post_id=post_id)
        return Reply(200, {"status": "open"})

    return await _answered(request, "case_reopen", send, page=_page(case_id), good="case.was_reopened")


async def _answered(
    request: Request, operation: str, send: Send, *, page: str, good: str, kept_at: str = ""
) -> Response:
    """`page`: where the form stands; `kept_at`: where one is led whose post has no page of its own yet."""
    refuse_foreign(request)
    typed: dict[str, str] = {}
    try:
        fields = await _fields(request)
        typed = {name: fields[name] for name in TYPED if name in fields}  # what else is sent is not looked at (O5)
        reply = await _once(request, operation, send, fields)
    except errors.UpstreamOutcomeUnknown:
        if requests.wants_json(request):
            raise
        return await forms.told(kept_at or page, {"notice": BEING_SENT})
    except HttpProblem as unsure:
        if unsure.code == "being-confirmed" and not requests.wants_json(request):
            return await forms.told(kept_at or page, {"notice": BEING_SENT})
        return await _refused(request, page, unsure, typed)
    except errors.PortalError as refusal:
        return await _refused(request, page, refusal, typed)
    if requests.wants_json(request):
        return reply.mark(JSONResponse(reply.body, reply.status))
    target = routes.case(reply.body["case_id"]) if "case_id" in reply.body else page
    return reply.mark(await forms.told(target, {"notice": good}))


async def _once(request: Request, operation: str, send: Send, fields: Mapping[str, str]) -> Reply:
    """Raises what support raises; HttpProblem for the key."""
    session = requests.required_session(request)
    if session.customer is None:
        raise errors.NotFound("account")
    customer, key = session.customer, idempotency.key_of(request, fields)
    body = {name: fields.get(name, "") for name in TYPED} | {"files": ",".join(_file_ids(fields))}
    body["case"] = request.path_params.get("case_id", "")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
    # Not the id of the key's row, which is forgotten when a message is refused; and a corrected one is another post.
    post_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{customer.user_id}|{operation}|{key}|{digest}"))

    async def work(record: KeyRecord) -> Reply:
        return await send(customer, fields, post_id)

    return await idempotency.once(
        request,
        key=key,
        scope=idempotency.scope_of(request),
        operation=operation,
        body=body,
        work=work,
        resumes=True,
    )


async def _fields(request: Request) -> dict[str, str]:
    """Raises HttpProblem 400 for what is neither; only names of files may be repeated, or be a list."""
    if bodies.content_type(request) == bodies.JSON:
        sent = bodies.strict_json(await bodies.read_bytes(request, MOST_BYTES))
        return _of_program(sent)
    if bodies.content_type(request) != bodies.FORM:
        raise HttpProblem(415, "unsupported-type")
    body = await bodies.read_bytes(request, MOST_BYTES)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=bodies.FIELDS, errors="strict")
    except ValueError:
        raise HttpProblem(400, "malformed") from None
    fields = dict(pair for pair in pairs if pair[0] not in FILES)
    if len(fields) != sum(name not in FILES for name, _ in pairs):
        raise HttpProblem(400, "malformed")
    return fields | {"file_ids": ",".join(text for name, text in pairs if name in FILES)}


def _of_program(sent: Any) -> dict[str, str]:
    names = (*TYPED, idempotency.FIELD)
    if not isinstance(sent, dict) or not all(isinstance(sent.get(name, ""), str) for name in names):
        raise HttpProblem(400, "malformed")
    files = sent.get("file_ids", [])
    files = files.split(",") if isinstance(files, str) else files
    if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
        raise HttpProblem(400, "malformed")
    return {name: sent[name] for name in names if name in sent} | {"file_ids": ",".join(files)}


def _file_ids(fields: Mapping[str, str]) -> tuple[str, ...]:
    """In the order they were named, each once; those that are no ids of ours are somebody else's, too."""
    named = (one.strip() for one in fields.get("file_ids", "").split(","))
    return tuple(dict.fromkeys(one[:40] for one in named if one))[:MOST_NAMED]


def _page(case_id: str) -> str:
    """The conversation, for an id as the address has it."""
    return routes.case(quote(case_id[:40], safe=""))


async def _refused(request: Request, page: str, refusal: Exception, typed: Mapping[str, str]) -> Response:
    if isinstance(refusal, errors.NotSignedIn) and not requests.wants_json(request):
        return forms.see_other(with_next(routes.LOGIN, page))
    if isinstance(refusal, errors.NotFound) and page != routes.NEW_CASE and not requests.wants_json(request):
        return forms.see_other(page)  # which says that there is no such question
    return await forms.refused(request, page, refusal, typed, TYPED, longest=LONGEST_KEPT)
