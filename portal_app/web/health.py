"""Is the portal alive, is it ready. One word for everybody, details for those who watch over it (G2).

An outside system being down does not make the portal unready: pages that do not need it still work.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal_app import wiring
from portal_app.storage.flights import Flights
from portal_app.web import monitoring
from portal_app.web.problems import door
from portal_app.workflows.event_standing import Standing
from portal_app.workflows.work_standing import WorkStanding

log = logging.getLogger(__name__)

NO_STORE: Final = {"cache-control": "no-store"}
WORD_KEPT: Final = timedelta(seconds=3)
"""Anybody may ask, as often as they like, and each answer counts rows: once for all who ask within that time."""

_draining = False
_words: dict[str, tuple[object, datetime, str]] = {}
_asking: Flights[str] = Flights()


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


@door("GET")
async def sf_events(request: Request) -> Response:
    """GET: whether Salesforce's events are heard. 503 only when that cannot be told."""
    events = wiring.event_standing()
    try:
        if not monitoring.allowed(request):
            return PlainTextResponse(await _word("events", events, _heard), headers=NO_STORE)
        return JSONResponse(_events(await events.get()), headers=NO_STORE)
    except Exception as failure:
        log.error("events_unknown", exc_info=failure)
        return PlainTextResponse("unavailable", 503, NO_STORE)


@door("GET")
async def queues(request: Request) -> Response:
    """GET: whether background work is done in time. 503 only when that cannot be told."""
    work = wiring.work()
    try:
        if not monitoring.allowed(request):
            return PlainTextResponse(await _word("queues", work, _in_time), headers=NO_STORE)
        standing = await work.get()
        return JSONResponse({"status": _pace(standing)} | _work(standing), headers=NO_STORE)
    except Exception as failure:
        log.error("queues_unknown", exc_info=failure)
        return PlainTextResponse("unavailable", 503, NO_STORE)


async def _word(name: str, source: object, ask: Callable[[], Awaitable[str]]) -> str:
    """What `ask` says of this source, or said a moment ago."""
    held, until, word = _words.get(name, (None, None, ""))
    if held is not source or until is None or wiring.clock().now() >= until:
        word = await _asking.wait((name, id(source)), ask)
        _words[name] = (source, wiring.clock().now() + WORD_KEPT, word)
    return word


async def _heard() -> str:
    standing = await wiring.event_standing().get()
    return standing.status if standing.enabled else "disabled"


async def _in_time() -> str:
    return _pace(await wiring.work().get())


def _pace(standing: WorkStanding) -> str:
    return "behind" if standing.behind else "ok"


def _work(standing: WorkStanding) -> dict[str, Any]:
    orders = standing.orders
    return {
        "queues": {
            name: {"depth": one.depth, "oldestSeconds": _rounded(one.oldest_s)} for name, one in standing.queues.items()
        },
        "fulfilments": {
            "states": [
                {"state": state.value, "hold": hold.value, "count": count}
                for (state, hold), count in sorted(orders.orders.items())
            ],
            "held": dict(sorted(orders.held.items())),
            "stuck": orders.stuck,
        },
        "upstreams": {upstream.policy.name: upstream.state() for upstream in wiring.upstreams()},
        "reconcile": {
            one.kind: {
                "finishedAt": _iso(one.finished_at),
                "ageSeconds": _rounded(standing.age_s(one)),
                "compared": one.compared,
                "drift": one.drift,
                "repaired": one.repaired,
                "left": len(one.left),
                "complete": not one.notes,
            }
            for one in standing.reports
        },
    }


def _events(standing: Standing) -> dict[str, Any]:
    last = next((one.cursor for one in standing.topics if one.topic == standing.channel), "")
    return {
        "enabled": standing.enabled,
        "channel": standing.channel,
        "replay": {"lastReplayId": last, "gapSince": _iso(standing.gap_since)},
        "subscriber": {"status": standing.status, "here": standing.listening},
        "lag": {"heardSeconds": _rounded(standing.heard_s), "waitingSeconds": _rounded(standing.waiting_s)},
        "quarantined": standing.quarantined,
        "topics": [
            {
                "topic": one.topic,
                "status": one.status,
                "code": one.code,
                "lastReplayId": one.cursor,
                "storedAt": _iso(one.stored_at),
                "heardSeconds": _rounded(one.heard_s),
                "received": one.received,
                "gapSince": _iso(one.gap_since),
                "old": one.old,
            }
            for one in standing.topics
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


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
