"""One POST to WHMCS: how parameters are spelled, where the credential goes, what may come back, what silence means.

Parameters and replies are never logged, only their action, status, length and time.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx

from portal_app.errors import UpstreamError
from portal_app.integrations.upstream.http import exchange
from portal_app.integrations.whmcs.replies import SYSTEM, Answer

API_PATH = "/includes/api.php"
LARGEST_REPLY = 8 * 1024 * 1024
CONNECT_S, READ_S, POOL_S = 3.0, 10.0, 3.0
log = logging.getLogger(__name__)


class Transport:
    """Sends an action to one WHMCS. `base_url` with or without a trailing slash, a path, or the API's own path."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, identifier: str, secret: str) -> None:
        self._http = http
        self.root = base_url.rstrip("/").removesuffix(API_PATH)
        self._credential = [("identifier", identifier), ("secret", secret)]

    async def post(
        self, action: str, parameters: Mapping[str, Any], seconds: float, *, write: bool, xml: bool = False
    ) -> Answer:
        """What came back, whatever its status.

        Raises: UpstreamUnavailable (TryAgain where a repeat may help), UpstreamOutcomeUnknown for a write that may have
        arrived, UpstreamReplyChanged for a reply too large or garbled.
        """
        started = time.monotonic()
        request = self._request(action, parameters, seconds, write, xml)
        try:
            response, body = await exchange(
                self._http, request, system=SYSTEM, operation=action, write=write, largest=LARGEST_REPLY
            )
        except UpstreamError as failure:
            _log(action, 0, 0, started, failure.code)
            raise
        _log(action, response.status_code, len(body), started)
        return Answer(action, write, response.status_code, body, response.headers.get("Retry-After", ""), xml)

    def _request(
        self, action: str, parameters: Mapping[str, Any], seconds: float, write: bool, xml: bool
    ) -> httpx.Request:
        kind = "xml" if xml else "json"
        fields = [("action", action), ("responsetype", kind), *spelled(parameters), *self._credential]
        request = self._http.build_request(
            "POST",
            self.root + API_PATH,
            content=urlencode(fields).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": f"application/{kind}"},
            timeout=httpx.Timeout(seconds if write else min(seconds, READ_S), connect=CONNECT_S, pool=POOL_S),
        )
        request.headers.pop("Cookie", None)  # some actions open a session on their side; calls here share none
        return request


def spelled(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Form fields as PHP wants them: None left out, booleans 1 and 0, lists and dicts in brackets with their keys."""
    for name, value in parameters.items():
        yield from _spelled(name, value)


def _spelled(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _spelled(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _spelled(f"{name}[{index}]", inner)
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    elif isinstance(value, Decimal):
        yield name, format(value, "f")
    elif isinstance(value, str | int):
        yield name, str(value)
    else:
        raise TypeError(f"{name}: no spelling for {type(value).__name__}")


def _log(action: str, status: int, length: int, started: float, code: str = "") -> None:
    milliseconds = round((time.monotonic() - started) * 1000)
    about = {"system": SYSTEM, "operation": action, "status": status, "length": length, "ms": milliseconds}
    log.info("whmcs call", extra=about | ({"code": code} if code else {}))
