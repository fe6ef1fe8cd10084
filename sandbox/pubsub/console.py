"""What an operator can do to events: look, publish, break, change a schema, take the endpoint away."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.faults import BadRequest
from sandbox.pubsub.bus import sample
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
API = "/console/api/salesforce/events"


@ROUTES.get(API)
async def look(request: web.Request) -> web.Response:
    """Endpoint, timing, streams, troubles that wait, and the last events, newest first."""
    world = request.app[WORLD]
    return answer(_state(world) | {"events": _last(world, limit_of(request, 50))})


@ROUTES.post(API)
async def publish(request: web.Request) -> web.Response:
    """{"entity", "fields", "event_id"}: a platform event by hand; fields that are left out get sample values."""
    bus, body = request.app[WORLD].salesforce.events, await posted(request)
    entity = str(body.get("entity", ""))
    if bus.entities(f"/event/{entity}") is None or not isinstance(body.get("fields", {}), dict):
        raise refused("entity must be a platform event and fields an object")
    fields = sample(bus.current(entity)[1]) | body.get("fields", {})
    try:
        with request.app[WORLD].store.transaction():
            bus.publish(entity, fields, str(body.get("event_id", "")))
    except (ValueError, TypeError, KeyError) as bad:
        raise refused("fields do not fit the event") from bad
    return answer({"ok": True})


@ROUTES.post(f"{API}/troubles")
async def add_trouble(request: web.Request) -> web.Response:
    """{"kind", "times", "entity", "method", "code", "delay_ms"}."""
    body = await posted(request)
    try:
        return answer(asdict(request.app[WORLD].salesforce.events.troubles.add(**body)))
    except BadRequest as bad:
        raise refused(bad) from bad


@ROUTES.delete(f"{API}/troubles")
async def heal(request: web.Request) -> web.Response:
    bus = request.app[WORLD].salesforce.events
    bus.troubles.heal()
    bus.wake()
    return answer({"ok": True})


@ROUTES.post(f"{API}/{{what:disconnect|silence|stop|start|corrupt-replay|gap|schema|timing}}")
async def act(request: web.Request) -> web.Response:
    """`silence` sends nothing until healed, not even keepalives; `stop` takes the endpoint away, `start` brings it.

    `disconnect` takes {"code"}, `gap` {"entity","record_ids","kind"}, `schema` {"entity","field"}, `timing` seconds.
    """
    world, body, what = request.app[WORLD], await posted(request), request.match_info["what"]
    bus = world.salesforce.events
    try:
        if what == "disconnect":
            return answer({"streams": bus.end_streams(str(body.get("code", "")))})
        if what in ("stop", "start"):
            if bus.server is not None:
                await bus.server.set_up(what == "start")
        elif what == "silence":
            bus.troubles.silent = True
        elif what == "corrupt-replay":
            bus.log.move_org()
        elif what == "gap":
            with world.store.transaction():
                bus.gap(str(body.get("entity", "")), _ids(body), str(body.get("kind", "GAP_UPDATE")))
        elif what == "schema":
            return answer({"schema_id": _widen(world, body)})
        else:
            _set_timing(world, body)
    except BadRequest as bad:
        raise refused(bad) from bad
    return answer(_state(world))


def _widen(world: World, body: dict[str, Any]) -> str:
    entity, name = str(body.get("entity", "")), str(body.get("field", ""))
    if world.salesforce.events.entities(f"/event/{entity}") is None or not name.isidentifier():
        raise BadRequest("entity must be a platform event and field a name")
    return world.salesforce.events.change_schema(entity, name)


def _ids(body: dict[str, Any]) -> list[str]:
    found = body.get("record_ids", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadRequest("record_ids must be a list of texts")
    return found


def _set_timing(world: World, body: dict[str, Any]) -> None:
    timing = world.salesforce.events.timing
    for name, value in body.items():
        if name not in ("keepalive_s", "starving_s") or isinstance(value, bool) or not isinstance(value, int | float):
            raise BadRequest("keepalive_s and starving_s must be seconds")
        setattr(timing, name, max(0.01, float(value)))
    world.salesforce.events.wake()


def _state(world: World) -> dict[str, Any]:
    bus = world.salesforce.events
    streams = [
        {"topic": one.topic, "credit": one.credit, "delivered": one.delivered}
        for one in sorted(bus.listeners, key=lambda one: one.topic)
    ]
    return {
        "endpoint": "" if bus.server is None else bus.server.endpoint,
        "timing": asdict(bus.timing),
        "silent": bus.troubles.silent,
        "troubles": bus.troubles.listed(),
        "streams": streams,
    }


def _last(world: World, limit: int) -> list[dict[str, Any]]:
    log = world.salesforce.events.log
    return [
        {"entity": one.entity, "event_id": one.event_id, "replay_id": log.replay_id(one.position).hex()}
        for one in log.last(limit)
    ]
