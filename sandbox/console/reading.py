"""Reading what the operator posts, and answering in JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.faults import BadRequest

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A foreign page in the operator's browser must not drive the console. Callers without Origin are no browsers."""
    origin = request.headers.get("Origin")
    writes = request.method not in ("GET", "HEAD") and request.path.startswith("/console/")
    if writes and origin is not None and origin != f"{request.scheme}://{request.host}":
        raise web.HTTPForbidden(text='{"error": "another origin"}', content_type="application/json")
    return await handler(request)


async def posted(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object."""
    raw = await request.read()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise refused("the body must be JSON") from error
    if not isinstance(body, dict):
        raise refused("the body must be a JSON object")
    return body


def answer(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store"})


def refused(message: str | BadRequest, status: int = 400) -> web.HTTPException:
    kind = {404: web.HTTPNotFound, 409: web.HTTPConflict}.get(status, web.HTTPBadRequest)
    return kind(text=json.dumps({"error": str(message)}), content_type="application/json")


def limit_of(request: web.Request, default: int, most: int = 1000) -> int:
    text = request.query.get("limit", "")
    return min(int(text), most) if text.isascii() and text.isdigit() else default
