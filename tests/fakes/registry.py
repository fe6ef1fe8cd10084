"""The outside of a portal that is in trouble: WHMCS and Salesforce with state, and every way their answers get lost.

`Registry` also keeps watch: an AddClient whose answer was lost may be repeated only after a look at what is there, and
that look only after WHMCS must have been done with it (F4, F7).
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
import requests
from urllib3.exceptions import NewConnectionError

from portal_app.errors import Busy
from portal_app.workflows.signing_up import SETTLE
from sandbox.whmcs.php import decode_field
from tests.fakes import salesforce as sf
from tests.fakes import whmcs
from tests.fakes.becoming_world import MARKER, NUMBER, Organisation
from tests.fakes.troubles import Troubles

LATE_S: Final = 45.0
"""When a call is done after all that the caller no longer waits for: less than the settle time."""
SLOW_S: Final = 8.0
REFUSALS: Final = {"AddClient": "You did not enter your city", "ValidateLogin": "Email or Password Invalid"}


@dataclass
class Registry(whmcs.FakeWhmcs):
    """A WHMCS. `lenient`: it lets two clients have one e-mail, as if both had come at the same instant."""

    troubles: Troubles = field(default_factory=Troubles)
    lenient: bool = False
    wrongs: list[str] = field(default_factory=list)
    _looks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lost: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._troubled))

    def made_by_us(self) -> list[dict[str, Any]]:
        """Clients with a marker."""
        return [row for row in self.clients if marker_of(row)]

    async def _troubled(self, request: httpx.Request) -> httpx.Response:
        fields = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        kind = self.troubles.before_call("whmcs", fields["action"])
        if kind == "refused":
            raise httpx.ConnectError("refused", request=request)
        if kind == "busy":
            raise Busy("whmcs")
        self._watch(fields, lost=kind in ("lost_before", "lost_after", "late", "crash_after_call", "garbled"))
        if kind == "rejected":
            return whmcs.refusal(REFUSALS.get(fields["action"], "Invalid IP 203.0.113.7"))
        if kind == "lost_before":
            raise httpx.ReadError("reset", request=request)
        if kind == "late":
            asyncio.get_running_loop().call_later(LATE_S, self._answer, request)
            raise httpx.ReadTimeout("no answer", request=request)
        if kind == "slow":
            await asyncio.sleep(SLOW_S)
        answer = self._answer(request)
        self._looked(fields)
        return self._after(kind, answer, request)

    def _after(self, kind: str, answer: httpx.Response, request: httpx.Request) -> httpx.Response:
        if kind == "lost_after":
            raise httpx.ReadError("reset", request=request)
        if kind == "crash_after_call":
            self.troubles.crash()
        if kind == "garbled":
            return whmcs.page_of_html()
        self.troubles.alive()
        return answer

    def _watch(self, fields: dict[str, str], *, lost: bool) -> None:
        if fields["action"] != "AddClient":
            return
        sent = {int(key): value for key, value in decode_field(fields["customfields"]).items()}
        marker, now = str(sent[MARKER]), asyncio.get_running_loop().time()
        for sent_at in self._lost[marker]:
            settled = sent_at + SETTLE.total_seconds()
            if not any(look >= settled for look in self._looks[fields["email"].lower()]):
                self.wrongs.append("AddClient was repeated without a look after the settle time")
        if lost:
            self._lost[marker].append(now)

    def _looked(self, fields: dict[str, str]) -> None:
        if fields["action"] == "GetUsers":
            self._looks[fields["search"].lower()].append(asyncio.get_running_loop().time())

    def _AddClient(self, fields: dict[str, str]) -> httpx.Response:
        if not self.lenient:
            return super()._AddClient(fields)
        others = self.clients, self.users
        self.clients, self.users = self._elsewhere(self.clients), self._elsewhere(self.users)
        answer = super()._AddClient(fields)
        made = self.clients.pop(), self.users.pop()
        self.clients, self.users = others
        self.clients.append(made[0])
        self.users.append(made[1])
        return answer

    def _elsewhere(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same ids under addresses nobody has."""
        return [row | {"email": f"{row['id']}@elsewhere.invalid"} for row in rows]


@dataclass
class Office(Organisation):
    """A Salesforce organisation in trouble."""

    troubles: Troubles = field(default_factory=Troubles)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        kind = self.troubles.before_call("salesforce", sf._kind(request))
        if kind == "refused":
            raise requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
        if kind == "busy":
            raise Busy("salesforce")
        if kind in ("lost_before", "late"):
            raise requests.ConnectionError("reset")
        if kind == "rejected":
            return self._response(request, sf.refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
        answer = super().send(request, **options)
        if kind == "lost_after":
            raise requests.ConnectionError("reset")
        if kind == "crash_after_call":
            self.troubles.crash()
        return self._response(request, sf.page_of_html(200)) if kind == "garbled" else answer


def marker_of(row: dict[str, Any]) -> str:
    """The portal user a client was made for, "" for a client the portal did not make."""
    return _field(row, MARKER)


def number_of(row: dict[str, Any]) -> str:
    """The customer number of a client."""
    return _field(row, NUMBER)


def _field(row: dict[str, Any], field_id: int) -> str:
    return next((str(f["value"]) for f in row["customfields"] if str(f["id"]) == str(field_id)), "")
