"""Between one worker and the outside: the worker may be dead or frozen, and the wire does what the script says."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Protocol
from urllib.parse import parse_qsl

import httpx
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError

from sandbox.whmcs import forms
from tests.properties.fulfilment.faults import LATE_S, SLOW_S
from tests.properties.fulfilment.outside import NOT_ABOUT_AN_ORDER, WHMCS_WRITES, Outside
from tests.properties.ordering.wires import response

FOREVER_S = 100_000.0
PAGE = "<html><body>Down for maintenance</body></html>"


class Body(Protocol):
    """A worker's body."""

    def alive(self) -> None:
        """Raises: Crash when the worker is dead."""
        ...

    async def awake(self) -> None:
        """Waits while the worker is frozen. Raises: Crash when it is dead."""
        ...

    def frozen_for(self) -> float:
        """Seconds."""
        ...


class Silence(BaseException):
    """No answer will ever come."""


class Wires(BaseAdapter):
    """Below requests for Salesforce, below httpx for WHMCS and Freebit."""

    def __init__(self, outside: Outside, body: Body) -> None:
        super().__init__()
        self._outside, self._body = outside, body
        self.delay = 0.0

    def close(self) -> None:
        pass

    def whmcs(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._whmcs))

    def freebit(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._freebit))

    # Salesforce

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        self._body.alive()
        url, text = str(request.url), _text(request.body)
        operation = self._outside.salesforce_operation(str(request.method), url)
        whose = self._whose(operation, self._outside.salesforce_orders(url, text))
        write = request.method != "GET" and operation != "token"
        kind = self._outside.script.meet("salesforce", operation, whose, write=write)

        def act() -> requests.Response:
            answer = self._outside.ask_salesforce(str(request.method), url, request.headers, text)
            return response(request, answer.status, answer.body)

        if kind == "refused":
            raise requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
        if kind == "reset_before":
            raise requests.ConnectionError("reset")
        if kind == "delayed":
            asyncio.get_running_loop().call_later(LATE_S, act)
            raise Silence
        if kind == "http500":
            return response(request, 500, PAGE)
        if kind == "html":
            return response(request, 200, PAGE)
        if kind == "duplicate":
            act()
        answer = act()
        if kind == "outdated":
            self.delay = SLOW_S
        if kind == "reset_after":
            raise requests.ConnectionError("reset")
        if kind == "http500_after":
            return response(request, 500, PAGE)
        if kind == "html_after":
            return response(request, 200, PAGE)
        return answer

    # WHMCS and Freebit

    async def _whmcs(self, request: httpx.Request) -> httpx.Response:
        params = forms.php_array(parse_qsl(request.content.decode(), keep_blank_values=True))
        operation = self._outside.whmcs_operation(params)

        def act() -> httpx.Response:
            status, content = self._outside.ask_whmcs(params)
            return httpx.Response(status, content=content, headers={"Content-Type": "application/json"})

        whose = self._whose(operation, self._outside.whmcs_orders(params))
        return await self._sent("whmcs", operation, whose, params["action"] in WHMCS_WRITES, request, act)

    async def _freebit(self, request: httpx.Request) -> httpx.Response:
        operation = request.url.path.strip("/").removeprefix("emptool/api/")
        body = json.loads(dict(parse_qsl(request.content.decode()))["json"])

        def act() -> httpx.Response:
            return httpx.Response(200, content=self._outside.ask_freebit(operation, body))

        whose = self._whose(operation, self._outside.freebit_orders(body))
        return await self._sent("freebit", operation, whose, operation.endswith("addAcnt"), request, act)

    async def _sent(
        self,
        system: Any,
        operation: str,
        whose: list[str],
        write: bool,
        request: httpx.Request,
        act: Callable[[], httpx.Response],
    ) -> httpx.Response:
        await self._body.awake()
        kind = self._outside.script.meet(system, operation, whose, write=write)
        if kind == "refused":
            raise httpx.ConnectError("refused", request=request)
        if kind == "reset_before":
            raise httpx.ReadError("reset", request=request)
        if kind == "delayed":
            asyncio.get_running_loop().call_later(LATE_S, act)
            await asyncio.sleep(FOREVER_S)
        if kind == "http500":
            return httpx.Response(500, html=PAGE)
        if kind == "html":
            return httpx.Response(200, html=PAGE)
        if kind == "duplicate":
            act()
        answer = act()
        if kind == "duplicate" and not write:
            answer = twice(answer)
        if kind == "outdated":
            await asyncio.sleep(SLOW_S)
        if kind == "reset_after":
            raise httpx.ReadError("reset", request=request)
        if kind == "http500_after":
            return httpx.Response(500, html=PAGE)
        if kind == "html_after":
            return httpx.Response(200, html=PAGE)
        await self._body.awake()
        return answer

    def _whose(self, operation: str, order_ids: list[str]) -> list[str]:
        """What is asked for everybody is asked for each."""
        return list(self._outside.orders) if operation in NOT_ABOUT_AN_ORDER else order_ids


class Corridor(Executor):
    """A pool without threads: the work is done at once, a slow answer comes later, a frozen worker begins later."""

    def __init__(self, wires: Wires, body: Body) -> None:
        self._wires, self._body = wires, body

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._begin(future, lambda: fn(*args, **kwargs))
        return future

    def _begin(self, future: Future[Any], work: Callable[[], Any]) -> None:
        if future.cancelled():
            return
        if pause := self._body.frozen_for():
            asyncio.get_running_loop().call_later(pause, self._begin, future, work)
            return
        self._wires.delay = 0.0
        tell: Callable[[], None]
        try:
            done = work()
        except Silence:
            return
        except BaseException as failure:
            said = failure

            def tell() -> None:
                future.set_exception(said)
        else:

            def tell() -> None:
                future.set_result(done)

        if self._wires.delay:
            asyncio.get_running_loop().call_later(self._wires.delay, _unless_given_up, future, tell)
        else:
            tell()


def twice(answer: httpx.Response) -> httpx.Response:
    """As when rows move between two pages: every row of the list is there a second time."""
    body = json.loads(answer.content)
    for value in body.values():
        if not isinstance(value, dict):
            continue
        for rows in value.values():
            if isinstance(rows, list) and rows and isinstance(rows[0], dict):
                rows += rows
    return httpx.Response(answer.status_code, json=body)


def _unless_given_up(future: Future[Any], tell: Callable[[], None]) -> None:
    if not future.cancelled():
        tell()


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else body or ""
