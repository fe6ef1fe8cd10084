"""A sentence for staff, as it may stand in a record: short, one line, without anybody's address or number."""

import re
from typing import Final

LONGEST_TEXT: Final = 255
"""Every kind of text field has room for so much."""
_EMAIL: Final = re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+")
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])\+?\d(?:[ ()-]{0,2}\d)*(?![A-Za-z0-9])")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
LEAST_DIGITS: Final = 9
"""Phone numbers have ten and more, one without its 0 has nine; ids of WHMCS do not get there."""


def staff_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text cut to `longest`, with e-mail addresses and long numbers taken out."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    hidden = _NUMBER.sub(_hide, _EMAIL.sub("[e-mail]", plain))
    return hidden if len(hidden) <= longest else f"{hidden[: longest - 3].rstrip()}..."


def _hide(found: re.Match[str]) -> str:
    if _DATE.match(found[0]):
        return found[0]
    return "[number]" if sum(char.isdigit() for char in found[0]) >= LEAST_DIGITS else found[0]
