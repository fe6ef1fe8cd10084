"""Between the portal and the market: a pool without threads, and answers as they come over the wire."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from io import BytesIO
from typing import Any, Protocol

import requests
from urllib3 import HTTPResponse


class CanBeSlow(Protocol):
    """What says how many seconds the answer takes that it gave last."""

    delay: float


class Corridor(Executor):
    """Does the work at once in the caller's thread; a slow answer comes later."""

    def __init__(self, market: CanBeSlow) -> None:
        self._market = market

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._market.delay = 0.0
        try:
            tell = future.set_result, fn(*args, **kwargs)
        except Exception as failure:
            tell = future.set_exception, failure
        if self._market.delay:
            asyncio.get_running_loop().call_later(self._market.delay, _tell, future, tell)
        else:
            tell[0](tell[1])
        return future


def _tell(future: Future[Any], tell: tuple[Callable[[Any], None], Any]) -> None:
    if not future.cancelled():
        tell[0](tell[1])


def response(request: requests.PreparedRequest, status: int, body: Any) -> requests.Response:
    """As requests gives it. `body`: a text is a page of HTML, None is nothing, all else is JSON."""
    kind = "text/html" if isinstance(body, str) else "application/json"
    raw = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": kind, "Sforce-Limit-Info": "api-usage=18/5000"}
    response = requests.Response()
    response.status_code, response.url, response.request = status, request.url, request
    response.headers.update(headers)
    response.raw = HTTPResponse(BytesIO(raw), headers=headers, status=status, preload_content=False)
    return response
