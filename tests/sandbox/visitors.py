"""The outside of the sandbox in its tests: who asks the API, who drives the console, who receives hooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.config import DEMO_IDENTIFIER, DEMO_SECRET

HOOK_SECRET = "portal-test-secret"
CREDENTIALS = {"identifier": DEMO_IDENTIFIER, "secret": DEMO_SECRET}


@dataclass
class Whmcs:
    """Asks the API as a client would and keeps its last status."""

    session: aiohttp.ClientSession
    sandbox: Running
    status: int = 0
    content_type: str = ""

    async def __call__(self, action: str, **params: Any) -> Any:
        """The parsed JSON of a call with good credentials."""
        return json.loads(await self.raw(CREDENTIALS | {"action": action, "responsetype": "json"} | params))

    async def raw(self, fields: dict[str, Any]) -> str:
        data = {key: str(value) for key, value in fields.items()}
        async with self.session.post(f"{self.sandbox.whmcs_url}/includes/api.php", data=data) as answer:
            self.status, self.content_type = answer.status, answer.content_type
            return await answer.text()


@dataclass
class Console:
    session: aiohttp.ClientSession
    sandbox: Running
    status: int = 0

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.sandbox.url}/console/api/{path}"
        async with self.session.request(method, url, json=body) as answer:
            self.status = answer.status
            return await answer.json()


class Pauses(Clock):
    """Nobody waits: how long each call would have is noted, with what `look` finds at that moment."""

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self.noted: list[tuple[float, Any]] = []
        self.look: Callable[[], Any] = lambda: None

    async def pause(self, seconds: float) -> None:
        if seconds:
            self.noted.append((seconds, self.look()))


@dataclass
class Receiver:
    """Where hooks arrive: keeps raw bodies and headers, answers what the test wants."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    on_event: dict[str, Callable[[web.Request], Awaitable[None]]] = field(default_factory=dict)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        if look := self.on_event.get(request.headers["X-Whmcs-Event"]):
            await look(request)
        self._arrived.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def events(self, count: int) -> list[str]:
        """Names of what arrived, sorted, once there are that many."""
        async with asyncio.timeout(10):
            while len(self.got) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return sorted(headers["X-Whmcs-Event"] for headers, _ in self.got)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]
