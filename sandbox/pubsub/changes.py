"""Change events: from two states of a record to the header with its bitmaps and the values that changed.

Source: Change Data Capture guide, "Change event fields"; when a long text travels as a difference is [U].
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sandbox.pubsub.schemas import ADDRESS_FIELDS, ADDRESS_PARTS, captured_fields
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.records import Record

LONG_TEXT = 1000


def change_type(old: Record | None, new: Record) -> str:
    if old is None:
        return "CREATE"
    if new["IsDeleted"] and not old["IsDeleted"]:
        return "DELETE"
    return "UNDELETE" if old["IsDeleted"] and not new["IsDeleted"] else "UPDATE"


def body_of(sobject: SObject, old: Record | None, new: Record) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values that travel and the three bitmaps."""
    kind = change_type(old, new)
    fields = captured_fields(sobject)
    none: dict[str, list[str]] = {"changedFields": [], "nulledFields": [], "diffFields": []}
    if kind == "DELETE":
        return {one.name: None for one in fields}, none
    if kind != "UPDATE" or old is None:
        return {one.name: _value(one, new) for one in fields}, none
    return _update(fields, old, new)


def _update(fields: list[Field], old: Record, new: Record) -> tuple[dict[str, Any], dict[str, list[str]]]:
    values: dict[str, Any] = {}
    changed, nulled, diffed = 0, 0, 0
    nested_changed: list[str] = []
    nested_nulled: list[str] = []
    for position, field in enumerate(fields, start=1):
        before, after = _value(field, old), _value(field, new)
        values[field.name] = None
        if before == after:
            continue
        if field.type == "address" and before is not None and after is not None:
            parts = {part for part in ADDRESS_FIELDS if before[part] != after[part]}
            values[field.name] = {part: after[part] if part in parts else None for part in ADDRESS_FIELDS}
            nested_changed.append(f"{position}-{_bits(parts)}")
            if gone := {part for part in parts if after[part] is None}:
                nested_nulled.append(f"{position}-{_bits(gone)}")
            continue
        values[field.name] = after
        changed |= 1 << position
        nulled |= 1 << position if after is None else 0
        if _travels_as_difference(field, before, after):
            values[field.name], diffed = f"--- \n+++ \n@@ -1 +1 @@\n+{after[-40:]}", diffed | 1 << position
    maps = {
        "changedFields": _hex(changed) + nested_changed,
        "nulledFields": _hex(nulled) + nested_nulled,
        "diffFields": _hex(diffed),
    }
    return values, maps


def _travels_as_difference(field: Field, before: Any, after: Any) -> bool:
    return field.type == "textarea" and bool(before) and isinstance(after, str) and len(after) > LONG_TEXT


def _hex(bits: int) -> list[str]:
    return [f"0x{bits:08X}"] if bits else []


def _bits(parts: set[str]) -> str:
    return f"0x{sum(1 << place for place, name in enumerate(ADDRESS_FIELDS) if name in parts):02X}"


def _value(field: Field, record: Record) -> Any:
    if field.type == "address":
        parts = {part: record.get(f"{field.target}{part}") for part in ADDRESS_PARTS}
        return dict.fromkeys(ADDRESS_FIELDS) | parts if any(parts.values()) else None
    value = record.get(field.name)
    if value is None or field.type not in ("date", "datetime", "double", "currency"):
        return value
    return float(value) if field.type in ("double", "currency") else _epoch_ms(value)


def _epoch_ms(text: str) -> int:
    if "T" not in text:
        day = date.fromisoformat(text)
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    return int(datetime.fromisoformat(text).timestamp() * 1000)
