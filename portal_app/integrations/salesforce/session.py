"""The HTTP session under simple-salesforce, which sets no time limit and asks whatever address it has put together.

Here every request has limits, goes to the one origin it is aimed at, follows nothing, and reads only so much.
"""

import math
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from portal_app.observability import correlation
from portal_app.settings import LOOPBACK

CONNECT_S: Final = 3.0
LEAST_LEFT_S: Final = 0.1
LARGEST_REPLY: Final = 5 * 1024 * 1024
_PIECE: Final = 64 * 1024


class StrangeReply(requests.exceptions.ContentDecodingError):
    """Too large, or a success that is no JSON."""


class WrongAddress(requests.exceptions.InvalidURL):
    """Something tried to leave the origin or the path this session is aimed at. Nothing was sent."""


class NoTimeLeft(requests.exceptions.ConnectTimeout):
    """The time was up before the request began. Nothing was sent."""


class SfSession(requests.Session):
    """Used by one thread. `on_usage` is told of every Sforce-Limit-Info header."""

    def __init__(self, on_usage: Callable[[str], None], adapter: BaseAdapter | None = None) -> None:
        super().__init__()
        self.trust_env = False  # no proxy, no .netrc of the environment
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Retries are decided above, by error code: a POST must never be repeated down here.
        self.mount("https://", adapter or HTTPAdapter(pool_connections=2, pool_maxsize=2, max_retries=0))
        self.mount("http://", adapter or HTTPAdapter(pool_connections=2, pool_maxsize=2, max_retries=0))
        self.headers["Sforce-Call-Options"] = "client=portal"
        self._on_usage = on_usage
        self._origin, self._path, self._ends_at, self._read_s = "", "", 0.0, 0.0
        self.latest = math.inf
        """`time.monotonic()` by which whatever is begun from now on must have ended."""

    def aim(self, origin: str, path: str, seconds: float, read_s: float) -> None:
        """What follows may go to this origin below this path, for so many seconds in all and for each wait."""
        self._origin, self._path, self._read_s = checked_origin(origin), path, read_s
        self._ends_at = min(time.monotonic() + seconds, self.latest)

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """See requests. Raises: WrongAddress, NoTimeLeft, StrangeReply, and all of requests' own."""
        address = self._address(str(url))
        left = self._ends_at - time.monotonic()
        if left < LEAST_LEFT_S:
            raise NoTimeLeft("no time left")
        headers = {**(options.pop("headers", None) or {}), "X-Correlation-Id": correlation.current()}
        options |= {"timeout": (min(CONNECT_S, left), min(self._read_s, left)), "allow_redirects": False}
        options |= {"stream": True, "headers": headers}
        response = super().request(method, address, *args, **options)
        self._on_usage(response.headers.get("Sforce-Limit-Info", ""))
        try:
            response._content = self._body(response)
        except BaseException:
            response.close()
            raise
        if response.status_code < 300 and response.content and not _is_json(response):
            raise StrangeReply("not JSON")
        return response

    def _address(self, url: str) -> str:
        """The library writes https whatever the instance says; for loopback the instance's own http is put back."""
        parts = urlsplit(url)
        if parts.scheme == "https" and self._origin.startswith("http://"):
            parts = parts._replace(scheme="http")
        steps = parts.path.replace("\\", "/").split("/")
        astray = {".", ".."} & set(steps) or not parts.path.startswith(self._path)
        if f"{parts.scheme}://{parts.netloc}" != self._origin or astray:
            raise WrongAddress("not an address of this Salesforce")
        return parts.geturl()

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > LARGEST_REPLY:
                raise StrangeReply("too large")
            if time.monotonic() > self._ends_at:
                raise requests.exceptions.ReadTimeout("took too long")
        return bytes(body)


def checked_origin(url: str) -> str:
    """`scheme://host[:port]` of an address: https, or http on this machine only. Raises: ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        raise ValueError("not an address")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("plain http is for loopback hosts only")
    name = f"[{host}]" if ":" in host else host
    default = parts.port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{name}" if default else f"{parts.scheme}://{name}:{parts.port}"


def _is_json(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == "application/json"
