"""The client area's own session cookie, and how its pages are rendered."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from sandbox import money
from sandbox.store import Row
from sandbox.world import WORLD, World

COOKIE = "WHMCSsandbox"
ROOT = "/whmcs/"
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
TEMPLATES.filters["yen"] = money.pretty
NO_STORE = {"Cache-Control": "no-store, no-cache, must-revalidate"}


def open_session(world: World, response: web.StreamResponse, client_id: int, user_id: int) -> None:
    session = secrets.token_hex(20)
    columns = {"session": session, "client_id": client_id, "user_id": user_id, "form_token": secrets.token_hex(20)}
    world.store.insert("web_sessions", created_at=world.clock.unix(), **columns)
    response.set_cookie(COOKIE, session, path=ROOT, httponly=True, samesite="Lax")


def visitor(request: web.Request) -> Row | None:
    """Who is signed in: the session row with the client's names, or None."""
    sql = """SELECT w.*, c.firstname, c.lastname, c.companyname, c.email, c.credit FROM web_sessions w
             JOIN clients c ON c.id = w.client_id WHERE w.session = ?"""
    return request.app[WORLD].store.row(sql, request.cookies.get(COOKIE, ""))


def redirect(path: str) -> web.Response:
    return web.Response(status=302, headers={"Location": ROOT + path, **NO_STORE})


def render(template: str, request: web.Request, *, status: int = 200, **values: Any) -> web.Response:
    page = TEMPLATES.get_template(f"whmcs/{template}")
    guest = None if template == "login.html" else visitor(request)
    values = {"visitor": guest, "reason": ""} | values
    return web.Response(text=page.render(**values), status=status, content_type="text/html", headers=NO_STORE)
