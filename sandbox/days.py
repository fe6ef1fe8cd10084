"""Steps of a month, billing periods, and WHMCS's spelling of "never"."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

NEVER_DAY, NEVER = "0000-00-00", "0000-00-00 00:00:00"


def months_back(day: date, months: int) -> date:
    """The same day some months earlier (negative: later), or the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period(issued: date) -> str:
    until = months_back(issued, -1) - timedelta(days=1)
    return f"({issued:%Y/%m/%d} - {until:%Y/%m/%d})"
