"""Create, update, delete, upsert: the checks every object has in common. What is special is in rules.py.

Source: REST API developer guide, "sObject Rows" and "sObject Rows by External ID".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.salesforce import ids, rules
from sandbox.salesforce.errors import Error, Refusal, error, not_found
from sandbox.salesforce.objects import OBJECTS, Field, SObject
from sandbox.salesforce.records import USER_ID, Record, Records, object_of
from sandbox.salesforce.values import accept

NO_SUCH_OBJECT_ROW = "Provided external ID field does not exist or is not accessible: {0}"


@dataclass(frozen=True, slots=True)
class Saved:
    record_id: str
    created: bool


def create(records: Records, sobject: SObject, body: Record) -> str:
    """The new id. Raises: Refusal."""
    values: Record = {
        field.name: USER_ID if field.default == "user" else field.default
        for field in sobject.fields.values()
        if field.default is not None and field.creatable
    }
    sent = _accepted(records, sobject, body, creating=True)
    # An explicit null leaves the default of a picklist in force [U].
    values |= {name: value for name, value in sent.items() if value is not None or name not in values}
    problems = _missing(sobject, values) + rules.check(records, sobject, None, values)
    _refuse(problems)
    _check_unique(records, sobject, values, "")
    file = values.pop("VersionData", None)
    record = records.insert(sobject, rules.derived(records, sobject, None, values))
    rules.after(records, sobject, record, file)
    return str(record["Id"])


def update(records: Records, sobject: SObject, record_id: str, body: Record) -> None:
    old = existing(records, sobject, record_id)
    changes = _accepted(records, sobject, body, creating=False)
    values = old | changes
    _refuse(_missing(sobject, values) + rules.check(records, sobject, old, values))
    _check_unique(records, sobject, changes, old["Id"])
    new = rules.derived(records, sobject, old, values)
    records.update(sobject, new)
    rules.after(records, sobject, new, None)


def delete(records: Records, sobject: SObject, record_id: str) -> None:
    old = existing(records, sobject, record_id)
    _refuse(rules.check_delete(records, sobject, old))
    records.update(sobject, old | {"IsDeleted": True})
    rules.after_delete(records, sobject, old)


def upsert(records: Records, sobject: SObject, field: Field, value: str, body: Record) -> Saved:
    """Raises: Refusal; 300 when several records have the value."""
    if field.name.lower() in (name.lower() for name in body):
        words = f"The {field.name} field should not be specified in the sobject data."
        raise Refusal("INVALID_FIELD", words, fields=[field.name])
    found = by_external(records, sobject, field, value)
    if found is None:
        return Saved(create(records, sobject, body | {field.name: value}), True)
    update(records, sobject, found["Id"], body)
    return Saved(found["Id"], False)


def by_external(records: Records, sobject: SObject, field: Field, value: Any) -> Record | None:
    found = records.by_external(sobject, field.name, value)
    if len(found) > 1:
        raise Several([record["Id"] for record in found])
    return found[0] if found else None


class Several(Refusal):
    """An external id that names several records. On its own it answers 300 with their addresses."""

    def __init__(self, record_ids: list[str]) -> None:
        super().__init__("DUPLICATE_EXTERNAL_ID", "The external id matched several records", 300)
        self.record_ids = record_ids


def external_field(sobject: SObject, name: str) -> Field:
    field = sobject.find(name)
    if field is None or "external" not in field.flags:
        raise not_found(NO_SUCH_OBJECT_ROW.format(name))
    return field


def existing(records: Records, sobject: SObject, text: str) -> Record:
    """A live record by an id of 15 or 18 characters. Raises: Refusal with 404."""
    record_id = ids.normal(text)
    found = None if record_id is None else records.get(sobject, record_id)
    if record_id is None:
        raise not_found(NO_SUCH_OBJECT_ROW.format("Id"))
    if found is None:
        raise not_found()
    if found["IsDeleted"]:
        raise Refusal("ENTITY_IS_DELETED", "entity is deleted", 404, fields=[])
    return found


def _accepted(records: Records, sobject: SObject, body: Record, *, creating: bool) -> Record:
    values: Record = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        field = sobject.find(name)
        if field is None:
            raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if not (field.creatable if creating else field.updateable):
            words = f"Unable to create/update fields: {field.name}. Please check the security settings of this field"
            words += " and verify that it is read/write for your profile or permission set."
            raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", words, fields=[field.name])
        values[field.name] = accept(field, value)
        if field.type == "reference" and values[field.name] is not None:
            _check_reference(records, field, values[field.name])
    return values


def _check_reference(records: Records, field: Field, record_id: str) -> None:
    target = object_of(record_id)
    if target is None or field.target not in ("*", target.name):
        words = f"{field.name}: id value of incorrect type: {record_id}"
        raise Refusal("MALFORMED_ID", words, fields=[field.name])
    if records.live(OBJECTS[target.name], record_id) is None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])


def _missing(sobject: SObject, values: Record) -> list[Error]:
    names = [one.name for one in sobject.fields.values() if "required" in one.flags and values.get(one.name) is None]
    if not names:
        return []
    return [error("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)]


def _check_unique(records: Records, sobject: SObject, values: Record, own_id: str) -> None:
    for name, value in values.items():
        if value is None or "unique" not in sobject.fields[name].flags:
            continue
        for other in records.by_external(sobject, name, value):
            if other["Id"] != own_id:
                words = f"duplicate value found: {name} duplicates value on record with id: {other['Id'][:15]}"
                raise Refusal("DUPLICATE_VALUE", words, fields=[])


def _refuse(problems: list[Error]) -> None:
    if problems:
        raise Refusal.of(problems)
