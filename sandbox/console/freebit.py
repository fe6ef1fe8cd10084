"""What the operator's staff would do: look at lines, end a pending activation, make the next one fail, revoke keys."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.faults import BadRequest
from sandbox.freebit import codes
from sandbox.freebit.lines import ACTIVE, SUSPENDED, Line
from sandbox.freebit.work import Request
from sandbox.salesforce.objects import OBJECTS
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
API = "/console/api/freebit"
PROMISED = ("SIM_Phone_Number__c", "SIM_Product_Number__c", "MNP_Phone_Number__c")


@ROUTES.get(f"{API}/sims")
async def list_sims(request: web.Request) -> web.Response:
    """Those with an open request first; `search` in number, EID, product number and plan; `open=yes` only these."""
    world, text = request.app[WORLD], request.query.get("search", "").strip().casefold()
    _settle(world)
    rows = []
    for line in world.freebit.lines.all():
        if text in f"{line.account} {line.eid} {line.product_number} {line.plan}".casefold():
            rows.append(_brief(world, line))
    if request.query.get("open") == "yes":
        rows = [row for row in rows if row["waits_for"]]
    rows.sort(key=lambda row: not row["waits_for"])
    return answer(rows[: limit_of(request, 50)])


@ROUTES.get(f"{API}/sims/{{account:\\d+}}")
async def one_sim(request: web.Request) -> web.Response:
    """With every request that was ever accepted for it, oldest first."""
    world = request.app[WORLD]
    _settle(world)
    line = _found(request)
    work = [_shown(one) for one in world.freebit.work.of(line.account)]
    return answer(_brief(world, line) | {"line": asdict(line), "requests": work})


@ROUTES.post(f"{API}/sims/{{account:\\d+}}/{{what:complete|reject}}")
async def end_request(request: web.Request) -> web.Response:
    """The oldest open request; `reject` takes {"code"}. 409 when nothing is open."""
    world, body = request.app[WORLD], await posted(request)
    _settle(world)
    line = _found(request)
    pending = next((one for one in world.freebit.work.of(line.account) if one.state == "open"), None)
    if pending is None:
        raise refused("nothing is open for this line", 409)
    code = codes.OK if request.match_info["what"] == "complete" else str(body.get("code") or codes.PORT_NAME)
    if request.match_info["what"] == "reject" and code == codes.OK:
        raise refused("100 is no refusal")
    with world.store.transaction():
        world.freebit.work.finish(pending, code)
    return answer(_brief(world, _found(request)))


@ROUTES.post(f"{API}/sims/{{account:\\d+}}/{{what:suspend|resume}}")
async def move_sim(request: web.Request) -> web.Response:
    world, line = request.app[WORLD], _found(request)
    suspend = request.match_info["what"] == "suspend"
    if line.status != (ACTIVE if suspend else SUSPENDED):
        raise refused(f"the line is {line.status}", 409)
    line.status = SUSPENDED if suspend else ACTIVE
    world.freebit.lines.save(line)
    return answer(_brief(world, line))


@ROUTES.get(f"{API}/stock")
async def stock(request: web.Request) -> web.Response:
    """A number and a card that are free and on no order, for one that waits for them."""
    world = request.app[WORLD]
    orders = [one for one in world.salesforce.records.all(OBJECTS["Order"]) if not one["IsDeleted"]]
    taken = {str(order.get(name) or "") for order in orders for name in PROMISED}
    number, card = world.freebit.lines.unused(taken)
    return answer({"phone_number": number, "product_number": card})


@ROUTES.post(f"{API}/next")
async def plan_next(request: web.Request) -> web.Response:
    """{"code", "times": 1}: how the next activations end. Code 100: well."""
    behaviour, body = request.app[WORLD].freebit.behaviour, await posted(request)
    code, times = body.get("code", codes.PORT_NAME), body.get("times", 1)
    if not isinstance(code, str) or not code or isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise refused("code must be a text and times a whole number")
    behaviour.next_codes += [code] * min(times, 1000)
    return answer({"next_codes": behaviour.next_codes})


@ROUTES.delete(f"{API}/next")
async def plan_nothing(request: web.Request) -> web.Response:
    """The next activations end well again."""
    request.app[WORLD].freebit.behaviour.next_codes.clear()
    return answer({"next_codes": []})


@ROUTES.get(f"{API}/behaviour")
async def get_behaviour(request: web.Request) -> web.Response:
    return answer(asdict(request.app[WORLD].freebit.behaviour))


@ROUTES.post(f"{API}/behaviour")
async def set_behaviour(request: web.Request) -> web.Response:
    """Only the named keys change; null for a time means: by hand."""
    freebit = request.app[WORLD].freebit
    try:
        freebit.set_behaviour(await posted(request))
    except BadRequest as error:
        raise refused(error) from error
    return answer(asdict(freebit.behaviour))


@ROUTES.post(f"{API}/keys/revoke")
async def revoke_keys(request: web.Request) -> web.Response:
    return answer({"revoked": request.app[WORLD].freebit.keys.revoke()})


@ROUTES.get(f"{API}/counts")
async def counts(request: web.Request) -> web.Response:
    """Calls per operation since the start, and effects: requests by kind and how they ended."""
    world = request.app[WORLD]
    _settle(world)
    sql = "SELECT kind || ' ' || state AS name, COUNT(*) AS many FROM fb_work GROUP BY kind, state ORDER BY name"
    effects = {row["name"]: row["many"] for row in world.store.rows(sql)}
    return answer({"calls": dict(world.freebit.calls), "effects": effects})


@ROUTES.get(f"{API}/notices")
async def notices(request: web.Request) -> web.Response:
    """The notice file, as CSV."""
    world = request.app[WORLD]
    _settle(world)
    return web.Response(text=world.freebit.work.notices(), content_type="text/csv")


@ROUTES.get(f"{API}/placeholders")
async def placeholders(request: web.Request) -> web.Response:
    return answer({"placeholders": codes.PLACEHOLDERS, "codes": codes.WORDS})


def _settle(world: World) -> None:
    with world.store.transaction():
        world.freebit.work.settle()


def _found(request: web.Request) -> Line:
    line = request.app[WORLD].freebit.lines.find(request.match_info["account"])
    if line is None:
        raise refused("no such line", 404)
    return line


def _brief(world: World, line: Line) -> dict[str, Any]:
    work = world.freebit.work.of(line.account)
    return {
        "account": line.account,
        "status": line.status,
        "form": line.form,
        "plan": line.plan,
        "eid": line.eid,
        "product_number": line.product_number,
        "code": line.code,
        "words": codes.WORDS.get(line.code, ""),
        "waits_for": next((one.kind for one in work if one.state == "open"), ""),
    }


def _shown(one: Request) -> dict[str, Any]:
    return {"id": one.id, "kind": one.kind, "state": one.state, "code": one.code, "payload": one.payload}
