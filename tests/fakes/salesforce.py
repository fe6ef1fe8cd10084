"""A small Salesforce under the client: a transport adapter of requests, with records, tokens and faults.

It understands the few queries the portal makes; `will` overrides the next answers to one kind of request.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.ids import PREFIXES, as_18
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_LONG, Upstream
from tests.fakes.clock import FakeClock

LOGIN, INSTANCE = "https://login.example.com", "https://acme.my.example.com"
CLIENT_ID, USERNAME = "ConsumerKeyCanary", "portal@acme.example.com"
ORGANIZATION = "00D000000000001EAA"
TOKEN_CANARY = "TokenCanary"
ACCOUNT, OTHER_ACCOUNT = as_18("001000000000001"), as_18("001000000000002")
CONTACT, SECOND_CONTACT = as_18("003000000000001"), as_18("003000000000002")
QUICK = replace(SALESFORCE, per_second=100_000)
QUICK_LONG = replace(SALESFORCE_LONG, per_second=100_000)
_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<kind>\w+) WHERE (?P<field>\w+) "
    r"(?:= '(?P<value>.*?)'(?: |$)|IN \((?P<values>.+)\)$)"
)


@cache
def a_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any = None) -> str:
    return (key or a_key()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class Reply:
    """One HTTP answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


def refusal(status: int, code: str, message: str = "TextCanary", *fields: str) -> Reply:
    return Reply(status, [{"message": message, "errorCode": code, "fields": list(fields)}])


def expired() -> Reply:
    return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def page_of_html(status: int) -> Reply:
    return Reply(status, "<html>TextCanary</html>", kind="text/html")


Answer = Reply | Exception | Callable[[requests.PreparedRequest], Reply]


