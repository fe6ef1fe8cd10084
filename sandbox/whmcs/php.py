"""base64(serialize(array)), the form of `customfields`. String lengths count UTF-8 bytes.

Source: WHMCS API reference ("Base64 encoded serialized array"), PHP manual on serialize().
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

PhpArray = dict[int | str, Any]
LARGEST_INT = 2**63 - 1
INTEGER = re.compile("0|-?[1-9][0-9]*")


class NotSerialized(ValueError):
    """PHP's unserialize() would return false."""


def decode_field(text: str) -> PhpArray:
    """Raises: NotSerialized."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSerialized("not base64") from error
    value, end = _value(raw, 0)
    if not isinstance(value, dict) or end != len(raw):
        raise NotSerialized("not one array")
    return value


def encode_field(values: PhpArray) -> str:
    return base64.b64encode(serialize(values)).decode()


def serialize(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    if isinstance(value, str):
        raw = value.encode()
        return b's:%d:"%s";' % (len(raw), raw)
    if isinstance(value, dict):
        inside = b"".join(serialize(key) + serialize(item) for key, item in value.items())
        return b"a:%d:{%s}" % (len(value), inside)
    raise TypeError(f"no PHP form for {type(value).__name__}")


def _value(raw: bytes, at: int) -> tuple[Any, int]:
    kind = raw[at : at + 2]
    if kind == b"N;":
        return None, at + 2
    if kind in (b"i:", b"b:"):
        end = _find(raw, b";", at)
        number = _int(raw[at + 2 : end])
        return (bool(number) if kind == b"b:" else number), end + 1
    if kind == b"s:":
        return _string(raw, at)
    if kind == b"a:":
        return _array(raw, at)
    raise NotSerialized(f"unexpected byte at {at}")


def _string(raw: bytes, at: int) -> tuple[str, int]:
    colon = _find(raw, b":", at + 2)
    start = colon + 2
    end = start + _int(raw[at + 2 : colon])
    if raw[colon + 1 : start] != b'"' or raw[end : end + 2] != b'";':
        raise NotSerialized("string length does not match its bytes")
    try:
        return raw[start:end].decode(), end + 2
    except UnicodeDecodeError as error:
        raise NotSerialized("string is not UTF-8") from error


def _array(raw: bytes, at: int) -> tuple[PhpArray, int]:
    colon = _find(raw, b":", at + 2)
    count = _int(raw[at + 2 : colon])
    if raw[colon + 1 : colon + 2] != b"{":
        raise NotSerialized("array without brace")
    result: PhpArray = {}
    at = colon + 2
    for _ in range(count):
        key, at = _value(raw, at)
        if isinstance(key, bool) or not isinstance(key, int | str):
            raise NotSerialized("array key must be a number or a string")
        if isinstance(key, str) and INTEGER.fullmatch(key) and abs(int(key)) <= LARGEST_INT:
            key = int(key)
        result[key], at = _value(raw, at)
    if raw[at : at + 1] != b"}":
        raise NotSerialized("array count does not match")
    return result, at + 1


def _find(raw: bytes, mark: bytes, start: int) -> int:
    found = raw.find(mark, start)
    if found < 0:
        raise NotSerialized("cut short")
    return found


def _int(raw: bytes) -> int:
    digits = raw[1:] if raw[:1] == b"-" else raw
    if not digits.isdigit() or len(digits) > 19 or abs(int(raw)) > LARGEST_INT:
        raise NotSerialized("not a number")
    return int(raw)
