"""A stand-in for Edge: puts session, address and reference beside a request, and sets the cookies Edge would set."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal_app import routes, wiring
from portal_app.web import cookies
from portal_app.web.forwarded import client_ip


class FrontDoor:
    """Resolves the session of every request, and rotates except where the refresh route does it itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        settings, headers = wiring.settings(), Headers(scope=scope)
        access, refresh = cookies.session_tokens(headers, settings)
        rotate = scope["path"] != routes.API_REFRESH
        resolved = await wiring.sessions().resolve(access, refresh, rotate=rotate)
        state = scope["state"] = {
            "correlation_id": "AB12-CD34",
            "client_ip": client_ip(scope, settings.TRUST_PROXY),
            "session": resolved.session,
            "tokens": resolved.tokens,
            "clear_cookies": resolved.clear,
        }

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if state["tokens"]:
                    cookies.set_session(answer, state["tokens"], settings)
                elif state["clear_cookies"]:
                    cookies.clear_session(answer, settings)
            await send(message)

        await self._app(scope, receive, finish)
