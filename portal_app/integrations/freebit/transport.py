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

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.freebit.refusals import SYSTEM
from portal_app.integrations.freebit.replies import Answer
from portal_app.integrations.upstream import TryAgain

API_PATH: Final = "/emptool/api"
LARGEST_REPLY: Final = 4 * 1024 * 1024
CONNECT_S, READ_S, POOL_S = 5.0, 30.0, 3.0
log = logging.getLogger(__name__)


class TooLarge(Exception):
    """The reply is larger than any honest one."""


def open_http(concurrency: int = 4, **options: Any) -> httpx.AsyncClient:
    """An HTTP client fit for Freebit: no proxy of the environment, no redirects, idle ones closed early."""
    limits = httpx.Limits(max_connections=concurrency + 2, max_keepalive_connections=concurrency, keepalive_expiry=4)
    return httpx.AsyncClient(limits=limits, trust_env=False, follow_redirects=False, **options)


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
        failure: UpstreamError
        try:
            response, content = await self._exchange(self._request(operation, body, seconds, write))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as unsent:
            failure = _not_sent(operation, unsent)
        except (TooLarge, httpx.DecodingError):
            kind = UpstreamOutcomeUnknown if write else UpstreamReplyChanged
            failure = kind(SYSTEM, operation, "unreadable")
        except httpx.TimeoutException:
            failure = _silence(operation, write, "timeout")
        except (httpx.HTTPError, httpx.StreamError):
            failure = _silence(operation, write, "dropped")
        else:
            _log(operation, response.status_code, len(content), started)
            retry_after = response.headers.get("Retry-After", "")
            return Answer(operation, write, response.status_code, content, retry_after)
        _log(operation, 0, 0, started, failure.code)
        raise failure  # outside of the except block: the original holds the request, and that the key

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

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > LARGEST_REPLY:
                    raise TooLarge
        finally:
            await response.aclose()
        return response, bytes(content)


def _not_sent(operation: str, failure: httpx.TransportError) -> UpstreamError:
    if "certificate" in str(failure).lower():
        return UpstreamUnavailable(SYSTEM, operation, "certificate")
    return TryAgain(SYSTEM, operation, "connect")


def _silence(operation: str, write: bool, code: str) -> UpstreamError:
    return UpstreamOutcomeUnknown(SYSTEM, operation, code) if write else TryAgain(SYSTEM, operation, code)


def _log(operation: str, status: int, length: int, started: float, code: str = "") -> None:
    milliseconds = round((time.monotonic() - started) * 1000)
    about = {"system": SYSTEM, "operation": operation, "status": status, "length": length, "ms": milliseconds}
    log.info("freebit call", extra=about | ({"code": code} if code else {}))
