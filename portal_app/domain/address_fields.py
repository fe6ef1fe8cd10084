"""What may be typed into each field of the address form. Reasons are keys into `text`."""

import re
from collections.abc import Callable
from typing import Final, Literal

from portal_app.domain.letters import APOSTROPHES, is_japanese, is_roman, is_visible, tidied
from portal_app.domain.phones import DASHES
from portal_app.domain.postal import read_postal_code
from portal_app.domain.prefectures import PREFECTURES
from portal_app.errors import InvalidInput

Dwelling = Literal["house", "apartment"]
DWELLINGS: Final[tuple[Dwelling, ...]] = ("house", "apartment")

LINE_LONGEST: Final = 100
"""`address1` and `address2` of WHMCS. Its API reference names no limit; this is what sign-up has always kept to."""
CITY_LONGEST: Final = 40
"""An order's copy of the city has less room than WHMCS. Source: Salesforce object reference, Order, BillingCity."""
TOWN_LONGEST, BLOCK_LONGEST = 60, 30
BUILDING_LONGEST, ROOM_LONGEST = 80, 10
"""Two of them and a space between are one line of WHMCS."""
LONGEST: Final = 300
"""Characters of one field that are looked at: normalising can make eighteen out of one."""

_FROM_JAPANESE: Final = {japanese: roman for roman, japanese in PREFECTURES.items()}
_BLOCK_WORDS: Final = re.compile(r"(?<=\d)\s*(?:丁目|番地|番|号)の?\s*")
_BLOCK: Final = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*")
_ROOM: Final = re.compile(rf"[0-9A-Za-z-]{{1,{ROOM_LONGEST}}}")


def check_field(name: str, value: str) -> str:
    """Why this value of this field is not acceptable, as a text key, or "". Raises KeyError for an unknown field.

    Whether it goes together with the other fields is not looked at.
    """
    try:
        RULES[name](value)
    except InvalidInput as refused:
        return refused.reason
    return ""


def only_roman(text: str) -> bool:
    """Whether all of it can stand in an address in roman letters."""
    return all(is_roman(c) or " " <= c <= "~" for c in text)


def _refuse(reason: str) -> InvalidInput:
    return InvalidInput("address", reason)


def _read(text: str, longest: int = LONGEST) -> str:
    """Raises: InvalidInput for what is too long or cannot be seen."""
    if len(text) > LONGEST or len(text := tidied(text)) > longest:
        raise _refuse("address.too_long")
    if not all(map(is_visible, text)) or "<" in text or ">" in text:
        raise _refuse("address.unusable")
    return text


def _postal_code(text: str) -> str:
    if not (text := _read(text)):
        raise _refuse("address.postal_code_missing")
    if (code := read_postal_code(text)) is None:
        raise _refuse("address.postal_code_invalid")
    return code


def _prefecture(text: str) -> str:
    text = _read(text)
    if text and text not in PREFECTURES and text not in _FROM_JAPANESE:
        raise _refuse("address.prefecture_missing")
    return _FROM_JAPANESE.get(text, text)


def _place(longest: int) -> Callable[[str], str]:
    def rule(text: str) -> str:
        text = _read(text, longest)
        if text and not any(map(is_japanese, text)):
            raise _refuse("address.not_japanese")
        return text

    return rule


def _place_roman(longest: int) -> Callable[[str], str]:
    def rule(text: str) -> str:
        text = _read(text, longest).translate(APOSTROPHES).translate(DASHES)
        if text and not (only_roman(text) and any(map(is_roman, text))):
            raise _refuse("address.not_roman")
        return text

    return rule


def _block(text: str) -> str:
    if not (text := _read(text)):
        raise _refuse("address.block_missing")
    text = _BLOCK_WORDS.sub("-", text.translate(DASHES)).strip("- ")
    if not _BLOCK.fullmatch(text) or not any(c.isdigit() for c in text):
        raise _refuse("address.block_invalid")
    if len(text) > BLOCK_LONGEST:
        raise _refuse("address.too_long")
    return text


def _dwelling(text: str) -> str:
    if text not in DWELLINGS:
        raise _refuse("address.dwelling_missing")
    return text


def _building(text: str) -> str:
    return _read(text, BUILDING_LONGEST)


def _building_in_roman(text: str) -> str:
    text = _read(text, BUILDING_LONGEST).translate(APOSTROPHES).translate(DASHES)
    if not only_roman(text):
        raise _refuse("address.not_roman")
    return text


def _room(text: str) -> str:
    text = re.sub(r"号室?$", "", _read(text).translate(DASHES)).replace("階", "F").strip()
    if text and not _ROOM.fullmatch(text):
        raise _refuse("address.room_invalid")
    return text


RULES: Final[dict[str, Callable[[str], str]]] = {
    "postal_code": _postal_code,
    "prefecture": _prefecture,
    "city": _place(CITY_LONGEST),
    "town": _place(TOWN_LONGEST),
    "city_roman": _place_roman(CITY_LONGEST),
    "town_roman": _place_roman(TOWN_LONGEST),
    "block": _block,
    "dwelling": _dwelling,
    "building": _building,
    "building_roman": _building_in_roman,
    "room": _room,
}
"""Each field's rule: gives the stored form, "" where nothing was typed and nothing must be, or raises InvalidInput."""
FIELDS: Final = tuple(RULES)
"""In the order of the form."""
