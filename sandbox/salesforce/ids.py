"""Record ids: 15 characters that tell upper from lower case, 18 with a checksum that does not need to.

Source: Salesforce help, "Object and record ID formats"; the checksum cases are in the tests.
"""

from __future__ import annotations

import re

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHAPE = re.compile("[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?")
INSTANCE = "Q80"
FIRST_NUMBER = 62**4 * 13  # far enough up for ids to have letters of both cases


def checksum(fifteen: str) -> str:
    """One character for each five: bit i is set when character i is an upper-case letter."""
    blocks = (fifteen[start : start + 5] for start in (0, 5, 10))
    return "".join(
        CHECKS[sum(1 << place for place, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks
    )


def make(prefix: str, number: int) -> str:
    """The 18-character id of the n-th record of an object. Later records have greater ids."""
    number, unique = number + FIRST_NUMBER, ""
    while number:
        number, digit = divmod(number, 62)
        unique = DIGITS[digit] + unique
    fifteen = prefix + INSTANCE + unique.rjust(9, "0")
    return fifteen + checksum(fifteen)


def normal(text: str) -> str | None:
    """The 18-character form, or None when it is no id. 18 characters all in one case find their case again."""
    if not SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return text + checksum(text)
    fifteen, check = text[:15], text[15:].upper()
    if checksum(fifteen) != check and text in (text.lower(), text.upper()):
        fifteen = "".join(_cased(text[start : start + 5], check[start // 5]) for start in (0, 5, 10))
    return fifteen + check if checksum(fifteen) == check else None


def _cased(block: str, check: str) -> str:
    bits = CHECKS.index(check)
    return "".join(char.upper() if bits >> place & 1 else char.lower() for place, char in enumerate(block))
