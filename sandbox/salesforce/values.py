"""One value of one field: what JSON may say on the way in, and how Salesforce keeps it.

Source: REST API developer guide, "Primitive data types"; the messages are those of public issue threads.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, date, datetime
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import NUMBERS, TEXTS, Field

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
LARGEST_INT = 2**31 - 1


def accept(field: Field, value: Any) -> Any:
    """The value as it is stored and spoken, None for empty. Raises: Refusal."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type in TEXTS:
        return _text(field, value)
    if field.type in NUMBERS:
        return _number(field, value)
    return {"boolean": _boolean, "date": _date, "datetime": _datetime, "base64": _base64}.get(field.type, _id)(
        field, value
    )


def _mistyped(field: Field, value: Any) -> Refusal:
    kind = {bool: "BOOLEAN", int: "NUMBER", float: "NUMBER", dict: "START_OBJECT", list: "START_ARRAY"}
    words = f"Cannot deserialize instance of {field.type} from {kind.get(type(value), 'VALUE_STRING')} value {value}"
    return Refusal("JSON_PARSER_ERROR", f"{words} or request may be missing a required field at [line:1, column:1]")


def _text(field: Field, value: Any) -> str | None:
    if isinstance(value, bool | dict | list):
        raise _mistyped(field, value)
    text = str(value).strip()  # [U] numbers become text, blanks at both ends go
    size = len(text.encode()) if field.name == "CommentBody" else len(text)
    if size > field.length:
        shown = f"{text[:40]}..." if len(text) > 40 else text
        words = f"{field.name}: data value too large: {shown} (max length={field.length})"
        raise Refusal("STRING_TOO_LONG", words, fields=[field.name])
    if field.type == "email" and not EMAIL.fullmatch(text):
        raise Refusal("INVALID_EMAIL_ADDRESS", f"{field.name}: invalid email address: {text}", fields=[field.name])
    if "restricted" in field.flags and text not in field.values:
        words = f"{field.name}: bad value for restricted picklist field: {text}"
        raise Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", words, fields=[field.name])
    return text or None


def _number(field: Field, value: Any) -> int | float:
    """Numbers in strings are taken [U]."""
    try:
        number = float(value) if not isinstance(value, bool | dict | list) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _mistyped(field, value)
    if field.type == "int":
        if number != int(number) or abs(number) > LARGEST_INT:
            raise _mistyped(field, value)
        return int(number)
    if abs(number) >= 10**16:
        raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"{field.name}: value outside of valid range", fields=[field.name])
    return number


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _mistyped(field, value)


def _date(field: Field, value: Any) -> str:
    """A day; of a time only its UTC day is kept [U]."""
    try:
        if isinstance(value, str) and "T" in value:
            return datetime.fromisoformat(value).astimezone(UTC).date().isoformat()
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError) as error:
        raise _mistyped(field, value) from error


def _datetime(field: Field, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise _mistyped(field, value) from error
    if "T" not in value and " " in value:
        raise _mistyped(field, value)
    return spoken(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def spoken(moment: datetime) -> str:
    """`2025-08-20T09:02:50.000+0000`: UTC, milliseconds, no colon in the offset."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _base64(field: Field, value: Any) -> bytes:
    """Base64 text, or the bytes themselves from a multipart body."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _mistyped(field, "(data)") from error


def _id(field: Field, value: Any) -> str:
    normal = ids.normal(value) if isinstance(value, str) else None
    if normal is None:
        words = f"{field.name}: id value of incorrect type: {value}"
        raise Refusal("MALFORMED_ID", words, fields=[field.name])
    return normal
