"""Edge: the outermost ASGI wrapper. Every request passes here first; sockets go on to their own door.

It resolves the session cookie, checks Host and Origin, answers documents, and sets security and cache headers.
It knows no page and no state class.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app import routes, wiring
from portal_app.observability import correlation, metrics
from portal_app.priming.examples import example_of
from portal_app.security.sessions import Resolved, Session
from portal_app.settings import Settings
from portal_app.text import say
from portal_app.web import cookies, csp, origin
from portal_app.web.documents import Document, Documents, Filled
from portal_app.web.environment import environment_script, host_allowed, socket_sources
from portal_app.web.forwarded import client_ip
from portal_app.web.sockets import SocketDoor

log = logging.getLogger(__name__)

HIDDEN = ("/_health", "/_all_routes", "/auth-codespace", "/_upload/", "/__spa-fallback")
LANGUAGES = ("en", "ja")
VARY = {"vary": "Accept-Encoding, Accept-Language, Cookie"}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FirstData(Protocol):
    """Who knows what a page shows first (`state/primed.py`)."""

    def plain(self, locale: str) -> Filled:
        """Before anything is known."""

    def covers(self, path: str) -> bool:
        """Whether a page, by its pattern, has anything to say at once."""

    async def of(self, route: str, path: str, query: str, session: Session | None, locale: str) -> Filled | None:
        """What this answer may show; None for nothing. Never waits for an outside system."""


class Edge:
    """Wraps the whole app. `route_of` names the page pattern a path belongs to, None for an unknown one."""

    def __init__(self, app: ASGIApp, route_of: Callable[[str], str | None], build: Path, first_data: FirstData) -> None:
        self._app = app
        self._route_of = route_of
        self._first_data = first_data
        self._documents = Documents(build, {language: first_data.plain(language) for language in LANGUAGES})
        self._sockets = SocketDoor(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = Headers(scope=scope)
        settings = wiring.settings()
        correlation.bind(correlation.new())
        # A new dict: what a server puts there may be shared by every request.
        scope["state"] = {
            **scope.get("state", {}),
            "correlation_id": correlation.current(),
            "client_ip": client_ip(scope, settings.TRUST_PROXY),
            "session": None,
        }
        status = 500

        async def finish(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, MutableHeaders(scope=message), settings)
            await send(message)

        try:
            answer = await self._answer(scope, headers, settings)
            await (answer or self._app)(scope, receive, finish)
        finally:
            metrics.request_done(self._label(scope["path"]), scope["method"], status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, headers: Headers, settings: Settings) -> Response | None:
        """Edge's own answer, or None to let the app behind answer."""
        path, method = scope["path"], scope["method"]
        if not host_allowed(headers.get("host", ""), settings):
            return PlainTextResponse("unknown host", 421)
        if method == "TRACE" or "//" in path or "\\" in path or path.startswith(HIDDEN) or _is_document_file(path):
            return self._page("", headers, scope, 404)
        if path.startswith("/assets/reflex-env-"):
            return environment_script(settings)
        if path.startswith("/_event"):
            return PlainTextResponse("websocket only", 400)
        if _is_asset(path) or path in ("/ping", routes.API_LIVE):
            return None
        try:
            resolved = await self._resolve(scope, headers, rotate=path != routes.API_REFRESH)
        except Exception as failure:  # S3: neither store answers -> 503, never "allowed"
            log.error("session_lookup_failed", extra={"error": type(failure).__name__})
            return _unavailable(cookies.locale_of(headers))
        needs_origin = method not in SAFE_METHODS and path != routes.API_WHMCS_WEBHOOK  # whose sender signs it
        if needs_origin and not origin.allowed(headers, settings, has_session=resolved.session is not None):
            return PlainTextResponse("origin not allowed", 403)
        if path == "/_upload":
            return self._upload_refusal(headers, resolved)
        if path.startswith("/api/") or path == routes.METRICS:
            return None
        if resolved.session is not None:
            await wiring.sessions().touch(resolved.session.session_id)
        return await self._document(path.rstrip("/"), scope, headers, resolved)

    async def _resolve(self, scope: Scope, headers: Headers, *, rotate: bool) -> Resolved:
        settings = wiring.settings()
        access, refresh = cookies.session_tokens(headers, settings)
        resolved = await wiring.sessions().resolve(access, refresh, rotate=rotate)
        scope["state"] |= {"session": resolved.session, "tokens": resolved.tokens, "clear_cookies": resolved.clear}
        return resolved

    async def _document(self, path: str, scope: Scope, headers: Headers, resolved: Resolved) -> Response:
        if scope["method"] not in SAFE_METHODS:
            return PlainTextResponse("method not allowed", 405, headers={"allow": "GET, HEAD"})
        query = scope.get("query_string", b"").decode("latin-1")
        if (target := _about_the_password(path, resolved)) and target != path:
            return RedirectResponse(target, 302, {"cache-control": "no-store"})
        if routes.is_private(path) and resolved.session is None:
            target = quote(routes.safe_next(path + (f"?{query}" if query else "")), safe="/")
            return RedirectResponse(f"{routes.LOGIN}?next={target}", 302, {"cache-control": "no-store"})
        if path == routes.LOGIN and resolved.session is not None:
            target = routes.safe_next(dict(parse_qsl(query)).get("next"))
            return RedirectResponse(target, 302, {"cache-control": "no-store"})
        route = "/" if path == "" else self._route_of(path)
        # A page's scripts compare what it shows with its address as that is written: in any other way it is not ours.
        plainly = b"%" not in scope.get("raw_path", b"")
        if route and plainly and (document := await self._with_first_data(route, path, query, headers, resolved)):
            status = 404 if document.missing else 200
            return self._answered(document, status, headers, {"cache-control": "private, no-store"})
        return self._page(example_of(route or ""), headers, scope, 200 if route is not None else 404)

    async def _with_first_data(
        self, route: str, path: str, query: str, headers: Headers, resolved: Resolved
    ) -> Document | None:
        """The page with its first rows; None where the plain one has to do. What fails here never costs the page."""
        if not self._first_data.covers(route):
            return None
        locale = cookies.locale_of(headers)
        try:
            filled = await self._first_data.of(route, path, query, resolved.session, locale)
            return self._documents.filled(example_of(route), locale, filled) if filled else None
        except Exception as failure:
            log.error("first_data_failed", extra={"route": route, "error": type(failure).__name__})
            return None

    def _page(self, path: str, headers: Headers, scope: Scope, status: int) -> Response:
        document = self._documents.get(path if status == 200 else "", cookies.locale_of(headers))
        common = {"cache-control": "private, no-cache", "etag": document.etag}
        if status == 200 and headers.get("if-none-match") == document.etag:
            return Response(status_code=304, headers=common | VARY)
        return self._answered(document, status, headers, common)

    def _answered(self, document: Document, status: int, headers: Headers, extra: dict[str, str]) -> Response:
        common = extra | VARY
        body, encoding = document.encoded(headers.get("accept-encoding", ""))
        if encoding:
            common["content-encoding"] = encoding
        response = Response(body, status, common, "text/html")
        cookies.offer_locale(headers, response.headers, wiring.settings())
        return response

    def _upload_refusal(self, headers: Headers, resolved: Resolved) -> Response | None:
        """Uploads run against the state a client token names, so that token must be bound to this very session."""
        if resolved.session is None:
            return PlainTextResponse("sign in first", 401)
        if resolved.session.must_set_password:
            return PlainTextResponse("set a password first", 403)
        token = headers.get("reflex-client-token", "")
        if wiring.live_tabs().session_of(token) != resolved.session.session_id:
            return PlainTextResponse("not your tab", 403)
        return None

    def _add_headers(self, scope: Scope, headers: MutableHeaders, settings: Settings) -> None:
        state = scope["state"]
        if state.get("tokens"):
            cookies.set_session(headers, state["tokens"], settings)
            headers["cache-control"] = "private, no-store"
        elif state.get("clear_cookies"):
            cookies.clear_session(headers, settings)
        if scope["path"].startswith("/assets/") and "cache-control" not in headers:
            headers["cache-control"] = "public, max-age=31536000, immutable"
        if scope["path"].startswith("/favicon."):
            headers["cache-control"] = "public, max-age=86400"
        headers.setdefault("cache-control", "no-store" if scope["path"].startswith("/api/") else "no-cache")
        headers["x-content-type-options"] = "nosniff"
        headers.setdefault("referrer-policy", "same-origin")
        headers["x-correlation-id"] = state["correlation_id"]
        headers["x-robots-tag"] = "noindex"
        headers["permissions-policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        headers["cross-origin-opener-policy"] = "same-origin"
        if settings.PORTAL_ENV == "prod":
            headers["strict-transport-security"] = "max-age=31536000"
        if headers.get("content-type", "").startswith("text/html"):
            headers["content-security-policy"] = self._csp(settings)

    def _csp(self, settings: Settings) -> str:
        whmcs = urlsplit(settings.WHMCS_BASE_URL)
        form_target = f"{whmcs.scheme}://{whmcs.netloc}"
        return csp.policy(self._documents.script_hashes, socket_sources(settings), form_target)

    def _label(self, path: str) -> str:
        """A bounded name for metrics: the page pattern, the API path with its ids cut out, or the kind of file."""
        if path.startswith("/api/") or path == routes.METRICS:
            return "/".join("{id}" if any(map(str.isdigit, part)) else part for part in path.split("/"))[:80]
        if _is_asset(path):
            return "asset"
        return self._route_of(path.rstrip("/")) or ("/" if path == "/" else "unknown")


def _is_asset(path: str) -> bool:
    return path.startswith("/assets/") or "." in path.rsplit("/", 1)[-1]


def _is_document_file(path: str) -> bool:
    return path.endswith((".html", ".html.br", ".html.gz"))


def _about_the_password(path: str, resolved: Resolved) -> str:
    """Where somebody has to be: on the one page of a session without a password (P11), or not there; "" for neither."""
    if resolved.session is not None and resolved.session.must_set_password:
        return routes.SET_PASSWORD
    if path == routes.SET_PASSWORD:
        return routes.LOGIN if resolved.session is None else routes.DASHBOARD
    return ""


def _unavailable(locale: str) -> Response:
    headers = {"retry-after": "30", "cache-control": "no-store"}
    return PlainTextResponse(say(locale, "problem.unavailable"), 503, headers)
