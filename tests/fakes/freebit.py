"""A small mobile network under the client: it answers through httpx.MockTransport, with lines, keys and faults.

Nothing happens by itself: an activation stays "waiting" until `finish`. `will` overrides an operation's next answers.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import httpx

from portal_app.domain.sim import PortIn
from portal_app.domain.sims import Activation, SimLine
from portal_app.integrations.freebit.client import FreebitClient
from portal_app.integrations.upstream import FREEBIT, Upstream
from tests.fakes.clock import FakeClock

ROOT = "https://partner.example.com"
OEM_ID, OEM_KEY = "oem-canary-id", "oem-canary-key"
NUMBER, ACCOUNT = "+817012345678", "07012345678"
EID, OTHER_EID = "89049032123451234512345678901235", "89049032123451234512345678901332"
CARD, OTHER_CARD = "AX0000000000001", "AX0000000000002"
LINE = SimLine(NUMBER, 7)
PORT_IN = PortIn(
    "1200000001",
    date(2026, 1, 25),
    "07012345678",
    "試験",
    "太郎",
    "テスト",
    "タロウ",
    "male",
    date(1990, 4, 1),
)
Answer = httpx.Response | Exception | Callable[[dict[str, Any]], httpx.Response]


def an_activation(**changed: Any) -> Activation:
    """An eSIM with voice, now."""
    fields = {"line": LINE, "form": "esim", "use": "voice", "plan_code": "DEMO_5G", "eid": EID}
    return Activation(**(fields | changed))


def a_card(**changed: Any) -> Activation:
    """A physical SIM with voice, now."""
    return an_activation(**({"form": "physical", "eid": "", "product_number": CARD} | changed))


def success(**reply: Any) -> httpx.Response:
    return httpx.Response(200, json={"resultCode": "100", "status": {"statusCode": "200", "message": "OK"}, **reply})


def refusal(code: str | int, status: int = 200) -> httpx.Response:
    words = {"statusCode": "400", "message": "their own words"}
    return httpx.Response(status, json={"resultCode": code, "status": words})


def page_of_html(status: int = 200) -> httpx.Response:
    return httpx.Response(status, html="<html><body>Maintenance</body></html>")


@dataclass
class FakeFreebit:
    """Lines by account, the keys that are good, and the log of what was asked."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    replies: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    keys: set[str] = field(default_factory=set)
    logins: int = 0
    down: bool = False
    shows_pending: bool = True
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def will(self, operation: str, *answers: Answer) -> None:
        """The next answers to an operation; afterwards it answers by its state again."""
        self.replies[operation].extend(answers)

    def will_lose(self, operation: str) -> None:
        """The next call of an operation does its work; then the connection is cut."""

        def lost(body: dict[str, Any]) -> httpx.Response:
            self._do(operation, body)
            raise httpx.ReadError("connection reset")

        self.will(operation, lost)

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """Bodies of each call of one operation, without the key."""
        return [body for name, body in self.calls if name == operation]

    def finish(self, state: str = "active", failure: str = "", account: str = ACCOUNT) -> None:
        """The network is done with a line."""
        self.lines[account] |= {"state": state, "failureCode": failure, "startDate": "20260115"}

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def client(self, upstream: Upstream | None = None, base_url: str = ROOT) -> FreebitClient:
        return FreebitClient(self.http(), base_url, OEM_ID, OEM_KEY, upstream or Upstream(FREEBIT, FakeClock()))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(parse_qs(request.content.decode())["json"][0])
        operation = request.url.path.removeprefix("/emptool/api/").removesuffix("/")
        self.requests.append(request)
        self.calls.append((operation, {key: value for key, value in body.items() if key != "authKey"}))
        if self.down:
            raise httpx.ConnectError("connection refused", request=request)
        planned = self.replies[operation]
        if planned:
            answer = planned.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer(body) if callable(answer) else answer
        return self._do(operation, body)

    def _do(self, operation: str, body: dict[str, Any]) -> httpx.Response:
        if operation == "authOem":
            return self._login(body)
        if body["authKey"] not in self.keys:
            return refusal("300-102")
        return getattr(self, "_" + operation.replace("/", "_"))(body)

    def _login(self, body: dict[str, Any]) -> httpx.Response:
        self.logins += 1
        if body != {"oemId": OEM_ID, "oemKey": OEM_KEY}:
            return refusal("300-101")
        key = f"authkey-canary-{self.logins}"
        self.keys.add(key)
        return success(authKey=key)

    def _mvno_getDetail(self, body: dict[str, Any]) -> httpx.Response:
        line = self.lines.get(body["requestDatas"][0]["account"])
        if line is None or (line["state"] == "waiting" and not self.shows_pending):
            return refusal("400-101")
        return success(responseDatas=[line])

    def _activate(self, body: dict[str, Any], state: str) -> httpx.Response:
        held = self.lines.get(body["account"], {"state": "failed"})
        if held["state"] not in ("failed", "obsolete", "temporary"):
            return refusal("400-102")
        names = ("account", "simKind", "planCode", "contractLine", "eid", "productNumber")
        line = {name: body[name] for name in names if name in body}
        self.lines[body["account"]] = line | {"state": state, "simType": "esim" if "eid" in body else "card"}
        return success(account=body["account"])

    def _mvno_esim_addAcnt(self, body: dict[str, Any]) -> httpx.Response:
        return self._activate(body, "waiting")

    def _mvno_ota_addAcnt(self, body: dict[str, Any]) -> httpx.Response:
        return self._activate(body, "waiting")

    def _mvno_semiblack_addTempAcnt(self, body: dict[str, Any]) -> httpx.Response:
        if body["productNumber"] in self.cards:
            return refusal("400-103")
        self.cards[body["productNumber"]] = "10"
        line = {"account": body["account"], "productNumber": body["productNumber"], "state": "temporary"}
        self.lines[body["account"]] = line
        return success()

    def _mvno_semiblack_addAcnt(self, body: dict[str, Any]) -> httpx.Response:
        self.cards[body["productNumber"]] = "30"
        return self._activate(body, "active")

    def _mvno_semiblack_changeState(self, body: dict[str, Any]) -> httpx.Response:
        state = self.cards.get(body["productNumber"])
        return refusal("400-101") if state is None else success(state=state)

    def _mvno_talkoption_addOrder(self, body: dict[str, Any]) -> httpx.Response:
        self.lines[body["account"]] |= body["talkOption"]
        return success()
