"""The front page with links, and the mail pages."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from sandbox.mail import as_dict, newest
from sandbox.whmcs.session import TEMPLATES
from sandbox.world import WORLD

STATIC = Path(__file__).parent / "static"
NO_SCRIPTS = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
ROUTES = web.RouteTableDef()
ROUTES.static("/static", STATIC)


def _page(template: str, **values: object) -> web.Response:
    text = TEMPLATES.get_template(template).render(**values)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


@ROUTES.get("/")
async def front(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    people = world.store.rows("SELECT id, firstname, lastname, email FROM clients ORDER BY id LIMIT 5")
    return _page("index.html", people=people, smtp_port=world.config.smtp_port, webhook=world.hooks.url)


@ROUTES.get("/mail/")
async def mail_list(request: web.Request) -> web.Response:
    return _page("mail.html", mails=newest(request.app[WORLD].store), shown=None)


@ROUTES.get("/mail/{id:\\d+}")
async def mail_one(request: web.Request) -> web.Response:
    store = request.app[WORLD].store
    row = store.get("mail", int(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound(text="no such mail")
    return _page("mail.html", mails=newest(store), shown=as_dict(row))


@ROUTES.get("/mail/{id:\\d+}/html")
async def mail_html(request: web.Request) -> web.Response:
    """The HTML part alone, for a frame that may run nothing and load nothing; its links open outside."""
    row = request.app[WORLD].store.get("mail", int(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound(text="no such mail")
    headers = {"Content-Security-Policy": NO_SCRIPTS}
    return web.Response(text='<base target="_blank">' + as_dict(row)["html"], content_type="text/html", headers=headers)
