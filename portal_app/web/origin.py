"""Was this request made by one of our own pages? (S8, S14)"""

from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from portal_app.settings import LOOPBACK, Settings


def allowed(headers: Headers, settings: Settings, *, has_session: bool) -> bool:
    """Whether an unsafe request may go on.

    The exact Origin may, else what the browser itself calls same-origin (a page may send `Origin: null`). A request
    with neither comes from no browser: it passes only without a session to abuse, or with a Bearer token.
    """
    origin = headers.get("origin")
    if origin is not None and origin != "null":
        return len(headers.getlist("origin")) == 1 and origin in _origins(settings)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    bearer = headers.get("authorization", "").lower().startswith("bearer ")
    return origin is None and (bearer or not has_session)


def same_site(headers: Headers, settings: Settings) -> bool:
    """Whether a socket may open: only with an exact Origin. A missing one, `null` and a foreign one are refused."""
    return len(headers.getlist("origin")) == 1 and headers["origin"] in _origins(settings)


def _origins(settings: Settings) -> frozenset[str]:
    return _origins_of(settings.PORTAL_BASE_URL, settings.PORTAL_PORT)


@lru_cache(maxsize=8)
def _origins_of(base_url: str, port: int) -> frozenset[str]:
    """The portal's own; a loopback portal goes by every loopback name, at its address's port and its own."""
    base = urlsplit(base_url)
    if base.hostname not in LOOPBACK:
        return frozenset({f"{base.scheme}://{base.netloc}".lower()})
    ports = {f":{base.port}" if base.port else "", f":{port}"}
    hosts = ("localhost", "127.0.0.1", "[::1]")
    return frozenset(f"{base.scheme}://{host}{p}" for host in hosts for p in ports)
