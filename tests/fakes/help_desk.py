"""Salesforce where questions are answered: the sandbox's records in this process, with every way its answers get lost.

No sockets and no threads: time may be virtual. `Troubles` say what goes wrong; files lie with their case in `lying`.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError

from portal_app.domain.cases import Attachment
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamOutcomeUnknown, UpstreamUnavailable
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.salesforce import dml, ids, oauth, resources
from sandbox.salesforce.call import BASE, Answer, Call, action_of, address
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.org import Org
from sandbox.store import Store
from tests.fakes.troubles import Troubles
from tests.properties.ordering.market import LATE_S, SITE, KnownKeys
from tests.properties.ordering.wires import response
from tests.properties.process import BEGINNING

CUSTOMERS: Final = (
    Customer("user-0", 1004, ids.make("001", 1)),
    Customer("user-1", 1005, ids.make("001", 2)),
)
SLOW_S: Final = 8.0


class DeskClock(Clock):
    """The time of the running loop."""

    def unix(self) -> float:
        return BEGINNING.timestamp() + asyncio.get_running_loop().time()


class Still(Clock):
    def unix(self) -> float:
        return BEGINNING.timestamp()


@cache
def _planted() -> bytes:
    """Two accounts, each with a contact; nobody has asked anything."""
    store = Store(None)
    org = Org(Config(data=None), Still(), store, Faults())
    for number, one in enumerate(CUSTOMERS):
        made = dml.create(org.records, OBJECTS["Account"], {"Name": one.user_id, "SF_Account_No__c": f"C-{number}"})
        assert made == one.salesforce_account_id
    return bytes(store._db.serialize())


class HelpDesk(BaseAdapter):
    """What stays when a process dies. `asked` is every call that arrived."""

    def __init__(self, troubles: Troubles | None = None) -> None:
        super().__init__()
        self.troubles = troubles or Troubles()
        self.config, self.store = Config(data=None), Store(None)
        self.store._db.deserialize(_planted())
        self.org = Org(self.config, DeskClock(), self.store, Faults())
        self.org.keys = KnownKeys()  # type: ignore[assignment]
        self.delay = 0.0
        self.asked: list[str] = []
        self.lying: dict[str, set[str]] = defaultdict(set)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        path = urlsplit(request.url).path
        steps = [step for step in str(path).split("/")[4:] if step]
        operation = action_of(str(request.method), steps) if str(path).startswith(BASE) else "token"
        self.asked.append(operation)
        kind = self.troubles.before_call("salesforce", operation)
        if kind == "refused":
            raise requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
        if kind == "busy":
            raise Busy("salesforce")
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
        return response(request, 200, "<html>Down for maintenance</html>") if kind == "garbled" else answer

    def close(self) -> None:
        self.store.close()

    def _answer(self, request: requests.PreparedRequest) -> requests.Response:
        parts = urlsplit(str(request.url))
        if not parts.path.startswith(BASE):
            return response(request, 200, oauth.grant(self.org, dict(parse_qsl(str(request.body))), SITE))
        try:
            version, steps, query = address(f"{parts.path}?{parts.query}")
            body = json.loads(request.body) if request.body else None
            call = Call(self.org, str(request.method), version, steps, query, request.headers, body)
            answer = resources.answer(call)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.errors)
        return response(request, answer.status, answer.body)

    # What there is, and what staff do

    def records(self, name: str) -> list[dict[str, Any]]:
        """Live records of an object, oldest first."""
        return [one for one in self.org.records.all(OBJECTS[name]) if not one["IsDeleted"]]

    def comments(self, case_id: str = "") -> list[dict[str, Any]]:
        return [one for one in self.records("CaseComment") if case_id in ("", one["ParentId"])]

    def case(self, case_id: str) -> dict[str, Any]:
        return next(one for one in self.records("Case") if one["Id"] == case_id)

    def makes(self, name: str, **values: Any) -> str:
        """A record staff make; its id."""
        with self.store.transaction():
            return dml.create(self.org.records, OBJECTS[name], values)

    def changes(self, name: str, record_id: str, **values: Any) -> None:
        with self.store.transaction():
            dml.update(self.org.records, OBJECTS[name], record_id, values)

    def a_case(self, customer: Customer = CUSTOMERS[0], **more: Any) -> str:
        """One that staff opened."""
        values = {"AccountId": customer.salesforce_account_id, "Subject": "Your line", "Origin": "Phone"}
        return self.makes("Case", **values | more)

    def says(self, case_id: str, text: str, *, published: bool = True) -> str:
        """Staff write a comment; its id."""
        return self.makes("CaseComment", ParentId=case_id, CommentBody=text, IsPublished=published)

    def moves(self, case_id: str, status: str) -> None:
        self.changes("Case", case_id, Status=status)


class FakeFileDesk:
    """Files that lie with a case: attaching twice is the same as once; its answers get lost, too."""

    def __init__(self, desk: HelpDesk) -> None:
        self._desk = desk

    async def attach(self, customer: Customer, case_id: str, file_ids: Sequence[str]) -> None:
        kind = self._desk.troubles.before_call("salesforce", "attach")
        if kind in ("refused", "busy"):
            raise UpstreamUnavailable("salesforce", "attach")
        if kind in ("lost_before", "slow", "late", "garbled", "rejected"):
            raise UpstreamOutcomeUnknown("salesforce", "attach")
        self._desk.lying[case_id] |= set(file_ids)
        if kind == "crash_after_call":
            self._desk.troubles.crash()
        if kind:
            raise UpstreamOutcomeUnknown("salesforce", "attach")

    async def list_of(self, customer: Customer, case_id: str) -> dict[str, Attachment]:
        return {one: Attachment(one, f"{one}.png", 3, "png") for one in sorted(self._desk.lying[case_id])}
