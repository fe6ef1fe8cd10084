"""Attachments over HTTP: raw bodies up, piece by piece; files down, never shown by the browser as pages of ours."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from portal_app import errors, wiring
from portal_app.domain.attachments import Receipt
from portal_app.domain.cases import Attachment
from portal_app.domain.customer import Customer
from portal_app.domain.uploads import UploadRefused
from portal_app.integrations.salesforce.download import Download
from portal_app.web import bodies, idempotency, requests
from portal_app.web.auth import refuse_foreign
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

TYPE: Final = "application/octet-stream"
NAME: Final = "x-file-name"
FIELD: Final = "file"
MOST_READ: Final = 32 * 1024 * 1024
"""A browser reads no answer before it has sent everything: up to here it may, of a file that is refused."""
PIECE: Final = 64 * 1024
SILENT_S, SLOWEST = 30.0, 32_000
"""How long a browser may rest, and how many bytes a second it must send on the whole."""
REFUSED_S: Final = 60.0
"""How long one is listened to whose file is refused: anybody may be."""
LONGEST_NAME_HEADER: Final = 2000
TYPES: Final = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


@door("POST")
async def upload(request: Request) -> Response:
    """POST one file as the raw body, its name percent-encoded in `X-File-Name`: taken, or refused with a sentence."""
    refuse_foreign(request)
    body = bodies.pieces(request, MOST_READ)
    try:
        receipt = await _received(request, body)
    except UploadRefused as refusal:
        await _drain(body)
        raise errors.InvalidInput(FIELD, refusal.reason) from None
    except ClientDisconnect:
        raise HttpProblem(400, "malformed") from None
    except (errors.PortalError, HttpProblem):
        await _drain(body)
        raise
    shown = {"file_id": receipt.file_id, "name": receipt.name, "size": receipt.size, "kind": receipt.kind}
    return JSONResponse(shown, 201)


@door("DELETE")
async def discard(request: Request) -> Response:
    """DELETE a file that no message has taken."""
    refuse_foreign(request)
    await wiring.case_file_desk().discard(_customer(request), request.path_params["file_id"])
    return Response(status_code=204)


@door("GET")
async def download(request: Request) -> Response:
    """GET one file of one of the customer's cases, as a file to be saved."""
    case_id, document_id = request.path_params["case_id"], request.path_params["document_id"]
    attachment, pieces = await wiring.case_file_desk().open(_customer(request), case_id, document_id)
    headers = _headers(attachment)
    if request.method == "HEAD":
        await pieces.aclose()
        return Response(headers=headers)
    return _Passing(pieces, headers)


class _Passing(StreamingResponse):
    """Lets go of the file however the answer ends."""

    def __init__(self, pieces: Download, headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._pieces.aclose()


async def _received(request: Request, body: AsyncIterator[bytes]) -> Receipt:
    if bodies.content_type(request) != TYPE:
        raise HttpProblem(415, "unsupported-type")
    customer, desk = _customer(request), wiring.case_file_desk()
    name, size = _name(request), _size(request)
    file_id = _file_id(request, customer, name, size)
    await desk.count(customer)
    return await desk.receive(customer, file_id, name, size, _patient(body, size))


def _customer(request: Request) -> Customer:
    session = requests.required_session(request)
    if session.customer is None:
        raise errors.NotFound("account")
    return session.customer


def _file_id(request: Request, customer: Customer, name: str, size: int) -> str:
    """The same file again under the same key is the same (K1). Raises: HttpProblem 400 without a key."""
    key = idempotency.key_of(request, {})
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"case_file|{customer.user_id}|{key}|{size}|{name}"))


def _name(request: Request) -> str:
    given = request.headers.getlist(NAME)
    if len(given) != 1 or not given[0]:
        raise UploadRefused("upload.missing")
    try:
        return unquote_to_bytes(given[0][:LONGEST_NAME_HEADER].encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise UploadRefused("upload.name") from None


def _size(request: Request) -> int:
    """Announced, as Salesforce is to be told it before the first piece goes on. Raises: HttpProblem."""
    declared = request.headers.get("content-length", "")
    if not declared:
        raise HttpProblem(411, "malformed")
    if not (declared.isascii() and declared.isdigit()):
        raise HttpProblem(400, "malformed")
    return int(declared[:12])


async def _patient(body: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The pieces, from a browser that neither rests nor dawdles: it holds a place others wait for. Raises: Busy."""
    now = asyncio.get_running_loop().time
    ends_at = now() + SILENT_S + size / SLOWEST
    while True:
        try:
            async with asyncio.timeout_at(min(ends_at, now() + SILENT_S)):
                piece = await anext(body, None)
        except TimeoutError:
            raise errors.Busy("upload") from None
        if piece is None:
            return
        # A server may hand over half a megabyte at a time, and each look at a piece is a copy of it.
        for at in range(0, len(piece), PIECE):
            yield piece[at : at + PIECE]


async def _drain(body: AsyncIterator[bytes]) -> None:
    with suppress(errors.PortalError, HttpProblem, ClientDisconnect, TimeoutError):
        async with asyncio.timeout(REFUSED_S):
            async for _ in _patient(body, MOST_READ):
                pass


def _headers(attachment: Attachment) -> dict[str, str]:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in attachment.name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name, safe='')}"
    return {
        "content-type": TYPES.get(attachment.kind, TYPE),
        "content-length": str(attachment.size),
        "content-disposition": named,
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
    }