class HereAndNow(Executor):
    """Does the work at once in the caller's thread, so that virtual time never jumps over it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as failure:
            future.set_exception(failure)
        return future


@dataclass
class FakeSalesforce(BaseAdapter):
    """One organisation, and the log of what it was asked."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    described: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    planned: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, Answer] = field(default_factory=dict)
    instance_url: str = INSTANCE
    audience: str = LOGIN
    limit_info: str = "api-usage=18/5000"
    asked: list[tuple[str, requests.PreparedRequest]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.revoked: set[str] = set()

    def will(self, kind: str, *answers: Answer) -> None:
        """The next answers to Login, Query, Create, Update, Upsert or Describe."""
        self.planned[kind].extend(answers)

    def keeps(self, kind: str, answer: Answer) -> None:
        """Every answer to that kind from now on."""
        self.always[kind] = answer

    def expire(self) -> None:
        """Every token given so far is no longer good."""
        self.revoked |= set(self.tokens)

    def count(self, kind: str) -> int:
        return sum(1 for what, _ in self.asked if what == kind)

    def of(self, kind: str) -> list[requests.PreparedRequest]:
        return [request for what, request in self.asked if what == kind]

    def queries(self) -> list[str]:
        return [parse_qs(urlsplit(r.url).query)["q"][0] for r in self.of("Query")]

    def sent(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.of(kind)]

    def connect(self, **changed: Any) -> "Connected":
        """The real client over this organisation, in the caller's thread."""
        return Connected(self, **changed)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        kind = _kind(request)
        self.asked.append((kind, request))
        self.options.append(options)
        answer = self.planned[kind].pop(0) if self.planned[kind] else self.always.get(kind) or self._answer
        if isinstance(answer, Exception):
            raise answer
        return self._response(request, answer(request) if callable(answer) else answer)

    def close(self) -> None:
        pass

    def _answer(self, request: requests.PreparedRequest) -> Reply:
        kind = _kind(request)
        if kind == "Login":
            return self.login(request)
        if request.headers["Authorization"].removeprefix("Bearer ") not in set(self.tokens) - self.revoked:
            return expired()
        return getattr(self, f"_{kind}")(request, urlsplit(request.url).path.split("/sobjects/")[-1].split("/"))

    def login(self, request: requests.PreparedRequest) -> Reply:
        form = dict(parse_qsl(request.body))
        try:
            claims = jwt.decode(
                form["assertion"],
                a_key().public_key(),
                ["RS256"],
                audience=self.audience,
                options={"verify_exp": False},
            )
        except jwt.PyJWTError:
            return Reply(400, {"error": "invalid_grant", "error_description": "TextCanary"})
        self.claims.append(claims)
        self.tokens.append(f"{ORGANIZATION[:15]}!{TOKEN_CANARY}{len(self.tokens) + 1}")
        identity = f"{LOGIN}/id/{ORGANIZATION}/005000000000001AAA"
        reply = {"access_token": self.tokens[-1], "instance_url": self.instance_url, "id": identity}
        return Reply(200, reply | {"token_type": "Bearer", "scope": "api"})

    def _Query(self, request: requests.PreparedRequest, steps: list[str]) -> Reply:
        soql = parse_qs(urlsplit(request.url).query)["q"][0]
        found = _QUERY.match(soql)
        if found is None:
            return refusal(400, "MALFORMED_QUERY")
        names = found["fields"].split(", ")
        wanted = re.findall(r"'(.*?)'", found["values"].upper()) if found["values"] else [found["value"].upper()]
        rows = [r for r in self.records[found["kind"]] if str(r.get(found["field"], "")).upper() in wanted]
        shown = [{"attributes": {"type": found["kind"]}} | {n: r.get(n) for n in names} for r in rows]
        return Reply(200, {"totalSize": len(shown), "done": True, "records": shown})

    def _Describe(self, request: requests.PreparedRequest, steps: list[str]) -> Reply:
        fields = self.described.get(steps[0])
        return refusal(404, "NOT_FOUND") if fields is None else Reply(200, {"name": steps[0], "fields": fields})

    def _Create(self, request: requests.PreparedRequest, steps: list[str]) -> Reply:
        return self._saved(steps[0], json.loads(request.body), 201)

    def _Update(self, request: requests.PreparedRequest, steps: list[str]) -> Reply:
        for row in self.records[steps[0]]:
            if row["Id"] == steps[1]:
                row.update(json.loads(request.body))
                return Reply(204)
        return refusal(404, "NOT_FOUND")

    def _Upsert(self, request: requests.PreparedRequest, steps: list[str]) -> Reply:
        kind, name, key = steps[0], steps[1], unquote(steps[2])
        values = json.loads(request.body)
        for row in self.records[kind]:
            if row.get(name) == key:
                row.update(values)
                return Reply(200, {"id": row["Id"], "success": True, "errors": [], "created": False})
        return self._saved(kind, values | {name: key}, 201)

    def _saved(self, kind: str, values: dict[str, Any], status: int) -> Reply:
        record_id = as_18(f"{PREFIXES[kind]}{len(self.records[kind]) + 1:012d}")
        self.records[kind].append(values | {"Id": record_id})
        return Reply(status, {"id": record_id, "success": True, "errors": [], "created": True})

    def _response(self, request: requests.PreparedRequest, reply: Reply) -> requests.Response:
        body = reply.body if isinstance(reply.body, str | bytes) else json.dumps(reply.body)
        raw = b"" if reply.body is None else body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": reply.kind, "Sforce-Limit-Info": self.limit_info, **reply.headers}
        response = requests.Response()
        response.status_code, response.url, response.request = reply.status, request.url, request
        response.headers.update(headers)
        response.raw = HTTPResponse(BytesIO(raw), headers=headers, status=reply.status, preload_content=False)
        return response


class Connected:
    """The client and everything under it."""

    def __init__(
        self,
        salesforce: FakeSalesforce,
        *,
        pool: Executor | None = None,
        login_url: str = LOGIN,
        audience: str = "",
        policy: Any = QUICK,
        usage: ApiUsage | None = None,
        key: str = "",
    ) -> None:
        self.clock, self.usage = FakeClock(), usage or ApiUsage()
        self.threads = Threads(14, lambda: SfSession(self.usage.note, salesforce), pool or HereAndNow())
        self.tokens = Tokens(
            self.threads, login_url, CLIENT_ID, USERNAME, key or a_key(), self.clock, audience=audience
        )
        self.upstream, self.long = Upstream(policy, self.clock), Upstream(QUICK_LONG, self.clock)
        self.client = SalesforceClient(self.tokens, self.threads, self.upstream, self.long, self.usage)


def an_account(number: str = "C-1001", record_id: str | None = ACCOUNT, **changed: Any) -> dict[str, Any]:
    row = {"Id": record_id, "Name": "NameCanary", "SF_Account_No__c": number, "WH_Account__c": None}
    more = {"Portal_Status__c": None, "Portal_Registration_Source__c": None, "Phone": None, "BillingPostalCode": None}
    return row | more | changed


def a_contact(record_id: str | None = CONTACT, account_id: str | None = ACCOUNT, **changed: Any) -> dict[str, Any]:
    row = {
        "Id": record_id,
        "AccountId": account_id,
        "Email": "hanako@example.com",
        "Phone": "03-1234-5678",
        "MobilePhone": None,
        "MailingPostalCode": "150-0001",
        "Birthdate": "1990-04-02",
    }
    return row | changed


def _kind(request: requests.PreparedRequest) -> str:
    path = urlsplit(request.url).path
    if path == "/services/oauth2/token":
        return "Login"
    if "/query" in path:
        return "Query"
    if path.endswith("/describe"):
        return "Describe"
    if request.method == "POST":
        return "Create"
    return "Upsert" if len(path.split("/sobjects/")[-1].split("/")) == 3 else "Update"
