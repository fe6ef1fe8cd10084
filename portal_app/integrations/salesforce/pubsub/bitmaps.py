"""Which fields a change event speaks of. On this wire they are bitmaps over the event's own schema, not names.

`0x650004E0`: bits from the least significant are positions in the schema, the header being 0. `4-0x10`: bits over the
fields of the record at position 4. Decoded with the raw schema: a parsed one has lost where named types were defined.
Source: Salesforce, Pub/Sub API guide, "Event deserialization considerations".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_TOP: Final = re.compile(r"0x([0-9A-Fa-f]{1,1024})", re.ASCII)
_NESTED: Final = re.compile(r"([0-9]{1,5})-0x([0-9A-Fa-f]{1,1024})", re.ASCII)
MOST_ENTRIES: Final = 2000


class BadBitmap(ValueError):
    """It is no bitmap, or it names a field the schema does not have: then the schema is the wrong one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a record in order; `inside` has the fields of those that are records themselves."""

    names: tuple[str, ...]
    inside: dict[int, tuple[str, ...]]


def shape_of(schema: dict[str, Any]) -> Shape:
    """Of a raw schema (JSON) whose top is a record. Raises: KeyError, TypeError when it is none."""
    known: dict[str, tuple[str, ...]] = {}
    fields = schema["fields"]
    namespace = schema.get("namespace", "")
    inside = {}
    for place, field in enumerate(fields):
        names = _record_fields(field["type"], namespace, known)
        if names is not None:
            inside[place] = names
    return Shape(tuple(field["name"] for field in fields), inside)


def _record_fields(kind: Any, namespace: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The fields of a record type, wherever in a union; None when it is none. Learns the names it passes."""
    if isinstance(kind, list):
        found = [_record_fields(one, namespace, known) for one in kind]
        return next((names for names in found if names is not None), None)
    if isinstance(kind, str):
        return known.get(kind) or known.get(f"{namespace}.{kind}")
    if kind.get("type") != "record":
        inner = kind.get("type")
        return _record_fields(inner, namespace, known) if isinstance(inner, dict | list) else None
    home = kind.get("namespace", namespace)
    names = tuple(field["name"] for field in kind["fields"])
    known[kind["name"] if "." in kind["name"] or not home else f"{home}.{kind['name']}"] = names
    for field in kind["fields"]:
        _record_fields(field["type"], home, known)
    return names


def names_in(bitmaps: Sequence[str], shape: Shape) -> tuple[str, ...]:
    """Field names, nested ones as `Parent.Child`, in the order of the entries. Raises: BadBitmap."""
    if len(bitmaps) > MOST_ENTRIES:
        raise BadBitmap("too many entries")
    found: list[str] = []
    for entry in bitmaps:
        if top := _TOP.fullmatch(entry):
            found += _named(top[1], shape.names)
        elif nested := _NESTED.fullmatch(entry):
            place = int(nested[1])
            if place not in shape.inside:
                raise BadBitmap("no record at that position")
            found += (f"{shape.names[place]}.{child}" for child in _named(nested[2], shape.inside[place]))
        else:
            raise BadBitmap("no bitmap")
    return tuple(found)


def _named(digits: str, names: tuple[str, ...]) -> Iterator[str]:
    bits = int(digits, 16)
    if bits >> len(names):
        raise BadBitmap("more bits than fields")
    return (name for place, name in enumerate(names) if bits >> place & 1)
