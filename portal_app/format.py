"""Money, days and times as a customer reads them, in their language. Times are Japan time."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

JAPAN = ZoneInfo("Asia/Tokyo")
NONE = "–"
_BABEL = {"ja": "ja_JP", "en": "en_US"}
_DAY = {"ja": "y年M月d日", "en": "d MMM y"}
_MONTH = {"ja": "y年M月", "en": "MMM y"}
_YEN = {"ja": "￥#,##0;-￥#,##0", "en": "¥#,##0;-¥#,##0"}


@lru_cache(maxsize=4096)
def yen(amount: Decimal, locale: str) -> str:
    """Whole yen with the sign of the language: ¥5,980, ￥5,980, -¥500."""
    return format_currency(amount, "JPY", format=_YEN[_known(locale)], locale=_BABEL[_known(locale)])


@lru_cache(maxsize=4096)
def day(value: date | None, locale: str) -> str:
    """21 Nov 2026 or 2026年11月21日; a dash where there is no day."""
    if value is None:
        return NONE
    return format_date(value, _DAY[_known(locale)], locale=_BABEL[_known(locale)])


@lru_cache(maxsize=1024)
def month(value: date, locale: str) -> str:
    """The month of a day: Nov 2026 or 2026年11月."""
    return format_date(value, _MONTH[_known(locale)], locale=_BABEL[_known(locale)])


def clock(at: datetime, now: datetime, locale: str) -> str:
    """The minute in Japan; with its day when that is not today. Both arguments are aware."""
    local = at.astimezone(JAPAN)
    minute = f"{local:%H:%M}"
    if local.date() == now.astimezone(JAPAN).date():
        return minute
    return moment(at, locale)


def moment(at: datetime, locale: str) -> str:
    """The minute in Japan with its day, also when that is today: for what is kept. `at` is aware."""
    local = at.astimezone(JAPAN)
    return f"{day(local.date(), locale)} {local:%H:%M}"


def percent(rate: Decimal, locale: str) -> str:
    """A tax rate given in percent: Decimal(10) reads 10%."""
    return format_percent(rate / 100, "#,##0.##%", locale=_BABEL[_known(locale)])


def count(number: int, locale: str) -> str:
    """A number of things: 12,000."""
    return format_decimal(number, locale=_BABEL[_known(locale)])


def person(first_name: str, last_name: str, locale: str) -> str:
    """How the greeting calls a customer: the first name in English, family name first in Japanese."""
    if locale == "ja":
        return " ".join(filter(None, (last_name, first_name)))
    return first_name or last_name


def _known(locale: str) -> str:
    return "ja" if locale == "ja" else "en"
