"""A record as JSON: attributes, addresses put together, files as addresses to fetch them from."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.records import Record

PARTS = ("Street", "City", "State", "PostalCode", "Country")


def attributes(sobject: SObject, record_id: str, root: str) -> Record:
    """`root` is /services/data/vNN.0."""
    return {"type": sobject.name, "url": f"{root}/sobjects/{sobject.name}/{record_id}"}


def value(field: Field, record: Record, root: str) -> Any:
    if field.type == "address":
        return _address(field.target, record)
    if field.type == "base64":
        return f"{root}/sobjects/ContentVersion/{record['Id']}/VersionData"
    if field.type == "boolean":
        return bool(record.get(field.name))
    return record.get(field.name)


def row(sobject: SObject, record: Record, root: str, names: list[Field] | None = None) -> Record:
    """A whole record, or the named fields and Id."""
    fields = list(sobject.fields.values()) if names is None else names
    shown: Record = {"attributes": attributes(sobject, record["Id"], root)}
    return shown | {field.name: value(field, record, root) for field in fields} | {"Id": record["Id"]}


def _address(prefix: str, record: Record) -> Record | None:
    parts = {part: record.get(prefix + part) for part in PARTS}
    if not any(parts.values()):
        return None
    shown = {part[0].lower() + part[1:]: text for part, text in parts.items()}
    return shown | {"geocodeAccuracy": None, "latitude": None, "longitude": None}
