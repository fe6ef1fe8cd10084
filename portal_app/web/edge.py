"""Edge: the outermost ASGI wrapper. Every request and every socket passes here first.

It resolves the session cookie and hides it from everything behind, checks Host and Origin, answers documents, sets security
and cache headers, and limits what one socket may send. It knows no page and no state class.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app import routes, wiring
from portal_app.observability import correlation, metrics
from portal_app.security.sessions import Resolved
from portal_app.settings import LOOPBACK, Settings
from portal_app.text import say
from portal_app.web import cookies, csp, origin
from portal_app.web.documents import Documents
from portal_app.web.forwarded import client_ip

log = logging.getLogger(__name__)

SOCKETS_PER_USER = 20
EVENTS_PER_S, EVENT_BURST = 20, 60
HIDDEN = ("/_health", "/_all_routes", "/auth-codespace", "/_upload/", "/__spa-fallback")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Edge:
    """Wraps the whole app. `route_of` names the page pattern a path belongs to, None for an unknown one."""

    def __init__(self, app: ASGIApp, route_of: Callable[[str], str | None], build: Path) -> None:
        self._app = app
        self._route_of = route_of
        self._documents = Documents(build)
        self._sockets: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = Headers(scope=scope)
        settings = wiring.settings()
        correlation.bind(correlation.new())
        scope.setdefault("state", {})
        scope["state"] |= {
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
        if method not in SAFE_METHODS and not origin.allowed(headers, settings, has_session=resolved.session is not None):
            if not path.startswith(routes.API_WHMCS_WEBHOOK):
                return PlainTextResponse("origin not allowed", 403)
        if path == "/_upload":
            return self._upload_refusal(headers, resolved)
        if path.startswith("/api/") or path == routes.METRICS:
            return None
        return self._document(path.rstrip("/"), scope, headers, resolved)

    async def _resolve(self, scope: Scope, headers: Headers, *, rotate: bool) -> Resolved:
        settings = wiring.settings()
        access, refresh = cookies.session_tokens(headers, settings)
        resolved = await wiring.sessions().resolve(access, refresh, rotate=rotate)
        scope["state"] |= {"session": resolved.session, "tokens": resolved.tokens, "clear_cookies": resolved.clear}
        return resolved

    def _document(self, path: str, scope: Scope, headers: Headers, resolved: Resolved) -> Response:
        if scope["method"] not in SAFE_METHODS:
            return PlainTextResponse("method not allowed", 405, headers={"allow": "GET, HEAD"})
        query = scope.get("query_string", b"").decode("latin-1")
        if routes.is_private(path) and resolved.session is None:
            target = quote(routes.safe_next(path + (f"?{query}" if query else "")), safe="/")
            return RedirectResponse(f"{routes.LOGIN}?next={target}", 302, {"cache-control": "no-store"})
        if path == routes.LOGIN and resolved.session is not None:
            return RedirectResponse(routes.DASHBOARD, 302, {"cache-control": "no-store"})
        known = path == "" or self._route_of(path) is not None
        return self._page(path or "/", headers, scope, 200 if known else 404)

    def _page(self, path: str, headers: Headers, scope: Scope, status: int) -> Response:
        document = self._documents.get(path if status == 200 else "", cookies.locale_of(headers))
        common = {"cache-control": "private, no-cache", "etag": document.etag, "vary": "Accept-Encoding, Cookie"}
        if status == 200 and headers.get("if-none-match") == document.etag:
            return Response(status_code=304, headers=common)
        body, encoding = document.encoded(headers.get("accept-encoding", ""))
        if encoding:
            common["content-encoding"] = encoding
        return Response(body, status, common, "text/html")

    def _upload_refusal(self, headers: Headers, resolved: Resolved) -> Response | None:
        """Uploads run against the state a client token names, so that token must be bound to this very session."""
        if resolved.session is None:
            return PlainTextResponse("sign in first", 401)
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
        portal, whmcs = urlsplit(settings.PORTAL_BASE_URL), urlsplit(settings.WHMCS_BASE_URL)
        socket = f"{'wss' if portal.scheme == 'https' else 'ws'}://{portal.netloc}"
        if portal.hostname in LOOPBACK:
            socket = f"ws://localhost:{settings.PORTAL_PORT} ws://127.0.0.1:{settings.PORTAL_PORT}"
        return csp.policy(self._documents.script_hashes, socket, f"{whmcs.scheme}://{whmcs.netloc}")

    def _label(self, path: str) -> str:
        """A bounded name for metrics: the page pattern, the API path with its ids cut out, or the kind of file."""
        if path.startswith("/api/") or path == routes.METRICS:
            return "/".join("{id}" if part.isdigit() else part for part in path.split("/"))[:80]
        if _is_asset(path):
            return "asset"
        return self._route_of(path.rstrip("/")) or ("/" if path == "/" else "unknown")

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        settings = wiring.settings()
        scope.setdefault("state", {})
        correlation.bind(correlation.new())
        if not scope["path"].startswith("/_event") or not host_allowed(headers.get("host", ""), settings):
            return await _refuse(receive, send)
        if not origin.same_site(headers, settings):
            log.warning("socket_refused", extra={"reason": "origin"})
            return await _refuse(receive, send)
        try:
            resolved = await self._resolve(scope, headers, rotate=False)
        except Exception as failure:
            log.error("session_lookup_failed", extra={"error": type(failure).__name__})
            return await _refuse(receive, send)
        user = resolved.session.user_id if resolved.session else ""
        if user and self._sockets[user] >= SOCKETS_PER_USER:
            log.warning("socket_refused", extra={"reason": "too many"})
            return await _refuse(receive, send)
        scope["headers"] = _behind_edge(scope["headers"], resolved, cookies.flash_of(headers))
        self._sockets[user] += 1
        metrics.sockets_changed(+1)
        try:
            await self._app(scope, _limited(receive), send)
        finally:
            metrics.sockets_changed(-1)
            self._sockets[user] -= 1
            if self._sockets[user] <= 0:
                del self._sockets[user]


def host_allowed(host: str, settings: Settings) -> bool:
    """The portal's own host, or a loopback name (health checks, and a demo on any port)."""
    name = urlsplit(f"//{host}").hostname or ""
    return name in LOOPBACK or name == urlsplit(settings.PORTAL_BASE_URL).hostname


