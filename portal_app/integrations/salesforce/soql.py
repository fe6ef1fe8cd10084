"""SOQL, made in one place: values quoted by the library's formatter, names only from the field map.

Templates are constants. `{}` is a value, `{:like}` a value inside a LIKE pattern, `{name:literal}` the name of a field
or object. Nothing else is let through.
"""

import re
from string import Formatter
from typing import Any, Final

from simple_salesforce import format_soql

LONGEST_VALUE: Final = 4000
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*", re.ASCII)


class Soql(str):
    """A finished query. Only `soql` makes one, and only one of these is ever sent."""

    __slots__ = ()


def soql(template: str, /, *values: Any, **names: Any) -> Soql:
    """A query. Raises: ValueError for what SOQL cannot say or must not be handed: these are our own mistakes."""
    for _, field, spec, conversion in Formatter().parse(template):
        if field is None:
            continue
        named = bool(field) and not field[0].isdigit()
        if conversion or spec not in (("literal",) if named else ("", "like")):
            raise ValueError(f"{{{field}:{spec}}} is neither a value nor a name")
        if named:
            _check_name(Formatter().get_field(field, (), names)[0])
    for value in values:
        _check_value(value)
    return Soql(format_soql(template, *values, **names))


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("not the name of a field or object")


def _check_value(value: Any) -> None:
    if isinstance(value, list | tuple | set):
        if not value:
            raise ValueError("an empty list is no SOQL: skip the query")
        for member in value:
            _check_value(member)
    elif isinstance(value, str):
        value.encode()  # half a surrogate pair cannot travel
        if len(value) > LONGEST_VALUE or "\0" in value:
            raise ValueError("a text too long or with a NUL")
