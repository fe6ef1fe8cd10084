"""Salesforce record ids: looked at in full before any of them gets near a URL or a query (O3).

The library joins whatever it is given into the address, so `../User/005...` would read another object and a whole URL
would carry the token away.
Source: Salesforce, "15- and 18-character record ids".
"""

import re
from typing import Final

from portal_app.errors import NotFound

PREFIXES: Final = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Organization": "00D",
    "CaseComment": "00a",
    "Product2": "01t",
    "Pricebook2": "01s",
    "PricebookEntry": "01u",
    "EmailMessage": "02s",
    "ContentVersion": "068",
    "ContentDocument": "069",
    "ContentDocumentLink": "06A",
    "Case": "500",
    "Order": "801",
    "OrderItem": "802",
}
"""The standard objects the portal may touch, and how their ids begin."""

_SHAPE: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?", re.ASCII)
_ANY_CASE: Final = re.compile(r"[a-z0-9]{15}[a-z0-5]{3}", re.ASCII)
_CHECK: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def checked_id(kind: str, record_id: object) -> str:
    """The 18-character id of a record of that object. Raises: NotFound for anything else, before anything is sent."""
    text = as_18(record_id)
    if text is None or not text.startswith(PREFIXES[kind]):
        raise NotFound(kind)
    return text


def as_18(record_id: object) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when it is none or its checksum is wrong."""
    if not isinstance(record_id, str) or not _SHAPE.fullmatch(record_id):
        return None
    full = record_id[:15] + checksum(record_id[:15])
    return full if record_id in (full[:15], full) else None


def recased(text: str) -> str | None:
    """The id of 18 characters whose upper and lower case got lost on the way; None for what is none.

    The last three characters tell which letters were upper case.
    """
    plain = text.strip().lower()
    if not _ANY_CASE.fullmatch(plain):
        return None
    bits = [_CHECK.index(char) for char in plain[15:].upper()]
    chars = (char.upper() if bits[n // 5] >> n % 5 & 1 else char for n, char in enumerate(plain[:15]))
    return as_18("".join(chars) + plain[15:].upper())


def checksum(record_id: str) -> str:
    """The three characters that tell the upper-case letters of a 15-character id."""
    blocks = (record_id[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECK[sum(1 << bit for bit, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks)
