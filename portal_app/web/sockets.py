"""The socket's door: who may open one, what the handshake shows to the app behind, and how much a tab may send."""

import logging
import time
from collections import Counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app import wiring
from portal_app.observability import correlation, metrics
from portal_app.security.sessions import Resolved
from portal_app.web import cookies, origin
from portal_app.web.environment import host_allowed

log = logging.getLogger(__name__)

SOCKETS_PER_USER = 20
EVENTS_PER_S, EVENT_BURST = 20, 60


class SocketDoor:
    """Checks Host, Origin and session of every handshake, and hides the cookie from what Reflex keeps and logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One websocket, from handshake to close."""
        correlation.bind(correlation.new())
        headers = Headers(scope=scope)
        resolved = await self._admit(scope, headers)
        if resolved is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        user = resolved.session.user_id if resolved.session else ""
        scope["headers"] = _behind_the_door(scope["headers"], resolved, cookies.flash_of(headers))
        self._open[user] += 1
        metrics.sockets_changed(+1)
        try:
            await self._app(scope, _limited(receive), send)
        finally:
            metrics.sockets_changed(-1)
            self._open[user] -= 1
            if self._open[user] <= 0:
                del self._open[user]

    async def _admit(self, scope: Scope, headers: Headers) -> Resolved | None:
        """The session of an acceptable handshake (it may hold none), or None to refuse."""
        settings = wiring.settings()
        if not scope["path"].startswith("/_event") or not host_allowed(headers.get("host", ""), settings):
            return _refused("address")
        if not origin.same_site(headers, settings):
            return _refused("origin")
        access, refresh = cookies.session_tokens(headers, settings)
        try:
            # Cookies cannot be set on a handshake, so nothing rotates here.
            resolved = await wiring.sessions().resolve(access, refresh, rotate=False)
        except Exception as failure:
            log.error("session_lookup_failed", extra={"error": type(failure).__name__})
            return _refused("session look-up")
        if resolved.session and self._open[resolved.session.user_id] >= SOCKETS_PER_USER:
            return _refused("too many sockets")
        return resolved


def _refused(reason: str) -> Resolved | None:
    log.warning("socket_refused", extra={"reason": reason})
    return None


def _behind_the_door(headers: list[tuple[bytes, bytes]], resolved: Resolved, flash: str) -> list[tuple[bytes, bytes]]:
    """The handshake's headers without cookie and credentials; an opaque session reference stands in for them.

    The `cookie` header is the one that Reflex never sends back to the browser; any `x-` header would be echoed.
    """
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
