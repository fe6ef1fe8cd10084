"""base64(serialize(array)): how WHMCS wants custom fields. String lengths count UTF-8 bytes, not characters.

Source: WHMCS API reference, "Base64 encoded serialized array"; PHP manual, serialize().
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

_LARGEST_INT = 2**63 - 1
_INTEGER = re.compile("0|-?[1-9][0-9]*")


def encode_field(values: Mapping[Any, Any]) -> str:
    """The parameter of an action, in the order given. Keys: custom field ids, or names where an action wants names.

    Values: text, whole numbers, bools and mappings of these. Raises: TypeError for anything else, None included.
    """
    return base64.b64encode(serialize(values)).decode("ascii")


def serialize(value: Any) -> bytes:
    """PHP's serialize() of one value; a mapping is an array."""
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    if isinstance(value, str):
        raw = value.encode()
        return b's:%d:"%s";' % (len(raw), raw)
    if isinstance(value, Mapping):
        inside = b"".join(serialize(_key(key)) + serialize(item) for key, item in value.items())
        return b"a:%d:{%s}" % (len(value), inside)
    raise TypeError(f"no PHP form for {type(value).__name__}")


def _key(key: Any) -> int | str:
    """A key that reads like a whole number IS one in PHP, and must be written so."""
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise TypeError(f"no PHP array key for {type(key).__name__}")
    if isinstance(key, str) and _INTEGER.fullmatch(key) and abs(int(key)) <= _LARGEST_INT:
        return int(key)
    return key
