"""Objects and fields of the org, read once from objects.txt. Names are found in any case, as Salesforce does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LINE = re.compile(
    r"(?P<name>\w+)\s+(?P<type>\w+)(?:\((?P<inside>[\w*]+)\))?"
    r"(?:\s+->\s+(?P<parent>\w+)(?:\s+as\s+(?P<child>\w+))?)?(?P<flags>[^|]*)(?:\|(?P<values>.*))?"
)
LENGTHS = {"email": 80, "phone": 40, "url": 255, "picklist": 255, "multipicklist": 4099, "id": 18, "reference": 18}
TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "multipicklist"})
NUMBERS = frozenset({"int", "double", "currency"})
SYSTEM = """
  Id  id  read
  CreatedDate  datetime  read
  CreatedById  reference(User) -> CreatedBy  read
  LastModifiedDate  datetime  read
  LastModifiedById  reference(User) -> LastModifiedBy  read
  SystemModstamp  datetime  read
  IsDeleted  boolean  read
"""


@dataclass(frozen=True, slots=True)
class Field:
    """`target` is the object a reference points to ("*": any) or the prefix of an address's components."""

    name: str
    type: str
    length: int
    target: str
    parent: str
    child: str
    flags: frozenset[str]
    default: Any
    values: tuple[str, ...]

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def creatable(self) -> bool:
        return "read" not in self.flags and self.type not in ("id", "address")

    @property
    def updateable(self) -> bool:
        return self.creatable and "create" not in self.flags

    @property
    def filterable(self) -> bool:
        """Long text, addresses and file contents cannot stand in WHERE or ORDER BY."""
        return self.type not in ("address", "base64") and not (self.type == "textarea" and self.length > 255)


@dataclass(slots=True)
class SObject:
    name: str
    prefix: str
    plural: str
    fields: dict[str, Field] = field(default_factory=dict)
    by_lower: dict[str, Field] = field(default_factory=dict)

    def add(self, one: Field) -> None:
        self.fields[one.name] = one
        self.by_lower[one.name.lower()] = one

    def find(self, name: str) -> Field | None:
        return self.by_lower.get(name.lower())

    def parent(self, relationship: str) -> Field | None:
        """The reference field behind `Account` in `Account.Name`."""
        wanted = relationship.lower()
        return next((one for one in self.fields.values() if one.parent and one.parent.lower() == wanted), None)

    def children(self) -> list[tuple[SObject, Field]]:
        return [(other, one) for other in OBJECTS.values() for one in other.fields.values() if self._owns(one)]

    def _owns(self, one: Field) -> bool:
        return bool(one.child) and one.target in (self.name, "*")


def read_field(line: str) -> Field:
    found = LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"not a field: {line!r}")
    kind, inside = found["type"], found["inside"] or ""
    flags = (found["flags"] or "").split()
    values = tuple(value.strip() for value in (found["values"] or "").split(",") if value.strip())
    default: Any = next((flag[1:] for flag in flags if flag.startswith("=")), None)
    if kind == "boolean":
        default = default == "true"
    length = int(inside) if inside.isdigit() else LENGTHS.get(kind, 0)
    target = "" if inside.isdigit() else inside
    names = frozenset(flag for flag in flags if not flag.startswith("="))
    return Field(
        found["name"], kind, length, target, found["parent"] or "", found["child"] or "", names, default, values
    )


def _read(text: str) -> dict[str, SObject]:
    objects: dict[str, SObject] = {}
    current = SObject("", "", "")
    for line in text.splitlines():
        if line.startswith("object "):
            _, name, prefix, plural = line.split(maxsplit=3)
            current = objects[name] = SObject(name, prefix, plural)
            for system in SYSTEM.strip().splitlines():
                current.add(read_field(system))
        elif line.startswith("  "):
            current.add(read_field(line))
    return objects


OBJECTS = _read((Path(__file__).parent / "objects.txt").read_text(encoding="utf-8"))
BY_LOWER = {name.lower(): one for name, one in OBJECTS.items()}
BY_PREFIX = {one.prefix: one for one in OBJECTS.values()}


def find_object(name: str) -> SObject | None:
    return BY_LOWER.get(name.lower())
