"""Is the portal alive, is it ready. One word for everybody, details for those who watch over it (G2).

An outside system being down does not make the portal unready: pages that do not need it still work.
"""

import logging
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal_app import wiring
from portal_app.web import monitoring
from portal_app.web.problems import door

log = logging.getLogger(__name__)

NO_STORE: Final = {"cache-control": "no-store"}

_draining = False


def drain(on: bool = True) -> None:
    """From now on not ready: called when the process is asked to stop, before anything closes (G1)."""
    global _draining
    _draining = on


@door("GET")
async def live(request: Request) -> Response:
    """GET: the process answers. Asks nothing else."""
    return PlainTextResponse("live", headers=NO_STORE)


@door("GET")
async def ready(request: Request) -> Response:
    """GET: 200 when the database answers and has the newest schema, else 503."""
    checks = {"accepting": not _draining, "database": await _database(), "migrations": await _migrated()}
    ok = all(checks.values())
    status, word = (200, "ready") if ok else (503, "unavailable")
    if not monitoring.allowed(request):
        return PlainTextResponse(word, status, NO_STORE)
    return JSONResponse({"status": word, "checks": checks, "details": await _details()}, status, NO_STORE)


async def _database() -> bool:
    try:
        await wiring.database().ping()
    except Exception as failure:
        log.error("database_unreachable", exc_info=failure)
        return False
    return True


async def _migrated() -> bool:
    try:
        return await wiring.database().migrated()
    except Exception as failure:
        log.error("schema_unknown", exc_info=failure)
        return False


async def _details() -> dict[str, Any]:
    """What a person on watch asks next; a part that cannot be read is None."""
    found: dict[str, Any] = {upstream.policy.name: upstream.state() for upstream in wiring.upstreams()}
    found["salesforce_day"] = wiring.salesforce_client().state()
    for name, depth in (("inbox", wiring.inbox().depth), ("outbox", wiring.outbox().depth)):
        try:
            found[name] = await depth()
        except Exception:
            found[name] = None
    return found
