"""/services: requests in, session and allocation checked, resource run, answer spelled, or a fault in place of that."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.faults import Fault
from sandbox.salesforce import faulty, oauth, resources
from sandbox.salesforce.call import BASE, VERSIONS, Answer, Call, action_of, address
from sandbox.salesforce.errors import Refusal
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
MOST_BODY, MOST_LINE = 52_500_000, 16_384
NO_STORE = {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}


@dataclass(slots=True)
class Sent:
    """What goes out, and what the log says about it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    outcome: str = "success"


@ROUTES.post("/services/oauth2/token")
async def token(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    form = {name: str(value) for name, value in (await request.post()).items()}
    site = f"{request.scheme}://{request.host}"

    def work(fault: Fault | None) -> Sent:
        try:
            if fault is not None and fault.kind == "auth_refused":
                raise oauth.Denied("invalid_grant", "authentication failure")
            if fault is not None and fault.kind == "unavailable":
                raise oauth.Denied("temporarily_unavailable", "the server is temporarily unavailable", 503)
            return _json(200, oauth.grant(world.salesforce, form, site))
        except oauth.Denied as denied:
            return _json(denied.status, denied.body, outcome=f"error: {denied.body['error_description']}")

    return await _played(request, "token", form, work)


@ROUTES.post("/services/oauth2/revoke")
async def revoke(request: web.Request) -> web.StreamResponse:
    form = {name: str(value) for name, value in (await request.post()).items()}

    def work(fault: Fault | None) -> Sent:
        request.app[WORLD].salesforce.sessions.expire(form.get("token", ""))
        return Sent(200)

    return await _played(request, "revoke", form, work)


@ROUTES.get("/services/data")
@ROUTES.get("/services/data/")
async def versions(request: web.Request) -> web.StreamResponse:
    """Needs no session."""
    listed = [{"label": f"v{one}", "url": f"{BASE}v{one}.0", "version": f"{one}.0"} for one in VERSIONS]
    return await _played(request, "versions", {}, lambda fault: _json(200, listed))


@ROUTES.route("*", "/services/data/{rest:.+}")
async def data(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    body: Any = None
    try:
        version, parts, query = address(request.rel_url.raw_path)
        query = dict(request.rel_url.query)
        if len(request.raw_path) > MOST_LINE:
            raise Refusal("URI_TOO_LONG", "The request URI is too long", 414)  # [U] the code
        call = Call(world.salesforce, request.method, version, parts, query, request.headers, None)
        _authorise(world, request)
        body = await _read_body(request, call)
        call = Call(world.salesforce, request.method, version, parts, query, request.headers, body)
    except ConnectionError:
        return web.Response()  # gone in the middle of its body: nothing was done, and nobody reads an answer
    except Refusal as refusal:
        error = refusal
        action = action_of(request.method, request.path.split("/")[4:])
        return await _played(request, action, body, lambda fault: _refused(error))
    shown = _shown(body) if body is not None else dict(query)
    return await _played(request, call.action, shown, lambda fault: _run(call, fault))


def _authorise(world: World, request: web.Request) -> None:
    kind, _, session = request.headers.get("Authorization", "").partition(" ")
    org = world.salesforce
    if kind.lower() not in ("bearer", "oauth") or not org.sessions.valid(session.strip()):
        raise Refusal(*faulty.EXPIRED)
    if org.allocation.used >= org.allocation.most:
        raise Refusal(*faulty.REFUSALS["request_limit"])
    org.allocation.used += 1


async def _read_body(request: web.Request, call: Call) -> Any:
    if request.method not in ("POST", "PATCH"):
        return None
    if request.content_type == "multipart/form-data":
        try:
            return await _read_parts(request, call)
        except ValueError as error:
            words = f"The multipart body ends too early or has no parts: {error}"
            raise Refusal("JSON_PARSER_ERROR", words) from error  # [U] the code
    if request.content_type != "application/json":
        words = f"Content type specified {request.content_type} not supported."
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", words, 415)
    raw = bytearray()
    async for piece in request.content.iter_any():
        raw += piece
        if len(raw) > MOST_BODY:
            raise Refusal("REQUEST_TOO_LARGE", "The request is too large", 413)  # [U] the code
    if not raw.strip():
        return None
    return _parsed(bytes(raw))


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise Refusal("JSON_PARSER_ERROR", f"Unexpected character in the request body: {error}") from error


async def _read_parts(request: web.Request, call: Call) -> Any:
    """Metadata as JSON, then the file. The first part's name is free [U], the second is called VersionData."""
    if call.parts[:2] != ["sobjects", "ContentVersion"]:
        words = "Content type specified multipart/form-data not supported."
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", words, 415)
    fields: dict[str, Any] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        raw = bytearray()
        while piece := await part.read_chunk(65536):
            raw += piece
            if len(raw) > MOST_BODY:  # a real org takes 2 GB this way
                raise Refusal("REQUEST_TOO_LARGE", "The request is too large", 413)
        if part.name == "VersionData":
            fields["VersionData"] = bytes(raw)
        elif part.headers.get("Content-Type", "").startswith("application/json"):
            fields |= _parsed(bytes(raw))
    return fields


def _run(call: Call, fault: Fault | None) -> Sent:
    try:
        refusal = faulty.refusal_for(fault.kind) if fault is not None else None
        if refusal is not None:
            raise refusal
        with call.org.records.asked_by(_origin(call)):
            reply = resources.answer(call)
    except Refusal as refusal:
        return _refused(refusal)
    return _spelled(reply)


def _origin(call: Call) -> str:
    """As change events name it: the API, and what the client calls itself."""
    options = call.headers.get("Sforce-Call-Options", "").split(",")
    client = next((one.strip() for one in options if one.strip().startswith("client=")), "")
    return f"com/salesforce/api/rest/{call.version}.0{';' if client else ''}{client}"


def _spelled(reply: Answer) -> Sent:
    if isinstance(reply.body, bytes):
        return Sent(reply.status, reply.body, "application/octetstream", reply.headers)
    if reply.body is None:
        return Sent(reply.status, b"", headers=reply.headers)
    return _json(reply.status, reply.body, reply.headers)


def _json(status: int, body: Any, headers: dict[str, str] | None = None, outcome: str = "success") -> Sent:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Sent(status, raw, "application/json", headers or {}, outcome)


def _refused(refusal: Refusal) -> Sent:
    return _json(refusal.status, refusal.errors, outcome=f"error: {refusal.errors[0]['errorCode']}")


def _shown(body: Any) -> Any:
    """For the log: file contents are not."""
    return (
        {name: "(data)" if name == "VersionData" else value for name, value in body.items()}
        if (isinstance(body, dict))
        else body
    )


async def _played(
    request: web.Request, action: str, params: Any, work: Callable[[Fault | None], Sent]
) -> web.StreamResponse:
    """Latency and faults around the work, and the line in the call log."""
    world, started = request.app[WORLD], time.monotonic()
    fault = world.faults.take("salesforce", action)
    await world.clock.pause(world.faults.delay_ms("salesforce", fault) / 1000)
    replaced = faulty.instead(fault)
    if replaced is not None and fault is not None:
        sent = Sent(*replaced, outcome=f"fault: {fault.kind}")
    else:
        sent = work(fault)
        if fault is not None and fault.kind in faulty.REFUSALS:
            sent.outcome = f"fault: {fault.kind}"
    body, note = faulty.spoiled(fault, sent.body)
    cut = body is None or sent.status == 0
    world.calls.record(
        at=world.clock.instant(),
        system="salesforce",
        action=action,
        params=params,
        status=0 if cut else sent.status,
        outcome=f"{note} ({sent.outcome})" if note else sent.outcome,
        ms=(time.monotonic() - started) * 1000,
    )
    if cut:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    return _response(request, world, sent, body or b"")


def _response(request: web.Request, world: World, sent: Sent, body: bytes) -> web.Response:
    headers = NO_STORE | sent.headers
    if request.path.startswith(BASE):
        headers["Sforce-Limit-Info"] = world.salesforce.allocation.header
    if sent.status == 302:
        headers["Location"] = "https://maintenance.invalid/"
    if not body or sent.status in (204, 304):
        return web.Response(status=sent.status, headers=headers)
    if len(body) > 2048 and "gzip" in request.headers.get("Accept-Encoding", "") and "json" in sent.content_type:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 1)
    headers["Content-Type"] = sent.content_type + (";charset=UTF-8" if "octet" not in sent.content_type else "")
    return web.Response(status=sent.status, body=body, headers=headers)
