"""composite: up to 25 requests in one, later ones refer to earlier ones by @{reference.path}.

Source: REST API developer guide, "Composite". The outer status is 200 whatever the parts say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.salesforce import collections, faulty
from sandbox.salesforce.call import Answer, Call, address
from sandbox.salesforce.errors import Refusal, error

MOST_PARTS, MOST_HEAVY_PARTS = 25, 5
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
STEP = re.compile(r"\w+")
HALTED = "The transaction was rolled back since another operation in the same transaction failed."
Part = dict[str, Any]
Handler = Callable[[Call], Answer]


class _Halt(Exception):
    """One part failed and all were to succeed."""


def answer(call: Call, handle: Handler) -> Answer:
    parts = _parts(call)
    whole = call.fields_of().get("allOrNone") is True
    results: list[Part] = []
    try:
        if not whole:
            _run(call, handle, parts, results, halting=False)
        else:
            with call.org.store.transaction():
                _run(call, handle, parts, results, halting=True)
    except _Halt:
        failed = results[-1]
        results = [failed if part["referenceId"] == failed["referenceId"] else _halted(part, HALTED) for part in parts]
    return Answer(body={"compositeResponse": results})


def _parts(call: Call) -> list[Part]:
    """Raises: Refusal for the whole request; its codes are [U]."""
    parts = call.fields_of().get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(_is_part(part) for part in parts):
        raise Refusal("INVALID_INPUT", "Each subrequest needs a method, a url and a referenceId")
    if len(parts) > MOST_PARTS:
        raise Refusal("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST_PARTS}")
    heavy = [part for part in parts if "/query" in part["url"] or "/composite/sobjects" in part["url"]]
    if len(heavy) > MOST_HEAVY_PARTS:
        raise Refusal("LIMIT_EXCEEDED", f"No more than {MOST_HEAVY_PARTS} queries or collections in one request")
    if len({part["referenceId"] for part in parts}) < len(parts):
        raise Refusal("INVALID_INPUT", "Every referenceId must be different")
    return parts


def _is_part(part: Any) -> bool:
    names = ("method", "url", "referenceId")
    return isinstance(part, dict) and all(isinstance(part.get(name), str) for name in names)


def _run(call: Call, handle: Handler, parts: list[Part], results: list[Part], *, halting: bool) -> None:
    known: dict[str, Any] = {}
    for part in parts:
        try:
            sub = _sub_call(call, part, known)
            reply = _answer_part(sub, handle, halting=halting)
            results.append(_result(part, reply.status, reply.body, reply.headers))
        except _BadReference as bad:
            results.append(_halted(part, str(bad)))
        except Refusal as refusal:
            results.append(_result(part, refusal.status, refusal.errors))
        if results[-1]["httpStatusCode"] < 300:
            known[part["referenceId"]] = results[-1]["body"]
        elif halting:
            raise _Halt


def _answer_part(sub: Call, handle: Handler, *, halting: bool) -> Answer:
    faulty.refuse_part(sub.org, sub.action)
    if sub.parts == ["composite"]:
        raise Refusal("INVALID_INPUT", "A composite request cannot hold another one")  # [U]
    reply = handle(sub)
    if isinstance(reply.body, bytes):
        raise Refusal("INVALID_INPUT", "File contents are not available in a composite request")  # [U]
    # A collection that undid its own records fails the whole as well [U].
    failed = isinstance(reply.body, list) and collections.all_or_none(sub) and _has_failure(reply.body)
    return Answer(400, reply.body) if failed and halting else reply


def _has_failure(outcomes: list[Any]) -> bool:
    return any(isinstance(one, dict) and one.get("success") is False for one in outcomes)


def _sub_call(call: Call, part: Part, known: dict[str, Any]) -> Call:
    version, parts, query = address(str(_filled(part["url"], known)))
    headers = part.get("httpHeaders") or {}
    return Call(call.org, part["method"].upper(), version, parts, query, headers, _filled(part.get("body"), known))


class _BadReference(Exception):
    pass


def _filled(value: Any, known: dict[str, Any]) -> Any:
    """The value with every @{...} replaced; one that stands alone keeps its type."""
    if isinstance(value, dict):
        return {name: _filled(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, known) for item in value]
    if not isinstance(value, str):
        return value
    alone = REFERENCE.fullmatch(value)
    if alone:
        return _looked_up(alone, known)
    return REFERENCE.sub(lambda found: str(_looked_up(found, known)), value)


def _looked_up(found: re.Match[str], known: dict[str, Any]) -> Any:
    reference, path = found[1], found[2]
    value = known.get(reference)
    for step in STEP.findall(path):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            value = None
    if value is None:
        words = f"Invalid reference specified. No value for {reference}{path} found in {reference}"
        raise _BadReference(words)
    return value


def _halted(part: Part, words: str) -> Part:
    return _result(part, 400, [error("PROCESSING_HALTED", words)])


def _result(part: Part, status: int, body: Any, headers: dict[str, str] | None = None) -> Part:
    return {"body": body, "httpHeaders": headers or {}, "httpStatusCode": status, "referenceId": part["referenceId"]}
