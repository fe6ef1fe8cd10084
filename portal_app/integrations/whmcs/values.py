"""The spellings of single values and lists on the WHMCS wire, as types a model can name. Each raises ValueError.

Source: WHMCS API reference; the oddities are those public clients meet on live installations.
"""

import html
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator

LARGEST_ID = 2**31 - 1
_NO = frozenset({"", "0", "false", "off", "no", "n"})
_YES = frozenset({"1", "true", "on", "yes", "y"})


def parse_int(value: Any) -> int:
    """`1` and `"1"` alike; a bool or a fraction is no number."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("not a whole number")
    text = str(value).strip()
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError("not a whole number")
    return int(text)


def parse_id(value: Any) -> int:
    """A positive id that fits WHMCS's column."""
    number = parse_int(value)
    if not 0 < number <= LARGEST_ID:
        raise ValueError("not an id")
    return number


def parse_reference(value: Any) -> int | None:
    """An id that may be absent: 0, "", null and -1 mean that it is."""
    if value is None or value == "" or parse_int(value) <= 0:
        return None
    return parse_id(value)


def parse_money(value: Any) -> Decimal:
    """`"1500.00"`, `1500` or `1500.5`: never a float, never a display string, never NaN."""
    if isinstance(value, bool | float) or not isinstance(value, int | str | Decimal):
        raise ValueError("not an amount")
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not amount.is_finite() or abs(amount) >= 10**12:
        raise ValueError("not an amount")
    return amount


def parse_shown_money(value: Any) -> Decimal:
    """The number inside a display string such as `¥12,345.00 JPY`. For comparing figures, not for billing."""
    kept = "".join(c for c in str(value) if c.isascii() and (c.isdigit() or c in "-."))
    return parse_money(kept)


def parse_day(value: Any) -> date | None:
    """The calendar day of a date or local datetime; None for 0000-00-00, -0001-11-30, "" and null."""
    if value is None or value is False:
        return None
    text = str(value).strip()
    if not text or text.startswith(("0000-", "-0001-")):
        return None
    return date.fromisoformat(text[:10])


def parse_flag(value: Any) -> bool:
    """true/false, 1/0, their strings, "on" and ""."""
    word = "" if value is None else str(value).strip().lower()
    if word not in _NO | _YES:
        raise ValueError("not a yes or no")
    return word in _YES


def parse_text(value: Any) -> str:
    """Text with its HTML entities undone once (WHMCS escapes on saving). Still hostile: it may hold anything."""
    if value is None or value is False:
        return ""
    if isinstance(value, dict | list):
        if value:
            raise ValueError("not a text")
        return ""
    return html.unescape(str(value))


def as_list(value: Any, singular: str = "") -> list[Any]:
    """The rows of a list, however it is spelled.

    `{singular: [...]}`, a bare list, a numeric-keyed object (a PHP array with a gap), a bare object for one row; and
    for none: `[]`, `{}`, `""`, null, or any of these inside the wrapper. Raises ValueError for a text or a number.
    """
    if value is None or value is False or value in ("", [], {}):
        return []
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise ValueError("not a list")
    if singular and singular in value:
        return as_list(value[singular])
    if all(isinstance(key, str) and key.isdecimal() for key in value):
        return list(value.values())
    return [value]


def _rows_of(singular: str) -> BeforeValidator:
    return BeforeValidator(lambda value: as_list(value, singular))


Int = Annotated[int, BeforeValidator(parse_int)]
Id = Annotated[int, BeforeValidator(parse_id)]
Reference = Annotated[int | None, BeforeValidator(parse_reference)]
Money = Annotated[Decimal, BeforeValidator(parse_money)]
ShownMoney = Annotated[Decimal, BeforeValidator(parse_shown_money)]
Day = Annotated[date | None, BeforeValidator(parse_day)]
Flag = Annotated[bool, BeforeValidator(parse_flag)]
Text = Annotated[str, BeforeValidator(parse_text)]
