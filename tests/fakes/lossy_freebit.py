"""A mobile network whose answers get lost, come late, or are about work that is done long after we gave up waiting.

For virtual time. `writes` and `reads` say what becomes of the next calls; `endings` how the next activations end.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from portal_app.integrations.freebit.client import ADD_ESIM, DETAIL
from portal_app.storage.clock import Clock
from tests.fakes.freebit import FakeFreebit, page_of_html, refusal
from tests.integrations.virtual_time import now

FOREVER_S = 1000.0
BEFORE = ("unsent", "lost", "busy", "error")
AFTER = ("late_reply", "effect_no_reply", "effect_error")
WRITES = ("", *BEFORE, *AFTER, "slow", "unknown_code")


class LoopClock(Clock):
    """The virtual time of the loop, from noon of 15 April 2026 in Japan on."""

    def now(self) -> datetime:
        return datetime(2026, 4, 15, 3, tzinfo=UTC) + timedelta(seconds=now())


@dataclass
class Accepted:
    """`state`: waiting, active or failed."""

    account: str
    state: str = "waiting"


@dataclass
class LossyFreebit(FakeFreebit):
    """`careless`: it takes a second request for a line it has, as far as we know it may."""

    careless: bool = False
    takes_s: float = 120
    slow_s: float = 100
    writes: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)

    def alive(self) -> int:
        """How many activations are running, or will."""
        return sum(one.state != "failed" for one in self.accepted)

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._lossy))

    async def _lossy(self, request: httpx.Request) -> httpx.Response:
        operation = request.url.path.removeprefix("/emptool/api/").removesuffix("/")
        plan = {ADD_ESIM: self.writes, DETAIL: self.reads}.get(operation, [])
        kind = plan.pop(0) if plan else ""
        return await self._spoilt(kind, operation, request) if kind else self._answer(request)

    async def _spoilt(self, kind: str, operation: str, request: httpx.Request) -> httpx.Response:
        if kind == "unsent":
            raise httpx.ConnectError("connection refused")
        if kind in AFTER:
            self._answer(request)
        if kind == "slow":
            body = json.loads(parse_qs(request.content.decode())["json"][0])
            asyncio.get_running_loop().call_later(self.slow_s, self._do, operation, body)
        if kind in ("late_reply", "slow"):
            await asyncio.sleep(FOREVER_S)
        codes = {"busy": "500-100", "unknown_code": "999-999"}
        if kind in codes:
            return refusal(codes[kind])
        if kind in ("error", "effect_error"):
            return page_of_html(500)
        raise httpx.ReadError("connection reset")

    def _activate(self, body: dict[str, Any], state: str) -> httpx.Response:
        account = body["account"]
        if self.careless:
            self.lines.pop(account, None)
        answer = super()._activate(body, state)
        if answer.json()["resultCode"] == "100":
            made = Accepted(account)
            self.accepted.append(made)
            asyncio.get_running_loop().call_later(self.takes_s, self._end, made)
        return answer

    def _end(self, made: Accepted) -> None:
        code = self.endings.pop(0) if self.endings else ""
        made.state = "failed" if code else "active"
        self.finish(made.state, code, made.account)