def environment_script(settings: Settings) -> Response:
    """Reflex's one asset with the addresses of the backend, made from settings so that one build fits every host and port.

    For a loopback portal the script says `localhost`, which the client replaces by the host the page was opened with.
    """
    portal = urlsplit(settings.PORTAL_BASE_URL)
    http = f"http://localhost:{settings.PORTAL_PORT}" if portal.hostname in LOOPBACK else settings.PORTAL_BASE_URL
    ws = http.replace("http", "ws", 1)
    body = (
        f"var e={{PING:`{http}/ping`,EVENT:`{ws}/_event`,UPLOAD:`{http}/_upload`,AUTH_CODESPACE:`{http}/auth-codespace`,"
        f"HEALTH:`{http}/_health`,ALL_ROUTES:`{http}/_all_routes`,TRANSPORT:`websocket`,TEST_MODE:!1}};export{{e as t}};"
    )
    # The name is hashed at build time but the content is not: a year of caching would pin a wrong port.
    return Response(body, 200, {"cache-control": "no-cache"}, "text/javascript")


def _is_asset(path: str) -> bool:
    return path.startswith("/assets/") or "." in path.rsplit("/", 1)[-1]


def _is_document_file(path: str) -> bool:
    return path.endswith((".html", ".html.br", ".html.gz"))


def _behind_edge(headers: list[tuple[bytes, bytes]], resolved: Resolved, flash: str) -> list[tuple[bytes, bytes]]:
    """The handshake's headers as Reflex may keep and log them: no cookie, no credential, an opaque reference instead."""
    kept = [(k, v) for k, v in headers if k not in (b"cookie", b"authorization") and not k.startswith(b"x-")]
    items = [f"ref={resolved.session.session_id}"] if resolved.session else []
    items += [f"flash={flash}"] if flash else []
    return [*kept, (b"cookie", "; ".join(items).encode())] if items else kept


def _limited(receive: Receive) -> Receive:
    """Drop frames above the rate (S8): what a person does never comes near it."""
    allowance, last = float(EVENT_BURST), time.monotonic()

    async def limited() -> Message:
        nonlocal allowance, last
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            now = time.monotonic()
            allowance, last = min(EVENT_BURST, allowance + (now - last) * EVENTS_PER_S), now
            if allowance >= 1:
                allowance -= 1
                return message
            metrics.event_seen("socket", "dropped")

    return limited


async def _refuse(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _unavailable(locale: str) -> Response:
    return PlainTextResponse(say(locale, "problem.unavailable"), 503, {"retry-after": "30", "cache-control": "no-store"})
