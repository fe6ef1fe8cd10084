"""Which resource answers which address. One function for each, all synchronous: a handler is alone with the data.

Source: REST API developer guide, "Reference".
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from sandbox.salesforce import collections, composite, content, describe, dml, render
from sandbox.salesforce.call import Answer, Call
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.records import Record
from sandbox.salesforce.soql import run
from sandbox.salesforce.values import spoken

LEAST_BATCH, MOST_BATCH = 200, 2000
UPSERT_SAYS_CREATED = 46
PLURAL_EXTERNAL = 300


def answer(call: Call) -> Answer:
    """Raises: Refusal. What was written before that is undone."""
    match call.method, call.parts:
        case "GET", []:
            return Answer(body={name: f"{call.root}/{name}" for name in ("sobjects", "query", "composite", "limits")})
        case "GET", ["limits"]:
            return _limits(call)
        case "GET", ["query" | "queryAll"]:
            return _query(call)
        case "GET", ["query" | "queryAll", locator]:
            return _more(call, locator)
        case "GET", ["sobjects"]:
            return Answer(body=describe.everything(call.root))
        case "GET", ["sobjects", name]:
            return Answer(body={"objectDescribe": describe.one(call.sobject(name), call.root), "recentItems": []})
        case "GET", ["sobjects", name, "describe"]:
            return Answer(body=describe.one(call.sobject(name), call.root))
        case "POST", ["composite"]:
            return composite.answer(call, answer)
        case _, ["composite", "sobjects", *_]:
            return collections.answer(call)
        case _, ["sobjects", name, *rest]:
            with call.org.store.transaction():
                return _row(call, call.sobject(name), rest)
    raise not_found() if call.method == "GET" else _not_allowed(call)


def _not_allowed(call: Call) -> Refusal:
    words = f"HTTP Method '{call.method}' not allowed. Allowed are GET,POST"
    return Refusal("METHOD_NOT_ALLOWED", words, 405)


def _row(call: Call, sobject: SObject, rest: list[str]) -> Answer:
    records = call.org.records
    match call.method, rest:
        case "POST", []:
            return _created(call, sobject, dml.create(records, sobject, call.fields_of()))
        case "GET", [record_id]:
            return _one(call, sobject, dml.existing(records, sobject, record_id))
        case "PATCH", [record_id]:
            dml.update(records, sobject, record_id, call.fields_of())
            return Answer(204)
        case "DELETE", [record_id]:
            dml.delete(records, sobject, record_id)
            return Answer(204)
        case "GET", [record_id, "VersionData"] if sobject.name == "ContentVersion":
            version = dml.existing(records, sobject, record_id)
            return Answer(body=content.data_of(records, version["Id"]))
        case _, [name, value]:
            return _by_external(call, sobject, name, value)
    raise _not_allowed(call)


def _created(call: Call, sobject: SObject, record_id: str) -> Answer:
    location = {"Location": f"{call.root}/sobjects/{sobject.name}/{record_id}"}
    return Answer(201, {"id": record_id, "success": True, "errors": []}, location)


def _one(call: Call, sobject: SObject, record: Record) -> Answer:
    """304 when it was not touched since If-Modified-Since."""
    since = call.headers.get("If-Modified-Since")
    try:
        if since and record["SystemModstamp"] <= spoken(parsedate_to_datetime(since)):
            return Answer(304)
    except ValueError:
        pass  # a date that cannot be read is no condition
    names = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    fields = [sobject.find(name) for name in names]
    for name, field in zip(names, fields, strict=True):
        if field is None:
            raise Refusal("INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'")
    chosen = [field for field in fields if field is not None]
    return Answer(body=render.row(sobject, record, call.root, chosen if names else None))


def _by_external(call: Call, sobject: SObject, name: str, value: str) -> Answer:
    records, field = call.org.records, dml.external_field(sobject, name)
    try:
        if call.method == "PATCH":
            return _upserted(call, sobject, dml.upsert(records, sobject, field, value, call.fields_of()))
        found = dml.by_external(records, sobject, field, value)
    except dml.Several as several:
        return Answer(PLURAL_EXTERNAL, [f"{call.root}/sobjects/{sobject.name}/{one}" for one in several.record_ids])
    if found is None:
        raise not_found()
    if call.method == "DELETE":
        dml.delete(records, sobject, found["Id"])
        return Answer(204)
    if call.method != "GET":
        raise _not_allowed(call)
    return _one(call, sobject, found)


def _upserted(call: Call, sobject: SObject, saved: dml.Saved) -> Answer:
    """Before version 46 an update by external id said nothing."""
    body = {"id": saved.record_id, "success": True, "errors": []}
    if call.version >= UPSERT_SAYS_CREATED:
        body["created"] = saved.created
    elif not saved.created:
        return Answer(204)
    return Answer(201 if saved.created else 200, body)


def _query(call: Call) -> Answer:
    soql = call.query.get("q", "")
    if not soql.strip():
        raise Refusal("MALFORMED_QUERY", "SOQL statement cannot be empty")  # [U] the words
    total, rows = run.run(call.org.records, soql, call.root, deleted=call.parts[0] == "queryAll")
    size = _batch_size(call)
    if len(rows) <= size:
        return Answer(body={"totalSize": total, "done": True, "records": rows})
    return _page(call, call.org.cursors.open(rows), 0, size)


def _more(call: Call, locator: str) -> Answer:
    name, _, start = locator.partition("-")
    if name not in call.org.cursors.kept or not start.isdigit():
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, name, int(start), _batch_size(call))


def _page(call: Call, cursor: str, start: int, size: int) -> Answer:
    rows = call.org.cursors.kept[cursor]
    end = start + size
    body = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
    if end < len(rows):
        body["nextRecordsUrl"] = f"{call.root}/query/{cursor}-{end}"
    return Answer(body=body)


def _batch_size(call: Call) -> int:
    """The header is a hint that is taken as said [U]: a real org may give fewer rows."""
    for option in call.headers.get("Sforce-Query-Options", "").split(","):
        name, _, number = option.strip().partition("=")
        if name.lower() == "batchsize" and number.isdigit():
            return min(MOST_BATCH, max(LEAST_BATCH, int(number)))
    return MOST_BATCH


def _limits(call: Call) -> Answer:
    spent = call.org.allocation
    daily = {"Max": spent.most, "Remaining": max(0, spent.most - spent.used)}
    events = {"Max": 10_000, "Remaining": 10_000}
    return Answer(body={"DailyApiRequests": daily, "DailyDeliveredPlatformEvents": events})
