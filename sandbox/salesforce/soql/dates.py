"""TODAY, LAST_N_DAYS:30 and the like: from which day to which. Days are Japan's [U]: that of the integration user.

Source: SOQL and SOSL reference, "Date formats and date literals".
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta

from sandbox.clock import JAPAN
from sandbox.salesforce.values import spoken


def days(literal: str, today: date) -> tuple[date, date] | None:
    """First and last day, or None when it is no date literal."""
    name, _, number = literal.upper().partition(":")
    if number:
        return _counted(name, int(number), today)
    month = today.replace(day=1)
    simple = {
        "YESTERDAY": (today - timedelta(days=1),) * 2,
        "TODAY": (today, today),
        "TOMORROW": (today + timedelta(days=1),) * 2,
        "THIS_WEEK": _span(_sunday(today), 7),
        "LAST_WEEK": _span(_sunday(today) - timedelta(days=7), 7),
        "NEXT_WEEK": _span(_sunday(today) + timedelta(days=7), 7),
        "THIS_MONTH": _month(month),
        "LAST_MONTH": _month(month - timedelta(days=1)),
        "NEXT_MONTH": _month(month + timedelta(days=32)),
        "LAST_90_DAYS": (today - timedelta(days=90), today),
        "NEXT_90_DAYS": (today + timedelta(days=1), today + timedelta(days=90)),
        "THIS_YEAR": _year(today.year),
        "LAST_YEAR": _year(today.year - 1),
        "NEXT_YEAR": _year(today.year + 1),
    }
    return simple.get(name)


def _counted(name: str, number: int, today: date) -> tuple[date, date] | None:
    """LAST_N_DAYS counts today in [U]."""
    if name == "LAST_N_DAYS":
        return today - timedelta(days=number), today
    if name == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=number)
    if name == "N_DAYS_AGO":
        return (today - timedelta(days=number),) * 2
    return None


def _span(first: date, length: int) -> tuple[date, date]:
    return first, first + timedelta(days=length - 1)


def _sunday(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def moments(first: date, last: date) -> tuple[str, str]:
    """The same as moments in UTC, the last one inside."""
    start = datetime.combine(first, time(), JAPAN)
    end = datetime.combine(last + timedelta(days=1), time(), JAPAN) - timedelta(milliseconds=1)
    return spoken(start.astimezone(UTC)), spoken(end.astimezone(UTC))
