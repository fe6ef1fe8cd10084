"""Which hosts this portal answers to, and Reflex's one asset with the backend's addresses, made from settings."""

from urllib.parse import urlsplit

from starlette.responses import Response

from portal_app.settings import LOOPBACK, Settings

ENDPOINTS = {
    "PING": "/ping",
    "UPLOAD": "/_upload",
    "AUTH_CODESPACE": "/auth-codespace",
    "HEALTH": "/_health",
    "ALL_ROUTES": "/_all_routes",
}


def host_allowed(host: str, settings: Settings) -> bool:
    """The portal's own host, or a loopback name (health checks, and a demo on any port)."""
    name = urlsplit(f"//{host}").hostname or ""
    return name in LOOPBACK or name == urlsplit(settings.PORTAL_BASE_URL).hostname


def socket_sources(settings: Settings) -> str:
    """What the content security policy's connect-src must name for the socket."""
    portal = urlsplit(settings.PORTAL_BASE_URL)
    if portal.hostname in LOOPBACK:
        return f"ws://localhost:{settings.PORTAL_PORT} ws://127.0.0.1:{settings.PORTAL_PORT}"
    return f"{'wss' if portal.scheme == 'https' else 'ws'}://{portal.netloc}"


def environment_script(settings: Settings) -> Response:
    """`reflex-env-*.js` with URLs from settings, so that one build fits every host and port.

    For a loopback portal it says `localhost`, which the client replaces by the host the page was opened with.
    Source: the file a Reflex 0.10.1 build writes (names and the minified export `e as t`).
    """
    loopback = urlsplit(settings.PORTAL_BASE_URL).hostname in LOOPBACK
    base = f"http://localhost:{settings.PORTAL_PORT}" if loopback else settings.PORTAL_BASE_URL
    urls = ",".join(f"{name}:`{base}{path}`" for name, path in ENDPOINTS.items())
    socket = f"EVENT:`{base.replace('http', 'ws', 1)}/_event`"
    body = f"var e={{{urls},{socket},TRANSPORT:`websocket`,TEST_MODE:!1}};export{{e as t}};"
    # The name is hashed at build time but this content is not: a year of caching would pin a wrong port.
    return Response(body, 200, {"cache-control": "no-cache"}, "text/javascript")
