"""The command line's way into a running portal of the same machine, where no Redis carries its messages.

It can wake pages and clear caches, nothing else: no data goes out of it and no setting changes.
"""

import hmac
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app import wiring
from portal_app.security.operator import operator_token
from portal_app.web import bodies
from portal_app.web.forwarded import is_local
from portal_app.web.problems import door
from portal_app.web.refusal import HttpProblem

MOST_BYTES = 64 * 1024
_TOPIC = re.compile(
    r"(customer:[0-9a-f-]{36}:[a-z_]{1,40}|session:[0-9a-f-]{36}:ended"
    r"|everybody:[a-z_]{1,40}|work:(inbox|outbox|fulfilments|replay))"
)

# What belongs to all customers is kept under a name no customer can have.
UserId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f-]{36}|-everybody-)$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_:]{1,80}$")]


class Message(BaseModel):
    """One hint for the bus."""

    topic: Annotated[str, StringConstraints(max_length=120)]
    payload: Annotated[str, StringConstraints(max_length=200)] = ""


class Clearing(BaseModel):
    """What one user's cache should forget; no tag means everything of that user."""

    user_id: UserId
    tags: list[Tag] = Field(default=[], max_length=50)


class Wake(BaseModel):
    """The whole request."""

    model_config = ConfigDict(strict=True, extra="forbid")

    publish: list[Message] = Field(default=[], max_length=500)
    clear: list[Clearing] = Field(default=[], max_length=500)


@door("POST")
async def wake(request: Request) -> Response:
    """POST JSON `{"publish": [{"topic", "payload"}], "clear": [{"user_id", "tags"}]}`; caches are cleared first."""
    if not _from_our_machine(request):
        raise HttpProblem(404, "not-found")
    if bodies.content_type(request) != bodies.JSON:
        raise HttpProblem(415, "unsupported-type")
    try:
        asked = Wake.model_validate(bodies.strict_json(await bodies.read_bytes(request, MOST_BYTES)))
    except ValidationError:
        raise HttpProblem(400, "malformed") from None
    if not all(_TOPIC.fullmatch(message.topic) for message in asked.publish):
        raise HttpProblem(400, "malformed")
    for clearing in asked.clear:
        await wiring.cache().clear(clearing.user_id, *clearing.tags)
    for message in asked.publish:
        await wiring.bus().publish(message.topic, message.payload)
    return JSONResponse({"cleared": len(asked.clear), "published": len(asked.publish)})


def _from_our_machine(request: Request) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected = operator_token(wiring.settings())
    good = hmac.compare_digest(given.strip().encode(), expected.encode())
    return is_local(request.scope) and scheme.lower() == "bearer" and good
