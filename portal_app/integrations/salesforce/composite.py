"""Several things in one request: a record and its children, all of them or none; or a few queries.

Beside the client, and over the same one function every request goes through. Each record is a part of its own: what
all-or-none means for a collection inside of a composite is not documented well enough to hang an order on it.
Source: Salesforce, REST API, "Composite".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from portal_app.integrations.salesforce.client import NOBODY, Caller, SalesforceClient, _checked_kind, _spelled
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.refusals import changed
from portal_app.integrations.salesforce.soql import Soql
from portal_app.integrations.salesforce.wire import Row, Unreadable, Wire, WirePage, read

MOST_PARTS: Final = 25
MOST_QUERIES: Final = 5
_PARENT: Final = "parent"
_HALTED: Final = "PROCESSING_HALTED"
_NO_SUCH_OBJECT: Final = "INVALID_TYPE"


@dataclass(frozen=True, slots=True)
class FirstRows:
    """What a query found. Not `whole`: there are more."""

    rows: tuple[Row, ...]
    whole: bool


class WirePart(Wire):
    """The answer to one part."""

    status: int = Field(alias="httpStatusCode")
    reference: str = Field(alias="referenceId")
    body: Any = None


class WireComposite(Wire):
    """The answers to all of them, in order; the outer status says nothing."""

    parts: tuple[WirePart, ...] = Field(alias="compositeResponse")


async def create_family(
    client: SalesforceClient,
    kind: str,
    values: Mapping[str, Any],
    child_kind: str,
    child_field: str,
    children: Sequence[Mapping[str, Any]],
    *,
    caller: Caller = NOBODY,
) -> tuple[str, tuple[str, ...]]:
    """The ids of the new record and of its children, in order. `child_field` is where a child names its parent.

    Sent once, unless nothing can have been done. After UpstreamOutcomeUnknown look by external id before trying again.
    Raises: UpstreamRejected ("duplicate_value": some external id is taken), and as every call of the client.
    """
    if not 0 < len(children) < MOST_PARTS:
        raise ValueError("between one child and 24")
    operation = f"Create{_checked_kind(kind)}With{_checked_kind(child_kind)}"
    parts = [(kind, _PARENT, _spelled(values))]
    link = {child_field: f"@{{{_PARENT}.id}}"}
    parts += [(child_kind, f"child{number}", _spelled(child) | link) for number, child in enumerate(children)]
    ids = await client._call(operation, kind, lambda sf: _send(sf, parts), caller=caller, write=True)
    expected = [kind, *[child_kind] * len(children)]
    if not all(found.startswith(PREFIXES[one]) for found, one in zip(ids, expected, strict=True)):
        raise changed(operation, "id", write=True)
    return ids[0], tuple(ids[1:])


async def create_and_update(
    client: SalesforceClient,
    kind: str,
    values: Mapping[str, Any],
    other_kind: str,
    other_id: str,
    changes: Mapping[str, Any],
    *,
    caller: Caller = NOBODY,
) -> str:
    """The id of the new record; the other one is changed with it, or neither is. `other_id` was checked before.

    Sent once. Raises: UpstreamRejected, NotFound: nothing was done; and as every call of the client.
    """
    operation = f"Create{_checked_kind(kind)}With{_checked_kind(other_kind)}"
    url = f"{other_kind}/{checked_id(other_kind, other_id)}"
    parts = [("POST", kind, "new", _spelled(values)), ("PATCH", url, "other", _spelled(changes))]

    def work(sf: Salesforce) -> str:
        new, _ = _exchange(sf, parts)
        return _id(new)

    found: str = await client._call(operation, kind, work, caller=caller, write=True)
    if not found.startswith(PREFIXES[kind]):
        raise changed(operation, "id", write=True)
    return found


async def first_rows(
    client: SalesforceClient,
    operation: str,
    statements: Mapping[str, Soql],
    *,
    maybe_none: Collection[str] = (),
    caller: Caller = NOBODY,
) -> dict[str, FirstRows]:
    """The first page of each query, by name; one call for all. `maybe_none`: whose object may not be there at all.

    Raises: what the first that is refused means; and as every call of the client.
    """
    if not 0 < len(statements) <= MOST_QUERIES:
        raise ValueError("between one query and five")

    def work(sf: Salesforce) -> dict[str, FirstRows]:
        root = f"/services/data/v{sf.sf_version}/query/?q="
        parts = [
            {"method": "GET", "url": root + quote(text, safe=""), "referenceId": name}
            for name, text in statements.items()
        ]
        answers = _answers(sf, parts, all_or_none=False)
        return {one.reference: _page(one, maybe_none=one.reference in maybe_none) for one in answers}

    return await client._call(operation, "", work, caller=caller)


def _page(answer: WirePart, *, maybe_none: bool) -> FirstRows:
    if maybe_none and answer.status == 400 and _codes(answer) == {_NO_SUCH_OBJECT}:
        return FirstRows((), whole=True)
    _refuse("query", answer)
    page = read(WirePage, answer.body)
    return FirstRows(page.records, page.done)


def _send(sf: Salesforce, parts: list[tuple[str, str, dict[str, Any]]]) -> list[str]:
    return [_id(one) for one in _exchange(sf, [("POST", kind, name, body) for kind, name, body in parts])]


def _exchange(sf: Salesforce, parts: list[tuple[str, str, str, dict[str, Any]]]) -> list[WirePart]:
    """`parts`: method, address below sobjects, name, body. All of them were done."""
    root = f"/services/data/v{sf.sf_version}/sobjects/"
    requests = [
        {"method": method, "url": root + url, "referenceId": reference, "body": body}
        for method, url, reference, body in parts
    ]
    answers = _answers(sf, requests, all_or_none=True)
    for (_, url, _, _), answer in zip(parts, answers, strict=True):
        _refuse(url, answer)
    if any(one.status >= 300 for one in answers):
        raise Unreadable("httpStatusCode")
    return answers


def _answers(sf: Salesforce, requests: Sequence[Mapping[str, Any]], *, all_or_none: bool) -> list[WirePart]:
    payload = {"allOrNone": all_or_none, "compositeRequest": requests}
    answers = read(WireComposite, sf.restful("composite", method="POST", json=payload)).parts
    if [one.reference for one in answers] != [one["referenceId"] for one in requests]:
        raise Unreadable("referenceId")
    return list(answers)


def _refuse(kind: str, answer: WirePart) -> None:
    """Raises what the library raises for a refusal; parts that were only halted by another one are innocent."""
    if answer.status >= 300 and _codes(answer) != {_HALTED}:
        raise SalesforceMalformedRequest("composite", answer.status, kind, answer.body)


def _codes(answer: WirePart) -> set[object]:
    entries = answer.body if isinstance(answer.body, list) else []
    return {entry.get("errorCode") for entry in entries if isinstance(entry, dict)}


def _id(answer: WirePart) -> str:
    body = answer.body if isinstance(answer.body, dict) else {}
    found = as_18(body.get("id"))
    if found is None or body.get("success") is not True:
        raise Unreadable("body")
    return found
