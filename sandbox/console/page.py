"""The operator's page itself; it fetches all it shows."""

from __future__ import annotations

from aiohttp import web

from sandbox.faults import KINDS, SYSTEMS
from sandbox.freebit.transport import ACTIONS as FREEBIT_ACTIONS
from sandbox.whmcs.registry import ACTIONS
from sandbox.whmcs.session import TEMPLATES

SALESFORCE_ACTIONS = ["token", "query", "get", "create", "update", "upsert", "composite", "describe", "download"]
ROUTES = web.RouteTableDef()


@ROUTES.get("/console/")
async def console(request: web.Request) -> web.Response:
    page = TEMPLATES.get_template("console.html")
    names = sorted(handler.__name__.title().replace("_", "") for handler in ACTIONS.values())
    names += SALESFORCE_ACTIONS + FREEBIT_ACTIONS
    text = page.render(kinds=KINDS, systems=SYSTEMS, actions=names)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


@ROUTES.get("/console")
async def without_slash(request: web.Request) -> web.Response:
    raise web.HTTPFound("/console/")
