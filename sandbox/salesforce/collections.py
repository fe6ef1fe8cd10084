"""composite/sobjects: up to 200 records in one call, each with its own outcome, in the order they were sent.

Source: REST API developer guide, "sObject Collections".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.salesforce import dml, faulty, render
from sandbox.salesforce.call import Answer, Call
from sandbox.salesforce.errors import Refusal, error, in_collection
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.records import Record, object_of

MOST_RECORDS = 200
ROLLED_BACK = error(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Work = Callable[[Record], dict[str, Any]]


class _Undo(Exception):
    """Leaves a transaction without its effects."""


def answer(call: Call) -> Answer:
    match call.method, call.parts[2:]:
        case "POST", []:
            return _each(call, _records(call), lambda record: _create(call, record))
        case "PATCH", []:
            return _each(call, _records(call), lambda record: _update(call, record))
        case "PATCH", [name, external]:
            sobject = call.sobject(name)
            return _each(call, _records(call), lambda record: _upsert(call, sobject, external, record))
        case "DELETE", []:
            ids = [{"Id": one} for one in call.query.get("ids", "").split(",") if one]
            return _each(call, ids, lambda record: _delete(call, record))
        case "GET" | "POST", [name]:
            return _read(call, call.sobject(name))
    raise Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are GET,POST,PATCH", 405)


def all_or_none(call: Call) -> bool:
    sent = call.body.get("allOrNone") if isinstance(call.body, dict) else call.query.get("allOrNone", "")
    return sent is True or str(sent).lower() == "true"


def _records(call: Call) -> list[Record]:
    records = call.fields_of().get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records) or not records:
        raise Refusal("INVALID_INPUT", "The records are required")  # [U] the words
    return records


def _each(call: Call, records: list[Record], work: Work) -> Answer:
    if len(records) > MOST_RECORDS:  # [U] the code
        raise Refusal("LIMIT_EXCEEDED", f"The request exceeds the limit of {MOST_RECORDS} records")
    outcomes: list[dict[str, Any]] = []
    whole = all_or_none(call)
    try:
        if not whole:
            outcomes = [_outcome(call, record, work) for record in records]
            return Answer(body=outcomes)
        with call.org.store.transaction():
            outcomes = [_outcome(call, record, work) for record in records]
            if not all(one["success"] for one in outcomes):
                raise _Undo
    except _Undo:
        undone = {"success": False, "errors": in_collection([ROLLED_BACK])}
        outcomes = [undone if one["success"] else one for one in outcomes]
    return Answer(body=outcomes)


def _outcome(call: Call, record: Record, work: Work) -> dict[str, Any]:
    try:
        with call.org.store.transaction():
            return work(record)
    except Refusal as refusal:
        return {"success": False, "errors": in_collection(refusal.errors)}


def _typed(call: Call, record: Record) -> SObject:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise Refusal("INVALID_INPUT", "The type attribute is required")  # [U] the words
    return call.sobject(name)


def _id_of(record: Record) -> str:
    found = next((str(value) for name, value in record.items() if name.lower() == "id"), "")
    if not found:
        raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
    return found


def _create(call: Call, record: Record) -> dict[str, Any]:
    sobject = _typed(call, record)
    faulty.refuse_part(call.org, f"create {sobject.name}")
    return {"id": dml.create(call.org.records, sobject, record), "success": True, "errors": []}


def _update(call: Call, record: Record) -> dict[str, Any]:
    sobject, record_id = _typed(call, record), _id_of(record)
    faulty.refuse_part(call.org, f"update {sobject.name}")
    body = {name: value for name, value in record.items() if name.lower() != "id"}
    dml.update(call.org.records, sobject, record_id, body)
    return {"id": record_id, "success": True, "errors": []}


def _upsert(call: Call, sobject: SObject, external: str, record: Record) -> dict[str, Any]:
    faulty.refuse_part(call.org, f"upsert {sobject.name}")
    field = dml.external_field(sobject, external)
    body = {name: value for name, value in record.items() if name.lower() != field.name.lower()}
    value = next((value for name, value in record.items() if name.lower() == field.name.lower()), None)
    if value in (None, ""):
        raise Refusal("MISSING_ARGUMENT", f"{field.name} not specified", fields=[field.name])
    saved = dml.upsert(call.org.records, sobject, field, str(value), body)
    return {"id": saved.record_id, "success": True, "errors": [], "created": saved.created}


def _delete(call: Call, record: Record) -> dict[str, Any]:
    sobject = object_of(record["Id"])
    if sobject is None:
        raise Refusal("MALFORMED_ID", f"malformed id {record['Id']}")
    dml.delete(call.org.records, sobject, record["Id"])
    return {"id": record["Id"], "success": True, "errors": []}


def _read(call: Call, sobject: SObject) -> Answer:
    """Records by id, null for each that is not there."""
    body = call.body if isinstance(call.body, dict) else {}
    ids = body.get("ids") or call.query.get("ids", "").split(",")
    names = body.get("fields") or call.query.get("fields", "").split(",")
    fields = [sobject.find(name.strip()) for name in names if name.strip()]
    if None in fields or not fields:
        raise Refusal("INVALID_FIELD", f"No such column on entity '{sobject.name}', or none was asked for")
    return Answer(body=[_read_one(call, sobject, one, [field for field in fields if field is not None]) for one in ids])


def _read_one(call: Call, sobject: SObject, record_id: str, fields: list[Any]) -> Record | None:
    try:
        return render.row(sobject, dml.existing(call.org.records, sobject, record_id), call.root, fields)
    except Refusal:
        return None
