"""The customer from hell: every free text of one client, and of the catalogue, ends as an attack would."""

from __future__ import annotations

from aiohttp import web

from sandbox.console.reading import answer, posted, refused
from sandbox.hostile import ENDING, spoil_catalogue, spoil_client
from sandbox.world import WORLD

ROUTES = web.RouteTableDef()


@ROUTES.post("/console/api/hostile")
async def make_hostile(request: web.Request) -> web.Response:
    """{"whmcs_client_id": 1001, "catalogue": false}: in place, for good; `reset` undoes it."""
    world, body = request.app[WORLD], await posted(request)
    client_id, catalogue = body.get("whmcs_client_id"), body.get("catalogue") is True
    if client_id is None and not catalogue:
        raise refused("whmcs_client_id, catalogue or both")
    if client_id is not None and (isinstance(client_id, bool) or not isinstance(client_id, int)):
        raise refused("whmcs_client_id must be a number")
    client = None if client_id is None else world.store.get("clients", client_id)
    if client_id is not None and client is None:
        raise refused("no such client", 404)
    changed = spoil_client(world, client) if client is not None else {}
    shared = spoil_catalogue(world) if catalogue else {}
    return answer({"ending": ENDING, "changed": dict(changed) | dict(shared)})
