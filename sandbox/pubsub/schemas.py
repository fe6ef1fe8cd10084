"""Avro schemas of the events: platform events as data, change events from the org's objects.

Ids are hashes of the text, so a changed event has another one. Source: Pub/Sub API guide, "Event schema"; the order of
the header's fields is that of public test schemas [U].
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from sandbox.salesforce.objects import NUMBERS, OBJECTS, TEXTS, Field, SObject

NAMESPACE = "com.sforce.eventbus"
CAPTURED = ("Account", "Order", "OrderItem", "Product2", "PricebookEntry")
"""The five entities selected for Change Data Capture."""
TEXT, NUMBER = "string", "double"
PLATFORM: dict[str, dict[str, str]] = {
    "Order_Fulfilment_Requested__e": {
        "OrderId__c": TEXT,
        "IdemKey__c": TEXT,
        "CorrelationId__c": TEXT,
        "RequestedBy__c": TEXT,
        "Version__c": NUMBER,
    },
    "OrderProvisionRequested__e": {
        "Order_Id__c": TEXT,
        "Idem_Key__c": TEXT,
        "Correlation_Id__c": TEXT,
        "Requested_By__c": TEXT,
        "Version__c": NUMBER,
    },
    "Account_Eligibility_Update__e": {
        "Account_Id__c": TEXT,
        "Internet_Eligibility__c": TEXT,
        "Internet_Eligibility_Status__c": TEXT,
        "Id_Verification_Status__c": TEXT,
    },
    "Case_Status_Update__e": {"Account_Id__c": TEXT, "Case_Id__c": TEXT},
}
CHANGE_TYPES = ["CREATE", "UPDATE", "DELETE", "UNDELETE"]
CHANGE_TYPES += ["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"]
TEXTS_LIST = {"type": "array", "items": "string"}
HEADER_FIELDS: list[tuple[str, Any]] = [
    ("entityName", "string"),
    ("recordIds", TEXTS_LIST),
    ("changeType", {"type": "enum", "name": "ChangeType", "symbols": CHANGE_TYPES}),
    ("changeOrigin", "string"),
    ("transactionKey", "string"),
    ("sequenceNumber", "int"),
    ("commitTimestamp", "long"),
    ("commitNumber", "long"),
    ("commitUser", "string"),
    ("nulledFields", TEXTS_LIST),
    ("diffFields", TEXTS_LIST),
    ("changedFields", TEXTS_LIST),
]
ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country")
ADDRESS_FIELDS = (*ADDRESS_PARTS, "StateCode", "CountryCode", "Latitude", "Longitude", "Xyz", "GeocodeAccuracy")
NOT_SENT = ("Id", "IsDeleted", "SystemModstamp")


def schema_id(text: str) -> str:
    """22 characters."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def platform_schema(name: str, fields: dict[str, str]) -> str:
    columns: list[dict[str, Any]] = [
        {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
        {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
    ]
    columns += [{"name": one, "type": ["null", kind], "default": None} for one, kind in fields.items()]
    return _text(name, columns)


def change_schema(sobject: SObject) -> str:
    header = {"type": "record", "name": "ChangeEventHeader", "fields": _fields(HEADER_FIELDS)}
    columns: list[dict[str, Any]] = [{"name": "ChangeEventHeader", "type": header}]
    address: Any = _address()
    for field in captured_fields(sobject):
        kind: Any = _avro(field)
        if field.type == "address":
            kind, address = address, f"{NAMESPACE}.Address"  # defined where it comes first, then named
        columns.append({"name": field.name, "type": ["null", kind], "default": None})
    return _text(f"{sobject.name}ChangeEvent", columns)


def captured_fields(sobject: SObject) -> list[Field]:
    """In the order of the schema, from position 1. Parts of an address are inside it."""
    parts = {
        f"{one.target}{part}" for one in sobject.fields.values() if one.type == "address" for part in ADDRESS_PARTS
    }
    left_out = parts | set(NOT_SENT)
    return [one for one in sobject.fields.values() if one.name not in left_out and one.type != "base64"]


def every_schema() -> dict[str, str]:
    """Entity of a topic -> text of its first schema."""
    found = {name: platform_schema(name, fields) for name, fields in PLATFORM.items()}
    return found | {f"{name}ChangeEvent": change_schema(OBJECTS[name]) for name in CAPTURED}


def widened(text: str, field: str) -> str:
    """The schema after an administrator has added a text field. An event has it already: unchanged."""
    schema = json.loads(text)
    if field not in [one["name"] for one in schema["fields"]]:
        schema["fields"].append({"name": field, "type": ["null", "string"], "default": None})
    return json.dumps(schema, separators=(",", ":"))


def _avro(field: Field) -> str:
    if field.type in TEXTS or field.type in ("id", "reference"):
        return "string"
    if field.type == "int":
        return "int"
    if field.type in NUMBERS:
        return "double"
    return "boolean" if field.type == "boolean" else "long"


def _address() -> dict[str, Any]:
    kinds = {"Latitude": "double", "Longitude": "double"}
    columns = [(name, ["null", kinds.get(name, "string")]) for name in ADDRESS_FIELDS]
    return {"type": "record", "name": "Address", "fields": _fields(columns)}


def _fields(pairs: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind} | ({"default": None} if isinstance(kind, list) else {}) for name, kind in pairs
    ]


def _text(name: str, fields: list[dict[str, Any]]) -> str:
    schema = {"type": "record", "name": name, "namespace": NAMESPACE, "fields": fields}
    return json.dumps(schema, separators=(",", ":"))
