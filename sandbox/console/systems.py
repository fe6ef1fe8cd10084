"""How the stand-ins behave and what reached them: faults, latency, profile, calls, mail, hooks, reset."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from sandbox import mail
from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.faults import BadRequest
from sandbox.freebit.planted import plant_lines
from sandbox.seed import plant
from sandbox.whmcs.hooks import Delivery
from sandbox.world import WORLD

ROUTES = web.RouteTableDef()


@ROUTES.get("/console/api/calls")
async def list_calls(request: web.Request) -> web.Response:
    """Newest last."""
    return answer(request.app[WORLD].calls.last(limit_of(request, 100)))


@ROUTES.delete("/console/api/calls")
async def clear_calls(request: web.Request) -> web.Response:
    request.app[WORLD].calls.clear()
    return answer({"ok": True})


@ROUTES.get("/console/api/faults")
async def list_faults(request: web.Request) -> web.Response:
    return answer(request.app[WORLD].faults.listed())


@ROUTES.post("/console/api/faults")
async def add_fault(request: web.Request) -> web.Response:
    body = await posted(request)
    try:
        fault = request.app[WORLD].faults.add(
            body.get("system", "whmcs"),
            body.get("action", "*"),
            body.get("kind", ""),
            body.get("times"),
            body.get("delay_ms"),
        )
    except BadRequest as error:
        raise refused(error) from error
    return answer(asdict(fault))


@ROUTES.delete("/console/api/faults")
async def heal_all(request: web.Request) -> web.Response:
    request.app[WORLD].faults.heal()
    return answer({"ok": True})


@ROUTES.delete("/console/api/faults/{id:\\d+}")
async def heal_one(request: web.Request) -> web.Response:
    request.app[WORLD].faults.heal(int(request.match_info["id"]))
    return answer({"ok": True})


@ROUTES.get("/console/api/latency")
async def get_latency(request: web.Request) -> web.Response:
    return answer(request.app[WORLD].faults.latency)


@ROUTES.post("/console/api/latency")
async def set_latency(request: web.Request) -> web.Response:
    faults = request.app[WORLD].faults
    try:
        faults.set_latency(await posted(request))
    except BadRequest as error:
        raise refused(error) from error
    return answer(faults.latency)


@ROUTES.get("/console/api/profile")
async def get_profile(request: web.Request) -> web.Response:
    return answer(asdict(request.app[WORLD].faults.profile))


@ROUTES.post("/console/api/profile")
async def set_profile(request: web.Request) -> web.Response:
    faults = request.app[WORLD].faults
    try:
        faults.set_profile(await posted(request))
    except BadRequest as error:
        raise refused(error) from error
    return answer(asdict(faults.profile))


@ROUTES.get("/console/api/mail")
async def list_mail(request: web.Request) -> web.Response:
    """Newest first, with text, HTML and headers."""
    return answer(mail.newest(request.app[WORLD].store, limit_of(request, 100)))


@ROUTES.delete("/console/api/mail")
async def clear_mail(request: web.Request) -> web.Response:
    request.app[WORLD].store.execute("DELETE FROM mail")
    return answer({"ok": True})


@ROUTES.get("/console/api/hooks")
async def list_hooks(request: web.Request) -> web.Response:
    """Where hooks go, what was delivered lately (newest last), what waits for another try."""
    hooks = request.app[WORLD].hooks
    return answer({"url": hooks.url, "deliveries": list(hooks.log), "waiting": hooks.waiting()})


@ROUTES.post("/console/api/hooks")
async def fire_hook(request: web.Request) -> web.Response:
    """One hook by hand; the options may stand beside `event` or inside `options`."""
    body = await posted(request)
    options = body | (body.get("options") or {})
    event, params = body.get("event"), body.get("params") or {}
    if not isinstance(event, str) or not event or not isinstance(params, dict):
        raise refused("event must be a name and params an object")
    bent = Delivery(stale=bool(options.get("stale")), bad_signature=bool(options.get("bad_signature")))
    delay_ms = options.get("delay_ms") or 0
    if isinstance(delay_ms, bool) or not isinstance(delay_ms, int) or not 0 <= delay_ms <= 60_000:
        raise refused("delay_ms must be 0 to 60000")
    hooks, duplicate = request.app[WORLD].hooks, bool(options.get("duplicate"))
    fired = await hooks.fire_by_hand(event, params, duplicate=duplicate, bent=bent, delay_s=delay_ms / 1000)
    return answer(fired)


@ROUTES.post("/console/api/hooks/{event_id}/replay")
async def replay_hook(request: web.Request) -> web.Response:
    """What an eavesdropper would do: the same bytes with the same time and signature."""
    replayed = await request.app[WORLD].hooks.replay(request.match_info["event_id"])
    if replayed is None:
        raise refused("no such delivery is remembered", 404)
    return answer(replayed)


@ROUTES.post("/console/api/webhook")
async def set_webhook(request: web.Request) -> web.Response:
    """Point the hooks elsewhere while running; an empty url sends none."""
    body, hooks = await posted(request), request.app[WORLD].hooks
    hooks.url = str(body.get("url", hooks.url))
    hooks.secret = str(body.get("secret", hooks.secret))
    return answer({"url": hooks.url})


@ROUTES.post("/console/api/reset")
async def reset(request: web.Request) -> web.Response:
    """Seed again, heal everything, forget calls and mail."""
    world = request.app[WORLD]
    world.store.empty()
    plant(world.store, world.clock, world.config.seed_size)
    world.salesforce.forget()
    plant_lines(world.store, world.clock)
    world.freebit.forget()
    world.faults.reset()
    world.calls.clear()
    world.hooks.log.clear()
    return answer({"ok": True, "clients": world.store.value("SELECT COUNT(*) FROM clients")})
