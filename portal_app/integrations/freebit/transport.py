"""One POST to Freebit: the form field the JSON travels in, what may come back, what silence means.

Requests and replies are never logged, only their operation, status, length and time.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from portal_app.errors import UpstreamError
from portal_app.integrations.freebit.refusals import SYSTEM
from portal_app.integrations.freebit.replies import Answer
from portal_app.integrations.upstream.http import exchange

API_PATH: Final = "/emptool/api"
LARGEST_REPLY: Final = 4 * 1024 * 1024
CONNECT_S, READ_S, POOL_S = 5.0, 30.0, 3.0
log = logging.getLogger(__name__)


class Transport:
    """Sends an operation to one Freebit. `base_url` with or without a trailing slash or the API's own path."""

    def __init__(self, http: httpx.AsyncClient, base_url: str) -> None:
        self._http = http
        self._root = base_url.rstrip("/").removesuffix(API_PATH) + API_PATH

    async def post(self, operation: str, body: Mapping[str, Any], seconds: float, *, write: bool) -> Answer:
        """What came back, whatever its status.

        Raises: UpstreamUnavailable (TryAgain where a repeat may help), UpstreamOutcomeUnknown for a write that may have
        arrived, UpstreamReplyChanged for a reply too large or garbled.
        """
        started = time.monotonic()
        request = self._request(operation, body, seconds, write)
        try:
            response, content = await exchange(
                self._http, request, system=SYSTEM, operation=operation, write=write, largest=LARGEST_REPLY
            )
        except UpstreamError as failure:
            _log(operation, 0, 0, started, failure.code)
            raise
        _log(operation, response.status_code, len(content), started)
        return Answer(operation, write, response.status_code, content, response.headers.get("Retry-After", ""))

    def _request(self, operation: str, body: Mapping[str, Any], seconds: float, write: bool) -> httpx.Request:
        limit = max(0.1, seconds)
        request = self._http.build_request(
            "POST",
            f"{self._root}/{operation}/",
            content=urlencode({"json": json.dumps(body, ensure_ascii=False)}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            timeout=httpx.Timeout(limit if write else min(limit, READ_S), connect=CONNECT_S, pool=POOL_S),
        )
        request.headers.pop("Cookie", None)
        return request


def _log(operation: str, status: int, length: int, started: float, code: str = "") -> None:
    milliseconds = round((time.monotonic() - started) * 1000)
    about = {"system": SYSTEM, "operation": operation, "status": status, "length": length, "ms": milliseconds}
    log.info("freebit call", extra=about | ({"code": code} if code else {}))
