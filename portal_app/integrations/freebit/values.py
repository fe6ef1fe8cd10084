"""The spellings of single values on the Freebit wire, as types a model can name. Each parser raises ValueError."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from portal_app.domain.sims import read_line_number

ON, OFF = "10", "20"
KB_PER_MB: Final = 1000  # whether theirs is 1000 or 1024 is not public


def number_of(account: str) -> str:
    """`09012345678` as `+819012345678`."""
    number = read_line_number(account)
    if not number:
        raise ValueError("not an account of a line")
    return number


def day_text(day: date) -> str:
    """YYYYMMDD."""
    return f"{day:%Y%m%d}"


def flag_text(on: bool) -> str:
    """`"10"` on, `"20"` off."""
    return ON if on else OFF


def parse_text(value: Any) -> str:
    """A text or a whole number; null is ""."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("not a text")
    return str(value).strip()


def parse_day(value: Any) -> date | None:
    """YYYYMMDD, also with slashes or hyphens; "" and null are None."""
    text = parse_text(value).replace("/", "").replace("-", "")
    if not text:
        return None
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise ValueError("not a day")
    return date.fromisoformat(text)


def parse_moment(value: Any) -> datetime | None:
    """YYYYMMDDhhmmss in Japan, as UTC; "" and null are None."""
    text = parse_text(value)
    if not text:
        return None
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        raise ValueError("not a moment")
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}+09:00").astimezone(UTC)


def parse_flag(value: Any) -> bool | None:
    """`"10"` and `"20"`; None where nothing is said."""
    text = parse_text(value)
    if text not in (ON, OFF, ""):
        raise ValueError("not a yes or no")
    return None if text == "" else text == ON


def parse_whole(value: Any) -> int:
    """A whole number, as text or not."""
    text = parse_text(value)
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ValueError("not a whole number")
    return int(text)


def parse_mb(value: Any) -> int | None:
    """KB as whole MB, rounded down; None where nothing is said."""
    return None if parse_text(value) == "" else parse_whole(value) // KB_PER_MB


Text = Annotated[str, BeforeValidator(parse_text)]
Day = Annotated[date | None, BeforeValidator(parse_day)]
Moment = Annotated[datetime | None, BeforeValidator(parse_moment)]
Flag = Annotated[bool | None, BeforeValidator(parse_flag)]
Whole = Annotated[int, BeforeValidator(parse_whole)]
Megabytes = Annotated[int | None, BeforeValidator(parse_mb)]
