"""Reading request bodies without trusting them: bounded while they stream, strict when they are parsed."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from portal_app.web.refusal import HttpProblem

DEPTH = 20
FIELDS = 40
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def content_type(request: Request) -> str:
    """The media type without parameters, lower case; "" when there is none or more than one."""
    lines = request.headers.getlist("content-type")
    return lines[0].partition(";")[0].strip().lower() if len(lines) == 1 else ""


async def read_bytes(request: Request, most: int) -> bytes:
    """The raw body, once. Raises like `pieces`."""
    body = bytearray()
    async for piece in pieces(request, most):
        body += piece
    return bytes(body)


async def pieces(request: Request, most: int) -> AsyncIterator[bytes]:
    """The raw body as it arrives, once.

    Raises HttpProblem 413 for a longer one, declared or streamed, 415 for a compressed one.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HttpProblem(415, "unsupported-type")
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit():
        raise HttpProblem(400, "malformed")
    if int(declared[:12]) > most:
        raise HttpProblem(413, "too-large")
    arrived = 0
    async for chunk in request.stream():
        arrived += len(chunk)
        if arrived > most:
            raise HttpProblem(413, "too-large")
        yield chunk


async def read_fields(request: Request, most: int) -> dict[str, str]:
    """Text fields of a form or a flat JSON object. Raises HttpProblem 400, 413 or 415."""
    kind = content_type(request)
    if kind not in (FORM, JSON):
        raise HttpProblem(415, "unsupported-type")
    body = await read_bytes(request, most)
    return form_fields(body) if kind == FORM else json_fields(body)


def form_fields(body: bytes) -> dict[str, str]:
    """Name -> value; a repeated name, bad UTF-8 or too many fields raise HttpProblem 400."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError:
        raise HttpProblem(400, "malformed") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HttpProblem(400, "malformed")
    return fields


def json_fields(body: bytes) -> dict[str, str]:
    """A flat object of texts. Raises HttpProblem 400 for anything else."""
    fields = strict_json(body) if body else {}
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise HttpProblem(400, "malformed")
    return fields


def strict_json(body: bytes) -> Any:
    """Parsed JSON; duplicate keys, NaN, depth over 20, trailing data and endless numbers raise HttpProblem 400."""
    try:
        text = body.decode("utf-8")
        if _depth(text) > DEPTH:
            raise HttpProblem(400, "malformed")
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise HttpProblem(400, "malformed") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _refused(name: str) -> Any:
    raise ValueError(name)


def _depth(text: str) -> int:
    """Deepest nesting, counted before parsing, since the parser recurses."""
    depth = deepest = 0
    quoted = escaped = False
    for c in text:
        if quoted:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "]}":
            depth -= 1
    return deepest
