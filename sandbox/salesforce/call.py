"""One request below /services/data/vNN.0, from outside or from inside a composite, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.objects import SObject, find_object
from sandbox.salesforce.org import Org

VERSIONS = range(31, 66)
BASE = "/services/data/"


@dataclass(slots=True)
class Answer:
    """`body` is JSON, or bytes for the contents of a file, or None for nothing."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """`parts` are the decoded pieces of the path below the version; `body` is parsed JSON."""

    org: Org
    method: str
    version: int
    parts: list[str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None

    @property
    def root(self) -> str:
        return f"{BASE}v{self.version}.0"

    @property
    def action(self) -> str:
        """What the call log and the faults call it: "query", "create Case", "describe"."""
        return action_of(self.method, self.parts)

    def fields_of(self) -> dict[str, Any]:
        if not isinstance(self.body, dict):
            raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
        return self.body

    def sobject(self, name: str) -> SObject:
        found = find_object(name)
        if found is None:
            raise not_found()
        return found


def address(raw_url: str) -> tuple[int, list[str], dict[str, str]]:
    """Version, path pieces and query of a URL. Raises: Refusal when it is not below a version that is played."""
    split = urlsplit(raw_url)
    version, _, rest = split.path.removeprefix(BASE).partition("/")
    number = version.removeprefix("v").removesuffix(".0")
    if not split.path.startswith(BASE) or not (number.isascii() and number.isdigit()) or int(number) > VERSIONS[-1]:
        raise not_found()
    if int(number) not in VERSIONS:
        raise Refusal("UNSUPPORTED_API_VERSION", f"version {version} is no longer available", 410)  # [U] the code
    parts = [unquote(part) for part in rest.split("/") if part]
    return int(number), parts, dict(parse_qsl(split.query, keep_blank_values=True))


def action_of(method: str, parts: list[str]) -> str:
    match parts:
        case ["query" | "queryAll"]:
            return "query"
        case ["query" | "queryAll", _]:
            return "queryMore"
        case ["composite", "sobjects", *_]:
            return "collection"
        case ["sobjects"]:
            return "describe"
        case ["sobjects", name, "describe"]:
            return f"describe {name}"
        case ["sobjects", name, _, "VersionData"]:
            return f"download {name}"
        case ["sobjects", name]:
            return f"{'create' if method == 'POST' else 'describe'} {name}"
        case ["sobjects", name, _] | ["sobjects", name, _, _] if method in VERBS:
            return f"{'upsert' if method == 'PATCH' and len(parts) == 4 else VERBS[method]} {name}"
    return parts[0] if parts else "versions"


VERBS = {"GET": "get", "PATCH": "update", "DELETE": "delete", "POST": "create"}
