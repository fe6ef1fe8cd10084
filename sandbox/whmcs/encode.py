"""How a reply is spelled: JSON, XML or NVP, under the id and empty-list profiles.

WHMCS spells the same thing differently between actions and versions; nothing here is tidier than that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from sandbox.faults import Profile

Reply = dict[str, Any]
ABSENT = object()
ID_KEYS = frozenset(
    [
        "id",
        "pid",
        "gid",
        "userid",
        "clientid",
        "client_id",
        "user_id",
        "owner_user_id",
        "owner_id",
        "invoiceid",
        "orderid",
        "relid",
        "serviceid",
        "paymethodid",
        "paymethodId",
        "contactid",
        "contact_id",
        "requestor_id",
        "admin_requestor_id",
        "promoid",
        "refundid",
        "currency",
        "billingcid",
        "groupid",
        "serverid",
        "totalresults",
        "startnumber",
        "numreturned",
        "qty",
        "taxed",
        "optionid",
    ]
)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Rows:
    """A list as WHMCS nests it: {singular: [...]}, or flat when `singular` is empty.

    `natural` is this action's own spelling of "none": inside (an empty list inside the wrapper), string, missing.
    """

    items: list[Any]
    singular: str = ""
    natural: str = "inside"

    def shaped(self, profile: Profile) -> Any:
        items = [_shaped(item, profile) for item in self.items]
        if not items:
            return self._none(profile.empty)
        inner: Any = _with_gap(items) if profile.empty == "numeric" else items
        return {self.singular: inner} if self.singular else inner

    def _none(self, wanted: str) -> Any:
        # [U] which spelling a given install uses for a given action is unknown: hence the profile.
        kind = self.natural if wanted == "natural" else wanted
        if kind == "missing":
            return ABSENT
        if kind == "string":
            return ""
        if kind == "object":
            return {}
        if kind == "numeric":
            return {self.singular: {}} if self.singular else {}
        if kind == "inside" and self.singular:
            return {self.singular: []}
        return []


def _with_gap(items: list[Any]) -> dict[str, Any]:
    """A PHP array with a gap in its keys, which JSON shows as an object."""
    return {str(index + (index > 0)): item for index, item in enumerate(items)}


def shape(reply: Reply, profile: Profile) -> Reply:
    """Apply the profiles. Lists keep their order."""
    shaped = _shaped(reply, profile)
    if profile.ids == "strings":
        return _ids(shaped, lambda key, value: str(value) if type(value) is int else value)
    if profile.ids == "ints":
        return _ids(shaped, _as_int)
    return shaped


def _shaped(value: Any, profile: Profile) -> Any:
    if isinstance(value, Rows):
        return value.shaped(profile)
    if isinstance(value, dict):
        pairs = ((key, _shaped(item, profile)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not ABSENT}
    if isinstance(value, list):
        return [_shaped(item, profile) for item in value]
    return value


def _as_int(key: str, value: Any) -> Any:
    numeric = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if key in ID_KEYS and numeric else value


def _ids(value: Any, change: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _ids(item, change, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_ids(item, change, key) for item in value]
    return change(key, value)


def to_json(reply: Reply) -> bytes:
    """As PHP's json_encode without flags: ASCII only, slashes escaped [U]."""
    return json.dumps(reply, separators=(",", ":")).replace("/", "\\/").encode()


def to_xml(reply: Reply, action: str) -> bytes:
    """Root `whmcsapi`, action echoed in lower case. A one-element list is indistinguishable from an object."""
    inside = "".join(_xml(key, value) for key, value in ({"action": action.lower()} | reply).items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<whmcsapi version="8.13.1">\n{inside}</whmcsapi>\n'.encode()


def _xml(key: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_xml(key, item) for item in value) or f"<{key}></{key}>\n"
    if isinstance(value, dict):
        if value and all(name.isdigit() for name in value):
            return _xml(key, list(value.values()))
        return f"<{key}>\n{''.join(_xml(name, item) for name, item in value.items())}</{key}>\n"
    return f"<{key}>{escape(NOT_XML.sub('', _php_string(value)))}</{key}>\n"


def to_nvp(reply: Reply) -> bytes:
    """`result=success;invoiceid=5;`. Nested keys in brackets [U]."""
    return "".join(f"{key}={_php_string(value)};" for key, value in _flat(reply)).encode()


def _flat(value: Reply, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(item, list):
            item = {str(index): entry for index, entry in enumerate(item)}
        if isinstance(item, dict):
            yield from _flat(item, name)
        else:
            yield name, item


def _php_string(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
