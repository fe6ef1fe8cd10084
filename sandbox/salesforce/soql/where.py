"""Conditions: a Comparison becomes a test of one record's value.

Text is compared without regard to case, ids exactly in their 18 characters. `!=` and NOT IN hold for null [U].
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import NUMBERS, TEXTS, Field
from sandbox.salesforce.soql import dates
from sandbox.salesforce.soql.parse import Comparison
from sandbox.salesforce.soql.tokens import Token, like_pattern, plain, pointed
from sandbox.salesforce.values import spoken

Test = Callable[[Any], bool]
Range = tuple[Any, Any]
NOTHING: Range = (None, None)


def test_of(soql: str, comparison: Comparison, field: Field, today: date) -> Test:
    """Raises: Refusal when value and field, or operator and field, do not go together."""
    if not field.filterable:
        words = f"field '{field.name}' can not be filtered in a query call"
        raise Refusal("INVALID_FIELD", pointed(soql, comparison.path.at, words))
    if comparison.operator == "LIKE":
        return _like(soql, comparison, field)
    ranges = [_range(soql, token, field, today) for token in comparison.values]
    return _test(comparison.operator, ranges)


def _test(operator: str, ranges: list[Range]) -> Test:
    """A range is the least and the greatest value a literal stands for; most literals stand for one."""
    low, high = ranges[0]
    if operator in ("=", "IN"):
        return lambda value: any(_within(value, one) for one in ranges)
    if operator in ("!=", "NOT IN"):
        return lambda value: not any(_within(value, one) for one in ranges)
    tests: dict[str, Test] = {
        "<": lambda value: value < low,
        "<=": lambda value: value <= high,
        ">": lambda value: value > high,
        ">=": lambda value: value >= low,
    }
    holds = tests[operator]
    return lambda value: value is not None and low is not None and holds(_folded(value))


def _within(value: Any, one: Range) -> bool:
    if value is None or one == NOTHING:
        return value is None and one == NOTHING
    return bool(one[0] <= _folded(value) <= one[1])


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _like(soql: str, comparison: Comparison, field: Field) -> Test:
    token = comparison.values[0]
    if field.type not in TEXTS:
        words = f"invalid operator on {field.type} field"
        raise Refusal("INVALID_QUERY_FILTER_OPERATOR", pointed(soql, comparison.path.at, words))
    if token.kind != "string":
        raise _mismatch(soql, token, field)
    pattern = like_pattern(token.text)
    return lambda value: value is not None and pattern.fullmatch(value) is not None


def _range(soql: str, token: Token, field: Field, today: date) -> Range:
    if token.says("NULL"):
        return NOTHING
    if field.type in ("id", "reference"):
        return _id(soql, token, field)
    if field.type in TEXTS and token.kind == "string":
        text = plain(token.text).casefold()
        return (text, text) if text else NOTHING
    if field.type == "boolean" and token.says("TRUE", "FALSE"):
        return (token.says("TRUE"),) * 2
    if field.type in NUMBERS and token.kind == "number":
        return (float(token.text),) * 2
    found = _time(token, field, today) if field.type in ("date", "datetime") else None
    if found is None:
        raise _mismatch(soql, token, field)
    return found


def _id(soql: str, token: Token, field: Field) -> Range:
    if token.kind != "string":
        raise _mismatch(soql, token, field)
    text = plain(token.text)
    if not text:
        return NOTHING
    normal = ids.normal(text)
    if normal is None:
        words = f"invalid ID field: {text}"
        raise Refusal("INVALID_QUERY_FILTER_OPERATOR", pointed(soql, token.at, words))
    return (normal.casefold(),) * 2


def _time(token: Token, field: Field, today: date) -> Range | None:
    """A date field takes dates and date literals, a datetime field takes datetimes and date literals."""
    try:
        if token.kind == "datetime" and field.type == "datetime":
            return (spoken(datetime.fromisoformat(token.text).astimezone(UTC)).casefold(),) * 2
        if token.kind == "date" and field.type == "date":
            return (date.fromisoformat(token.text).isoformat(),) * 2
    except ValueError:
        return None
    found = dates.days(token.text, today) if token.kind == "name" else None
    if found is None:
        return None
    if field.type == "date":
        return found[0].isoformat(), found[1].isoformat()
    low, high = dates.moments(*found)
    return low.casefold(), high.casefold()


def _mismatch(soql: str, token: Token, field: Field) -> Refusal:
    quotes = "should be" if field.type in TEXTS | {"id", "reference"} else "should not be"
    kind = "string" if field.type in TEXTS else "ID" if field.type in ("id", "reference") else field.type
    if kind == "datetime":
        kind = "dateTime"
    words = f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes} enclosed in quotes"
    return Refusal("INVALID_FIELD", pointed(soql, token.at, words))
