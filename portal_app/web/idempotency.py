"""Requests that run once however often they are sent (section 1 of the reliability rules: K1, K3-K8, K10).

A program names its request in the header `Idempotency-Key`, a form in a hidden field. The key is looked up within its
sender's scope, so nobody is ever given somebody else's answer.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from portal_app import wiring
from portal_app.errors import PortalError, UpstreamOutcomeUnknown
from portal_app.storage.idempotency import Begun, KeyRecord
from portal_app.storage.leases import LeaseLost
from portal_app.web import requests
from portal_app.web.refusal import HttpProblem

HEADER: Final = "idempotency-key"
FIELD: Final = "idempotency_key"
REPLAYED: Final = "idempotency-replayed"
LOOKS_S: Final = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 3.0, 3.0, 4.0)
"""A form sent twice waits so long for its first sending: a browser shows only the answer to the last one.

Longer and longer, so that a flood of repeats asks the database little.
"""
_KEY: Final = re.compile(r"[\x21-\x7e]{16,255}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request came to: stored with its key, sealed, and given again. It holds no session token."""

    status: int
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    replayed: bool = False

    def mark(self, response: Response) -> Response:
        """The response, marked when it is a repeat (K4)."""
        if self.replayed:
            response.headers[REPLAYED] = "true"
        return response


Work = Callable[[KeyRecord], Awaitable[Reply]]


def key_of(request: Request, fields: Mapping[str, str]) -> str:
    """The key of a request, from its header or its form. Raises HttpProblem 400 without one, or one of another form."""
    given = [line for line in request.headers.getlist(HEADER) if line]
    given += [fields[FIELD]] if fields.get(FIELD) else []
    if not given:
        raise HttpProblem(400, "idempotency-key-missing")
    if len(set(given)) > 1 or not _KEY.fullmatch(given[0]):
        raise HttpProblem(400, "idempotency-key-malformed")
    return given[0]


def scope_of(request: Request, anonymous: str = "") -> str:
    """Whose keys these are: the user's, or, before there is one, whoever `anonymous` names, as a keyed hash."""
    session = requests.session_of(request)
    if not anonymous and session is not None:
        return f"u:{session.user_id}"
    return f"anon:{wiring.idempotency_keys().fingerprint('', 'scope', {'anonymous': anonymous})}"


async def once(
    request: Request,
    *,
    key: str,
    scope: str,
    operation: str,
    body: Mapping[str, Any],
    work: Work,
    stores: Literal["here", "in_work"] = "here",
    resumes: bool = False,
) -> Reply:
    """Run `work` the first time this key comes, and give its reply again every other time, without any work.

    `body`: the validated fields. `stores="in_work"`: the work ends the key in its own transaction. `resumes`: the work
    goes on from `recovery_point` after an upstream's answer was lost; without it the answer stays "being confirmed".
    An error of ours means that no step has run: nothing is stored, the same key may come again, corrected (K7).
    Raises HttpProblem 409 while another sending of it runs, 422 for a key of another request, 202 while unsure;
    whatever `work` raises.
    """
    keys = wiring.idempotency_keys()
    fingerprint = keys.fingerprint(request.method, operation, body)
    begun = await keys.begin(scope, operation, key, fingerprint)
    for pause in () if requests.wants_json(request) else LOOKS_S:
        if begun.kind != "running":
            break
        await asyncio.sleep(pause)
        begun = await keys.begin(scope, operation, key, fingerprint)
    if begun.kind == "replay":
        return Reply(begun.status, begun.body, replayed=True)
    return await _run(await _held(begun, resumes), work, stores)


async def _held(begun: Begun, resumes: bool) -> KeyRecord:
    """The key to work with. Raises HttpProblem."""
    if begun.kind == "mismatch":
        raise HttpProblem(422, "idempotency-key-reused")
    if begun.record is None:
        raise HttpProblem(409, "request-in-progress", retry_after=1)
    if begun.kind == "unknown" and not resumes:
        await wiring.idempotency_keys().forget(begun.record)
        raise HttpProblem(202, "being-confirmed")
    return begun.record


async def _run(record: KeyRecord, work: Work, stores: str) -> Reply:
    keys = wiring.idempotency_keys()
    try:
        reply = await work(record)
        if stores == "here":
            async with wiring.database().write() as tx:
                await keys.succeeded(tx, record, reply.status, reply.body)
    except LeaseLost:
        raise HttpProblem(409, "request-in-progress", retry_after=1) from None
    except UpstreamOutcomeUnknown as unsure:
        await keys.unknown(record, 202, {}, recovery_point=record.recovery_point or unsure.operation)
        raise
    except Exception as failure:
        # What ends its key in its own transaction is undone with it; anything else waits until its lease is over (K8).
        if stores == "in_work" or isinstance(failure, PortalError | HttpProblem):
            await keys.forget(record)
        raise
    return reply
