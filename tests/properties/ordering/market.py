"""The outside of the shop: the sandbox in this process, with every way its answers get lost."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import httpx
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError

from portal_app.errors import Busy
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.salesforce import dml, oauth, resources
from sandbox.salesforce.call import BASE, Answer, Call, action_of, address
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.org import Org
from sandbox.store import Store
from sandbox.whmcs import actions as _all_actions  # noqa: F401  (registers every action)
from sandbox.whmcs import forms
from sandbox.whmcs.encode import shape, to_json
from sandbox.whmcs.hooks import HookSender
from sandbox.whmcs.registry import ACTIONS
from sandbox.whmcs.registry import Call as WhmcsCall
from sandbox.whmcs.registry import Refusal as WhmcsRefusal
from sandbox.world import World
from tests.fakes.troubles import Troubles
from tests.properties.ordering.repeats import Repeats
from tests.properties.ordering.seed import planted_bytes, private_key
from tests.properties.ordering.wires import response
from tests.properties.process import BEGINNING

SITE: Final = "https://salesforce.example"
WHMCS_ROOT: Final = "https://billing.example.com/whmcs"
LATE_S: Final = 45.0
"""When a call is done after all that the caller no longer waits for: less than the settle time."""
SLOW_S: Final = 8.0
LOST: Final = frozenset({"lost_before", "lost_after", "late", "crash_after_call", "garbled"})


class MarketClock(Clock):
    """The time of the running loop."""

    def unix(self) -> float:
        return BEGINNING.timestamp() + asyncio.get_running_loop().time()


class KnownKeys:
    """Read once: that takes longer than the rest of a story's beginning."""

    def public(self) -> Any:
        return private_key().public_key()


class Market(BaseAdapter):
    """What stays when a process dies. Below requests for Salesforce, below httpx for WHMCS.

    `on_write` is told of every change the portal makes to a customer. `lenient`: two orders may have one key, as if the
    organisation had forgotten to make the field unique.
    """

    def __init__(self, troubles: Troubles, *, lenient: bool) -> None:
        super().__init__()
        self.troubles, self.lenient = troubles, lenient
        self.repeats = Repeats()
        store, clock, faults = Store(None), MarketClock(), Faults()
        store._db.deserialize(planted_bytes())
        config = Config(data=None)
        self.org = Org(config, clock, store, faults)
        self.org.keys = KnownKeys()  # type: ignore[assignment]
        self.world = World(config, clock, store, faults, CallLog(), HookSender(store, clock, "", ""), self.org)
        self.delay = 0.0
        self.on_write: Callable[[], None] = lambda: None
        self._books: dict[str, Answer] = {}

    # Salesforce

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        path = urlsplit(request.url).path
        steps = [step for step in path.split("/")[4:] if step]
        operation = action_of(request.method, steps) if path.startswith(BASE) else "token"
        kind = self.troubles.before_call("salesforce", operation)
        if kind == "refused":
            raise requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
        if kind == "busy":
            raise Busy("salesforce")
        self.repeats.note(operation, request, lost=kind in LOST)
        if kind == "rejected":
            return response(request, 400, [{"message": "no", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}])
        if kind == "lost_before":
            raise requests.ConnectionError("reset")
        if kind == "late":
            asyncio.get_running_loop().call_later(LATE_S, self._answer, request)
            raise requests.ReadTimeout("no answer")
        self.delay = SLOW_S if kind == "slow" else 0.0
        answer = self._answer(request)
        if kind == "lost_after":
            raise requests.ConnectionError("reset")
        if kind == "crash_after_call":
            self.troubles.crash()
        if kind == "garbled":
            return response(request, 200, "<html>Down for maintenance</html>")
        return answer

    def close(self) -> None:
        self.world.store.close()

    def _answer(self, request: requests.PreparedRequest) -> requests.Response:
        parts = urlsplit(request.url)
        if not parts.path.startswith(BASE):
            form = dict(parse_qsl(request.body))
            return response(request, 200, oauth.grant(self.org, form, SITE))
        try:
            version, steps, query = address(f"{parts.path}?{parts.query}")
            body = json.loads(request.body) if request.body else None
            call = Call(self.org, request.method, version, steps, query, request.headers, body)
            answer = self._book_of(parts.query, call) if "FROM+PricebookEntry+" in parts.query else self._run(call)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.errors)
        if request.method == "PATCH":
            self.on_write()
        return response(request, answer.status, answer.body)

    def _run(self, call: Call) -> Answer:
        with self._leniency():
            return resources.answer(call)

    def _book_of(self, query: str, call: Call) -> Answer:
        """Nobody but staff changes the price book, and it is read more often than everything else together."""
        if query not in self._books:
            self._books[query] = self._run(call)
        return self._books[query]

    def _leniency(self) -> AbstractContextManager[Any]:
        return patch.object(dml, "_check_unique", lambda *_: None) if self.lenient else nullcontext()

    # WHMCS

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._billing))

    async def _billing(self, request: httpx.Request) -> httpx.Response:
        params = forms.php_array(parse_qsl(request.content.decode(), keep_blank_values=True))
        kind = self.troubles.before_call("whmcs", params["action"])
        if kind == "refused":
            raise httpx.ConnectError("refused", request=request)
        if kind == "busy":
            raise Busy("whmcs")
        if kind == "rejected":
            return httpx.Response(200, json={"result": "error", "message": "Invalid IP 203.0.113.7"})
        if kind == "lost_before":
            raise httpx.ReadError("reset", request=request)
        if kind == "late":
            asyncio.get_running_loop().call_later(LATE_S, self._billed, params)
            raise httpx.ReadTimeout("no answer", request=request)
        if kind == "slow":
            await asyncio.sleep(SLOW_S)
        answer = self._billed(params)
        if kind == "lost_after":
            raise httpx.ReadError("reset", request=request)
        if kind == "crash_after_call":
            self.troubles.crash()
        if kind == "garbled":
            return httpx.Response(200, html="<html>Down for maintenance</html>")
        self.troubles.alive()
        return answer

    def _billed(self, params: forms.Params) -> httpx.Response:
        try:
            with self.world.store.transaction():
                reply = ACTIONS[params["action"].lower()](WhmcsCall(self.world, params, WHMCS_ROOT))
        except WhmcsRefusal as refusal:
            return httpx.Response(refusal.status, json={"result": "error", "message": refusal.message})
        if params["action"] == "UpdateClient":
            self.on_write()
        body = to_json(shape({"result": "success"} | reply, self.world.faults.profile))
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    # What there is

    def records(self, name: str) -> list[dict[str, Any]]:
        """Live records of an object, oldest first."""
        return [one for one in self.org.records.all(OBJECTS[name]) if not one["IsDeleted"]]

    def change(self, name: str, record_id: str, **values: Any) -> None:
        """As staff do, under the rules of the API."""
        self._books.clear()
        with self.world.store.transaction():
            dml.update(self.org.records, OBJECTS[name], record_id, values)
